"""One classifier on one review set: its figures, how labels were matched, and what was counted."""

from __future__ import annotations

from pydantic import Field

from harness.records.base import Record, Share
from harness.records.figures import Figures


class Counts(Record):
    """Where the reviews of a set went."""

    read: int
    """Rows that the source holds."""
    skipped: int
    """Rows left out, for the reasons in `skipped_reasons`."""
    cut: int
    """Reviews whose text was longer than the max length."""
    evaluated: int
    skipped_reasons: dict[str, int] = Field(default_factory=dict)
    repeated_texts: int = 0
    """Reviews whose text stands earlier in the set too."""
    middle_predictions: int = 0
    """Reviews whose most probable class is one that the set has no label for (3 stars on positive/negative)."""


class StageSeconds(Record):
    """Seconds in each stage of one evaluation; tokenization runs beside the forward pass."""

    tokenize: float
    forward: float
    softmax: float
    wall: float
    """From the first tokenization to the last written prediction."""


class LabelMatchRecord(Record):
    """How the set's labels were matched with the classifier's classes."""

    classes: tuple[str, ...]
    """The classes of the evaluation, in order."""
    ordinal: bool
    labels: dict[str, str | None]
    """Label as the set has it -> class of the evaluation; null where it was left out."""
    projection: dict[str, dict[str, float]]
    """Class of the classifier -> class of the evaluation -> share of its probability."""
    how: str
    """One line for a person."""
    warnings: tuple[str, ...] = ()


class Evaluation(Figures):
    """The figures of one classifier on one review set, and how they came to be."""

    id: str
    classifier: str
    """Id of a `ClassifierRecord`."""
    review_set: str
    """Id of a `ReviewSetRecord`."""
    counts: Counts
    label_match: LabelMatchRecord
    reviews_per_s: float | None
    tokens_per_s: float | None
    stage_seconds: StageSeconds | None
    timing_reason: str | None = None
    """Why the timings are null, or what part of the set they cover."""
    token_budget: int
    padding_share: Share | None = None
    batching_difference: float | None = None
    """Largest change of a logit when a sample of reviews is classified one at a time."""
    batching_tolerance: float | None = None
    """Largest change that rounding at this dtype explains."""
    predictions: str
    """Path of the Parquet file, relative to the run folder."""
    reviews: str
    """Path of the reviews' Parquet file, relative to the run folder."""
    cached: bool = False
    notes: tuple[str, ...] = ()
