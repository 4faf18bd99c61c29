"""How much evidence an interval needs: below it no interval is given, since none holds.

The limits come from simulation (`tests/metrics/test_coverage.py` repeats a part): where they are met,
95 % intervals held the truth in 92 % of the simulated sets or more; well below them in as few as 35 %.
"""

from __future__ import annotations

from harness.metrics.confusion import Margins
from harness.statistics import NoInterval

FEWEST_EXAMPLES = 20
"""For anything that is bootstrapped."""

FEWEST_OF_A_CLASS = 10
"""Gold labels of the rarest class, for means over classes: there a class of three weighs like one of a thousand."""

FEWEST_WRONG = 30
"""Wrong predictions, for metrics that weigh a mistake: a set with few of them has not shown the dear ones."""


def examples_lacking(of: Margins) -> NoInterval | None:
    """The reason against an interval from a small sample."""
    if of.total >= FEWEST_EXAMPLES:
        return None
    return NoInterval(f"{_counted(of.total, 'example')}, and the interval needs {FEWEST_EXAMPLES}")


def of_a_class_lacking(of: Margins) -> NoInterval | None:
    """The reason against an interval of a metric in which a rare class weighs as much as any."""
    fewest = int(of.gold.min())
    if fewest >= FEWEST_OF_A_CLASS:
        return None
    return NoInterval(f"the rarest class has {_counted(fewest, 'example')}, and the interval needs {FEWEST_OF_A_CLASS}")


def wrong_lacking(wrong: int) -> NoInterval | None:
    """The reason against an interval of a metric that few, dear mistakes decide."""
    if wrong >= FEWEST_WRONG:
        return None
    return NoInterval(f"{_counted(wrong, 'wrong prediction')}, and the interval needs {FEWEST_WRONG}")


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
