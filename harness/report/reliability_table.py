"""How sure a classifier says it is and how often it is right, a line with a bar for each bin of confidence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from rich.console import Group, RenderableType
from rich.text import Text

from harness.records import ReliabilityBin
from harness.report.bars import Bar
from harness.report.layout import plain_table
from harness.report.numbers import count, percent
from harness.report.words import FEW

CELLS = 20
LEGEND = "bar: how often it is right; stroke: how sure it says it is"


@dataclass(frozen=True)
class Band:
    """One bin of confidence that holds a review, or several neighbours as one."""

    low: float
    high: float
    reviews: int
    says: float
    """Mean confidence."""
    right: float
    """Share of the reviews that are classified rightly."""
    verdict: str = ""
    """Which way the confidence errs, where the interval of the accuracy leaves it out."""


def table(bins: Sequence[ReliabilityBin], most: int | None = None) -> RenderableType:
    """The bins that hold a review, from the least sure to the surest.

    Args:
        bins: Of an evaluation, in the order of their edges.
        most: Lines at most: the surest bins stay as they are, those below are put together.
    """
    found = bands(bins, most)
    lines = plain_table("confidence", "reviews", "says", "is right")
    lines.add_column("", no_wrap=True)
    lines.add_column("", no_wrap=True)
    for each in found:
        bar = Bar(each.right, CELLS, mark=each.says, framed=True)
        cells = [count(each.reviews), percent(each.says), percent(each.right)]
        lines.add_row(f"{each.low:.2f}–{each.high:.2f}", *cells, bar, each.verdict)
    return Group(lines, Text(LEGEND, style="dim"))


def bands(bins: Sequence[ReliabilityBin], most: int | None = None) -> list[Band]:
    """The bins that hold a review, the lower ones put together where they are more than `most`."""
    filled = [one for one in bins if one.count]
    return [_pooled(group) for group in _grouped(filled, most)]


def _grouped(filled: Sequence[ReliabilityBin], most: int | None) -> list[Sequence[ReliabilityBin]]:
    if most is None or len(filled) <= most:
        return [[one] for one in filled]
    surest = most // 2
    below = len(filled) - surest
    edges = [round(below * part / (most - surest)) for part in range(most - surest + 1)]
    groups = [filled[start:end] for start, end in pairwise(edges)]
    return [*groups, *([one] for one in filled[below:])]


def _pooled(group: Sequence[ReliabilityBin]) -> Band:
    reviews = sum(one.count for one in group)
    says = sum(one.count * (one.mean_confidence or 0.0) for one in group) / reviews
    right = sum(one.count * (one.accuracy.value or 0.0) for one in group) / reviews
    # Rounding may leave the mean of ones a hair above 1.
    share = min(right, 1.0)
    verdict = _verdict(group[0], says) if len(group) == 1 else ""
    return Band(group[0].low, group[-1].high, reviews, min(says, 1.0), share, verdict)


def _verdict(one: ReliabilityBin, says: float) -> str:
    low, high = one.accuracy.low, one.accuracy.high
    if low is None or high is None or one.count < FEW:
        return ""
    return "over-confident" if says > high else "under-confident" if says < low else ""
