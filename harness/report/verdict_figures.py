"""The figures of a verdict as tables show them, in a terminal and in Markdown alike."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from harness.records import FlippedReview, Metric, SliceVerdict, Verdict
from harness.report import numbers
from harness.report.numbers import NONE


@dataclass(frozen=True)
class VerdictFigures:
    """One verdict; a dash for what it has not."""

    candidate: str
    """With its interval in brackets where that was judged."""
    reference: str
    difference: str
    """Candidate less reference; of times their ratio."""
    interval: str
    """Of the difference, as it was judged."""


def of(verdict: Verdict) -> VerdictFigures:
    """What a verdict was judged by."""
    difference, interval = _difference(verdict)
    return VerdictFigures(_side(verdict, verdict.candidate), _side(verdict, verdict.reference), difference, interval)


def level(verdicts: Sequence[Verdict]) -> str:
    """What the intervals of these verdicts are called: all looks at a ratio of times share the level.

    >>> level([])
    'interval'
    """
    levels = {each.alpha for each in verdicts}
    return f"{100 * (1 - 2 * levels.pop()):.4g} % interval" if len(levels) == 1 else "interval"


def of_slice(subject: str, part: SliceVerdict) -> tuple[str, str, str, str]:
    """`language=de`, its reviews, the difference of the metric there, and its interval."""
    return f"{part.column}={part.value}", numbers.count(part.reviews), *numbers.change(subject, part.difference)


def of_flip(flip: FlippedReview) -> tuple[str, str, str]:
    """The label, and what either predicts with which probability: `5 stars`, `1 star (81 %)`, `5 stars (60 %)`."""
    return (
        flip.gold,
        _sure(flip.candidate, flip.candidate_probability),
        _sure(flip.baseline, flip.baseline_probability),
    )


def _side(verdict: Verdict, metric: Metric | None) -> str:
    if metric is None or metric.value is None:
        return NONE
    if verdict.kind == "max_slowdown":
        return numbers.seconds(metric.value)
    return numbers.value_told(verdict.subject, metric)


def _difference(verdict: Verdict) -> tuple[str, str]:
    found = verdict.difference
    if found is None or found.value is None:
        return NONE, NONE
    if verdict.kind == "max_slowdown":
        return numbers.ratio(found.value), numbers.ratio_interval(found) or NONE
    return numbers.change(verdict.subject, found)


def _sure(name: str, probability: float) -> str:
    return f"{name} ({numbers.percent(probability, 0)})"
