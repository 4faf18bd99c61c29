"""The highest rate that can be kept up: doubled or halved until it lies between two, then bisected."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Literal

Verdict = Literal["met", "lost", "hopeless"]
"""`hopeless`: lost, and no lower rate would be met either."""

PRECISION = 1.05
"""The lowest rate that was lost is at most so many times the highest that was met."""
HALVINGS = 6
"""A server that works an hour in three days has no queue: what is lost there is lost at any rate."""


def highest(attempt: Callable[[float], Verdict], start: float, most: float) -> float | None:
    """The highest rate that was met, within 5 % of the lowest that was lost; None where none was met.

    Args:
        attempt: Tries a rate; called with one after another, the first `start`.
        start: Where to begin: near the answer spares attempts.
        most: No rate above is tried, so that the one that is met may be followed by none that is lost.
    """
    met: float | None = None
    lost: float | None = None
    lowest = start / 2**HALVINGS
    rate = start
    while met is None or lost is None:
        verdict = attempt(rate)
        if verdict == "met":
            met = rate
            if lost is None and rate >= most:
                return met
        else:
            lost = rate
            if met is None and (verdict == "hopeless" or rate / 2 < lowest):
                return None
        rate = rate / 2 if met is None else min(rate * 2, most)
    while lost / met > PRECISION:
        # The middle in ratio: the precision is one too.
        middle = math.sqrt(lost * met)
        if attempt(middle) == "met":
            met = middle
        else:
            lost = middle
    return met
