"""Accuracy against speed as inline SVG: which evaluations no other beats in both."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from harness.report import numbers
from harness.report.charts import span_of, svg, tag
from harness.report.numbers import percent

LEFT, TOP, WIDE, HIGH, RIGHT, BOTTOM = 62, 16, 460, 280, 26, 52
STEPS = (0.01, 0.02, 0.05, 0.1, 0.2)
"""Distances of the grid lines of accuracy that a reader counts in."""
Scale = Callable[[float], float]
"""From a value to its place on the page."""


@dataclass(frozen=True)
class Point:
    """One evaluation."""

    letter: str
    name: str
    """What a pointer that rests on it is told."""
    reviews_per_s: float
    accuracy: float
    low: float | None
    high: float | None
    best: bool = False
    """No other is both faster and more accurate."""


def best(points: Sequence[Point]) -> tuple[str, ...]:
    """Letters of the points that no other one beats: at least as good in both, and better in one.

    >>> best([Point("A", "", 9, 0.4, None, None), Point("B", "", 3, 0.6, None, None), Point("C", "", 2, 0.5, 0, 1)])
    ('A', 'B')
    """
    return tuple(one.letter for one in points if not any(_beats(other, one) for other in points))


def _beats(one: Point, other: Point) -> bool:
    as_good = one.reviews_per_s >= other.reviews_per_s and one.accuracy >= other.accuracy
    return as_good and (one.reviews_per_s > other.reviews_per_s or one.accuracy > other.accuracy)


def chart(points: Sequence[Point]) -> Markup:
    """The points with their intervals of accuracy, and a line through the best. Speed is on a log scale.

    Args:
        points: At least one, with a speed above 0.
    """
    bounds = [(each.low if each.low is not None else each.accuracy, each.high or each.accuracy) for each in points]
    low, high = span_of(bounds, least=0.04)
    step = next((each for each in STEPS if (high - low) / each <= 6), STEPS[-1])
    low, high = max(0.0, math.floor(low / step) * step), min(1.0, math.ceil(high / step) * step)
    slow, fast = _decade(points)

    def x(rate: float) -> float:
        return LEFT + WIDE * math.log(rate / slow) / math.log(fast / slow)

    def y(accuracy: float) -> float:
        return TOP + HIGH * (1 - (accuracy - low) / (high - low))

    parts = [*_accuracies(low, high, step, y), *_speeds(slow, fast, x)]
    winners = sorted((each for each in points if each.letter in best(points)), key=lambda each: each.reviews_per_s)
    line = " ".join(f"{x(each.reviews_per_s):.1f},{y(each.accuracy):.1f}" for each in winners)
    if len(winners) > 1:
        parts.append(tag("polyline", class_="frontier", points=line, fill="none"))
    parts += [_mark(each, x(each.reviews_per_s), y, each in winners) for each in points]
    parts.append(tag("text", "reviews/s", class_="axis", x=LEFT + WIDE / 2, y=TOP + HIGH + 42, text_anchor="middle"))
    parts.append(
        tag(
            "text", "accuracy", class_="axis", transform=f"translate(14 {TOP + HIGH / 2}) rotate(-90)",
            text_anchor="middle",
        )
    )  # fmt: skip
    label = "Accuracy against reviews per second; the table above has the figures"
    return svg(LEFT + WIDE + RIGHT, TOP + HIGH + BOTTOM, *parts, label=label, class_="pareto")


def _mark(one: Point, x: float, y: Scale, winner: bool) -> Markup:
    middle = y(one.accuracy)
    hover = f"{one.letter}: {one.name}, {percent(one.accuracy)} right, {numbers.rate(one.reviews_per_s)}"
    parts = [tag("title", hover)]
    if one.low is not None and one.high is not None:
        parts.append(tag("line", class_="error", x1=x, x2=x, y1=y(one.low), y2=y(one.high)))
    parts.append(tag("circle", class_="dot" if winner else "few", cx=x, cy=middle, r=4.5))
    parts.append(tag("text", one.letter, class_="letter", x=x + 9, y=middle + 4))
    return tag("g", *parts)


def _accuracies(low: float, high: float, step: float, y: Scale) -> list[Markup]:
    lines = round((high - low) / step)
    found = []
    for place in range(lines + 1):
        value = low + place * step
        found += [
            tag("line", class_="grid", x1=LEFT, x2=LEFT + WIDE, y1=y(value), y2=y(value)),
            tag("text", percent(value, 0), class_="tick", x=LEFT - 8, y=y(value) + 4, text_anchor="end"),
        ]
    return found


def _decade(points: Sequence[Point]) -> tuple[float, float]:
    """Ends of the axis of speed: round numbers around all, at least a factor of two apart."""
    rates = [each.reviews_per_s for each in points]
    slow = max(each for each in _round_numbers() if each <= min(rates) * 0.95)
    fast = min(each for each in _round_numbers() if each >= max(max(rates) * 1.05, 2 * slow))
    return slow, fast


def _speeds(slow: float, fast: float, x: Scale) -> list[Markup]:
    inside = [each for each in _round_numbers() if slow <= each <= fast]
    # Of many decades only the powers of ten.
    shown = inside if len(inside) <= 8 else [each for each in inside if math.isclose(math.log10(each) % 1, 0)]
    found = []
    for value in shown:
        found += [
            tag("line", class_="grid", x1=x(value), x2=x(value), y1=TOP, y2=TOP + HIGH),
            tag(
                "text", numbers.digits(value, 1) if value < 1 else f"{value:,.0f}", class_="tick", x=x(value),
                y=TOP + HIGH + 18, text_anchor="middle",
            ),
        ]  # fmt: skip
    return found


def _round_numbers() -> list[float]:
    return [lead * 10.0**power for power in range(-4, 8) for lead in (1, 2, 5)]
