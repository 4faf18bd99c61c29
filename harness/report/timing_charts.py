"""Charts of timings as inline SVG; see `charts`."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence

from markupsafe import Markup

from harness.records import ScenarioRecord
from harness.report import numbers
from harness.report.charts import svg, tag
from harness.report.numbers import percent
from harness.rounds import TimingComparison

Span = tuple[float, float]


def shares(parts: Sequence[tuple[str, float]]) -> Markup:
    """The share of each stage as one bar of the width at hand; the figures stand beside it.

    A rest below 0 has no width, and the others are drawn as shares of what is left.
    """
    total = sum(max(0.0, share) for _, share in parts) or 1.0
    drawn, start = [], 0.0
    for name, share in parts:
        width = max(0.0, share) / total
        hover = tag("title", f"{name}: {percent(share)}")
        place = {"x": f"{100 * start:.2f}%", "width": f"{100 * width:.2f}%"}
        drawn.append(tag("rect", hover, class_=f"stage {name}", y=0, height=18, **place))
        start += width
    root = Markup('<svg width="100%" height="18" class="chart shares-bar" aria-hidden="true">{}</svg>')
    return root.format(Markup("").join(drawn))


def meter(share: float, width: int = 84) -> Markup:
    """A share of what the machine can do: the empty part is what is left."""
    filled = min(max(share, 0.0), 1.0) * width
    return svg(
        width, 10,
        tag("rect", class_="left", x=0, y=1, width=width, height=8, rx=2),
        tag("rect", class_="used", x=0, y=1, width=filled, height=8, rx=2),
        class_="meter",
    )  # fmt: skip


def strip(ratios: Sequence[float], span: Span, width: int = 220) -> Markup:
    """Every round of a timing as a line, on an axis of seconds ÷ median; rounds beyond it stand at its end.

    Rounds within a pixel lie on one another, so that the strip is darker where there are more. They are
    a few paths, not a line each: a page holds tens of thousands.
    """
    low, high = span

    def x(ratio: float) -> float:
        return 4 + (min(max(ratio, low), high) - low) / ((high - low) or 1) * (width - 8)

    at = Counter(round(x(ratio)) for ratio in ratios)
    depths = range(min(max(at.values(), default=0), 6))
    layers = ["".join(f"M{place} 4V18" for place in sorted(at) if at[place] > depth) for depth in depths]
    rounds = [tag("path", class_="round", d=layer) for layer in layers]
    middle = tag("line", class_="median", x1=x(1), x2=x(1), y1=1, y2=21)
    return svg(width, 22, tag("line", class_="rule", x1=0, x2=width, y1=11, y2=11), *rounds, middle, class_="strip")


def ratio_span(rows: Iterable[TimingComparison], least: float = 1.1) -> Span:
    """The axis of ratios that holds every interval and every noise floor, and 1; at least 10 % to each side."""
    ends = [1 / least, least]
    for row in rows:
        ends += [each for each in (row.ratio.value, row.ratio.low, row.ratio.high) if each]
        if row.floor.reach is not None:
            ends += [row.floor.reach, 1 / row.floor.reach]
    return max(min(ends), 1e-3), min(max(ends), 1e3)


def ratio(row: TimingComparison, span: Span, width: int = 240) -> Markup:
    """A ratio with its interval on a logarithmic axis, 1 as a line, and the noise floor as a band around it."""
    low, high = (math.log(each) for each in span)

    def x(number: float) -> float:
        return 6 + (min(max(math.log(number), low), high) - low) / ((high - low) or 1) * (width - 12)

    parts = []
    if row.floor.reach is not None:
        start, end = x(1 / row.floor.reach), x(row.floor.reach)
        parts.append(tag("rect", class_="floor", x=start, y=0, width=max(end - start, 1.0), height=18))
    parts += [
        tag("line", class_="rule", x1=0, x2=width, y1=9, y2=9),
        tag("line", class_="one", x1=x(1), x2=x(1), y1=0, y2=18),
    ]
    kind = "differs" if row.beyond_noise else "same"
    if row.ratio.low is not None and row.ratio.high is not None:
        parts.append(tag("line", class_=f"reach {kind}", x1=x(row.ratio.low), x2=x(row.ratio.high), y1=9, y2=9))
    if row.ratio.value:
        parts.append(tag("circle", class_=f"ratio {kind}", cx=x(row.ratio.value), cy=9, r=4))
    return svg(width, 18, *parts, class_="compared")


LEFT, TOP, WIDTH, HEIGHT = 74, 22, 330, 190
"""The plot of a server's trials, and its corner."""


def trials(one: ScenarioRecord) -> Markup:
    """p99 over the arrival rate, with its intervals and the bound; a trial that was stopped stands at the top."""
    bound = one.bound_seconds or 0.0
    known = [each.p99 for each in one.trials if each.p99.value]
    ends = [end for metric in known for end in (metric.value, metric.low, metric.high) if end] + [bound or 1.0]
    low, high = math.log(min(ends) / 1.25), math.log(max(ends) * 1.4)
    fastest = max((trial.rate for trial in one.trials), default=1.0) * 1.08

    def x(rate: float) -> float:
        return LEFT + rate / fastest * WIDTH

    def y(seconds: float) -> float:
        return TOP + (high - math.log(seconds)) / ((high - low) or 1) * HEIGHT

    parts = [tag("line", class_="base", x1=LEFT, x2=LEFT + WIDTH, y1=TOP + HEIGHT, y2=TOP + HEIGHT)]
    for seconds in _ticks(math.exp(low), math.exp(high)):
        parts += [
            tag("line", class_="grid", x1=LEFT, x2=LEFT + WIDTH, y1=y(seconds), y2=y(seconds)),
            tag("text", _plain(seconds), class_="tick", x=LEFT - 8, y=y(seconds) + 4, text_anchor="end"),
        ]
    for rate in _steps(fastest):
        parts.append(tag("text", f"{rate:,g}", class_="tick", x=x(rate), y=TOP + HEIGHT + 17, text_anchor="middle"))
    if bound:
        parts += [
            tag("line", class_="bound", x1=LEFT, x2=LEFT + WIDTH, y1=y(bound), y2=y(bound)),
            tag("text", f"bound {numbers.seconds(bound)}", class_="axis", x=LEFT + 4, y=y(bound) - 6),
        ]
    for trial in one.trials:
        kind = "met" if trial.met else "over"
        said = numbers.seconds(trial.p99.value) if trial.p99.value else "stopped, the bound was lost"
        hover = tag("title", f"{numbers.rate(trial.rate)}: {said}")
        if trial.p99.value:
            if trial.p99.low and trial.p99.high:
                top, bottom = y(trial.p99.high), y(trial.p99.low)
                parts.append(tag("line", class_=f"trial {kind}", x1=x(trial.rate), x2=x(trial.rate), y1=top, y2=bottom))
            parts.append(tag("circle", hover, class_=f"trial {kind}", cx=x(trial.rate), cy=y(trial.p99.value), r=4))
        else:
            parts.append(tag("path", hover, class_=f"trial {kind}", d=f"M{x(trial.rate) - 5:.1f} {TOP - 2}h10l-5 -9z"))
    parts += [
        tag(
            "text", "arrivals in a second", class_="axis", x=LEFT + WIDTH / 2, y=TOP + HEIGHT + 38,
            text_anchor="middle",
        ),
        tag(
            "text", "p99", class_="axis", transform=f"translate(14 {TOP + HEIGHT / 2}) rotate(-90)",
            text_anchor="middle",
        ),
    ]  # fmt: skip
    label = "p99 of the latency over the arrival rate; the table below has its figures"
    return svg(LEFT + WIDTH + 12, TOP + HEIGHT + 48, *parts, label=label)


def _ticks(low: float, high: float) -> list[float]:
    """1, 2 and 5 times powers of ten within; powers alone where that is many."""
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    every = [digit * 10.0**power for power in powers for digit in (1, 2, 5)]
    within = [each for each in every if low <= each <= high]
    return within if len(within) <= 6 else [each for each in within if math.log10(each).is_integer()] or within[::3]


def _steps(most: float) -> list[float]:
    """0 and multiples of 1, 2 or 5 times a power of ten, at most five of them."""
    power = 10.0 ** math.floor(math.log10(most / 5))
    step = next(digit * power for digit in (1, 2, 5, 10) if most / (digit * power) <= 5.001)
    return [step * place for place in range(int(most / step + 1e-9) + 1)]


def _plain(seconds: float) -> str:
    """
    >>> _plain(0.05), _plain(2.0)
    ('50 ms', '2 s')
    """
    for factor, unit in ((1e6, "µs"), (1e3, "ms")):
        if seconds * factor < 999.5:
            return f"{seconds * factor:.3g} {unit}"
    return f"{seconds:,.3g} s"
