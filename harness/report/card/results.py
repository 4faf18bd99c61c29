"""The metrics of an evaluation in the words of the hub, where it has one, and in ours where not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from harness.errors import NothingMeasured
from harness.records import Evaluation, Metric, ReviewSetRecord
from harness.report.card.data_set import DataSet
from harness.report.public import printable
from harness.report.quantities import quantity

if TYPE_CHECKING:
    from huggingface_hub import EvalResult

TASK = "text-classification"
SOURCE = "review-harness"
DECIMALS = 4


@dataclass(frozen=True)
class Named:
    """A metric's id on the hub, with the configuration that says which one it is."""

    type: str
    config: str | None = None


METRICS: dict[str, Named] = {
    "accuracy": Named("accuracy"),
    "balanced_accuracy": Named("balanced_accuracy"),
    "macro_f1": Named("f1", "macro"),
    "weighted_f1": Named("f1", "weighted"),
    "matthews_correlation": Named("matthews_correlation"),
    "off_by_one_accuracy": Named("off_by_one_accuracy"),
    "mean_absolute_error": Named("mae"),
    "quadratic_weighted_kappa": Named("quadratic_weighted_kappa"),
    "negative_log_likelihood": Named("negative_log_likelihood"),
    "expected_calibration_error": Named("expected_calibration_error"),
}
"""What goes into a card, by our name. The ids of the hub are those of https://hf.co/metrics.

Its `brier_score` is that of two classes, and half of ours; so this one is left out.
"""


def defined(one: Evaluation) -> dict[str, Metric]:
    """The metrics of a card that an evaluation has a value of, by our name."""
    return {name: one.metrics[name] for name in METRICS if name in one.metrics and one.metrics[name].value is not None}


def of(
    one: Evaluation, record: ReviewSetRecord, data_set: DataSet, confidence: float, source_url: str | None
) -> list[EvalResult]:
    """One result for each metric that is defined, its interval among the arguments of the metric.

    Args:
        one: What was measured.
        record: Of the review set.
        data_set: The same as the hub names it.
        confidence: Level of the intervals.
        source_url: Where a reader of the card finds these results, if anywhere.

    Raises:
        NothingMeasured: No metric is defined.
    """
    from huggingface_hub import EvalResult

    found = [
        EvalResult(
            task_type=TASK,
            task_name="Text Classification",
            dataset_type=data_set.type,
            dataset_name=data_set.name,
            dataset_config=data_set.config,
            dataset_split=data_set.split,
            dataset_revision=data_set.revision,
            dataset_args={"reviews": one.counts.evaluated, "fingerprint": printable(record.fingerprint)},
            metric_type=METRICS[name].type,
            metric_config=METRICS[name].config,
            metric_name=quantity(name).label,
            metric_value=rounded(metric.value),
            metric_args=_interval(metric, confidence),
            source_name=SOURCE if source_url else None,
            source_url=source_url,
        )
        for name, metric in defined(one).items()
        if metric.value is not None
    ]
    if not found:
        raise NothingMeasured(
            "nothing measured: no metric of the evaluation is defined",
            where=one.id,
            remedy="evaluate on labelled reviews of every class",
        )
    return found


def _interval(metric: Metric, confidence: float) -> dict[str, Any] | None:
    if metric.low is None or metric.high is None:
        return None
    ends = {"low": rounded(metric.low), "high": rounded(metric.high)}
    return ends | {"confidence": confidence, "method": printable(metric.method or "")}


def rounded(number: float) -> float:
    """Four decimals, or as many more as keep it from 0 and 1 where it is neither.

    >>> rounded(0.533449), rounded(0.99997), rounded(1.0), rounded(0.0000123)
    (0.5334, 0.99997, 1.0, 1e-05)
    """
    for decimals in range(DECIMALS, 17):
        short = round(number, decimals)
        if short not in (0, 1) or short == number:
            return short
    return number
