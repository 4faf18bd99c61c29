"""Charts as inline SVG, drawn when the page is written.

No chart library is involved yet. The charts so far are small (a reliability diagram, bars),
need no interaction beyond a hover text, and as SVG they are there before any script runs, print,
and follow the style sheet into dark mode. A bundle such as Vega's would add 0.9 MB to every page
and an expression interpreter where the page's policy forbids `eval`.

Colours are classes of the style sheet, never attributes; every label passes through `Markup.format`
and is escaped.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from markupsafe import Markup

from harness.records import Metric, ReliabilityBin, Selective, StageSeconds
from harness.report import numbers
from harness.report.numbers import counted, percent

FEW = 20
"""Reviews below which a bin says nothing of calibration; drawn hollow."""
STAGES = ("tokenize", "forward", "softmax")


def tag(name: str, *children: str, **attributes: object) -> Markup:
    """One SVG element. `class_` is written `class`, and other underscores become hyphens.

    >>> tag("text", "a < b", class_="tick", text_anchor="end", x=1.25)
    Markup('<text class="tick" text-anchor="end" x="1.25">a &lt; b</text>')
    """
    written = Markup("").join(
        Markup(' {}="{}"').format(key.rstrip("_").replace("_", "-"), _short(value)) for key, value in attributes.items()
    )
    inner = Markup("").join(children)
    return Markup("<{0}{1}>{2}</{0}>").format(Markup(name), written, inner)  # noqa: S704 - names are ours


def _short(value: object) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)


def svg(width: int, height: int, *children: str, label: str = "", class_: str = "") -> Markup:
    """The outermost element; hidden from screen readers where the same figures stand beside it (no label)."""
    root = Markup('<svg viewBox="0 0 {w} {h}" width="{w}" height="{h}" class="{c}" {a}>{i}</svg>')
    spoken = Markup('role="img" aria-label="{}"').format(label) if label else Markup('aria-hidden="true"')
    return root.format(w=width, h=height, c=f"chart {class_}".strip(), a=spoken, i=Markup("").join(children))


def whisker(
    value: float,
    low: float | None,
    high: float | None,
    span: tuple[float, float],
    width: int = 132,
    none: float | None = None,
) -> Markup:
    """A value and its interval on an axis that the rows of a table share; what lies beyond stands at its end.

    `none` is a line, such as that of no difference.
    """
    start, end = span
    scale = (width - 12) / ((end - start) or 1)

    def x(number: float) -> float:
        return 6 + (min(max(number, start), end) - start) * scale

    parts = [tag("line", class_="rule", x1=0, x2=width, y1=8, y2=8)]
    if none is not None:
        parts.append(tag("line", class_="none", x1=x(none), x2=x(none), y1=0, y2=16))
    if low is not None and high is not None:
        reach = max(x(high) - x(low), 1.5)
        parts.append(tag("rect", class_="interval", x=x(low), y=5, width=reach, height=6, rx=3))
    parts.append(tag("circle", class_="dot", cx=x(value), cy=8, r=3.5))
    return svg(width, 16, *parts, class_="whisker")


def whisker_of(metric: Metric, span: tuple[float, float], width: int = 132, none: float | None = None) -> Markup:
    """The `whisker` of a metric; empty where it is undefined."""
    if metric.value is None:
        return Markup()
    return whisker(metric.value, metric.low, metric.high, span, width, none)


def ends(metric: Metric) -> tuple[float, float]:
    """Its interval, or twice its value where it has none.

    >>> ends(Metric(value=0.5, interval_reason="one review"))
    (0.5, 0.5)
    """
    middle = metric.value or 0.0
    return (metric.low if metric.low is not None else middle, metric.high if metric.high is not None else middle)


def axis_of(metrics: Iterable[Metric], *, least: float = 0.1, holding: Sequence[float] = ()) -> tuple[float, float]:
    """The axis of all metrics that are defined; of 0 to 1 where none is.

    Args:
        metrics: Drawn on it.
        least: How wide it is, at least.
        holding: What is on it besides, such as no difference.
    """
    known = [ends(metric) for metric in metrics if metric.value is not None]
    return span_of([*known, *((each, each) for each in holding)] or [(0.0, 1.0)], least)


def span_of(bounds: Sequence[tuple[float, float]], least: float = 0.1) -> tuple[float, float]:
    """The axis that holds all intervals, at least `least` wide, so that noise does not look like a difference.

    >>> span_of([(0.5, 0.52), (0.51, 0.53)])
    (0.465, 0.565)
    """
    low, high = min(b[0] for b in bounds), max(b[1] for b in bounds)
    spare = max(0.0, least - (high - low)) / 2
    return round(low - spare, 9), round(high + spare, 9)


WIDTH, PLOT, LEFT, TOP, HISTOGRAM, GAP = 460, 380, 62, 10, 84, 22
"""Reliability diagram: page width, side of the square plot, its corner, and the histogram under it."""


def reliability(bins: Sequence[ReliabilityBin]) -> Markup:
    """Accuracy against confidence with the interval of each bin, above a histogram of confidence."""
    filled = [one for one in bins if one.count and one.mean_confidence is not None]
    floor = TOP + PLOT
    grid = [_grid_line(share / 4) for share in range(5)]
    diagonal = tag("line", class_="ideal", x1=_x(0), y1=_y(0), x2=_x(1), y2=_y(1))
    # Confidence is never below 1 / classes, so that this corner is empty.
    hint = tag(
        "text",
        "as right as it says",
        class_="hint",
        transform=f"translate({_x(0.03) + 10} {_y(0.03) + 2}) rotate(-45)",
        dy=12,
    )
    marks = [_bin_mark(one) for one in filled]
    title = tag(
        "text", "is right (accuracy)", class_="axis", transform=f"translate(14 {TOP + PLOT / 2}) rotate(-90)",
        text_anchor="middle",
    )  # fmt: skip
    label = "Reliability diagram: accuracy against confidence in each bin; the table below has its figures"
    height = floor + GAP + HISTOGRAM + 44
    return svg(WIDTH, height, *grid, diagonal, hint, *marks, title, *_histogram(filled, floor + GAP), label=label)


def _x(share: float) -> float:
    return LEFT + share * PLOT


def _y(share: float) -> float:
    return TOP + (1 - share) * PLOT


def _grid_line(share: float) -> Markup:
    y, x = _y(share), _x(share)
    return Markup("").join(
        (
            tag("line", class_="grid", x1=LEFT, x2=LEFT + PLOT, y1=y, y2=y),
            tag("line", class_="grid", x1=x, x2=x, y1=TOP, y2=TOP + PLOT + GAP + HISTOGRAM),
            tag("text", percent(share, 0), class_="tick", x=LEFT - 8, y=y + 4, text_anchor="end"),
            tag(
                "text", percent(share, 0), class_="tick", x=x, y=TOP + PLOT + GAP + HISTOGRAM + 17, text_anchor="middle"
            ),
        )
    )


def _bin_mark(one: ReliabilityBin) -> Markup:
    says, right = one.mean_confidence or 0.0, one.accuracy.value or 0.0
    few = one.count < FEW
    parts = []
    if not few:
        gap = "gap over" if says > right else "gap under"
        parts.append(tag("line", class_=gap, x1=_x(says), x2=_x(says), y1=_y(says), y2=_y(right)))
    if one.accuracy.low is not None and one.accuracy.high is not None:
        low, high = _y(one.accuracy.low), _y(one.accuracy.high)
        parts += [
            tag("line", class_="error", x1=_x(says), x2=_x(says), y1=low, y2=high),
            tag("line", class_="error", x1=_x(says) - 4, x2=_x(says) + 4, y1=low, y2=low),
            tag("line", class_="error", x1=_x(says) - 4, x2=_x(says) + 4, y1=high, y2=high),
        ]
    parts.append(tag("circle", class_="few" if few else "dot", cx=_x(says), cy=_y(right), r=4.5))
    hover = f"{_edges(one)}: says {percent(says)}, is right {percent(right)} ({counted(one.count, 'review')})"
    return tag("g", tag("title", hover), *parts)


def _edges(one: ReliabilityBin) -> str:
    return f"confidence {one.low:.2f} to {one.high:.2f}"


def _histogram(filled: Sequence[ReliabilityBin], top: float) -> list[Markup]:
    bottom = top + HISTOGRAM
    most = max((one.count for one in filled), default=1)
    bars = [
        tag(
            "rect", tag("title", f"{_edges(one)}: {counted(one.count, 'review')}"), class_="bar",
            x=_x(one.low) + 1, y=bottom - HISTOGRAM * one.count / most,
            width=(one.high - one.low) * PLOT - 2, height=max(0.75, HISTOGRAM * one.count / most),
        )
        for one in filled
    ]  # fmt: skip
    return [
        *bars,
        tag("line", class_="base", x1=LEFT, x2=LEFT + PLOT, y1=bottom, y2=bottom),
        tag("text", numbers.count(most), class_="tick", x=LEFT - 8, y=top + 10, text_anchor="end"),
        tag("text", "reviews", class_="tick", x=LEFT - 8, y=top + 25, text_anchor="end"),
        tag("text", "says (confidence)", class_="axis", x=LEFT + PLOT / 2, y=bottom + 38, text_anchor="middle"),
    ]


CURVE, CURVE_HEIGHT = 300, 190
STEPS = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2)
"""Distances of the grid lines that a reader counts in."""


def risk_coverage(selective: Selective, reviews: int) -> Markup:
    """The share of errors among the accepted reviews, for every share of `reviews` that can be accepted.

    It starts where enough are accepted: the surest review alone is wrong in 0 or 100 % of one.
    """
    told = [
        (coverage, risk)
        for coverage, risk in zip(selective.coverage, selective.risk, strict=True)
        if coverage * reviews > FEW - 0.5
    ] or [(selective.coverage[-1], selective.risk[-1])]
    step, lines = _risk_axis(max(risk for _, risk in told))

    def x(coverage: float) -> float:
        return LEFT + coverage * CURVE

    def y(risk: float) -> float:
        return TOP + (1 - risk / (step * lines)) * CURVE_HEIGHT

    parts = []
    for line in range(lines + 1):
        risk, decimals = line * step, 1 if step < 0.01 else 0
        parts += [
            tag("line", class_="grid", x1=LEFT, x2=LEFT + CURVE, y1=y(risk), y2=y(risk)),
            tag("text", percent(risk, decimals), class_="tick", x=LEFT - 8, y=y(risk) + 4, text_anchor="end"),
        ]
    for quarter in range(5):
        share = quarter / 4
        parts.append(tag("text", percent(share, 0), class_="tick", x=x(share), y=y(0) + 17, text_anchor="middle"))
    points = " ".join(f"{x(coverage):.1f},{y(risk):.1f}" for coverage, risk in told)
    coverage, risk = told[-1]
    end = tag("title", f"{percent(coverage)} accepted: {percent(risk)} of them wrong")
    parts += [
        tag("polyline", class_="curve", points=points, fill="none"),
        tag("circle", end, class_="dot", cx=x(coverage), cy=y(risk), r=3.5),
        tag("text", "accepted (coverage)", class_="axis", x=x(0.5), y=y(0) + 38, text_anchor="middle"),
        tag(
            "text", "wrong among them (risk)", class_="axis",
            transform=f"translate(14 {TOP + CURVE_HEIGHT / 2}) rotate(-90)", text_anchor="middle",
        ),
    ]  # fmt: skip
    label = "Risk–coverage curve: the share of errors among the reviews that the classifier is most sure of"
    return svg(LEFT + CURVE + 18, TOP + CURVE_HEIGHT + 48, *parts, label=label)


def _risk_axis(most: float) -> tuple[float, int]:
    """Distance and number of the grid lines above 0 that hold a share, at least 2 % and at most five lines."""
    most = max(most, 0.02)
    step = next(step for step in STEPS if 5 * step >= most)
    return step, math.ceil(most / step - 1e-9)


def stage_bar(stages: StageSeconds) -> Markup:
    """The share of each stage, as one bar of the width at hand; the table beside it has the figures."""
    values = {name: getattr(stages, name) for name in STAGES}
    total = sum(values.values()) or 1.0
    parts, start = [], 0.0
    for name, seconds in values.items():
        share = seconds / total
        hover = f"{name}: {numbers.seconds(seconds)}, {percent(share)}"
        place = {"x": f"{100 * start:.3f}%", "width": f"{100 * share:.3f}%"}
        parts.append(tag("rect", tag("title", hover), class_=f"stage {name}", y=0, height=30, **place))
        if share > 0.35:
            label = f"{name} {percent(share, 0)}"
            parts.append(tag("text", label, class_=f"on-stage {name}", x=place["x"], dx=12, y=20))
        start += share
    spoken = ", ".join(f"{name} {percent(seconds / total)}" for name, seconds in values.items())
    root = Markup(
        '<svg width="100%" height="30" class="chart" role="img" aria-label="Share of the stages: {}">{}</svg>'
    )
    return root.format(spoken, Markup("").join(parts))


def probabilities(shares: Sequence[float], gold: int, predicted: int, label: str = "") -> Markup:
    """One bar for each class in its order; the predicted one stands out, and a dot is under the label.

    With a `label` it is a picture of its own, which a pointer that rests on it and a screen reader are told of.
    """
    step = 14 if len(shares) <= 8 else max(3, 112 // len(shares))
    width = step * len(shares)
    bars = []
    for place, share in enumerate(shares):
        role = "hit" if place == gold == predicted else "miss" if place == predicted else "other"
        height = max(1.0, 26 * share)
        bars.append(tag("rect", class_=f"p {role}", x=place * step, y=27 - height, width=step - 2, height=height))
    base = tag("line", class_="base", x1=0, x2=width - 2, y1=27.5, y2=27.5)
    dot = tag("circle", class_="label-dot", cx=gold * step + step / 2 - 1, cy=33, r=2.75)
    hover = [tag("title", label)] if label else []
    return svg(width, 37, *hover, *bars, base, dot, label=label, class_="shares")
