"""Two classifiers on the same reviews as the page's template needs them: everything computed, nothing to decide.

It takes a comparison and what flipped, from wherever the reference comes: a baseline, a classifier that ran beside
the candidate, another run.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from harness.records import Comparison, Metric
from harness.report import charts, comparison_words, environments, flips, numbers
from harness.report.comparison_rows import Row, SliceRow, axis_of, row, slice_row
from harness.report.environments import Fact, Setting
from harness.report.flips import Flipped, Flips, Kind
from harness.report.numbers import count, percent
from harness.report.quantities import grouped
from harness.report.words import Finding

FIRST: tuple[str, ...] = (
    "accuracy", "macro_f1", "mean_absolute_error", "negative_log_likelihood", "brier_score",
    "expected_calibration_error",
)  # fmt: skip
"""Differences that are not folded."""
SHOWN: dict[Kind, int] = {"lost": 10, "gained": 5, "changed": 5}
"""Flipped reviews that stand on the page before any script runs."""
SHOWN_OF_MANY: dict[Kind, int] = {"lost": 4, "gained": 2, "changed": 2}
"""The same where the page has several comparisons."""
SEVERAL = 4


@dataclass(frozen=True)
class Against:
    """What is compared, in words and figures."""

    comparison: Comparison
    classes: Sequence[str]
    review_set: str
    candidate: Setting
    reference: Setting
    reference_words: str
    """What the reference is called: `the baseline main`."""
    origin: str = ""
    """Where it comes from: `of run 2025…`; empty where the name says it."""
    unit: str = ""
    """What distances between classes are counted in."""
    level: float = 0.95
    """Of the intervals."""


@dataclass(frozen=True)
class Figure:
    """A number of the headline."""

    label: str
    value: str
    beside: str


@dataclass(frozen=True)
class Group:
    """The reviews of one kind of flip."""

    kind: Kind
    title: str
    meaning: str
    total: int
    rows: tuple[tuple[Flipped, Markup, Markup], ...]
    """Those that stand on the page: the review, and the probabilities of reference and candidate, drawn."""


@dataclass(frozen=True)
class ComparisonView:
    """What the template of a comparison shows."""

    name: str
    """`r1`, `r2` …: the prefix of its fragments."""
    against: Against
    change: str
    """Of accuracy, without its unit."""
    interval: str
    """Of the same, with its level; or why there is none."""
    p: str
    """Of no change of accuracy, with its test; empty where there is none."""
    figures: tuple[Figure, ...]
    findings: tuple[Finding, ...]
    differing: tuple[Fact, ...]
    alike: tuple[Fact, ...]
    groups: tuple[Group, ...]
    """Kinds of flip that have a review."""
    first_rows: tuple[Row, ...]
    rows: tuple[tuple[str, tuple[Row, ...]], ...]
    """Every difference, by what it is about."""
    slices: tuple[SliceRow, ...]
    axis: tuple[float, float]
    corrections: tuple[str, ...]
    has_texts: bool

    @property
    def flipped(self) -> int:
        return sum(group.total for group in self.groups)


def view(name: str, against: Against, found: Flips, longest: int, several: int = 1) -> ComparisonView:
    """Everything that the page says of one comparison.

    Args:
        name: The prefix of its fragments.
        against: What is compared.
        found: What flipped.
        longest: Characters of a text that are shown.
        several: Comparisons on the page.
    """
    comparison = against.comparison
    accuracy = comparison.differences["accuracy"].difference
    facts = environments.facts(against.candidate, against.reference)
    rows = {key: row(key, each, against.unit) for key, each in comparison.differences.items()}
    axis = axis_of(comparison.slices)
    return ComparisonView(
        name=name,
        against=against,
        change=numbers.difference("accuracy", accuracy.value or 0.0).removesuffix(" points"),
        interval=_interval(accuracy, against.level),
        p=_p(comparison),
        figures=_figures(comparison),
        findings=comparison_words.findings(comparison, found, against.classes),
        differing=tuple(each for each in facts if each.differs),
        alike=tuple(each for each in facts if not each.differs),
        groups=_groups(found, against.classes, longest, SHOWN if several < SEVERAL else SHOWN_OF_MANY),
        first_rows=tuple(rows[key] for key in FIRST if key in rows and rows[key].record.difference.value is not None),
        rows=tuple((title, tuple(rows[key] for key in names)) for title, names in grouped(rows).items()),
        slices=tuple(slice_row(each, axis) for each in comparison.slices),
        axis=axis,
        corrections=tuple(dict.fromkeys(each.correction for each in comparison.slices if each.correction)),
        has_texts=found.joined.texts is not None,
    )


def _figures(comparison: Comparison) -> tuple[Figure, ...]:
    accuracy, counts = comparison.differences["accuracy"], comparison.flips
    same = counts.both_right + counts.both_wrong
    found = [
        Figure("Lost", count(counts.lost), "right before, wrong now"),
        Figure("Gained", count(counts.gained), "wrong before, right now"),
        Figure("Both wrong", count(counts.changed_wrong), "with another class"),
        Figure(
            "Same prediction", percent(same / comparison.reviews), f"of {numbers.counted(comparison.reviews, 'review')}"
        ),
    ]
    if accuracy.candidate is not None and accuracy.baseline is not None:
        was, now = (numbers.plain("accuracy", each) for each in (accuracy.baseline, accuracy.candidate))
        found.insert(0, Figure("Accuracy", now, f"{was} before"))
    return tuple(found)


def _interval(accuracy: Metric, level: float) -> str:
    found = numbers.difference_interval("accuracy", accuracy)
    return f"{percent(level, 0)} interval {found}" if found else numbers.missing(accuracy)


def _p(comparison: Comparison) -> str:
    accuracy = comparison.differences["accuracy"]
    if accuracy.p_value is None or comparison.identical:
        return ""
    return f"p {numbers.p_value(accuracy.p_value)} ({accuracy.test})"


def _groups(found: Flips, classes: Sequence[str], longest: int, most: dict[Kind, int]) -> tuple[Group, ...]:
    return tuple(
        Group(
            kind=kind,
            title=flips.TITLES[kind],
            meaning=flips.MEANINGS[kind],
            total=total,
            rows=tuple(
                (
                    one,
                    charts.probabilities(one.reference, one.gold, one.was, spoken(one.reference, classes)),
                    charts.probabilities(one.candidate, one.gold, one.predicted, spoken(one.candidate, classes)),
                )
                for one in found.shown(kind, most[kind], longest)
            ),
        )
        for kind, total in found.counts.items()
        if total
    )


def spoken(probabilities: Sequence[float], classes: Sequence[str]) -> str:
    """Every class with its probability, for a pointer that rests on the drawing and for a screen reader.

    >>> spoken([0.25, 0.75], ["bad", "good"])
    'bad 25.0 %, good 75.0 %'
    """
    return ", ".join(f"{name} {percent(share)}" for name, share in zip(classes, probabilities, strict=True))
