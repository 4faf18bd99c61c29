"""A metric over the runs of a folder as inline SVG: one line for each classifier, with its intervals."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from harness.report.charts import axis_of, ends, svg, tag
from harness.report.many.entries import Entry
from harness.report.numbers import percent

LEFT, TOP, HIGH, RIGHT, BOTTOM = 62, 16, 200, 120, 46
STEP = 44
"""Pixels from run to run; a page scrolls sideways where there are many."""
LINES = 4
KINDS = 6
"""Lines that the style sheet tells apart by colour and dash."""


@dataclass(frozen=True)
class Series:
    """One classifier on one review set, run after run."""

    name: str
    places: tuple[int, ...]
    """Of its runs among all that are drawn."""
    entries: tuple[Entry, ...]


def series(entries: Sequence[Entry]) -> tuple[Series, ...]:
    """The evaluations of one review set by classifier, each in the order of time."""
    found: dict[str, list[int]] = {}
    for place, entry in enumerate(entries):
        classifier = entry.classifier
        found.setdefault(f"{classifier.name} in {classifier.dtype} on {classifier.device}", []).append(place)
    return tuple(
        Series(name, tuple(places), tuple(entries[place] for place in places)) for name, places in found.items()
    )


def chart(found: Sequence[Series], count: int, names: Sequence[str]) -> Markup:
    """Accuracy of every run.

    Args:
        found: Lines.
        count: Runs on the axis.
        names: What each line is called at its end.
    """
    low, high = axis_of((entry.evaluation.metrics["accuracy"] for each in found for entry in each.entries), least=0.04)
    low, high = max(0.0, low), min(1.0, high)
    wide = STEP * max(count - 1, 1)

    def x(place: int) -> float:
        return LEFT + 10 + (wide * place / max(count - 1, 1) if count > 1 else wide / 2)

    def y(value: float) -> float:
        return TOP + HIGH * (1 - (value - low) / ((high - low) or 1))

    parts = []
    for line in range(LINES + 1):
        value = low + (high - low) * line / LINES
        parts += [
            tag("line", class_="grid", x1=LEFT, x2=LEFT + wide + 20, y1=y(value), y2=y(value)),
            tag("text", percent(value), class_="tick", x=LEFT - 8, y=y(value) + 4, text_anchor="end"),
        ]
    for kind, (each, name) in enumerate(zip(found, names, strict=True)):
        parts += _line(each, name, kind % KINDS, x, y)
    parts.append(tag("text", "runs, the oldest first", class_="axis", x=LEFT + 10, y=TOP + HIGH + 36))
    label = "Accuracy over the runs; the table has the figures"
    return svg(round(LEFT + wide + 20 + RIGHT), TOP + HIGH + BOTTOM, *parts, label=label, class_="history")


def _line(each: Series, name: str, kind: int, x: Callable[[int], float], y: Callable[[float], float]) -> list[Markup]:
    metrics = [entry.evaluation.metrics["accuracy"] for entry in each.entries]
    told = [
        (place, entry, metric, metric.value)
        for place, entry, metric in zip(each.places, each.entries, metrics, strict=True)
        if metric.value is not None
    ]
    if not told:
        return []
    points = " ".join(f"{x(place):.1f},{y(value):.1f}" for place, _, _, value in told)
    parts = [tag("polyline", class_=f"line line-{kind}", points=points, fill="none")]
    for place, entry, metric, value in told:
        low, high = ends(metric)
        hover = tag("title", f"{entry.letter}, {entry.run.id}: {percent(value)}")
        parts.append(
            tag(
                "g",
                hover,
                tag("line", class_="error", x1=x(place), x2=x(place), y1=y(low), y2=y(high)),
                tag("circle", class_="dot", cx=x(place), cy=y(value), r=3.5),
            )
        )
    place, _, _, value = told[-1]
    parts.append(tag("text", name, class_="letter", x=x(place) + 10, y=y(value) + 4))
    return parts
