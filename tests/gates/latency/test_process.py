"""What goes wrong in the other process is told here, with its last words."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from gates.latency.support import STREAM, TEXTS, side, slowdown, started
from harness import __version__
from harness.errors import ClassifierError, HarnessError, RunError, UsageError
from harness.gates.latency import Side, compare


def error_of(candidate: Side) -> HarnessError:
    with pytest.raises(HarnessError) as caught:
        compare([slowdown()], candidate, side("old"), TEXTS, pairs_a_look=2, max_pairs=12, threads=1)
    return caught.value


class TestDeath:
    @pytest.mark.parametrize("at", ["start", "load", "prepare", "round"])
    def test_is_told_with_the_last_words(self, at: str) -> None:
        error = error_of(side("new", at=at, trouble="die"))

        assert isinstance(error, RunError)
        installed = "\n  remedy    see that this version of the harness is installed in that environment"
        assert str(error) == (
            "the process that runs the candidate ended with status 3\n"
            f"  where     new, run by {sys.executable}, whose last words were:\n"
            "            two\n            three\n            four\n            five\n            six: no more memory"
            + (installed if at == "start" else "")
        )

    @pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
    def test_by_a_signal_has_no_words(self) -> None:
        error = error_of(side("new", at="round", trouble="vanish"))

        assert str(error) == (
            "the process that runs the candidate ended with status -9\n"
            f"  where     new, run by {sys.executable}, without a word"
        )

    def test_of_a_harness_without_workers_says_what_to_install(self, tmp_path: Path) -> None:
        error = error_of(Side("new", program=("-S", "-m", "harness_of_old.worker")))

        assert error.message == "the process that runs the candidate ended with status 1"
        assert "No module named" in error.where
        assert error.remedy == "see that this version of the harness is installed in that environment"


class TestProtocol:
    def test_of_another_version_is_refused_with_both(self) -> None:
        error = error_of(side("new", protocol=3))

        assert isinstance(error, RunError)
        assert str(error) == (
            "the candidate's environment has a harness that times in another way: protocol 3\n"
            f"  where     {sys.executable}, harness 0.0.9\n"
            f"  expected  protocol 2, as in harness {__version__} here\n"
            "  remedy    install the same version of the harness in both environments"
        )

    def test_that_is_older_still_times_stages(self) -> None:
        [(verdict, _)] = compare(
            [slowdown()], side("new"), side("old", protocol=1), TEXTS, pairs_a_look=2, max_pairs=2, threads=1
        )

        assert verdict.examples == 2

    def test_that_is_older_and_knows_no_scenario_is_refused_before_it_loads(self, tmp_path: Path) -> None:
        log = tmp_path / "log.jsonl"

        with pytest.raises(RunError) as caught:
            compare(
                [slowdown(stage="single-stream")], side("new"), side("old", protocol=1, log=str(log)), {}, [STREAM],
                pairs_a_look=2, max_pairs=2, threads=1,
            )  # fmt: skip

        assert str(caught.value) == (
            "the reference's environment has a harness that cannot time single-stream: protocol 1\n"
            f"  where     {sys.executable}, harness 0.0.9\n"
            f"  expected  protocol 2, as in harness {__version__} here\n"
            "  remedy    install the same version of the harness in both environments"
        )
        assert not any("load" in entry for entry in map(json.loads, log.read_text().splitlines()))

    def test_chatter_in_the_place_of_an_answer_is_shown(self) -> None:
        error = error_of(side("new", at="load", trouble="chatter"))

        assert isinstance(error, RunError)
        assert str(error) == (
            "the process that runs the candidate said what is no answer\n"
            f"  where     new, run by {sys.executable}\n"
            "  expected  loaded, not 'Loading weights: 100%'"
        )

    def test_an_error_of_the_harness_arrives_as_what_it_is(self) -> None:
        told = {"kind": "ClassifierError", "message": "no such checkpoint", "where": "new", "remedy": "look again"}

        error = error_of(side("new", error=told))

        assert isinstance(error, ClassifierError)
        assert str(error) == "candidate: no such checkpoint\n  where     new\n  remedy    look again"

    @pytest.mark.parametrize("kind", ["NewerError", "Callable"])
    def test_an_error_of_a_kind_not_known_here_is_an_error_still(self, kind: str) -> None:
        error = error_of(side("new", error={"kind": kind, "message": "something new"}))

        assert type(error) is RunError
        assert str(error) == "candidate: something new"

    def test_a_side_that_changes_between_two_processes_is_refused(self) -> None:
        error = error_of(side("new", dtypes=["float32", "bfloat16", "float16"]))

        assert isinstance(error, RunError)
        assert error.message == "the candidate is not what it was a moment ago: another dtype"
        assert error.where.startswith("forward.2x8: ")
        assert error.expected.endswith(", as in its first process")


class TestInterpreter:
    def test_that_does_not_exist_is_a_wrong_option(self, tmp_path: Path) -> None:
        error = error_of(Side("new", python=tmp_path / "bin" / "python"))

        assert isinstance(error, UsageError)
        assert str(error) == (
            "the candidate's interpreter cannot be run: No such file or directory\n"
            f"  where     {tmp_path / 'bin' / 'python'}\n"
            "  remedy    name the python of an environment that has the harness: .venv/bin/python, for instance"
        )

    @pytest.mark.skipif(sys.platform == "win32", reason="links of POSIX")
    def test_of_another_environment_does_not_see_the_modules_of_this_one(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("PYTHONPATH", "/elsewhere")
        other = tmp_path / "python"
        other.symlink_to(sys.executable)
        script: dict[str, Any] = {"log": str(tmp_path / "log.jsonl")}
        there = Side("old", python=other, program=side(**script, side="old").program)

        compare([slowdown()], side(**script, side="new"), there, TEXTS, pairs_a_look=2, max_pairs=2, threads=1)

        assert {entry["side"]: entry["path"] for entry in started(tmp_path / "log.jsonl")} == {
            "new": "/elsewhere",
            "old": None,
        }
