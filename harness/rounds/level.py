"""How the intervals of a run's timings are made, and a scalar as a record."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

    from harness.records import Metric, Run
    from harness.statistics import Scalar


@dataclass(frozen=True)
class Level:
    """The same in every table of a run, so that the same rounds give the same figures."""

    confidence: float = 0.95
    """Between 0 and 1."""
    resamples: int = 2000
    """Of a bootstrap."""
    seed: int = 0
    """Of the same, anew for each interval."""

    @classmethod
    def of(cls, run: Run) -> Level:
        """As the options of the run said."""
        given = run.settings
        return cls(
            float(given.get("confidence", cls.confidence)),
            int(given.get("resamples", cls.resamples)),
            int(given.get("seed", cls.seed)),
        )

    @property
    def generator(self) -> np.random.Generator:
        import numpy as np

        return np.random.default_rng(self.seed)


def undefined(reason: str) -> Metric:
    """A figure that these timings do not give, and why."""
    from harness.records import Metric

    return Metric(value=None, reason=reason)


def recorded(scalar: Scalar) -> Metric:
    """A scalar as a record."""
    # A run without timings is shown without the weight of every metric.
    from harness.evaluation import as_metric

    return as_metric(scalar)
