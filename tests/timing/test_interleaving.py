"""Rounds in turn: every series once a cycle, in an order drawn anew, by clocks that tests set themselves."""

from __future__ import annotations

import dataclasses
import gc
from collections.abc import Callable
from typing import Any

import pytest

from harness.timing.interleaving import LEAST_ROUNDS, MOST_ROUNDS, Effort, Rounds, Series, interleave


class Bench:
    """Series whose calls take as long as they are told, on a clock that only they move."""

    def __init__(self, queued: bool = False, **durations: float | Callable[[int], float]) -> None:
        self.now = 0.0
        self.calls: list[str] = []
        self.collected: list[bool] = []
        self._durations = durations
        self._queued = queued
        self._made = dict.fromkeys(durations, 0)

    def series(self) -> list[Series]:
        return [Series(lambda name=name: self._call(name), "cpu", self._queued) for name in self._durations]

    def measure(self, effort: Effort | None = None, seed: int = 0, **clocks: Any) -> list[Rounds]:
        clocks = {"clock_of": lambda device: lambda: self.now, "stopwatch_of": lambda device: None} | clocks
        return interleave(self.series(), effort or Effort(seconds=10.0, shortest_round=0.0), seed=seed, **clocks)

    def _call(self, name: str) -> str:
        duration = self._durations[name]
        self._made[name] += 1
        self.calls.append(name)
        self.collected.append(gc.isenabled())
        self.now += duration(self._made[name]) if callable(duration) else duration
        return f"{name} {self._made[name]}"


class TestInterleave:
    def test_every_series_has_one_round_in_each_cycle(self):
        bench = Bench(a=1.0, b=2.0, c=3.0)
        found = bench.measure(Effort(seconds=20.0, shortest_round=0.0))

        rounds = bench.calls[9:]
        cycles = [rounds[i : i + 3] for i in range(0, len(rounds), 3)]
        assert {len(each.seconds) for each in found} == {len(cycles)}
        assert all(sorted(cycle) == ["a", "b", "c"] for cycle in cycles)

    def test_the_order_differs_from_cycle_to_cycle_and_is_that_of_the_seed(self):
        orders = []
        for seed in (1, 1, 2):
            bench = Bench(a=1.0, b=1.0, c=1.0)
            bench.measure(Effort(seconds=20.0, shortest_round=0.0), seed=seed)
            orders.append(bench.calls[9:])

        assert orders[0] == orders[1] != orders[2]
        assert len({tuple(orders[0][i : i + 3]) for i in range(0, len(orders[0]), 3)}) > 1

    def test_the_seconds_are_those_of_one_call(self):
        bench = Bench(slow=2.0, fast=0.0003)
        slow, fast = bench.measure(Effort(seconds=3.0, shortest_round=0.001))

        assert (slow.iterations, fast.iterations) == (1, 4)
        assert slow.seconds == pytest.approx([2.0] * len(slow.seconds))
        assert fast.seconds == pytest.approx([0.0003] * len(fast.seconds))

    def test_series_of_one_kind_have_as_many_calls_in_a_round(self):
        """The first call of a round is slower: of fewer calls it would weigh more."""
        bench = Bench(a=0.5, b=0.125, other=0.25)
        series = [dataclasses.replace(each, kind=kind) for each, kind in zip(bench.series(), "xxy", strict=True)]
        found = interleave(
            series, Effort(seconds=9.0, shortest_round=1.0), clock_of=lambda device: lambda: bench.now,
            stopwatch_of=lambda device: None,
        )  # fmt: skip

        assert [each.iterations for each in found] == [8, 8, 4]

    def test_a_slow_phase_of_the_machine_falls_on_all_alike(self):
        """Cycle by cycle the ratio stands, though half of the rounds took twice as long."""
        bench = Bench(
            a=lambda call: 2.0 if call > 8 else 1.0,
            b=lambda call: 2.4 if call > 8 else 1.2,
        )
        a, b = bench.measure(Effort(seconds=15.0, shortest_round=0.0))

        assert {round(each, 6) for each in a.seconds} == {1.0, 2.0}
        assert [y / x for x, y in zip(a.seconds, b.seconds, strict=True)] == pytest.approx([1.2] * len(a.seconds))

    def test_lasts_as_long_as_the_effort_says(self):
        [only] = Bench(a=0.5).measure(Effort(seconds=10.0, shortest_round=0.0))

        assert len(only.seconds) == 20

    def test_a_slow_call_still_has_as_many_rounds_as_an_interval_needs(self):
        [few] = Bench(a=100.0).measure(Effort(seconds=1.0, min_rounds=2))
        [more] = Bench(a=100.0).measure(Effort(seconds=1.0, min_rounds=9))

        assert (len(few.seconds), len(more.seconds)) == (LEAST_ROUNDS, 9)

    def test_a_fast_call_ends_with_the_most_rounds(self):
        [only] = Bench(a=0.001).measure(Effort(seconds=1000.0))

        assert len(only.seconds) == MOST_ROUNDS

    def test_the_first_calls_compile_and_are_not_counted(self):
        [only] = Bench(a=lambda call: 50.0 if call == 1 else 1.0).measure(Effort(seconds=100.0, shortest_round=0.0))

        assert max(only.seconds) == 1.0

    def test_keeps_the_answer_of_the_last_call(self):
        [only] = Bench(a=1.0).measure()

        assert only.answer == f"a {len(only.seconds) + 3}"

    def test_garbage_is_collected_before_and_after_and_not_within(self):
        bench = Bench(a=1.0)
        assert gc.isenabled()
        bench.measure()

        assert not any(bench.collected)
        assert gc.isenabled()

    def test_an_error_of_a_call_passes_through_and_leaves_the_collector_on(self):
        def broken() -> None:
            raise ValueError("the stage failed")

        with pytest.raises(ValueError, match="the stage failed"):
            interleave([Series(broken, "cpu")], Effort())

        assert gc.isenabled()

    def test_the_devices_own_seconds_stand_beside_those_of_the_clock(self):
        """A batch that waits for its kernels to be launched: half of the wall time is no work of the device."""

        class Watch:
            def busy_seconds(self, calls: Callable[[], Any], wall_seconds: float) -> float:
                return wall_seconds / 2

        [only] = Bench(queued=True, a=1.0).measure(stopwatch_of=lambda device: Watch())

        assert only.device_seconds == [each / 2 for each in only.seconds]

    def test_what_waits_for_the_device_itself_is_not_timed_on_it(self):
        [only] = Bench(queued=False, a=1.0).measure(stopwatch_of=lambda device: pytest.fail("asked"))

        assert only.device_seconds == []

    def test_a_device_that_cannot_tell_is_not_asked_again(self):
        """Device times of some rounds would not belong to the seconds of all."""
        told: list[float | None] = [0.5, 0.5, None]

        class Watch:
            def busy_seconds(self, calls: Callable[[], Any], wall_seconds: float) -> float | None:
                return told.pop(0)

        [only] = Bench(queued=True, a=1.0).measure(stopwatch_of=lambda device: Watch())

        assert (only.device_seconds, told) == ([], [])
        assert len(only.seconds) > 3

    def test_memory_is_that_of_a_first_call(self):
        [only] = Bench(a=1.0).measure()

        assert only.resident_before > 1_000_000
        assert only.resident_peak is None or only.resident_peak >= only.resident_before
        assert only.device_peak is None
