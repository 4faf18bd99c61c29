"""Recorded rounds, through pytest-benchmark's own `pedantic`."""

from __future__ import annotations

import json

import pytest

from harness.plugin.replay import Replay

REPLAYS = """
import pytest
from harness.plugin.replay import Replay

ROUNDS = {rounds}
replay, calls = Replay(None), []

@pytest.mark.benchmark(timer=replay)
def test_replays(benchmark):
    replay.play(ROUNDS, {iterations}, "recorded", lambda: calls.append(1) or "real")
    answer = benchmark.pedantic(replay.call, rounds=len(ROUNDS), iterations={iterations})
    assert answer == {answer!r}
    assert calls == {calls}
"""


class TestReplay:
    @pytest.mark.parametrize(
        ("iterations", "answer", "calls"),
        [(1, "recorded", []), (7, "real", [1])],
        ids=["one call a round", "several calls a round"],
    )
    def test_pytest_benchmark_records_the_rounds_that_were_played(self, project, iterations, answer, calls):
        """Of several calls in a round it wants the answer of one more, which is a real one."""
        rounds = [0.25, 0.125, 3.0]
        project.write(test_own=REPLAYS.format(rounds=rounds, iterations=iterations, answer=answer, calls=calls))

        project.run("--benchmark-json=own.json").assert_outcomes(passed=1)

        [found] = json.loads((project.path / "own.json").read_text())["benchmarks"]
        assert found["stats"]["data"] == pytest.approx(rounds)
        assert found["stats"]["iterations"] == iterations
        assert found["stats"]["rounds"] == 3

    def test_is_a_clock_until_it_plays(self):
        ticks = iter((1.0, 2.5))
        replay = Replay(lambda: next(ticks))

        assert (replay(), replay(), replay.played) == (1.0, 2.5, False)

    def test_is_a_clock_again_once_all_rounds_are_played(self):
        replay = Replay(lambda: 42.0)
        replay.play([2.0], 1, "recorded", lambda: "real")

        readings = [replay(), replay.call(), replay()]

        assert (readings, replay(), replay.call()) == ([0.0, "recorded", 2.0], 42.0, "real")

    def test_bears_the_name_of_its_clock(self):
        def clock() -> float:
            return 0.0

        assert Replay(clock).__name__ == "clock"
