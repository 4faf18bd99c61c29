"""What came of each query: when it was scheduled, begun and answered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, eq=False)
class Queries:
    """One entry a query, in the order of their arrivals. Seconds are counted from the first arrival."""

    review: np.ndarray
    """(Q,) int64, position of the review in the set."""
    scheduled: np.ndarray
    """(Q,) float64, when it was to arrive."""
    started: np.ndarray
    """(Q,) float64, when its work began."""
    answered: np.ndarray
    """(Q,) float64, when its probabilities were on the host."""
    tokens: np.ndarray
    """(Q,) int32, without padding."""
    batch_size: np.ndarray
    """(Q,) int32, reviews in its forward pass, itself among them."""

    @classmethod
    def one_by_one(
        cls, review: np.ndarray, started: Sequence[float], answered: Sequence[float], tokens: Sequence[int]
    ) -> Queries:
        """Of queries that arrived when their work began, each alone in its forward pass."""
        begun = np.array(started, np.float64)
        alone = np.ones(len(begun), np.int32)
        return cls(review, begun, begun, np.array(answered, np.float64), np.array(tokens, np.int32), alone)

    def __len__(self) -> int:
        return len(self.review)

    @property
    def latencies(self) -> np.ndarray:
        """(Q,) float64 seconds from the scheduled arrival to the answer: the wait in the queue counts."""
        waited: np.ndarray = self.answered - self.scheduled
        return waited

    @property
    def seconds(self) -> float:
        """From the first arrival to the last answer."""
        return float(self.answered.max(initial=0.0))

    @property
    def mean_batch(self) -> float | None:
        """Reviews in a forward pass; None without queries."""
        # Each of the n queries of a pass counts 1/n of it.
        return len(self) / float((1 / self.batch_size).sum()) if len(self) else None

    def per_second(self, amount: float) -> float | None:
        """An amount by the seconds of all; None where no time passed."""
        return amount / self.seconds if self.seconds > 0 else None
