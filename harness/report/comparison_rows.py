"""Paired differences and those of slices, as rows of the tables of a comparison."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from harness.records import Difference, Metric, SliceDifference
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
    distance = unit if quantity(name).kind == "distance" else ""
    reference, candidate = (
        numbers.NONE if side is None else numbers.plain(name, side, distance)
        for side in (each.baseline, each.candidate)
    )
    difference, interval = numbers.change(name, each.difference)
    return Row(
        name=name,
        record=each,
        reference=reference,
        candidate=candidate,
        difference=difference,
        interval=interval,
        p=numbers.p_value(each.p_value),
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
    return charts.axis_of((each.difference for each in telling), holding=(0.0,))


def change(name: str, metric: Metric, axis: tuple[float, float]) -> tuple[Markup, str, str]:
    """A difference drawn on an axis that all rows share, with no change marked; the difference, and its interval."""
    return charts.whisker_of(metric, axis, width=160, none=0.0), *numbers.change(name, metric)


def slice_row(each: SliceDifference, axis: tuple[float, float]) -> SliceRow:
    """One slice, its interval drawn on an axis that all slices share."""
    return SliceRow(
        each,
        *change("accuracy", each.difference, axis),
        p=numbers.p_value(each.p_value),
        corrected=numbers.p_value(each.adjusted_p_value),
    )
