"""`harness ci-summary`: Markdown on standard output or in a file, annotations on standard error, and 0 at the end."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from support import sample_run
from support.command import exit_code
from support.gated import PASSED, verdict

from harness.cli import main

RUN = "20251123T190211Z-sample"
SAMPLE = sample_run.sample(reviews=30, timings=False)


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of its own with one run, which a gate failed; no job on GitHub."""
    path = tmp_path / "reports/runs" / RUN
    path.mkdir(parents=True)
    failed = verdict(sentence="accuracy fell by 2.1 points\n::error::x")
    replace(SAMPLE, run=SAMPLE.run.model_copy(update={"verdicts": (failed, PASSED)})).write(path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GITHUB_ACTIONS", raising=False)
    return tmp_path


class TestCiSummary:
    def test_writes_markdown_to_standard_output_and_reports_without_judging(self, here, capsys):
        main(["ci-summary", "latest"])
        out, err = capsys.readouterr()

        assert out.startswith("## Gate: fail. 1 of 2 rules failed: this may not ship\n\n| rule | ")
        assert out.endswith(f"Run <code>{RUN}</code>; its page has all of it.\n")
        assert err == ""

    def test_writes_a_file_and_makes_its_folder(self, here, capsysbinary):
        main(["ci-summary", RUN, "-o", "made/summary.md"])
        main(["ci-summary", RUN])

        assert (here / "made/summary.md").read_bytes() == capsysbinary.readouterr().out

    def test_in_a_job_on_github_the_annotations_do_not_mix_with_the_markdown(self, here, capsys, monkeypatch):
        main(["ci-summary", "latest"])
        elsewhere = capsys.readouterr().out
        monkeypatch.setenv("GITHUB_ACTIONS", "true")
        main(["ci-summary", "latest"])
        out, err = capsys.readouterr()

        assert out == elsewhere
        assert err.splitlines() == [
            "::error title=fail%3A accuracy-drop<=0.01::accuracy fell by 2.1 points?::error::x "
            "(builtin on shop against main)"
        ]

    def test_a_file_that_cannot_be_written_is_one_message(self, here, capsys):
        (here / "taken").write_text("")

        assert exit_code("ci-summary", "latest", "-o", "taken/summary.md") == 2
        assert capsys.readouterr().err.startswith("harness: the summary cannot be written: ")

    def test_a_run_that_is_not_there_shows_those_that_are(self, here, capsys):
        assert exit_code("ci-summary", "nowhere") == 2
        assert capsys.readouterr().err == (
            f"harness: there is no run 'nowhere'\n"
            f"  where     reports/runs\n"
            f"  expected  {RUN}\n"
            f"  remedy    name a run folder, the id of a run in --output, or latest\n"
        )

    def test_a_run_that_was_interrupted_is_told_by_its_name_as_no_pass(self, here, capsys):
        path = here / "reports/runs/20251124T190211Z-stopped"
        path.mkdir()
        stopped = {"id": path.name, "status": "interrupted", "verdicts": (PASSED,)}
        replace(SAMPLE, run=SAMPLE.run.model_copy(update=stopped)).write(path)
        main(["ci-summary", path.name])
        named = capsys.readouterr().out
        main(["ci-summary", "latest"])

        assert named.startswith("## Interrupted, which is no pass. So far: Gate: pass. ")
        assert f"Run <code>{RUN}</code>" in capsys.readouterr().out
