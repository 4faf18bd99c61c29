"""The workflow, the action and their scripts: safe from what is given to them, and true to the command's options."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from harness import init
from harness.cli import cli
from harness.options import declared

ROOT = Path(__file__).parents[1]
SCRIPTS = ROOT / ".github/actions/evaluate"
ACTION = yaml.safe_load((SCRIPTS / "action.yml").read_text(encoding="utf-8"))
WORKFLOW = yaml.safe_load((ROOT / ".github/workflows/evaluate.yml").read_text(encoding="utf-8"))
WRITTEN = yaml.safe_load(init.WORKFLOW)
PAGE = (ROOT / "docs/ci.md").read_text(encoding="utf-8")
BLOCKS = [re.sub("^ {2}", "", block, flags=re.MULTILINE) if block.startswith("  ") else block
          for block in re.findall(r"^ *```yaml\n(.*?)^ *```$", PAGE, re.MULTILINE | re.DOTALL)]  # fmt: skip
DOCUMENTS = {"action": ACTION, "workflow": WORKFLOW, "init": WRITTEN} | {
    f"docs {place}": yaml.safe_load(block) for place, block in enumerate(BLOCKS)
}
# YAML 1.1 takes the key `on` for true.
CALLED = WORKFLOW[True]["workflow_call"]["inputs"]


def steps(document: Any) -> Iterator[dict[str, Any]]:
    """Every step of a workflow or an action, however deep."""
    if isinstance(document, dict):
        if "run" in document or "uses" in document:
            yield document
        document = list(document.values())
    if isinstance(document, list):
        for each in document:
            yield from steps(each)


class TestDocuments:
    @pytest.mark.parametrize("name", DOCUMENTS)
    def test_no_expression_stands_in_a_script(self, name):
        runs = [step["run"] for step in steps(DOCUMENTS[name]) if "run" in step]

        assert [run for run in runs if "${{" in run] == []

    @pytest.mark.parametrize("script", sorted(SCRIPTS.glob("*.sh")), ids=lambda path: path.name)
    def test_scripts_stop_at_the_first_error_and_hold_no_expression(self, script):
        lines = script.read_text(encoding="utf-8").splitlines()

        assert lines[0] == "#!/usr/bin/env bash"
        assert "set -euo pipefail" in lines
        assert not any("${{" in line or "eval " in line for line in lines)

    @pytest.mark.parametrize("name", DOCUMENTS)
    def test_actions_are_named_with_a_version_or_lie_here(self, name):
        used = [step["uses"] for step in steps(DOCUMENTS[name]) if "uses" in step]

        assert [
            each for each in used if not re.fullmatch(r"\./.+|[\w.-]+/[\w./-]+@(v\d+|[0-9a-f]{40}|REF)", each)
        ] == []

    @pytest.mark.parametrize("name", DOCUMENTS)
    def test_one_version_of_each_action_is_used(self, name):
        everywhere = {step["uses"] for document in DOCUMENTS.values() for step in steps(document) if "uses" in step}
        names = [each.partition("@")[0] for each in everywhere]

        assert sorted(set(names)) == sorted(names)

    @pytest.mark.parametrize("name", DOCUMENTS)
    def test_commands_of_the_harness_exist(self, name):
        runs = "\n".join(str(step.get("run", "")) for step in steps(DOCUMENTS[name]))

        assert set(re.findall(r"^harness ([a-z-]+)", runs, re.MULTILINE)) <= set(cli.commands)

    def test_shells_are_named_where_an_action_must(self):
        assert all(step.get("shell") == "bash" for step in steps(ACTION["runs"]) if "run" in step)


class TestWorkflow:
    def test_the_job_that_runs_a_classifier_may_only_read(self):
        assert WORKFLOW["jobs"]["evaluate"]["permissions"] == {"contents": "read"}

    def test_no_checkout_keeps_a_token(self):
        checkouts = [step for step in steps(WORKFLOW) if step.get("uses", "").startswith("actions/checkout@")]

        assert len(checkouts) == 3
        assert all(step["with"]["persist-credentials"] is False for step in checkouts)

    def test_the_job_that_may_write_runs_no_code_of_the_caller(self):
        runs = [step["run"] for step in steps(WORKFLOW["jobs"]["comment"]) if "run" in step]
        (checkout,) = (step for step in steps(WORKFLOW["jobs"]["comment"]) if "checkout" in step.get("uses", ""))

        assert runs == ["bash .github/actions/evaluate/comment.sh"]
        assert checkout["with"]["repository"] == "${{ job.workflow_repository }}"
        assert checkout["with"]["ref"] == "${{ job.workflow_sha }}"

    def test_it_hands_every_input_to_the_action_that_has_the_same_default(self):
        (step,) = (step for step in steps(WORKFLOW) if step.get("uses", "").startswith("./"))
        shared = set(ACTION["inputs"]) - {"comment", "token"}

        assert step["with"] == {name: f"${{{{ inputs.{name} }}}}" for name in ACTION["inputs"] if name in shared}
        assert {name: CALLED[name]["default"] for name in shared} == {
            name: ACTION["inputs"][name]["default"] for name in shared
        }
        assert set(CALLED) == shared | {"comment", "runs-on", "timeout-minutes"}

    def test_the_action_lies_where_the_workflow_looks_for_it(self):
        (step,) = (step for step in steps(WORKFLOW) if step.get("uses", "").startswith("./"))

        assert (ROOT / step["uses"].removeprefix("./.review-harness/") / "action.yml").is_file()


class TestAction:
    def test_every_input_is_used(self):
        text = (SCRIPTS / "action.yml").read_text(encoding="utf-8").partition("\nruns:")[2]

        assert {name for name in ACTION["inputs"] if f"inputs.{name}" not in text} == set()

    def test_the_scripts_get_every_variable_that_they_read(self):
        given = {"GITHUB_STEP_SUMMARY", "GITHUB_REPOSITORY"}
        for step in steps(ACTION["runs"]):
            if "run" not in step:
                continue
            (name,) = re.fullmatch(r'bash "\$SCRIPTS/([a-z]+\.sh)"', step["run"]).groups()
            script = (SCRIPTS / name).read_text(encoding="utf-8")
            assert set(re.findall(r"\$\{?([A-Z_]+)\b", script)) <= {*step["env"], *given, "MARK"}, name

    def test_what_follows_the_evaluation_is_done_when_it_failed_too(self):
        found = ACTION["runs"]["steps"]
        after = found[next(place for place, step in enumerate(found) if step.get("id") == "evaluate") + 1 :]

        assert len(after) == 4
        assert all("!cancelled()" in step["if"] for step in after)

    def test_options_that_the_scripts_name_exist(self):
        script = (SCRIPTS / "evaluate.sh").read_text(encoding="utf-8")
        named = set(re.findall(r'^add (?:--|"\$\{prefix\})([a-z-]+)=', script, re.MULTILINE))
        flags = {option.flag for option in declared().values()}
        under_pytest = {option.pytest_flag for option in declared().values()}

        assert named == {"model", "dataset", "gate", "baseline", "against"}
        assert {f"--{name}" for name in named} <= flags
        assert {f"--{name}" if name in ("model", "dataset") else f"--harness-{name}" for name in named} <= under_pytest
        assert declared()["output"].variable == "HARNESS_OUTPUT"


class TestPage:
    def test_plain_steps_are_those_that_init_writes(self):
        assert init.WORKFLOW in BLOCKS

    def test_inputs_in_the_examples_exist(self):
        for document in DOCUMENTS.values():
            for step in steps(document):
                if step.get("uses", "").startswith("OWNER/"):
                    known = CALLED if step["uses"].endswith(".yml@REF") else ACTION["inputs"]
                    assert set(step.get("with", {})) <= set(known)

    def test_every_input_of_the_workflow_is_named(self):
        assert [name for name in CALLED if f"`{name}`" not in PAGE] == []

    def test_what_is_called_lies_there(self):
        called = set(re.findall(r"OWNER/review-harness/(\S+)@REF", PAGE))

        assert called == {".github/workflows/evaluate.yml", ".github/actions/evaluate"}
        assert all((ROOT / each).exists() for each in called)


@pytest.mark.skipif(shutil.which("bash") is None, reason="there is no bash here")
class TestScripts:
    @pytest.fixture
    def job(self, tmp_path: Path) -> Job:
        return Job(tmp_path)

    def test_each_line_is_one_argument_and_nothing_of_it_is_run(self, job):
        job.fake("harness")
        done = job.run("evaluate.sh", MODEL="a b\n$(touch pwned); *\n\n", GATES="accuracy>=0.5\naccuracy-drop<=0.01",
                       BASELINE="main", ARGUMENTS="--dtype=bfloat16\n--seed=3")  # fmt: skip

        assert done.returncode == 0
        assert job.calls("harness") == [
            ["evaluate", "--model=a b", "--model=$(touch pwned); *", "--gate=accuracy>=0.5",
             "--gate=accuracy-drop<=0.01", "--baseline=main", "--dtype=bfloat16", "--seed=3"]
        ]  # fmt: skip
        assert not (job.folder / "pwned").exists()

    def test_suites_are_run_by_pytest_with_its_own_options(self, job):
        job.fake("pytest")
        job.run("evaluate.sh", SUITES="suites/", MODEL="builtin", GATES="accuracy>=0.5", AGAINST="old")

        assert job.calls("pytest") == [
            ["suites/", "--junitxml=reports/runs/junit.xml", "--model=builtin", "--harness-gate=accuracy>=0.5",
             "--harness-against=old"]
        ]  # fmt: skip

    @pytest.mark.parametrize("code", [0, 1, 2, 3])
    def test_it_ends_with_the_exit_code_of_the_gate(self, job, code):
        job.fake("harness", code=code)

        assert job.run("evaluate.sh").returncode == code

    def test_what_is_printed_is_no_command_of_the_workflow(self, job):
        job.fake("harness", says="::error::from a review", code=1)
        first, said, last = job.run("evaluate.sh").stdout.splitlines()
        word = first.removeprefix("::stop-commands::")

        assert said == "::error::from a review"
        assert re.fullmatch("[0-9a-f]{32}", word)
        assert last == f"::{word}::"
        assert job.run("evaluate.sh").stdout.splitlines()[0] != first

    def test_the_run_of_the_job_is_put_into_its_summary(self, job):
        job.fake("harness", writes="reports/runs/summary.md")
        job.starts()
        job.makes("reports/runs/20260102-new/run.json")
        done = job.run("summary.sh")

        assert done.returncode == 0
        assert job.calls("harness") == [
            ["ci-summary", "reports/runs/20260102-new/run.json", "-o", "reports/runs/summary.md"]
        ]
        assert (job.folder / "summary").read_text() == "made by harness\n"

    def test_an_older_run_is_not_taken_for_that_of_the_job(self, job):
        job.fake("harness")
        job.makes("reports/runs/20250101-old/run.json")
        job.starts()
        done = job.run("summary.sh")

        assert done.returncode == 1
        assert job.calls("harness") == []
        assert (job.folder / "summary").read_text() == "## No run was made\n\nThe log of the evaluation says why.\n"

    def test_a_first_comment_is_written(self, job):
        job.fake("gh")
        (job.folder / "summary.md").write_text("## Gate: pass\n")
        done = job.run("comment.sh", NUMBER="12", SUMMARY="summary.md", NAME="my job -->", GITHUB_REPOSITORY="org/repo")
        looked, wrote = job.calls("gh")

        assert done.returncode == 0
        assert looked[:3] == ["api", "--paginate", "repos/org/repo/issues/12/comments"]
        assert wrote[:5] == ["api", "--silent", "--method", "POST", "repos/org/repo/issues/12/comments"]
        assert wrote[5] == "--field"
        assert wrote[6].startswith("body=@")
        assert (job.folder / "gh.body").read_text() == ("## Gate: pass\n\n<!-- review-harness: my-job---- -->\n")

    def test_a_later_one_is_written_over_the_first(self, job):
        job.fake("gh", says="345\n678")
        (job.folder / "summary.md").write_text("## Gate: pass\n")
        job.run("comment.sh", NUMBER="12", SUMMARY="summary.md", NAME="review-harness", GITHUB_REPOSITORY="org/repo")

        assert job.calls("gh")[1][:5] == ["api", "--silent", "--method", "PATCH", "repos/org/repo/issues/comments/345"]

    def test_a_token_that_only_reads_fails_no_job(self, job):
        job.fake("gh", code=1)
        (job.folder / "summary.md").write_text("## Gate: pass\n")
        done = job.run("comment.sh", NUMBER="12", SUMMARY="summary.md", NAME="x", GITHUB_REPOSITORY="org/repo")

        assert done.returncode == 0
        assert done.stdout.splitlines()[-1].startswith("::warning title=No comment on the pull request::")

    def test_the_harness_of_the_action_is_installed_with_its_pins(self, job):
        job.fake("python")
        job.run("install.sh", INSTALL="")

        assert job.calls("python") == [["-m", "pip", "install", str(ROOT), f"--constraint={ROOT}/constraints.txt"]]

    def test_or_what_was_asked_for(self, job):
        job.fake("python")
        job.run("install.sh", INSTALL="--extra-index-url=https://example.invalid/cpu\nreview-harness==0.1.0\n")

        assert job.calls("python") == [
            ["-m", "pip", "install", "--extra-index-url=https://example.invalid/cpu", "review-harness==0.1.0"]
        ]


FAKE = """#!/usr/bin/env bash
{ printf '%s\\0' "$@"; printf '\\n\\0'; } >>"$CALLS/NAME.calls"
for argument; do case $argument in body=@*) cat "${argument#body=@}" >"$CALLS/NAME.body";; esac; done
printf '%s' 'SAYS'
WRITES
exit CODE
"""


class Job:
    """A step of a job: a folder of its own, in which commands are fakes that keep how they were called."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "bin").mkdir()

    def fake(self, name: str, *, says: str = "", code: int = 0, writes: str = "") -> None:
        """A command that prints `says`, writes a file, and ends with `code`."""
        parts = {
            "NAME": name, "SAYS": says, "CODE": str(code), "WRITES": f"echo made by {name} >{writes}" if writes else "",
        }  # fmt: skip
        path = self.folder / "bin" / name
        path.write_text(re.sub("|".join(parts), lambda found: parts[found[0]], FAKE))
        path.chmod(0o755)

    def calls(self, name: str) -> list[list[str]]:
        """The arguments of every call."""
        path = self.folder / f"{name}.calls"
        if not path.exists():
            return []
        return [call.split("\0")[:-1] for call in path.read_text().split("\n\0")[:-1]]

    def makes(self, file: str) -> None:
        """A file of a moment ago."""
        path = self.folder / file
        path.parent.mkdir(parents=True)
        path.write_text("{}")
        self._moment(path)

    def starts(self) -> None:
        """The evaluation begins."""
        (self.folder / "started").write_text("")
        self._moment(self.folder / "started")

    def run(self, script: str, **variables: str) -> subprocess.CompletedProcess[str]:
        """The script as a step runs it."""
        inputs = ("MODEL", "DATASET", "GATES", "BASELINE", "AGAINST", "SUITES", "ARGUMENTS")
        environment = {
            "PATH": os.pathsep.join([str(self.folder / "bin"), str(Path(sys.executable).parent), os.environ["PATH"]]),
            "CALLS": str(self.folder),
            "SCRIPTS": str(SCRIPTS), "HARNESS_OUTPUT": "reports/runs", "STARTED": str(self.folder / "started"),
            "GITHUB_STEP_SUMMARY": str(self.folder / "summary"), **dict.fromkeys(inputs, ""), **variables,
        }  # fmt: skip
        return subprocess.run(
            ["bash", str(SCRIPTS / script)], cwd=self.folder, env=environment, capture_output=True, text=True
        )

    def _moment(self, path: Path) -> None:
        """Files are a second apart, in the order in which they are made."""
        self._clock = getattr(self, "_clock", 1_700_000_000) + 1
        os.utime(path, (self._clock, self._clock))
