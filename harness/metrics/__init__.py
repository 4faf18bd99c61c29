"""Metrics from arrays alone: probabilities, (N, K) float32, and gold labels, (N,) integers.

Conventions, the same everywhere: the prediction is the most probable class, the lowest index on a tie;
confidence is the top probability; sums are in float64; every label-based metric gets all classes.
"""

from harness.metrics.calibration import (
    BINS,
    BinnedConfidence,
    Reliability,
    binned,
    calibration_metrics,
    expected_calibration_error,
    reliability,
)
from harness.metrics.classes import OneClass, class_metrics
from harness.metrics.classification import label_metrics
from harness.metrics.confusion import confusion_counts
from harness.metrics.decision import confidences, predicted_classes
from harness.metrics.losses import brier_losses, log_losses, loss_metrics
from harness.metrics.validity import SUM_TOLERANCE, check

__all__ = [
    "BINS",
    "SUM_TOLERANCE",
    "BinnedConfidence",
    "OneClass",
    "Reliability",
    "binned",
    "brier_losses",
    "calibration_metrics",
    "check",
    "class_metrics",
    "confidences",
    "confusion_counts",
    "expected_calibration_error",
    "label_metrics",
    "log_losses",
    "loss_metrics",
    "predicted_classes",
    "reliability",
]
