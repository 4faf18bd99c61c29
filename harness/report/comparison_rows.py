"""Paired differences and those of slices, as rows of the tables of a comparison."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from harness.records import Difference, SliceDifference
from harness.report import charts, comparison_words, numbers
from harness.report.quantities import quantity
from harness.report.words import FEW


@dataclass(frozen=True)
class Row:
    """One paired difference."""

    name: str
    record: Difference
    reference: str
    candidate: str
    difference: str
    interval: str
    p: str
    word: str
    """`better`, `worse` or `other` where the interval leaves 0 out; empty elsewhere."""
    by: str
    """Where the p value and the interval are from, or why there is none."""


@dataclass(frozen=True)
class SliceRow:
    """The difference of accuracy in one slice."""

    record: SliceDifference
    drawn: Markup
    difference: str
    interval: str
    p: str
    corrected: str


def row(name: str, each: Difference, unit: str) -> Row:
    """One metric; `unit` is what distances between classes are counted in."""
    value = each.difference.value
    distance = unit if quantity(name).kind == "distance" else ""
    reference, candidate = (
        "–" if side is None else numbers.plain(name, side, distance) for side in (each.baseline, each.candidate)
    )
    return Row(
        name=name,
        record=each,
        reference=reference,
        candidate=candidate,
        difference="–" if value is None else numbers.difference(name, value),
        interval=numbers.difference_interval(name, each.difference) or "–",
        p="–" if each.p_value is None else numbers.p_value(each.p_value),
        word=_word(name, each),
        by=_by(each),
    )


def _word(name: str, each: Difference) -> str:
    way, better = comparison_words.moved(each.difference), quantity(name).better
    if not way:
        return ""
    if not better:
        return "other"
    return "better" if (way > 0) == (better == "higher") else "worse"


def _by(each: Difference) -> str:
    missing = numbers.missing(each.difference)
    said = [missing or each.difference.method or "", f"p by {each.test}" if each.test and not missing else ""]
    return "; ".join(part for part in said if part)


def axis_of(slices: Sequence[SliceDifference]) -> tuple[float, float]:
    """Holds the intervals of the slices, and 0; a slice of three reviews would stretch it for all."""
    known = [each for each in slices if each.difference.value is not None]
    telling = [each for each in known if each.reviews >= FEW] or known
    ends = [(_end(each.difference.low, each), _end(each.difference.high, each)) for each in telling]
    return charts.span_of([*ends, (0.0, 0.0)])


def _end(bound: float | None, each: SliceDifference) -> float:
    return bound if bound is not None else each.difference.value or 0.0


def slice_row(each: SliceDifference, axis: tuple[float, float]) -> SliceRow:
    """One slice, its interval drawn on an axis that all slices share."""
    found = each.difference
    drawn = Markup()
    if found.value is not None:
        drawn = charts.whisker(found.value, found.low, found.high, axis, width=160, none=0.0)
    return SliceRow(
        record=each,
        drawn=drawn,
        difference="–" if found.value is None else numbers.difference("accuracy", found.value),
        interval=numbers.difference_interval("accuracy", found) or "–",
        p="–" if each.p_value is None else numbers.p_value(each.p_value),
        corrected="–" if each.adjusted_p_value is None else numbers.p_value(each.adjusted_p_value),
    )
