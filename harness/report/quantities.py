"""What a person is told of each metric: its name, how it is written, which way is better, what it means."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Kind = Literal["share", "score", "distance"]


@dataclass(frozen=True)
class Quantity:
    """How a metric is named and written for a person."""

    label: str
    kind: Kind
    better: Literal["higher", "lower", ""]
    meaning: str


QUANTITIES: dict[str, Quantity] = {
    "accuracy": Quantity("Accuracy", "share", "higher", "reviews whose most probable class is their label"),
    "balanced_accuracy": Quantity("Balanced accuracy", "share", "higher", "mean recall of the classes"),
    "macro_f1": Quantity("Macro-F1", "score", "higher", "F1 of each class, averaged without weights"),
    "micro_f1": Quantity("Micro-F1", "score", "higher", "F1 over all decisions; with one label a review, the accuracy"),
    "weighted_f1": Quantity("Weighted F1", "score", "higher", "F1 of each class, weighted by its reviews"),
    "off_by_one_accuracy": Quantity(
        "Off-by-one accuracy", "share", "higher", "reviews at most one class away from their label"
    ),
    "top_2_accuracy": Quantity(
        "Top-2 accuracy", "share", "higher", "reviews whose label is one of the two most probable classes"
    ),
    "mean_absolute_error": Quantity("Mean absolute error", "distance", "lower", "mean distance from the label"),
    "mean_signed_error": Quantity("Mean signed error", "distance", "", "prediction less label: above 0 it is too kind"),
    "cohen_kappa": Quantity("Cohen's kappa", "score", "higher", "agreement beyond chance; all errors weigh the same"),
    "quadratic_weighted_kappa": Quantity(
        "Quadratic kappa", "score", "higher", "agreement beyond chance; far errors weigh more"
    ),
    "matthews_correlation": Quantity(
        "Matthews correlation", "score", "higher", "correlation of labels and predictions"
    ),
    "area_under_roc": Quantity(
        "Area under ROC", "score", "higher", "how well each class is told from the rest, averaged over the classes"
    ),
    "negative_log_likelihood": Quantity(
        "Negative log-likelihood", "score", "lower", "mean of −ln(probability of the label), in nats"
    ),
    "brier_score": Quantity(
        "Brier score", "score", "lower", "squared distance of the probabilities from the label, 0 to 2"
    ),
    "ranked_probability_score": Quantity(
        "Ranked probability score", "score", "lower", "like the mean absolute error, for probabilities"
    ),
    "brier_calibration": Quantity("Brier: calibration", "score", "lower", "the part lost by wrong confidence"),
    "brier_resolution": Quantity("Brier: resolution", "score", "higher", "the part gained by telling reviews apart"),
    "brier_uncertainty": Quantity("Brier: uncertainty", "score", "", "the score of the classes' shares alone"),
    "brier_within_groups": Quantity("Brier: within groups", "score", "", "what the grouping into bins leaves out"),
    "negative_log_likelihood_calibration": Quantity(
        "NLL: calibration", "score", "lower", "the part lost by wrong confidence, in nats"
    ),
    "negative_log_likelihood_resolution": Quantity(
        "NLL: resolution", "score", "higher", "the part gained by telling reviews apart, in nats"
    ),
    "negative_log_likelihood_uncertainty": Quantity(
        "NLL: uncertainty", "score", "", "the score of the classes' shares alone, in nats"
    ),
    "negative_log_likelihood_within_groups": Quantity(
        "NLL: within groups", "score", "", "what the grouping into bins leaves out, in nats"
    ),
    "expected_calibration_error": Quantity(
        "Calibration error", "score", "lower", "mean gap between confidence and accuracy (ECE, 15 bins)"
    ),
    "expected_calibration_error_equal_mass": Quantity(
        "Equal-mass ECE", "score", "lower", "the same over 15 bins of equally many reviews"
    ),
    "maximum_calibration_error": Quantity(
        "Maximum calibration error", "score", "lower", "the largest gap of any bin that holds a review"
    ),
    "classwise_calibration_error": Quantity(
        "Classwise ECE", "score", "lower", "the gap of each class's own probability, averaged over the classes"
    ),
    "root_mean_square_calibration_error": Quantity(
        "Root-mean-square gap", "score", "lower", "root of the mean squared gap over the bins"
    ),
    "debiased_calibration_error": Quantity(
        "Debiased RMS gap", "score", "lower", "the same less what chance adds to it (Kumar et al. 2019)"
    ),
    "smooth_calibration_error": Quantity(
        "SmoothECE", "score", "lower", "the gap without bins, smoothed (Błasiok & Nakkiran 2023)"
    ),
    "overconfidence": Quantity("Over-confidence", "score", "lower", "the part of the ECE where confidence is too high"),
    "underconfidence": Quantity("Under-confidence", "score", "lower", "the part of the ECE where it is too low"),
    "confidence_gap": Quantity("Confidence gap", "score", "", "mean confidence less accuracy: too sure above 0"),
    "temperature": Quantity("Temperature", "score", "", "the divisor of the logits that fits best: too sure above 1"),
    "area_under_risk_coverage": Quantity(
        "Area under risk–coverage", "score", "lower", "mean share of errors over all thresholds of confidence"
    ),
    "excess_area_under_risk_coverage": Quantity(
        "Excess of that area", "score", "lower", "less what the best order of the reviews would give"
    ),
    "accuracy_at_80_coverage": Quantity(
        "Accuracy at 80 %", "share", "higher", "of the 80 % of the reviews with the highest confidence"
    ),
    "accuracy_at_90_coverage": Quantity(
        "Accuracy at 90 %", "share", "higher", "of the 90 % of the reviews with the highest confidence"
    ),
    "accuracy_at_95_coverage": Quantity(
        "Accuracy at 95 %", "share", "higher", "of the 95 % of the reviews with the highest confidence"
    ),
    "conformal_coverage": Quantity(
        "Conformal coverage", "share", "", "sets made to hold the label with 90 %, and how many do"
    ),
    "conformal_set_size": Quantity("Conformal set size", "score", "lower", "classes in such a set, on average"),
    "conformal_threshold": Quantity("Conformal threshold", "score", "", "the least probability of a class in the set"),
    "conformal_empty_share": Quantity("Empty sets", "share", "lower", "of these sets, those without any class"),
    "conformal_single_share": Quantity("Sets of one class", "share", "higher", "of these sets, those that decide"),
}

GROUPS: dict[str, tuple[str, ...]] = {
    "Classification": (
        "accuracy", "balanced_accuracy", "macro_f1", "micro_f1", "weighted_f1", "off_by_one_accuracy",
        "top_2_accuracy", "mean_absolute_error", "mean_signed_error", "cohen_kappa", "quadratic_weighted_kappa",
        "matthews_correlation", "area_under_roc",
    ),
    "Probabilities": (
        "negative_log_likelihood", "brier_score", "ranked_probability_score",
        "brier_calibration", "brier_resolution", "brier_uncertainty", "brier_within_groups",
        "negative_log_likelihood_calibration", "negative_log_likelihood_resolution",
        "negative_log_likelihood_uncertainty", "negative_log_likelihood_within_groups",
    ),
    "Calibration": (
        "expected_calibration_error", "expected_calibration_error_equal_mass", "maximum_calibration_error",
        "classwise_calibration_error", "root_mean_square_calibration_error", "debiased_calibration_error",
        "smooth_calibration_error", "overconfidence", "underconfidence", "confidence_gap", "temperature",
    ),
    "Selective prediction": (
        "area_under_risk_coverage", "excess_area_under_risk_coverage", "accuracy_at_80_coverage",
        "accuracy_at_90_coverage", "accuracy_at_95_coverage", "conformal_threshold",
        "conformal_coverage", "conformal_set_size",
        "conformal_empty_share", "conformal_single_share",
    ),
}  # fmt: skip
"""The metrics by what they are about, in the order in which they are shown."""


def grouped(names: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """The names of a record's metrics by group; what no group knows comes last."""
    given = list(names)
    known = {name for group in GROUPS.values() for name in group}
    found = {title: tuple(name for name in group if name in given) for title, group in GROUPS.items()}
    found["Others"] = tuple(name for name in given if name not in known)
    return {title: group for title, group in found.items() if group}


def quantity(name: str) -> Quantity:
    """What is known of a metric; one that is not in the table is written as a plain number."""
    return QUANTITIES.get(name) or Quantity(name.replace("_", " ").capitalize(), "score", "", "")
