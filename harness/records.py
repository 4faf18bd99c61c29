"""What a run leaves on disk: `run.json`, as frozen pydantic models with a schema version.

Everything that a report, a gate or a script reads about a run is here, and nothing in here needs
a model, a review set or torch to be read again.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_serializer, model_validator

SCHEMA_VERSION = 2
"""Runs of version 1 open too: they have no slices, no calibrated figures and no selective prediction."""

Share = Annotated[float, Field(ge=0, le=1)]


class Record(BaseModel):
    """Frozen, and strict about names: a key that no field has is an error."""

    # Built when first used: a command that stores no run then does not pay for the schema of all.
    model_config = ConfigDict(
        frozen=True, extra="forbid", allow_inf_nan=False, protected_namespaces=(), defer_build=True
    )


class Metric(Record):
    """A scalar with its interval; or `None` with the reason.

    In JSON: `{"value", "low", "high", "method"}`; where no interval holds, `low` and `high` are
    null with an `interval_reason` in the place of `method`; where the metric is undefined,
    `{"value": null, "reason"}`.
    """

    value: float | None
    low: float | None = None
    high: float | None = None
    method: str | None = None
    interval_reason: str | None = None
    reason: str | None = None

    @model_validator(mode="after")
    def _says_what_is_missing(self) -> Metric:
        if self.value is None:
            assert self.reason and self.low is None and self.high is None, "an undefined metric has a reason alone"
        elif self.low is None or self.high is None:
            assert self.interval_reason, "a metric without an interval says why"
        else:
            assert self.method, "an interval names its method"
        return self

    @model_serializer
    def _only_what_applies(self) -> dict[str, Any]:
        if self.value is None:
            return {"value": None, "reason": self.reason}
        bounds: dict[str, Any] = {"value": self.value, "low": self.low, "high": self.high}
        if self.low is None or self.high is None:
            return bounds | {"interval_reason": self.interval_reason}
        return bounds | {"method": self.method}


class ClassMetrics(Record):
    """One class against the rest."""

    name: str
    support: int
    predicted: int
    precision: Metric
    recall: Metric
    f1: Metric
    area_under_roc: Metric | None = None
    """Of the class against the rest."""


class ReliabilityBin(Record):
    """One bin of confidence, (low, high]. Empty bins have null means."""

    low: Share
    high: Share
    count: int
    mean_confidence: float | None
    accuracy: Metric
    expected_low: Share | None = None
    """Consistency band: where the accuracy would lie if the classifier were calibrated."""
    expected_high: Share | None = None


class Calibrated(Record):
    """The same figures after temperature scaling, each review at a temperature fitted on other reviews."""

    temperatures: tuple[float, ...]
    """One for each fold."""
    metrics: dict[str, Metric]
    reliability: tuple[ReliabilityBin, ...]


class Threshold(Record):
    """A confidence that was chosen on one half of the reviews to give an accuracy, and judged on the other half."""

    wanted: Share
    """The accuracy that was asked for."""
    threshold: float | None
    """Reviews with this confidence or more are accepted; null where none gives the accuracy."""
    accuracy: Metric
    coverage: Metric
    """Share of the reviews that are accepted."""


class Selective(Record):
    """What is gained when the least confident reviews are left to a person."""

    coverage: tuple[float, ...]
    """Shares of the reviews that are accepted, for the curve."""
    risk: tuple[float, ...]
    """Share of wrong predictions among them."""
    threshold: tuple[float, ...]
    """Least confidence that is accepted."""
    thresholds: tuple[Threshold, ...]


class Slice(Record):
    """The reviews that have one value of a column."""

    value: str
    reviews: int
    metrics: dict[str, Metric]
    """Intervals are corrected for the number of slices of the column."""


class SliceColumn(Record):
    """A column that cuts the reviews into slices."""

    name: str
    values: int
    """Distinct values; with too many of them there are no slices."""
    level: Share
    """Of the intervals: 1 - (1 - confidence) / slices (Bonferroni)."""
    slices: tuple[Slice, ...]


class Figures(Record):
    """What predictions are worth: everything that is computed from probabilities and gold labels alone."""

    metrics: dict[str, Metric]
    per_class: tuple[ClassMetrics, ...]
    confusion: tuple[tuple[int, ...], ...]
    """Rows: gold label; columns: predicted class."""
    reliability: tuple[ReliabilityBin, ...]
    calibrated: Calibrated | None = None
    calibrated_reason: str | None = None
    """Why there are no calibrated figures."""
    selective: Selective | None = None
    slices: tuple[SliceColumn, ...] = ()
    sampling: str = "independent"
    """How the examples were drawn, as the intervals take it."""


class Score(Figures):
    """The figures of a file of predictions: what `harness score --format json` prints."""

    source: str
    """File name, without its folder."""
    classes: tuple[str, ...]
    ordinal: bool
    counts: dict[Literal["evaluated"], int]
    notes: tuple[str, ...] = ()
    """What was assumed in reading the file."""


class Counts(Record):
    """Where the reviews of a set went."""

    read: int
    """Rows that the source holds."""
    skipped: int
    """Rows left out, for the reasons in `skipped_reasons`."""
    cut: int
    """Reviews whose text was longer than the max length."""
    evaluated: int
    skipped_reasons: dict[str, int] = {}
    repeated_texts: int = 0
    """Reviews whose text stands earlier in the set too."""
    middle_predictions: int = 0
    """Reviews whose most probable class is one that the set has no label for (3 stars on positive/negative)."""


class Difference(Record):
    """One metric of two classifiers on the same examples."""

    candidate: float | None
    baseline: float | None
    difference: Metric
    """Candidate less baseline."""
    p_value: Share | None = None
    """Of no difference against any, two-sided."""
    test: str = ""
    """Where the p value is from."""
    reason: str | None = None
    """Why there is no p value."""


class Flips(Record):
    """Where two classifiers predict the same and where not; the five numbers add up to all examples."""

    gained: int
    """The candidate is right, the baseline wrong."""
    lost: int
    """The baseline is right, the candidate wrong."""
    both_right: int
    both_wrong: int
    """Both predict the same wrong class."""
    changed_wrong: int
    """Both are wrong, with different classes."""


class SliceDifference(Record):
    """Accuracy of two classifiers on the examples that have one value of a column."""

    column: str
    value: str
    reviews: int
    difference: Metric
    """Candidate less baseline; its level is corrected for the number of slices (Bonferroni)."""
    p_value: Share | None
    adjusted_p_value: Share | None
    correction: str
    """Holm over the columns that were named beforehand, Benjamini-Hochberg over the others."""
    warning: bool
    """The candidate is worse, and chance hardly explains it."""


class Comparison(Record):
    """Two files of predictions of the same examples: what `harness score --against` prints."""

    candidate: str
    baseline: str
    reviews: int
    identical: bool
    """Both predict the same class of every example."""
    flips: Flips
    differences: dict[str, Difference]
    detectable_difference: float | None
    """The difference of accuracy that as many examples would find in 80 of 100 comparisons, approximately."""
    slices: tuple[SliceDifference, ...] = ()
    sampling: str = "independent"
    notes: tuple[str, ...] = ()
    """How the rows were paired, and what was assumed in reading either file."""


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


class ClassifierRecord(Record):
    """The system under test, by content."""

    id: str
    """Readable and unique in the run, e.g. `builtin` or `nlptown-bert…@abc123-bfloat16`."""
    name: str
    """As the user gave it."""
    revision: str | None = None
    architecture: str
    classes: tuple[str, ...]
    device: str
    device_name: str
    dtype: str
    attention: str
    max_length: int
    parameters: int
    weights_bytes: int
    weights_sha256: str
    tokenizer_sha256: str
    config_sha256: str = ""
    """Of what in config.json can move a logit; empty in runs that did not keep it."""
    remote_code_sha256: str | None = None
    load_seconds: float


class ReviewSetRecord(Record):
    """A review set, by content."""

    id: str
    name: str
    source: str
    """As the user gave it: a file name without its folder, a hub name, or `builtin`."""
    text_column: str
    title_column: str | None = None
    label_column: str
    columns: tuple[str, ...] = ()
    """Kept columns, for slices."""
    reviews: int
    fingerprint: str
    notes: tuple[str, ...] = ()


class Timing(Record):
    """Rounds of one stage at one batch size and sequence length. Every round is kept."""

    id: str
    classifier: str
    stage: Literal["tokenize", "forward", "softmax", "classify"]
    batch_size: int
    seq_len: int
    tokens: int
    """Tokens in the batch, without padding."""
    padded_tokens: int
    device: str
    dtype: str
    threads: int
    seconds: tuple[float, ...]
    """One value a round, in the order measured."""
    iterations: int


class Environment(Record):
    """The machine and the libraries of a run. No user name, no path."""

    harness: str
    python: str
    platform: str
    processor: str
    cores: int
    threads: int
    memory_bytes: int
    accelerators: tuple[str, ...] = ()
    packages: dict[str, str]
    load_before: float | None = None


class Run(Record):
    """One invocation: what `run.json` holds."""

    schema_version: int = SCHEMA_VERSION
    id: str
    name: str
    status: Literal["unfinished", "finished", "interrupted"]
    started: str
    """ISO 8601, UTC."""
    finished: str | None = None
    seconds: float | None = None
    command: str
    """`evaluate` or `pytest`."""
    settings: dict[str, Any]
    """Every option that differs from its default."""
    environment: Environment
    classifiers: tuple[ClassifierRecord, ...] = ()
    review_sets: tuple[ReviewSetRecord, ...] = ()
    evaluations: tuple[Evaluation, ...] = ()
    timings: tuple[Timing, ...] = ()
    notes: tuple[str, ...] = ()
