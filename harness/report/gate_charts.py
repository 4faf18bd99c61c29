"""Verdicts and pairs of rounds as inline SVG: what was judged, on an axis with its limit; see `charts`."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from harness.records import Metric, Outcome, Verdict
from harness.report.charts import svg, tag
from harness.report.numbers import MINUS
from harness.report.quantities import quantity

WIDTH, HEIGHT, MIDDLE = 320, 56, 27
MARGIN = 0.14
"""Of the width, left free on either side of what is drawn."""
LETTER = 6.3
"""Width of a character of the labels, about: enough to keep them within the drawing."""
MOST_PLACES = 6
MARKS: dict[Outcome, str] = {
    "pass": "M2 6.5l3 3l5-6.5",
    "fail": "M2.5 2.5l7 7M9.5 2.5l-7 7",
    "inconclusive": "M1.5 7c1.4-3.4 3.1-3.4 4.5-1s3.1 2.4 4.5-1",
    "error": "M6 1.5a4.5 4.5 0 1 0 .01 0M2.8 9.2l6.4-6.4",
}
"""A shape for each outcome, beside its word."""


@dataclass(frozen=True)
class Held:
    """What was held against a limit, in the unit that it is written in."""

    value: float
    low: float | None
    high: float | None
    limit: float
    said: str
    """What the limit is: `at least`, `at most`, `limit`."""
    wrong_below: bool
    """The wrong side of the limit is the lower one."""
    neutral: float | None
    """No change; None where no difference was judged."""
    unit: str
    signed: bool


def mark(outcome: Outcome) -> Markup:
    """The shape of an outcome; its word stands beside it."""
    return svg(12, 12, tag("path", d=MARKS[outcome]), class_="mark")


def verdict(record: Verdict) -> Markup:
    """The interval that was judged beside its limit; the wrong side is shaded. Empty where nothing was measured."""
    found = held(record)
    return Markup() if found is None else _drawn(found, record.outcome)


def held(record: Verdict) -> Held | None:
    """What a verdict judged, as it is drawn; None where it judged nothing."""
    of_level = record.kind in ("floor", "ceiling")
    metric = record.candidate if of_level else record.difference
    if metric is None or metric.value is None or record.outcome == "error":
        return None
    if record.kind == "max_slowdown":
        return _held(metric, record.limit, "limit", 100.0, -1.0, " %", wrong_below=False, neutral=0.0)
    share = quantity(record.subject).kind == "share"
    factor = 100.0 if share else 1.0
    if of_level:
        floor = record.kind == "floor"
        said = "at least" if floor else "at most"
        return _held(metric, record.limit, said, factor, 0.0, " %" if share else "", wrong_below=floor, neutral=None)
    higher = quantity(record.subject).better != "lower"
    limit = -record.limit if higher else record.limit
    unit = " points" if share else ""
    return _held(metric, limit, "limit", factor, 0.0, unit, wrong_below=higher, neutral=0.0)


def _held(
    metric: Metric,
    limit: float,
    said: str,
    factor: float,
    offset: float,
    unit: str,
    *,
    wrong_below: bool,
    neutral: float | None,
) -> Held:
    def written(number: float | None) -> float | None:
        return None if number is None else factor * (number + offset)

    return Held(
        value=factor * ((metric.value or 0.0) + offset),
        low=written(metric.low),
        high=written(metric.high),
        limit=factor * limit,
        said=said,
        wrong_below=wrong_below,
        neutral=neutral,
        unit=unit,
        signed=neutral is not None,
    )


def _drawn(one: Held, outcome: Outcome) -> Markup:
    ends = [each for each in (one.value, one.low, one.high, one.limit, one.neutral) if each is not None]
    start, width = min(ends), (max(ends) - min(ends)) or 1.0

    def x(number: float) -> float:
        return WIDTH * (MARGIN + (1 - 2 * MARGIN) * (number - start) / width)

    limit = x(one.limit)
    beyond = {"x": 0.0, "width": limit} if one.wrong_below else {"x": limit, "width": WIDTH - limit}
    parts = [
        tag("rect", class_="beyond", y=MIDDLE - 11, height=22, **beyond),
        tag("line", class_="rule", x1=0, x2=WIDTH, y1=MIDDLE, y2=MIDDLE),
    ]
    decimals = places((one.value, one.low, one.high), one.limit, fewest=1 if one.unit else 3)
    told = f"{one.said} {_number(one.limit, decimals, signed=one.signed)}{one.unit}"
    if one.neutral is not None:
        parts.append(tag("line", class_="none", x1=x(one.neutral), x2=x(one.neutral), y1=MIDDLE - 11, y2=MIDDLE + 11))
        middle = x(one.neutral)
        if abs(_clamped(middle, "0") - _clamped(limit, told)) > LETTER * (len(told) / 2 + 1.5):
            parts.append(_label("0", middle, 11, "tick"))
    if one.low is not None and one.high is not None:
        reach = {"x": x(one.low), "width": max(x(one.high) - x(one.low), 1.5)}
        parts.append(tag("rect", class_=f"judged {outcome}", y=MIDDLE - 4, height=8, rx=4, **reach))
        bounds = [_number(each, decimals, signed=one.signed) for each in (one.low, one.high)]
        interval = f"{bounds[0]} to {bounds[1]}{one.unit}"
        parts.append(_label(interval, (x(one.low) + x(one.high)) / 2, HEIGHT - 4, "axis"))
    else:
        value = _number(one.value, decimals, signed=one.signed) + one.unit
        parts.append(_label(value, x(one.value), HEIGHT - 4, "axis"))
    parts += [
        tag("circle", class_=f"judged {outcome}", cx=x(one.value), cy=MIDDLE, r=5),
        tag("line", class_="limit", x1=limit, x2=limit, y1=MIDDLE - 13, y2=MIDDLE + 13),
        _label(told, limit, 11, "tick"),
    ]
    return svg(WIDTH, HEIGHT, *parts, class_="held")


def places(ends: Sequence[float | None], limit: float, fewest: int) -> int:
    """Decimals that write the limit in full, and no end as if it were the limit.

    >>> places([-0.996, 0.2], -1.0, fewest=1), places([-2.0, 0.2], -1.0, fewest=1)
    (3, 1)
    """
    known = [each for each in ends if each is not None and each != limit]
    for decimals in range(fewest, MOST_PLACES):
        written = round(limit, decimals)
        if abs(written - limit) < 1e-9 and all(round(each, decimals) != written for each in known):
            return decimals
    return MOST_PLACES


def _number(number: float, decimals: int, *, signed: bool) -> str:
    text = f"{number:.{decimals}f}"
    if float(text) == 0:
        return "0"
    plus = "+" if signed and number > 0 else ""
    return plus + text.replace("-", MINUS)


def _label(text: str, x: float, y: float, kind: str) -> Markup:
    return tag("text", text, class_=kind, x=_clamped(x, text), y=float(y), text_anchor="middle")


def _clamped(x: float, text: str, width: int = WIDTH) -> float:
    """The middle of a label that has to stay within the drawing."""
    half = LETTER * len(text) / 2
    return min(max(x, half), width - half)


PAIRS_WIDTH, PAIRS_HEIGHT, DOTS, BOUNDS = 300, 62, 27, 47
LANES = 3
"""Heights at which dots stand in turn, so that neighbours do not hide each other."""


def process_pairs(medians: Sequence[float], judged: Metric, limit: float | None, outcome: Outcome | None) -> Markup:
    """The median ratio of each process pair as a dot, and below them the interval that was judged.

    Args:
        medians: Candidate ÷ reference, one a process pair.
        judged: The ratio over all pairs, with its interval where there is one.
        limit: The largest ratio that is allowed; None where no rule judged it.
        outcome: Of the verdict.
    """
    known = [each for each in (judged.value, judged.low, judged.high, limit) if each]
    ends = [math.log(each) for each in (*medians, *known, 1.0) if each > 0]
    start, width = min(ends), (max(ends) - min(ends)) or 1.0

    def x(ratio: float) -> float:
        return PAIRS_WIDTH * (MARGIN + (1 - 2 * MARGIN) * (math.log(ratio) - start) / width)

    parts = []
    if limit is not None:
        parts.append(tag("rect", class_="beyond", x=x(limit), y=15, width=PAIRS_WIDTH - x(limit), height=40))
    parts += [
        tag("line", class_="rule", x1=0, x2=PAIRS_WIDTH, y1=55, y2=55),
        tag("line", class_="none", x1=x(1), x2=x(1), y1=15, y2=55),
    ]
    kind = outcome or "unjudged"
    for place, each in enumerate(medians):
        if each > 0:
            height = DOTS + 5 * (place % LANES - 1)
            hover = tag("title", f"process pair {place + 1}: {each:.4g} ×")
            parts.append(tag("circle", hover, class_="process", cx=x(each), cy=height, r=3.5))
    if judged.low and judged.high:
        reach = {"x": x(judged.low), "width": max(x(judged.high) - x(judged.low), 1.5)}
        parts.append(tag("rect", class_=f"judged {kind}", y=BOUNDS - 3, height=6, rx=3, **reach))
    if judged.value:
        parts.append(tag("circle", class_=f"judged {kind}", cx=x(judged.value), cy=BOUNDS, r=4.5))
    labels = [("1 ×", _clamped(x(1), "1 ×", PAIRS_WIDTH))]
    if limit is not None:
        told = f"limit {limit:.6g} ×"
        middle = _clamped(x(limit), told, PAIRS_WIDTH)
        parts.append(tag("line", class_="limit", x1=x(limit), x2=x(limit), y1=14, y2=57))
        has_room = abs(labels[0][1] - middle) > LETTER * (len(told) / 2 + 2.5)
        labels = [(told, middle), *(labels if has_room else ())]
    parts += [tag("text", text, class_="tick", x=at, y=10, text_anchor="middle") for text, at in labels]
    spoken = ", ".join(f"{each:.4g} ×" for each in medians)
    label = f"Median ratio of each process pair: {spoken}"
    return svg(PAIRS_WIDTH, PAIRS_HEIGHT, *parts, label=label, class_="held")
