"""The server scenario at one arrival rate: a queue, and one worker that answers it.

Nothing runs beside the worker, and nothing needs to: arrivals are scheduled beforehand, so that who waits
follows from the clock alone, and looking at the clock between two answers loses no arrival.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from harness.records import Metric, Trial
from harness.statistics.quantiles import rank
from harness.timing.scenarios import latencies
from harness.timing.scenarios.latencies import Percentile, in_ms
from harness.timing.scenarios.queries import Queries
from harness.timing.scenarios.scene import Scene
from harness.timing.scenarios.waiting import Worker


@dataclass(frozen=True, eq=False)
class Load:
    """The queries of a trial, as planned."""

    rate: float
    scheduled: np.ndarray
    """(Q,) float64 ascending, seconds from the first arrival, which is at 0."""
    review: np.ndarray
    """(Q,) int64, positions in the set."""

    def __len__(self) -> int:
        return len(self.scheduled)

    @property
    def spare(self) -> int:
        """Queries that may be over the bound with p99 still within it."""
        return len(self) - rank(0.99, len(self))


@dataclass(frozen=True, eq=False)
class Served:
    """What came of a trial."""

    load: Load
    queries: Queries
    """Those that were answered: all, unless the bound was lost beyond doubt before."""
    bound: float
    """Seconds."""
    over: int
    """Queries known to be over the bound when it ended; those that waited for longer are among them."""

    @property
    def met(self) -> bool:
        """p99 within the bound."""
        return self.over <= self.load.spare

    @property
    def whole(self) -> bool:
        """Every query was answered."""
        return len(self.queries) == len(self.load)

    @property
    def hopeless(self) -> bool:
        """Too many reviews that were answered alone took longer than the bound, without any queue."""
        alone = self.queries.batch_size == 1
        worked = (self.queries.answered - self.queries.started)[alone]
        return int(np.count_nonzero(worked > self.bound)) > self.load.spare

    def percentiles(self, confidence: float) -> dict[Percentile, Metric]:
        """p50, p90 and p99; none where queries are left that were not answered."""
        if not self.whole:
            return latencies.missing(
                f"stopped after {len(self.queries):,} of {len(self.load):,} queries: "
                f"{self.over:,} were over the bound of {in_ms(self.bound)} by then, and p99 allows {self.load.spare:,}"
            )
        return latencies.percentiles(self.queries.latencies, confidence)

    def record(self, confidence: float) -> Trial:
        """As it is stored."""
        return Trial(
            rate=self.load.rate,
            queries=len(self.queries),
            p99=self.percentiles(confidence)["p99"],
            met=self.met,
            mean_batch=self.queries.mean_batch or 0.0,
        )


def serve(scene: Scene, load: Load, worker: Worker, *, patience: float = 0.0) -> Served:
    """Answer every query of a load, or stop where the bound is lost beyond doubt.

    Args:
        scene: Its clock and its bound.
        load: Arrivals and reviews.
        worker: Answers them.
        patience: Seconds before which it is not stopped.
    """
    clock, bound, scheduled = scene.clock, scene.rules.bound_seconds, load.scheduled
    started, answered = np.empty(len(load)), np.empty(len(load))
    tokens, batch_size = np.empty(len(load), np.int32), np.empty(len(load), np.int32)
    done = over = late = 0
    begin = clock.now()
    while done < len(load):
        now = clock.now() - begin
        if now < scheduled[done]:
            clock.sleep_until(begin + scheduled[done])
            # Adding `begin` and taking it away again may round to a moment before.
            now = max(clock.now() - begin, float(scheduled[done]))
        come = int(np.searchsorted(scheduled, now, side="right"))
        lengths = worker.answer(come)
        end = clock.now() - begin
        batch = slice(done, done + len(lengths))
        started[batch], answered[batch], tokens[batch], batch_size[batch] = now, end, lengths, len(lengths)
        over += int(np.count_nonzero(end - scheduled[batch] > bound))
        done = batch.stop
        scene.tell(len(lengths), begin + end)
        late = max(0, int(np.searchsorted(scheduled, end - bound, side="left")) - done)
        if over + late > load.spare and end >= patience:
            break
    queries = Queries(
        load.review[:done], scheduled[:done], started[:done], answered[:done], tokens[:done], batch_size[:done]
    )
    return Served(load, queries, bound, over + late)
