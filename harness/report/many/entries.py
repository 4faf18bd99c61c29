"""What a page of several runs is made of: evaluations with a letter each, and the comparisons between them."""

from __future__ import annotations

import string
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from harness.records import ClassifierRecord, Comparison, Evaluation, ReviewSetRecord, Run

if TYPE_CHECKING:
    import pyarrow as pa

    from harness.runs import PredictionTable


@dataclass(frozen=True)
class Entry:
    """One evaluation of one run."""

    letter: str
    """`A`, `B` … `Z`, `AA` …: what charts and tables call it."""
    path: Path
    """The run folder."""
    run: Run
    evaluation: Evaluation

    @property
    def classifier(self) -> ClassifierRecord:
        return next(each for each in self.run.classifiers if each.id == self.evaluation.classifier)

    @property
    def review_set(self) -> ReviewSetRecord:
        return next(each for each in self.run.review_sets if each.id == self.evaluation.review_set)

    @property
    def scheme(self) -> tuple[str, tuple[str, ...], tuple[tuple[str, str | None], ...]]:
        """Fingerprint, classes and labels: what two evaluations must share to be compared."""
        match = self.evaluation.label_match
        return self.review_set.fingerprint, tuple(sorted(match.classes)), tuple(sorted(match.labels.items()))


@dataclass(frozen=True)
class Flipped:
    """The predictions that a comparison is about, where its reviews are to be shown."""

    candidate: PredictionTable
    reference: PredictionTable
    """Rows and classes in the candidate's order."""
    reviews: pa.Table
    """Columns id, text (unless texts were left out) and kept columns."""


@dataclass(frozen=True)
class Pair:
    """Two evaluations on the same reviews."""

    candidate: Entry
    reference: Entry
    comparison: Comparison
    adjusted_p_value: float | None
    """Of accuracy, over all pairs of the same reviews (Holm 1979)."""


@dataclass(frozen=True)
class Group:
    """Evaluations on the same reviews with the same label scheme."""

    entries: tuple[Entry, ...]
    pairs: tuple[Pair, ...]
    left_out: int = 0
    """Pairs that were not compared, so that a page of many runs stays readable."""
    flipped: Flipped | None = None
    """Of the only pair, where there are two entries."""


def letters(place: int) -> str:
    """
    >>> letters(0), letters(25), letters(26), letters(27)
    ('A', 'Z', 'AA', 'AB')
    """
    most, last = divmod(place, 26)
    return (letters(most - 1) if most else "") + string.ascii_uppercase[last]


def entries(runs: Iterable[tuple[Path, Run]]) -> tuple[Entry, ...]:
    """Every evaluation of the runs, in their order."""
    found = [(path, run, evaluation) for path, run in runs for evaluation in run.evaluations]
    return tuple(Entry(letters(place), *each) for place, each in enumerate(found))


def grouped(found: Sequence[Entry]) -> tuple[tuple[Entry, ...], ...]:
    """Those that may be compared with one another, in the order of the first of each."""
    groups: Mapping[object, list[Entry]] = {each.scheme: [] for each in found}
    for each in found:
        groups[each.scheme].append(each)
    return tuple(tuple(group) for group in groups.values())
