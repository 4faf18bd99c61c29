"""A project whose tests use the plugin, with a classifier that follows a rule (see support.rule_classifier)."""

from __future__ import annotations

import io
import json
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console
from support import rule_classifier

from harness.report import terminal

TESTS = Path(__file__).parents[1]
CHECKOUT = TESTS.parent
SUITES = CHECKOUT / "suites"

PLUGINS = "harness.plugin,pytest_benchmark.plugin,xdist.plugin"


# Sessions within tests load the plugins that matter here: others import much, and hypothesis takes seconds.
INNER = {
    "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
    "PYTEST_PLUGINS": PLUGINS,
    "PYTHONPATH": f"{CHECKOUT}:{TESTS}",
}


class Folder:
    """A folder in which pytest was run."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @property
    def runs(self) -> list[Path]:
        """The run folders, the oldest first."""
        folder = self.path / "reports" / "runs"
        return sorted(path for path in folder.iterdir() if path.is_dir()) if folder.is_dir() else []

    @property
    def record(self) -> dict[str, Any]:
        """`run.json` of the only run."""
        [folder] = self.runs
        found: dict[str, Any] = json.loads((folder / "run.json").read_text(encoding="utf-8"))
        return found

    @property
    def loads(self) -> list[str]:
        """`classifier process` for each classifier that was loaded."""
        log = self.path / rule_classifier.LOADS
        return log.read_text().splitlines() if log.is_file() else []


class Project(Folder):
    """A folder with tests in which pytest can be run."""

    def __init__(self, pytester: pytest.Pytester) -> None:
        super().__init__(pytester.path)
        self.pytester = pytester

    def run(self, *arguments: str | Path, apart: bool = False) -> pytest.RunResult:
        """Run pytest here: in this process, or apart in one of its own."""
        given = ["-p", "no:cacheprovider", *map(str, arguments)]
        return self.pytester.runpytest_subprocess(*given) if apart else self.pytester.runpytest_inprocess(*given)

    def write(self, **files: str) -> None:
        """Write test files: `test_own="def test_…"`."""
        self.pytester.makepyfile(**files)


def furnish(path: Path) -> None:
    """60 labelled reviews, and the rule in the place of a checkpoint."""
    (path / "conftest.py").write_text("from support import rule_classifier\n\nrule_classifier.install()\n")
    (path / "reviews.csv").write_text(rule_classifier.reviews())
    (path / "harness.toml").write_text('model = ["right"]\ndataset = ["reviews.csv"]\nresamples = 200\n')


def put_suites(path: Path) -> None:
    """The suites, as `harness init` puts them there."""
    shutil.copytree(SUITES, path / "suites", ignore=shutil.ignore_patterns("__pycache__"))


@pytest.fixture(scope="session")
def _warm(tmp_path_factory: pytest.TempPathFactory) -> None:
    """A run outside of any project: a session in this process forgets what it imported, and numpy is imported once."""
    from harness.options import Settings
    from harness.session import Session

    folder = tmp_path_factory.mktemp("warm")
    (folder / "reviews.csv").write_text(rule_classifier.reviews())
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setitem(sys.modules, "harness.classifier", rule_classifier.module())
        settings = Settings(model=("right",), dataset=("reviews.csv",), resamples=10)
        session = Session(settings, command="pytest", root=folder, progress=False)
        session.evaluate("right", "reviews.csv")
        run = session.close()
    assert run is not None
    terminal.summary(run, Console(file=io.StringIO()))
    # Two that only a benchmark needs.
    import cpuinfo  # noqa: F401

    import harness.timing  # noqa: F401


@pytest.fixture
def inner(monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment of a session within a test."""
    for name, value in INNER.items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def project(pytester: pytest.Pytester, inner: None, _warm: None) -> Project:
    """A furnished project."""
    furnish(pytester.path)
    return Project(pytester)


@pytest.fixture
def suites(project: Project) -> Path:
    """The suites, in the project."""
    put_suites(project.path)
    return Path("suites")
