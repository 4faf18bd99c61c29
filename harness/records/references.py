"""What an evaluation was compared with, and what the comparison came to."""

from __future__ import annotations

from typing import Literal

from harness.records.base import Record
from harness.records.comparisons import Comparison


class Reference(Record):
    """Another classifier's predictions of the same reviews: a baseline's, or those of the classifier that
    `--against` names. A copy lies in the run folder, so that flips and pages can be made from the run alone."""

    id: str
    """`<evaluation id>.<name>`."""
    kind: Literal["baseline", "classifier"]
    name: str
    """Of the baseline, or of the classifier as it was asked for."""
    evaluation: str
    """Id of the evaluation that was compared with it: the candidate."""
    classifier: str
    """Name of the classifier that predicted."""
    run: str | None = None
    """Id of the run that was promoted; None for a classifier that ran beside the candidate."""
    device: str
    dtype: str
    python: str
    """Of the environment that it ran in."""
    packages: dict[str, str]
    """Version by package, in that environment."""
    predictions: str
    """Path of the Parquet file, relative to the run folder; its rows and classes are in the candidate's order."""
    comparison: Comparison
    """Every difference, candidate less reference, at the run's own level."""
