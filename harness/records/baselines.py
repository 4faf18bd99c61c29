"""What a baseline leaves in git: `baseline.json`. No text of a review, no time, no path of a machine."""

from __future__ import annotations

from harness.records.base import Metric, Record
from harness.records.subjects import ReviewSetRecord

BASELINE_VERSION = 1
"""A baseline of another version is refused, not guessed at: promoting a run again is cheap."""


class BaselineClassifier(Record):
    """A classifier by content; what a `ClassifierRecord` says beyond it belongs to one machine at one moment."""

    id: str
    name: str
    """As the user gave it, without the folders of the machine."""
    revision: str | None = None
    architecture: str
    classes: tuple[str, ...]
    device: str
    device_name: str
    dtype: str
    attention: str
    max_length: int
    parameters: int
    weights_sha256: str
    tokenizer_sha256: str
    config_sha256: str = ""
    remote_code_sha256: str | None = None


class BaselineEvaluation(Record):
    """One classifier on one review set."""

    id: str
    classifier: str
    """Id of a `BaselineClassifier`."""
    review_set: str
    """Id of a `ReviewSetRecord`."""
    classes: tuple[str, ...]
    """Of the evaluation, in order."""
    ordinal: bool
    labels: dict[str, str | None]
    """Label as the set has it -> class of the evaluation; null where it was left out."""
    reviews: int
    sampling: str
    """How the reviews were drawn, as the intervals take it."""
    metrics: dict[str, Metric]
    predictions: str
    """Path of the Parquet file, relative to the folder of the baseline; part of its name is from its content."""
    predictions_sha256: str


class BaselineRecord(Record):
    """A run that was promoted: what `baseline.json` holds."""

    schema_version: int = BASELINE_VERSION
    name: str
    run: str
    """Id of the run."""
    promoted: str
    """ISO 8601, UTC."""
    reason: str = ""
    """Why, as its author wrote."""
    overruled: tuple[str, ...] = ()
    """What spoke for the baseline that stood here before and was overruled by `--force`, a sentence each."""
    confidence: float
    """Level of the intervals."""
    harness: str
    python: str
    packages: dict[str, str]
    """Version by package, in the environment of the run."""
    classifiers: tuple[BaselineClassifier, ...]
    review_sets: tuple[ReviewSetRecord, ...]
    evaluations: tuple[BaselineEvaluation, ...]
