"""Reviews arrive at random: which rate can be kept up within a bound on p99?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from harness.timing.scenarios import draws, search
from harness.timing.scenarios.latencies import in_ms
from harness.timing.scenarios.scene import Outcome, Scene
from harness.timing.scenarios.single_stream import stream
from harness.timing.scenarios.trial import Load, Served, serve
from harness.timing.scenarios.waiting import Alone, Together

if TYPE_CHECKING:
    from harness.records import Metric, Trial
    from harness.timing.scenarios.search import Verdict

PROBE_SECONDS, PROBE_QUERIES = 0.5, 10
"""A stream of queries before the search, whose rate it begins with."""
MOST_QUERIES = 1_000_000
"""Of one trial: no rate is tried that would need more within the least duration."""
SHORT = 0.05
"""Bound ÷ least duration: what the rate may be too high by; from here on it is said."""
PATIENCE = 2.0
"""A rate that was asked for is measured to the end, unless answers come this many times slower than queries."""


def measure(scene: Scene, batching: bool) -> Outcome:
    """Latency at the rate that was asked for, or at the highest rate whose p99 stays within the bound.

    A rate that is too high for ever shows only once the queue has outgrown the bound: over trials of T seconds
    the rate found is too high by a share of bound ÷ T at most.

    Args:
        scene: The classifier, the reviews and the rules.
        batching: Whether queries that wait are answered together.
    """
    trials = _Trials(scene, batching)
    asked = scene.rules.rate
    shown = _search(scene, trials) if asked is None else trials.at(asked, patience=PATIENCE)
    latency = shown.percentiles(scene.rules.confidence)
    record = scene.record(
        "server",
        shown.queries,
        batching=batching,
        unmet=tuple(_unmet(scene, trials, shown, latency["p99"])),
        latency=latency,
        rate=shown.load.rate if shown.met else asked,
        bound_seconds=scene.rules.bound_seconds,
        trials=tuple(trials.records),
        **({} if shown.met else {"reviews_per_s": None, "tokens_per_s": None}),
    )
    return Outcome(record, shown.queries)


class _Trials:
    """Trials of one scenario: the same reviews and the same arrivals, at any rate."""

    def __init__(self, scene: Scene, batching: bool) -> None:
        self._scene = scene
        self._worker = Together if batching else Alone
        self._reviews = draws.reviews(len(scene.texts), scene.rules.seed)
        self._gaps = draws.gaps(scene.rules.seed)
        self.most = MOST_QUERIES / scene.rules.min_seconds
        """Arrivals in a second that are tried at most."""
        self.usual = 0.0
        """Seconds, median, for a review that is answered alone; as far as it is known."""
        self.records: list[Trial] = []
        """In the order made."""
        self.best: Served | None = None
        """At the highest rate that was met."""
        self.lowest: Served | None = None
        """At the lowest rate of all."""

    @property
    def hopeless(self) -> bool:
        """Half of the reviews are over the bound without any queue."""
        return self.usual > self._scene.rules.bound_seconds

    def at(self, rate: float, *, patience: float = 0.0) -> Served:
        """A trial at a rate. `patience` is in units of the time within which the queries arrive."""
        rules = self._scene.rules
        scheduled = draws.arrivals(self._gaps, rate, rules.min_seconds, rules.min_queries)
        load = Load(rate, scheduled, self._reviews.first(len(scheduled)))
        worker = self._worker(self._scene, load.review)
        served = serve(self._scene, load, worker, patience=patience * float(scheduled[-1]))
        self.records.append(served.record(rules.confidence))
        # Others are forgotten: a million queries take tens of megabytes.
        if served.met and (self.best is None or rate > self.best.load.rate):
            self.best = served
        if self.lowest is None or rate < self.lowest.load.rate:
            self.lowest = served
        return served


def _search(scene: Scene, trials: _Trials) -> Served:
    """The trial at the highest rate that is met; where none is, the one at the lowest rate."""
    probe = stream(scene, min_seconds=PROBE_SECONDS, min_queries=PROBE_QUERIES)
    trials.usual = float(np.median(probe.latencies))
    alone = probe.per_second(len(probe)) or trials.most

    def attempt(rate: float) -> Verdict:
        served = trials.at(rate)
        return "met" if served.met else "hopeless" if trials.hopeless or served.hopeless else "lost"

    search.highest(attempt, min(alone, trials.most), trials.most)
    shown = trials.best or trials.lowest
    assert shown is not None, "a search tries one rate at least"
    return shown


def _unmet(scene: Scene, trials: _Trials, shown: Served, p99: Metric) -> Iterator[str]:
    bound, rate = in_ms(scene.rules.bound_seconds), f"{shown.load.rate:,.4g} reviews/s"
    if not shown.met:
        if scene.rules.rate is not None:
            known = p99.reason if p99.value is None else f"it is {in_ms(p99.value)}"
            yield f"p99 at {rate} is not within the bound of {bound}: {known}"
        elif trials.hopeless:
            yield f"no rate keeps p99 within the bound of {bound}: a review alone takes {in_ms(trials.usual)} (median)"
        elif shown.hopeless:
            yield f"no rate keeps p99 within the bound of {bound}: more than 1 % of the reviews take longer alone"
        else:
            yield f"no rate down to {rate} keeps p99 within the bound of {bound}"
    if p99.value is None:
        return
    if p99.low is None or p99.high is None:
        yield f"p99 at {rate} has no interval: {p99.interval_reason}; a longer --min-duration gives one"
    elif p99.low <= scene.rules.bound_seconds < p99.high:
        yield (
            f"p99 at {rate} may lie on either side of the bound of {bound}: its interval is "
            f"{in_ms(p99.low)} to {in_ms(p99.high)}; a longer --min-duration narrows it"
        )
    if scene.rules.rate is None and shown.met and all(each.met for each in trials.records):
        yield f"the bound was not lost at {rate} yet, the highest rate that was tried"
    if (
        scene.rules.rate is None
        and shown.met
        and (excess := scene.rules.bound_seconds / scene.rules.min_seconds) > SHORT
    ):
        yield (
            f"a queue that grows over {scene.rules.min_seconds:,.3g} s may stay within the bound of {bound}: the rate "
            f"may be {excess:.0%} too high; a longer --min-duration tells"
        )
