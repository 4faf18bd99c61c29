"""How much evidence an interval needs: below it no interval is given, since none holds.

The limits come from simulation (`tests/metrics/test_coverage.py` repeats a part): where they are met,
95 % intervals held the truth in 92 % of the simulated sets or more; well below them in as few as 35 %.
"""

from __future__ import annotations

import math

from harness.metrics.confusion import Margins
from harness.statistics import NoInterval

FEWEST_EXAMPLES = 20
"""For anything that is bootstrapped."""

FEWEST_OF_A_CLASS = 10
"""Gold labels of the rarest class, for means over classes: there a class of three weighs like one of a thousand."""

FEWEST_WRONG = 30
"""Wrong predictions, for metrics that weigh a mistake: a set with few of them has not shown the dear ones."""

LEAST_OUT_OF_ORDER = 5
"""Examples of the smaller side, times the gap between an area under the ROC curve and the nearer of 0 and 1.

So an area of 0.5 needs 10 of them, and one of 0.98 needs 250: what keeps it from 1 must have been seen a few times.
"""


def examples_lacking(of: Margins) -> NoInterval | None:
    """The reason against an interval from a small sample."""
    return few_examples_lacking(int(of.total))


def few_examples_lacking(total: int) -> NoInterval | None:
    """The same, from the number of examples."""
    if total >= FEWEST_EXAMPLES:
        return None
    return NoInterval(f"{_counted(total, 'example')}, and the interval needs {FEWEST_EXAMPLES}")


def of_a_class_lacking(of: Margins) -> NoInterval | None:
    """The reason against an interval of a metric in which a rare class weighs as much as any."""
    fewest = int(of.gold.min())
    if fewest >= FEWEST_OF_A_CLASS:
        return None
    return NoInterval(f"the rarest class has {_counted(fewest, 'example')}, and the interval needs {FEWEST_OF_A_CLASS}")


def beside_the_commonest_lacking(of: Margins) -> NoInterval | None:
    """The reason against an interval of agreement beyond chance: with one class alone chance agrees as well."""
    fewer = int(of.total) - int(of.gold.max())
    if fewer >= FEWEST_OF_A_CLASS:
        return None
    noun = _counted(fewer, "example")
    return NoInterval(f"{noun} beside the most common class, and the interval needs {FEWEST_OF_A_CLASS}")


def area_lacking(area: float, side: str, fewest: int) -> NoInterval | None:
    """The reason against an interval of an area under the ROC curve, whose smaller `side` has so many examples."""
    gap = min(area, 1 - area)
    if gap <= 0:
        return NoInterval(f"an area of exactly {round(area)} says nothing of the spread")
    needed = math.ceil(LEAST_OUT_OF_ORDER / gap - 1e-9)
    if fewest >= needed:
        return None
    return NoInterval(
        f"the {side} has {_counted(fewest, 'example')}, and the interval of such an area needs {needed:,}"
    )


def wrong_lacking(wrong: int) -> NoInterval | None:
    """The reason against an interval of a metric that few, dear mistakes decide."""
    if wrong >= FEWEST_WRONG:
        return None
    return NoInterval(f"{_counted(wrong, 'wrong prediction')}, and the interval needs {FEWEST_WRONG}")


def right_lacking(right: int) -> NoInterval | None:
    """The reason against an interval of what right and wrong predictions decide together, from few right ones."""
    if right >= FEWEST_WRONG:
        return None
    return NoInterval(f"{_counted(right, 'right prediction')}, and the interval needs {FEWEST_WRONG}")


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
