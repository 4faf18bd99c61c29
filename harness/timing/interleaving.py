"""Rounds of several series in turn: each once a cycle, in an order drawn anew for every cycle.

What slows the machine for a second then slows all of them alike, and the comparison stands. Timing
one thing after the other instead takes every slow second for a difference.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from math import ceil
from time import perf_counter
from typing import TYPE_CHECKING, Any, Protocol

from harness.collector import uncollected
from harness.timing.clocks import device_peak, reset_device_peak, stopwatch_for, timer_for

if TYPE_CHECKING:
    from harness.collector import uncollected
from harness.timing.clocks import DeviceStopwatch

SHORTEST_ROUND = 0.001
"""Seconds. A microsecond of softmax is repeated within a round, so that the clock is read rarely."""
LEAST_ROUNDS = 6
"""A median of fewer has no 95 % interval: all of them lie on one side of it in 2 ÷ 2ⁿ of samples."""
COMPARED_ROUNDS = 20
"""With fewer, one spike of the machine hides a difference of 20 % (simulated; see `harness.rounds`)."""
PATIENCE = 10
"""Times the effort that a comparison may take to have these."""
MOST_ROUNDS = 200
"""Beyond these a quiet median moves no more, and a noisy one is not mended by more of the same minute."""
WARM_CALLS = 3
"""On an accelerator the first calls compile and choose kernels, on a CPU they fill caches and pools."""


@dataclass(frozen=True)
class Effort:
    """How long a cell is measured."""

    seconds: float = 1.0
    """For each series, on average."""
    min_rounds: int = LEAST_ROUNDS
    shortest_round: float = SHORTEST_ROUND
    """Seconds; shorter calls are repeated within a round."""

    def enough(self, cycles: int, seconds: float, *, compared: bool) -> bool:
        """Whether to stop after so many cycles.

        Args:
            cycles: That are done.
            seconds: That one series took, on average.
            compared: Whether series are there to be compared, which a spike in a few rounds would prevent.
        """
        if cycles < max(self.min_rounds, LEAST_ROUNDS):
            return False
        if compared and cycles < COMPARED_ROUNDS and seconds < PATIENCE * self.seconds:
            return False
        return seconds >= self.seconds or cycles >= MOST_ROUNDS


@dataclass(frozen=True)
class Series:
    """One thing that is run again and again."""

    run: Callable[[], Any]
    device: str
    queued: bool = False
    """A call only queues work on the device and returns, so that the device can be timed by itself."""
    kind: str = ""
    """Series of one kind are to be compared, so that a round has as many calls in all of them."""


@dataclass
class Rounds:
    """What a series came to."""

    iterations: int
    """Calls in a round."""
    answer: Any
    """Of its last call."""
    resident_before: int
    """Bytes."""
    resident_peak: int | None
    device_peak: int | None
    seconds: list[float] = field(default_factory=list)
    """Of one call, one a cycle; those of the same cycle belong together."""
    device_seconds: list[float] = field(default_factory=list)
    """Of one call by the device's own clock, when it never waits for the host; one a cycle, or none at all."""


class Tick(Protocol):
    """A clock in seconds."""

    def __call__(self) -> float: ...


def interleave(
    series: Sequence[Series],
    effort: Effort,
    *,
    compared: bool = False,
    seed: int = 0,
    clock_of: Callable[[str], Tick | None] = timer_for,
    stopwatch_of: Callable[[str], DeviceStopwatch | None] = stopwatch_for,
) -> list[Rounds]:
    """Measure the series together, in random order within each cycle, without garbage collection.

    Args:
        series: What is run.
        effort: How long.
        compared: Whether the series are there to be compared, see `Effort.enough`.
        seed: Of the order.
        clock_of: The clock of a device, which waits for it; None is `time.perf_counter`.
        stopwatch_of: The device's own clock, where it has one.

    Returns:
        One entry a series, in their order, all with the same number of rounds.
    """
    import numpy as np

    clocks = [clock_of(each.device) or perf_counter for each in series]
    watches = [stopwatch_of(each.device) if each.queued else None for each in series]
    draw = np.random.default_rng(seed)
    with uncollected(clean=True):
        found = [_warmed(each, clock, effort) for each, clock in zip(series, clocks, strict=True)]
        for kind in {each.kind for each in series if each.kind}:
            alike = [rounds for each, rounds in zip(series, found, strict=True) if each.kind == kind]
            most = max(rounds.iterations for rounds in alike)
            for rounds in alike:
                rounds.iterations = most
        spent, cycles = 0.0, 0
        while not effort.enough(cycles, spent / len(series), compared=compared):
            for place in draw.permutation(len(series)):
                spent += _round(series[place], found[place], clocks[place])
                watches[place] = _device_round(series[place], found[place], watches[place])
            cycles += 1
    return found


def _round(series: Series, found: Rounds, clock: Tick) -> float:
    """One round; returns its seconds."""
    run, calls = series.run, range(found.iterations)
    if found.iterations > 1:
        # It finds the caches cold and other threads still spinning from the round before, and is not what is repeated.
        run()
    started = clock()
    for _ in calls:
        answer = run()
    seconds = clock() - started
    found.answer = answer
    found.seconds.append(seconds / found.iterations)
    return seconds


def _device_round(series: Series, found: Rounds, watch: DeviceStopwatch | None) -> DeviceStopwatch | None:
    """One call by the device's own clock; returns the stopwatch, or None where it cannot tell from here on."""
    if watch is None:
        return None
    busy = watch.busy_seconds(series.run, found.seconds[-1])
    if busy is None:
        # Some rounds with the device's time and some without would not belong together.
        found.device_seconds.clear()
        return None
    found.device_seconds.append(busy)
    return watch


def _warmed(series: Series, clock: Tick, effort: Effort) -> Rounds:
    """The first calls, uncounted: they compile, choose kernels, tell how much memory is used and how long it takes."""
    from harness import resident

    reset_device_peak(series.device)
    with resident.watched() as memory:
        started = clock()
        answer = series.run()
        fastest = clock() - started
    # A call that takes longer than the whole effort has warmed everything there is.
    for _ in range(WARM_CALLS - 1 if fastest < effort.seconds else 0):
        started = clock()
        answer = series.run()
        fastest = min(fastest, clock() - started)
    iterations = max(1, ceil(effort.shortest_round / fastest)) if fastest > 0 else 1000
    return Rounds(iterations, answer, memory.before, memory.peak, device_peak(series.device))
