"""Metrics from arrays alone: probabilities, (N, K) float32, and gold labels, (N,) integers.

Conventions, the same everywhere: the prediction is the most probable class, the lowest index on a tie;
confidence is the top probability; sums are in float64; every label-based metric gets all classes.

Read in this order: `decision` and `confusion` (what is predicted), `classification`, `classes` and
`discrimination` (how well), `losses` and `decomposition` (the probabilities), `bins`, `calibration`,
`squared`, `smooth`, `reliability` and `temperature` (whether they are earned), `ranking`, `selective`,
`thresholds` and `conformal` (what they are good for), `tally` and `rankings` (all of it, mergeable),
`overall` (every metric by name), `designed` (under clusters and strata), `paired` (two classifiers).
"""

from harness.metrics.bins import BINS, BinnedConfidence, binned
from harness.metrics.calibration import calibration_metrics, expected_calibration_error
from harness.metrics.classes import OneClass, class_metrics
from harness.metrics.classification import label_metrics
from harness.metrics.confusion import confusion_counts, normalised
from harness.metrics.decision import confidences, predicted_classes
from harness.metrics.losses import brier_losses, log_losses, loss_metrics, ranked_losses
from harness.metrics.overall import overall, probability_metrics
from harness.metrics.paired import compare
from harness.metrics.rankings import ExactRankings, FineRankings
from harness.metrics.reliability import Reliability, reliability
from harness.metrics.tally import Tally
from harness.metrics.temperature import cross_fitted, fit_temperature
from harness.metrics.validity import SUM_TOLERANCE, check

__all__ = [
    "BINS",
    "SUM_TOLERANCE",
    "BinnedConfidence",
    "ExactRankings",
    "FineRankings",
    "OneClass",
    "Reliability",
    "Tally",
    "binned",
    "brier_losses",
    "calibration_metrics",
    "check",
    "class_metrics",
    "compare",
    "confidences",
    "confusion_counts",
    "cross_fitted",
    "expected_calibration_error",
    "fit_temperature",
    "label_metrics",
    "log_losses",
    "loss_metrics",
    "normalised",
    "overall",
    "predicted_classes",
    "probability_metrics",
    "ranked_losses",
    "reliability",
]
