"""What a rule may be about: the metrics with the values that they can have, the stages and the scenarios."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Literal, get_args

from harness.errors import UsageError
from harness.metrics.scales import SCALES
from harness.options import ScenarioName, nearest
from harness.records.timings import Step

Sort = Literal["metric", "stage", "scenario"]
Range = tuple[float, float]

STAGES: tuple[str, ...] = get_args(Step)
SCENARIOS: tuple[str, ...] = get_args(ScenarioName)
NAMES: tuple[str, ...] = (*SCALES, *STAGES, *SCENARIOS)

_POSITIVE: Mapping[str, Range] = dict.fromkeys(
    (
        "mean_absolute_error",
        "negative_log_likelihood",
        "ranked_probability_score",
        "negative_log_likelihood_calibration",
        "negative_log_likelihood_resolution",
        "negative_log_likelihood_uncertainty",
        "temperature",
        "conformal_set_size",
    ),
    (0.0, math.inf),
)
_SIGNED: Mapping[str, Range] = dict.fromkeys(
    ("mean_signed_error", "brier_within_groups", "negative_log_likelihood_within_groups"), (-math.inf, math.inf)
)
_CORRELATIONS: Mapping[str, Range] = dict.fromkeys(
    ("cohen_kappa", "quadratic_weighted_kappa", "matthews_correlation", "confidence_gap"), (-1.0, 1.0)
)
_SQUARES: Mapping[str, Range] = dict.fromkeys(("brier_score", "brier_calibration"), (0.0, 2.0))

RANGES: Mapping[str, Range] = (
    dict.fromkeys(SCALES, (0.0, 1.0)) | dict(_POSITIVE) | dict(_SIGNED) | dict(_CORRELATIONS) | dict(_SQUARES)
)
"""The lowest and the highest value of each metric, as docs/words.md has them. What depends on the number of classes
is left open."""


def sort_of(name: str) -> Sort:
    """Whether this is the name of a metric, a stage or a scenario.

    Raises:
        UsageError: It is none of them; the nearest name is said.
    """
    if name in SCALES:
        return "metric"
    if name in STAGES:
        return "stage"
    if name in SCENARIOS:
        return "scenario"
    raise UsageError(
        f"{name!r} is no metric, stage or scenario",
        expected=f"a metric of docs/words.md, a stage ({', '.join(STAGES)}) or a scenario ({', '.join(SCENARIOS)})",
        remedy=f"{nearest(name, NAMES)}correct the name",
    )


def in_words(values: Range) -> str:
    """`a number from 0 to 1`."""
    low, high = values
    if math.isfinite(low) and math.isfinite(high):
        return f"a number from {low:g} to {high:g}"
    return f"a number that is at least {low:g}" if math.isfinite(low) else "a number"
