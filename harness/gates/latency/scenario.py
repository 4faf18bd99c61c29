"""A scenario over a few reviews, as one process of a latency gate runs it: all of them once a round.

Rounds are run by the code of `harness.timing.scenarios`. One comes to

- offline: seconds from the beginning to the last answer, all reviews handed over at once;
- single-stream: the mean latency, one review at a time;
- server: the mean latency from the scheduled arrival, those that wait being answered together.

The mean, where the scenarios themselves show percentiles: p99 of a round of some dozens of reviews is the slowest
of them, and tells what else the machine did in that moment. The mean has every review and every wait in it, and so
the slow ones too. What one busy moment does to it is left to the median of the pairs.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, get_args

import numpy as np

from harness.errors import UsageError
from harness.progress import Silent
from harness.records import ScenarioName
from harness.timing.scenarios import Rules, WallClock, offline, single_stream
from harness.timing.scenarios.conditions import warm_up
from harness.timing.scenarios.scene import Scene
from harness.timing.scenarios.trial import Load, serve
from harness.timing.scenarios.waiting import Together

if TYPE_CHECKING:
    from harness.timing.scenarios import Clock, Subject

NAMES: tuple[str, ...] = get_args(ScenarioName)


class Scenario:
    """A classifier, the reviews of a round, and how they are asked for."""

    def __init__(
        self,
        name: ScenarioName,
        subject: Subject,
        texts: Sequence[str],
        *,
        rate: float | None = None,
        clock: Clock | None = None,
    ) -> None:
        """
        Args:
            name: `offline`, `single-stream` or `server`.
            subject: The classifier, loaded.
            texts: Reviews of a round, one or more, in the order in which they are asked for.
            rate: Server: arrivals in a second.
            clock: By default the clock on the wall, which waits for the classifier's device.
        """
        self._name = name
        self._subject = subject
        self._texts = tuple(texts)
        self._rate = rate
        self._clock = clock or WallClock(subject.record.device)

    def warm_up(self) -> dict[str, Any]:
        """As the scenarios are warmed up.

        Returns:
            `tokens` of all reviews; batches come about as they are answered, so that padding is not known: None.

        Raises:
            ClassifierError: A text that the tokenizer cannot read or makes no token of.
        """
        warm_up(self._scene(self._texts))
        tokens = int(self._subject.tokenize(self._texts).lengths.sum())
        return {"tokens": tokens, "padded_tokens": None}

    def round(self, iterations: int, scheduled: Sequence[float] | None = None) -> float:
        """Seconds that one time through the reviews comes to.

        Args:
            iterations: Times that they are asked for, of which the mean is told.
            scheduled: Server: seconds from the first arrival to that of each review, ascending.

        Raises:
            UsageError: The server's arrivals are missing, or are not those of so many reviews.
        """
        expected = len(self._texts) if self._name == "server" else None
        if expected != (None if scheduled is None else len(scheduled)):
            raise UsageError(
                "the server scenario is told when each review arrives, and no other scenario is",
                where=f"{self._name}, {len(self._texts)} reviews, "
                + ("no arrivals" if scheduled is None else f"{len(scheduled)} arrivals"),
            )
        # The first answer finds the caches cold and the other process's threads still spinning.
        self._scene(self._texts[:1]).answer(self._texts[:1])
        return sum(self._once(scheduled) for _ in range(iterations)) / iterations

    def _once(self, scheduled: Sequence[float] | None) -> float:
        if scheduled is not None:
            return self._served(np.array(scheduled, np.float64))
        if self._name == "offline":
            return offline.measure(self._scene(self._texts)).record.seconds
        # A stream draws its reviews with replacement: of one review it draws this one.
        each = [single_stream.stream(self._scene([text]), min_seconds=0.0, min_queries=1) for text in self._texts]
        return float(np.mean([queries.latencies for queries in each]))

    def _served(self, scheduled: np.ndarray) -> float:
        scene = self._scene(self._texts)
        load = Load(self._rate or math.nan, scheduled, np.arange(len(scheduled)))
        served = serve(scene, load, Together(scene, load.review), patience=math.inf)
        return float(served.queries.latencies.mean())

    def _scene(self, texts: Sequence[str]) -> Scene:
        # Each review once, however long that takes: there is no bound that could be lost.
        rules = Rules(min_seconds=0.0, min_queries=len(texts), bound_seconds=math.inf)
        return Scene(self._subject, texts, rules, self._clock, Silent(), self._name, ("timed", "texts"))
