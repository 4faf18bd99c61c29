"""`harness init` puts suites, settings and a CI workflow into a repository, and overwrites nothing unasked."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from harness import init, options
from harness.errors import UsageError
from harness.gates.reading import read

CHECKOUT = Path(__file__).parents[1]

WRITTEN = [
    ".github/workflows/review-harness.yml",
    "harness.toml",
    "reports/.gitignore",
    "suites/test_accuracy.py",
    "suites/test_calibration.py",
    "suites/test_confusion.py",
    "suites/test_gates.py",
    "suites/test_scenarios.py",
    "suites/test_stages.py",
]


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A user's own repository, empty."""
    return tmp_path / "repository"


def files_in(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


class TestInitialise:
    def test_writes_suites_settings_and_a_workflow_and_says_so(self, repository):
        lines = init.initialise(repository)

        assert files_in(repository) == WRITTEN
        assert sorted(line.split()[1] for line in lines if line.startswith("wrote")) == WRITTEN
        assert lines[-1] == (
            "next: name your classifier and reviews in harness.toml (model, dataset), then run: pytest suites/"
        )

    def test_keeps_a_file_that_differs(self, repository):
        (repository / "suites").mkdir(parents=True)
        own = repository / "suites" / "test_accuracy.py"
        own.write_text("# my own\n")

        lines = init.initialise(repository)

        assert own.read_text() == "# my own\n"
        assert "kept      suites/test_accuracy.py (it differs; --force writes over it)" in lines
        assert files_in(repository) == WRITTEN

    def test_writes_over_it_when_told(self, repository):
        init.initialise(repository)
        (repository / "harness.toml").write_text("seed = 3\n")

        lines = init.initialise(repository, force=True)

        assert "replaced  harness.toml" in lines
        assert (repository / "harness.toml").read_text() == init.settings()

    def test_a_second_time_changes_nothing(self, repository):
        init.initialise(repository)

        lines = init.initialise(repository)

        assert [line.split()[0] for line in lines[:-2]] == ["same"] * len(WRITTEN)

    def test_a_file_in_the_place_of_the_folder_is_an_error(self, tmp_path):
        (tmp_path / "taken").write_text("")

        with pytest.raises(UsageError, match=r"suites/test_accuracy.py cannot be written") as raised:
            init.initialise(tmp_path / "taken")

        assert raised.value.remedy == "choose another folder"


class TestSettings:
    def test_names_every_option_commented_out(self):
        assert tomllib.loads(init.settings()) == {}
        before_gates = init.settings().removesuffix(init.GATES)
        assert re.findall(r"^# ([a-z-]+) = ", before_gates, re.MULTILINE) == [
            opt.key for opt in options.declared().values()
        ]

    def test_a_line_without_its_comment_sign_is_the_default(self, tmp_path):
        before_gates = init.settings().removesuffix(init.GATES)
        given = re.findall(r"^# ([a-z-]+ = [^…].*)$", before_gates, re.MULTILINE)
        (tmp_path / "harness.toml").write_text("\n".join(given))

        assert options.resolve({}, tmp_path, environ={}) == options.Settings()

    def test_the_example_of_gates_without_its_comment_signs_is_one(self, tmp_path):
        example = init.settings()[init.settings().index("# [gates]") :]
        (tmp_path / "harness.toml").write_text(re.sub("^# ", "", example, flags=re.MULTILINE))

        gates = read(tmp_path)

        assert [rule.id for rule in gates.rules] == [
            "accuracy>=0.52",
            "accuracy-drop<=0.01",
            "accuracy@language=de>=0.45",
            "expected_calibration_error<=0.15",
            "forward-slowdown<=5%",
        ]
        assert gates.rules[0].reason == "below this the stars mislead"
        assert (gates.alpha, gates.inconclusive, gates.baseline) == (0.05, "show", "main")


class TestWhereTheSuitesAre:
    """The same command works from a checkout and from a wheel, where the suites lie inside the package."""

    def test_the_wheel_carries_them(self):
        build = tomllib.loads((CHECKOUT / "pyproject.toml").read_text())["tool"]["hatch"]["build"]["targets"]["wheel"]

        assert build["force-include"]["suites"] == "harness/template/suites"

    def test_an_installed_package_finds_them(self, tmp_path, repository):
        installed = tmp_path / "site-packages"
        for name in ("__init__.py", "init.py", "options.py", "errors.py"):
            (installed / "harness").mkdir(parents=True, exist_ok=True)
            shutil.copy(CHECKOUT / "harness" / name, installed / "harness" / name)
        shutil.copytree(CHECKOUT / "suites", installed / "harness" / "template" / "suites")
        script = f"from pathlib import Path; from harness.init import initialise; initialise(Path({str(repository)!r}))"

        subprocess.run([sys.executable, "-c", script], cwd=installed, env={"PYTHONPATH": str(installed)}, check=True)

        assert files_in(repository) == WRITTEN

    def test_a_broken_installation_says_how_to_mend_it(self, monkeypatch, tmp_path):
        monkeypatch.setattr(init, "__file__", str(tmp_path / "harness" / "init.py"))

        with pytest.raises(UsageError) as raised:
            init.suites_folder()

        assert raised.value.message == "the suites are not beside the installed package"
        assert raised.value.remedy.endswith("pip install --force-reinstall --no-deps review-harness")
