"""A worker answers one line with one line, and nobody else speaks in its place."""

from __future__ import annotations

import gc
import io
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support import checkpoints

from gates.latency.support import SERVER, slowdown
from harness import __version__
from harness.gates.latency import Side, compare
from harness.gates.latency.protocol import PROTOCOL
from harness.gates.latency.worker import Bench, serve

TEXTS = ["a good book", "not bad at all"]


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return checkpoints.bert(tmp_path_factory.mktemp("tiny"))


@pytest.fixture(autouse=True)
def _collecting() -> Iterator[None]:
    """A worker leaves the collector off, and this process is none."""
    yield
    gc.enable()


def answers(*questions: dict[str, Any]) -> list[dict[str, Any]]:
    said = io.StringIO()
    serve([json.dumps(question) for question in questions], said, Bench())
    return [json.loads(line) for line in said.getvalue().splitlines()]


def load(checkpoint: Path, **options: Any) -> dict[str, Any]:
    return {"load": {"name": str(checkpoint), "options": {"device": "cpu"} | options}}


def prepare(stage: str = "forward") -> dict[str, Any]:
    return {"prepare": {"case": "one", "stage": stage, "seq_len": 8, "texts": TEXTS}}


class TestServe:
    def test_says_first_who_it_is(self) -> None:
        [hello] = answers()

        assert hello["hello"]["protocol"] == PROTOCOL
        assert hello["hello"]["python"].startswith("CPython 3.")
        assert hello["hello"]["versions"]["harness"] == __version__
        assert {"torch", "transformers", "tokenizers"} <= set(hello["hello"]["versions"])

    @pytest.mark.parametrize("stage", ["tokenize", "place", "forward", "softmax", "classify"])
    def test_measures_rounds_of_any_stage(self, checkpoint: Path, stage: str) -> None:
        questions = load(checkpoint, dtype="bfloat16"), prepare(stage), {"round": "one", "iterations": 3}

        _, loaded, prepared, timed = answers(*questions)

        assert loaded["loaded"] | {"threads": 0} == {"device": "cpu", "dtype": "bfloat16", "threads": 0}
        assert 0 < prepared["prepared"]["tokens"] <= prepared["prepared"]["padded_tokens"]
        assert prepared["prepared"]["call_seconds"] > 0
        assert timed["seconds"] > 0

    @pytest.mark.parametrize(
        ("name", "scheduled"), [("offline", {}), ("single-stream", {}), ("server", {"scheduled": [0.0, 0.002]})]
    )
    def test_measures_rounds_of_any_scenario(self, checkpoint: Path, name: str, scheduled: dict[str, Any]) -> None:
        asked = {"scenario": {"case": "one", "name": name, "texts": TEXTS, "rate": 500.0 if scheduled else None}}

        _, _, prepared, timed = answers(load(checkpoint), asked, {"round": "one", "iterations": 1, **scheduled})

        assert prepared["prepared"]["tokens"] > 0
        assert prepared["prepared"]["padded_tokens"] is None
        assert timed["seconds"] > 0
        assert not gc.isenabled()

    def test_a_scenario_that_this_version_does_not_know_is_an_error(self, checkpoint: Path) -> None:
        asked = {"scenario": {"case": "multi-stream.2", "name": "multi-stream", "texts": TEXTS, "rate": None}}

        _, _, answer = answers(load(checkpoint), asked)

        assert answer["error"] == {
            "kind": "UsageError",
            "message": "the worker of a latency gate cannot prepare this",
            "where": "multi-stream.2",
            "expected": "a classifier that is loaded, and one of offline, single-stream, server",
        }

    def test_collects_no_garbage_within_a_round(self, checkpoint: Path) -> None:
        answers(load(checkpoint), prepare())

        assert not gc.isenabled()

    def test_ends_at_once_with_all_that_was_printed(self) -> None:
        program = "from harness.gates.latency.worker import leave\nprint('last word')\nleave()\nprint('never')"

        ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60)

        assert (ended.stdout, ended.returncode) == ("last word\n", 0)

    def test_an_option_that_this_version_does_not_know_is_an_error(self, checkpoint: Path) -> None:
        _, answer = answers(load(checkpoint, backend="onnx"))

        assert answer["error"] == {
            "kind": "UsageError",
            "message": "this version of the harness loads no classifier with backend",
            "where": f"{checkpoint}, in the environment of {sys.executable}",
            "expected": "device, dtype, max_length, token_budget, allow_pickle, trust_remote_code",
            "remedy": "leave the option out, or use a newer harness in that environment",
        }

    def test_a_classifier_that_cannot_be_loaded_is_an_error_and_no_death(self, tmp_path: Path) -> None:
        _, answer, still = answers(load(tmp_path / "none"), {"round": "one", "iterations": 1})

        assert answer["error"]["kind"] == "ClassifierError"
        assert still["error"]["message"] == "the worker of a latency gate has not prepared this"

    @pytest.mark.parametrize("stage", ["server", "forward"])
    def test_what_cannot_be_prepared_is_an_error(self, stage: str) -> None:
        _, answer = answers(prepare(stage))

        assert answer["error"]["message"] == "the worker of a latency gate cannot prepare this"

    def test_a_question_that_it_does_not_know_is_an_error(self) -> None:
        _, answer = answers({"profile": 1})

        assert answer["error"] == {
            "kind": "UsageError",
            "message": "the worker of a latency gate does not know what it is asked",
            "where": "profile",
            "expected": "load, prepare, scenario, round",
        }


class TestProcess:
    def test_prints_of_libraries_go_to_standard_error(self, tmp_path: Path) -> None:
        program = tmp_path / "chatty.py"
        program.write_text(
            "import os\n"
            "from harness.gates.latency.worker import Bench, main\n"
            "class Chatty(Bench):\n"
            "    def load(self, name, options):\n"
            "        print('from Python', flush=True)\n"
            "        os.write(1, b'from C')\n"
            "        return {'read': os.read(0, 10).decode()}\n"
            "main(Chatty())\n"
        )

        ended = subprocess.run(
            [sys.executable, str(program)],
            input=json.dumps(load(Path("any"))) + "\n",
            capture_output=True,
            text=True,
            timeout=60,
        )

        assert [json.loads(line) for line in ended.stdout.splitlines()][1:] == [{"loaded": {"read": ""}}]
        assert "from Python" in ended.stderr and "from C" in ended.stderr
        assert ended.returncode == 0

    @pytest.mark.slow
    def test_a_real_classifier_is_timed_against_itself(self, checkpoint: Path) -> None:
        """One look of two pairs, in two real processes: what it finds of the times is not asked."""
        sides = (Side(str(checkpoint), {"device": "cpu"}), Side(str(checkpoint), {"device": "cpu", "max_length": 64}))
        rules = [slowdown(stage="forward"), slowdown(stage="tokenize"), slowdown(stage="server")]

        found = compare(rules, *sides, {(2, 8): TEXTS}, [SERVER], pairs_a_look=2, max_pairs=2, threads=1)

        assert [rounds.id for _, rounds in found] == ["forward.2x8", "tokenize.2x8", "server.3"]
        for verdict, rounds in found:
            assert [len(row) for row in rounds.candidate.seconds] == [2]
            assert [len(row) for row in rounds.reference.seconds] == [2]
            assert verdict.examples == 2
            assert verdict.outcome == "inconclusive"
            assert "; 1 process pair: an interval needs 3" in verdict.sentence
            assert verdict.difference is not None and verdict.difference.value > 0
            assert rounds.candidate.versions["harness"] == __version__
            assert (rounds.candidate.dtype, rounds.threads) == ("float32", 1)
            assert rounds.iterations >= 1
