"""Count, mean and spread of a sample, which merge: all that the interval of a mean is a function of."""

from __future__ import annotations

import math
from dataclasses import dataclass

from harness.statistics.arrays import Sample


@dataclass(frozen=True)
class Moments:
    """Of `count` values, none of them kept."""

    count: int
    mean: float
    squares: float
    """Sum of the squared distances from the mean."""

    @classmethod
    def of(cls, values: Sample) -> Moments:
        """Of (N,) values in float32 or float64, summed in float64; of none they are 0."""
        if not len(values):
            return cls(0, 0.0, 0.0)
        # From the first value on, so that equal values have a spread of exactly 0, whatever they are.
        first = float(values[0])
        above = values.astype("float64") - first
        mean = float(above.mean())
        above -= mean
        # Not the product with itself: for one sum it would wake all threads of the linear algebra library.
        return cls(len(values), first + mean, float((above * above).sum()))

    def __add__(self, other: Moments) -> Moments:
        """Of both samples together (Chan, Golub & LeVeque 1983, The American Statistician 37)."""
        count = self.count + other.count
        if not count:
            return self
        apart = other.mean - self.mean
        mean = self.mean + apart * (other.count / count)
        squares = self.squares + other.squares + apart * apart * (self.count * other.count / count)
        return Moments(count, mean, squares)

    @property
    def deviation(self) -> float:
        """Root of the mean squared distance from the mean (numpy's std, ddof=0)."""
        return math.sqrt(self.squares / self.count) if self.count else 0.0
