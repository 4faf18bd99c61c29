"""What a group of evaluations comes to, in sentences that lead to their evidence."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from harness.report import numbers
from harness.report.comparison_words import moved
from harness.report.many import pareto
from harness.report.many.entries import Entry, Group, Pair
from harness.report.many.pareto import Point
from harness.report.words import Finding


def findings(group: Group, points: Sequence[Point]) -> tuple[Finding, ...]:
    """Which is the most accurate and whether that is shown, which is the fastest, and which none beats in both."""
    return *_accuracy(group), *_speed(points)


def _accuracy(group: Group) -> Iterator[Finding]:
    known = [each for each in group.entries if each.evaluation.metrics["accuracy"].value is not None]
    if len(known) < 2:
        return
    top = max(known, key=_value)
    figure = f"{numbers.percent(_value(top))} of {numbers.counted(top.evaluation.counts.evaluated, 'review')}"
    beaten = [each for each in group.pairs if top in (each.candidate, each.reference)]
    shown = [each for each in beaten if _decided(each)]
    if beaten and all(each.comparison.identical for each in beaten):
        yield Finding("All predict the same class of every review", "", "pairs")
    elif beaten and len(shown) == len(beaten):
        others = "the other" if len(beaten) == 1 else "every other"
        yield Finding(f"{top.letter} is more accurate than {others}", figure, "pairs")
    elif shown:
        undecided = ", ".join(_other(each, top).letter for each in beaten if each not in shown)
        yield Finding(f"{top.letter} is the most accurate, but not shown to beat {undecided}", figure, "pairs")
    elif beaten:
        yield Finding("No difference of accuracy is shown", f"{top.letter} is the highest with {figure}", "pairs")


def _speed(points: Sequence[Point]) -> Iterator[Finding]:
    if len(points) < 2:
        return
    fast, slow = (max(points, key=_rate), min(points, key=_rate))
    times = (
        f"{numbers.rate(fast.reviews_per_s)}, {numbers.ratio(fast.reviews_per_s / slow.reviews_per_s)} {slow.letter}"
    )
    yield Finding(f"{fast.letter} was the fastest", times, "pareto")
    best = pareto.best(points)
    if len(best) == 1:
        yield Finding(f"No other is as fast or as accurate as {best[0]}", "", "pareto")


def _decided(pair: Pair) -> bool:
    """The interval of the difference leaves 0 out, and so does the corrected p value."""
    apart = moved(pair.comparison.differences["accuracy"].difference) != 0
    return apart and (pair.adjusted_p_value is None or pair.adjusted_p_value < 0.05)


def _other(pair: Pair, one: Entry) -> Entry:
    return pair.reference if pair.candidate == one else pair.candidate


def _value(entry: Entry) -> float:
    return entry.evaluation.metrics["accuracy"].value or 0.0


def _rate(point: Point) -> float:
    return point.reviews_per_s
