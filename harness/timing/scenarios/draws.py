"""Which reviews are asked for, and when: drawn by the seed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

PIECE = 4096


class Draw:
    """Random numbers without an end. However many are asked for, those of one seed begin alike.

    So all rates that are tried meet the same reviews, at the same arrivals seen through a faster clock, and the
    rate is the only difference between them.
    """

    def __init__(self, draw: Callable[[int], np.ndarray]) -> None:
        """
        Args:
            draw: Count -> (count,) numbers, the next ones at each call.
        """
        self._draw = draw
        self._drawn = draw(PIECE)

    def first(self, count: int) -> np.ndarray:
        """(count,) numbers."""
        missing = count - len(self._drawn)
        if missing > 0:
            # Always in pieces of one size: a generator may spend another part of its stream on another size.
            pieces = [self._draw(PIECE) for _ in range(-(-missing // PIECE))]
            self._drawn = np.concatenate([self._drawn, *pieces])
        return self._drawn[:count]


def reviews(count: int, seed: int) -> Draw:
    """Positions of reviews in a set of so many, with replacement."""
    generator = _generator(seed, 0)
    return Draw(lambda size: generator.integers(0, count, size))


def gaps(seed: int) -> Draw:
    """Times between arrivals of a Poisson process of one arrival a second."""
    generator = _generator(seed, 1)
    return Draw(lambda size: generator.exponential(size=size))


def arrivals(gaps: Draw, rate: float, min_seconds: float, min_queries: int) -> np.ndarray:
    """(queries,) seconds: scheduled arrivals, the first at 0 and the last at `min_seconds` or after.

    Args:
        gaps: Of a Poisson process of rate 1.
        rate: Arrivals in a second.
        min_seconds: Reached by the last.
        min_queries: There are at least so many.
    """
    count = max(2, min_queries)
    while True:
        moments = np.concatenate([[0.0], np.cumsum(gaps.first(count - 1))]) / rate
        if moments[-1] >= min_seconds:
            first_beyond = int(np.searchsorted(moments, min_seconds, side="left"))
            return moments[: max(min_queries, first_beyond + 1)]
        count *= 2


def _generator(seed: int, stream: int) -> Any:
    return np.random.default_rng([seed, stream])
