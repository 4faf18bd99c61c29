"""What kind of number each metric is, which way is better, and whether an interval of it is known to hold.

The one table of directions: a gate reads from it what a drop is, and a rule what it may ask for.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Kind = Literal["share", "score", "distance"]
Better = Literal["higher", "lower", ""]


@dataclass(frozen=True)
class Scale:
    """Of one metric."""

    kind: Kind
    """A share of the examples, a distance in classes, or a number without a unit."""
    better: Better
    """Empty where neither more nor less is better: the best value lies between."""
    bounded: bool = True
    """Whether an interval of the value is known to hold, given enough examples."""
    paired: bool = True
    """Whether an interval of the difference of two classifiers is known to hold, given enough examples."""


_HIGHER = Scale("score", "higher")
_LOWER = Scale("score", "lower")
_SHARE = Scale("share", "higher")
_UNPAIRED_SHARE = Scale("share", "higher", paired=False)
_VALUE_ALONE = Scale("score", "lower", bounded=False, paired=False)
_FIGURE_ALONE = Scale("score", "", bounded=False, paired=False)

SCALES: Mapping[str, Scale] = {
    **dict.fromkeys(("accuracy", "balanced_accuracy", "off_by_one_accuracy", "top_2_accuracy"), _SHARE),
    **dict.fromkeys(("macro_f1", "micro_f1", "weighted_f1"), _HIGHER),
    **dict.fromkeys(("cohen_kappa", "quadratic_weighted_kappa", "matthews_correlation", "area_under_roc"), _HIGHER),
    "mean_absolute_error": Scale("distance", "lower"),
    "mean_signed_error": Scale("distance", ""),
    **dict.fromkeys(("negative_log_likelihood", "brier_score", "ranked_probability_score"), _LOWER),
    **dict.fromkeys(("brier_calibration", "negative_log_likelihood_calibration"), _VALUE_ALONE),
    **dict.fromkeys(
        ("brier_resolution", "negative_log_likelihood_resolution"),
        Scale("score", "higher", bounded=False, paired=False),
    ),
    **dict.fromkeys(("brier_uncertainty", "negative_log_likelihood_uncertainty"), _FIGURE_ALONE),
    **dict.fromkeys(("brier_within_groups", "negative_log_likelihood_within_groups"), _FIGURE_ALONE),
    **dict.fromkeys(
        (
            "expected_calibration_error",
            "expected_calibration_error_equal_mass",
            "maximum_calibration_error",
            "classwise_calibration_error",
            "root_mean_square_calibration_error",
            "smooth_calibration_error",
            "overconfidence",
            "underconfidence",
        ),
        _VALUE_ALONE,
    ),
    "debiased_calibration_error": Scale("score", "lower", paired=False),
    "confidence_gap": Scale("score", ""),
    "temperature": Scale("score", "", paired=False),
    **dict.fromkeys(("area_under_risk_coverage", "excess_area_under_risk_coverage"), _LOWER),
    **dict.fromkeys(("accuracy_at_80_coverage", "accuracy_at_90_coverage", "accuracy_at_95_coverage"), _UNPAIRED_SHARE),
    "conformal_threshold": _FIGURE_ALONE,
    "conformal_coverage": Scale("share", "", paired=False),
    "conformal_set_size": Scale("score", "lower", paired=False),
    "conformal_empty_share": Scale("share", "lower", paired=False),
    "conformal_single_share": _UNPAIRED_SHARE,
}
"""By the name of the metric."""
