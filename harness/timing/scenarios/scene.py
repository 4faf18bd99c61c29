"""What every scenario has: the classifier, the reviews, the rules, a clock, and what it hands back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from harness.records import ScenarioName, ScenarioRecord
from harness.timing.scenarios.clock import Clock
from harness.timing.scenarios.queries import Queries

if TYPE_CHECKING:
    import numpy as np

    from harness.encoding import Encoding
    from harness.options import Settings
    from harness.progress import Progress
    from harness.records import ClassifierRecord

SILENCE = 0.5
"""Seconds between two words to the progress: drawing a bar takes time from the queries."""
FEW_REVIEWS = 100
"""Of fewer, one review alone decides p99."""


class Subject(Protocol):
    """What a scenario needs of a classifier."""

    @property
    def record(self) -> ClassifierRecord: ...
    @property
    def token_budget(self) -> int: ...
    def tokenize(self, texts: Sequence[str]) -> Encoding: ...
    def classify_encoding(self, encoding: Encoding) -> np.ndarray: ...


@dataclass(frozen=True)
class Rules:
    """How long a scenario lasts, and what it must keep to."""

    min_seconds: float
    min_queries: int
    bound_seconds: float
    """Server: p99 is to be within."""
    rate: float | None = None
    """Server: arrivals in a second; None seeks the highest within the bound."""
    seed: int = 0
    confidence: float = 0.95

    @classmethod
    def of(cls, settings: Settings) -> Rules:
        """As the options say."""
        return cls(
            min_seconds=settings.min_duration,
            min_queries=settings.min_queries,
            bound_seconds=settings.latency_bound_ms / 1000,
            rate=settings.arrival_rate,
            seed=settings.seed,
            confidence=settings.confidence,
        )


@dataclass(frozen=True)
class Outcome:
    """A scenario's figures, and the queries behind them."""

    record: ScenarioRecord
    queries: Queries | None
    """Belong into the file `record.latencies` of the run folder; None in the offline scenario."""


class Scene:
    """One scenario at work."""

    def __init__(
        self,
        subject: Subject,
        texts: Sequence[str],
        rules: Rules,
        clock: Clock,
        progress: Progress,
        id: str,
        ids: tuple[str, str],
    ) -> None:
        self.subject = subject
        self.texts = texts
        self.rules = rules
        self.clock = clock
        self._progress = progress
        self._id = id
        self._ids = ids
        self._untold = 0
        self._told_at = clock.now()

    def answer(self, texts: Sequence[str]) -> np.ndarray:
        """Classify reviews; (n,) int32, the tokens of each.

        The two calls are what `Classifier.classify` consists of: made one by one, they tell how many tokens
        there were, which would have to be counted a second time else.
        """
        encoding = self.subject.tokenize(texts)
        self.subject.classify_encoding(encoding)
        return encoding.lengths

    def tell(self, reviews: int, now: float) -> None:
        """So many more are answered, by the clock at `now`; passed on twice a second, or when `tell_all` is called."""
        self._untold += reviews
        if now - self._told_at >= SILENCE:
            self.tell_all()
            self._told_at = now

    def tell_all(self) -> None:
        """Pass on what was not yet."""
        self._progress.advance(self._untold)
        self._untold = 0

    def record(
        self, name: ScenarioName, queries: Queries, *, unmet: Sequence[str] = (), **figures: Any
    ) -> ScenarioRecord:
        """The record of this scenario with the figures of these queries; `figures` go before them."""
        from harness.environment import threads

        of = self.subject.record
        values: dict[str, Any] = {
            "id": self._id,
            "classifier": self._ids[0],
            "review_set": self._ids[1],
            "device": of.device,
            "dtype": of.dtype,
            "threads": threads(),
            "scenario": name,
            "queries": len(queries),
            "seconds": queries.seconds,
            "min_seconds": self.rules.min_seconds,
            "min_queries": self.rules.min_queries,
            "seed": self.rules.seed,
            "unmet": (*unmet, *self._unmet(name, queries)),
            "reviews_per_s": queries.per_second(len(queries)),
            "tokens_per_s": queries.per_second(int(queries.tokens.sum())),
            "mean_batch": queries.mean_batch,
            "latencies": "" if name == "offline" else f"latencies/{self._id}.parquet",
        }
        return ScenarioRecord.model_validate(values | figures)

    def _unmet(self, name: ScenarioName, queries: Queries) -> Iterator[str]:
        if len(queries) < self.rules.min_queries:
            yield f"{len(queries):,} queries were answered, and {self.rules.min_queries:,} were asked for"
        if queries.seconds < self.rules.min_seconds:
            yield f"it lasted {queries.seconds:,.3g} s, and {self.rules.min_seconds:,.3g} s were asked for"
        if name != "offline" and len(self.texts) < FEW_REVIEWS:
            yield (
                f"the review set has {len(self.texts):,} reviews, fewer than {FEW_REVIEWS}: "
                "p99 is the latency of its slowest review"
            )
