"""What was measured: the classifier and the review set, by content."""

from __future__ import annotations

from harness.records.base import Record


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
    timing_only: bool = False
    """Random weights: its times are real, and nothing that it predicts means anything."""
    memory_bytes: int | None = None
    """Parameters and buffers as they lie in memory; None in runs that did not keep it."""
    load_before_bytes: int | None = None
    """Resident memory of the process before loading."""
    load_peak_bytes: int | None = None
    """The most that was resident while it was loaded; None where the system does not tell."""


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
