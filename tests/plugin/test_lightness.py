"""The plugin costs nothing where no test is ours, and little where tests are only collected."""

from __future__ import annotations

import json
import shutil
import sys

import pytest

from .conftest import SUITES, Project

HEAVY = {"torch", "transformers", "datasets", "numpy", "scipy", "sklearn", "pandas", "pyarrow", "pydantic", "rich"}

TELLS = """
import json, sys

def pytest_unconfigure(config):
    who = getattr(config, "workerinput", {}).get("workerid", "main")
    with open(f"modules-{who}.json", "w") as out:
        json.dump(sorted(sys.modules), out)
"""


@pytest.fixture
def bare(pytester: pytest.Pytester, inner: None) -> Project:
    """A project without settings, whose sessions write down what they imported."""
    pytester.makeconftest(TELLS)
    return Project(pytester)


def imported(project: Project, who: str = "main") -> set[str]:
    """The heavy packages that a session of the project imported."""
    return set(json.loads((project.path / f"modules-{who}.json").read_text())) & HEAVY


def left_behind(project: Project) -> set[str]:
    """What a session wrote, but for what pytest and its other plugins write in any case."""
    theirs = {"conftest.py", "test_plain.py", ".benchmarks", "__pycache__", "stdout", "stderr"}
    names = {path.name for path in project.path.iterdir()} - theirs
    return {name for name in names if not name.startswith(("modules-", "runpytest-"))}


class TestASessionWithoutTestsOfOurs:
    def test_imports_nothing_heavy_and_writes_nothing(self, bare):
        bare.write(test_plain="def test_plain(): pass")

        assert bare.run(apart=True).ret == 0
        assert imported(bare) == set()
        assert left_behind(bare) == set()

    def test_nor_under_xdist(self, bare):
        bare.write(test_plain="def test_plain(): pass\ndef test_too(): pass")
        result = bare.run("-n", "2", "-v", apart=True)

        result.stdout.fnmatch_lines(["*scheduling tests via*", "*2 passed*"])
        assert imported(bare) == imported(bare, "gw0") == imported(bare, "gw1") == set()
        assert left_behind(bare) == set()

    def test_the_check_can_fail(self, bare):
        bare.write(test_plain="def test_plain():\n    import pydantic\n    open('new', 'w').close()")

        bare.run(apart=True)

        assert "pydantic" in imported(bare)
        assert left_behind(bare) == {"new"}


class TestCollectOnly:
    def test_of_the_suites_loads_nothing(self, bare):
        shutil.copytree(SUITES, bare.path / "suites", ignore=shutil.ignore_patterns("__pycache__"))
        result = bare.run("suites", "--collect-only", "-q", apart=True)

        result.stdout.fnmatch_lines(["*test_accuracy_beats_the_most_frequent_class[[]builtin-builtin[]]"])
        # The suites compute with numpy themselves.
        assert imported(bare) == {"numpy"}
        assert left_behind(bare) == {"suites"}


def test_import_of_the_plugin_is_light(pytester):
    script = (
        f"import sys; sys.path.insert(0, {str(SUITES.parent)!r}); import harness.plugin.summary; print(*sys.modules)"
    )

    shown = pytester.run(sys.executable, "-c", script).stdout.str().split()

    assert "harness.plugin.summary" in shown
    assert set(shown) & HEAVY == set()
