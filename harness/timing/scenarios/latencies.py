"""Percentiles of latencies as metrics, each with its interval or the reason why there is none."""

from __future__ import annotations

from typing import Literal

import numpy as np

from harness.evaluation import as_metric
from harness.records import Metric
from harness.statistics.quantiles import serial_quantile

Percentile = Literal["p50", "p90", "p99"]
SHARES: dict[Percentile, float] = {"p50": 0.5, "p90": 0.9, "p99": 0.99}


def percentiles(latencies: np.ndarray, confidence: float) -> dict[Percentile, Metric]:
    """p50, p90 and p99, by nearest rank.

    The intervals allow for latencies that depend on those before them: in a queue they do, and where the machine
    is busy with something else for a while they do too.

    Args:
        latencies: (Q,) float64 seconds, in the order of arrival.
        confidence: Level of the intervals.
    """
    return {name: as_metric(serial_quantile(latencies, share, confidence)) for name, share in SHARES.items()}


def missing(reason: str) -> dict[Percentile, Metric]:
    """The three where there is none of them, with the reason."""
    return {name: Metric(value=None, reason=reason) for name in SHARES}


def in_ms(seconds: float) -> str:
    """Seconds for a person.

    >>> in_ms(0.1), in_ms(0.0123456), in_ms(2.5), in_ms(0.000052)
    ('100 ms', '12.3 ms', '2,500 ms', '0.052 ms')
    """
    ms = seconds * 1000
    return f"{ms:,.0f} ms" if ms >= 100 else f"{ms:.3g} ms"
