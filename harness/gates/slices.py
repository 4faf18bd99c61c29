"""Slices under a gate: those that rules name, judged together, and the worst of the rest, shown."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from harness.evaluation import as_metric
from harness.gates.directions import lower_is_better
from harness.records.verdicts import SliceVerdict
from harness.statistics import Estimate

if TYPE_CHECKING:
    from harness.gates.evidence import Evidence

Test = Callable[[float], bool]
"""Whether a test rejects, one-sided, at a level."""


def rejected(tests: Sequence[Test], alpha: float) -> tuple[bool, ...]:
    """Which of several tests reject, with a chance of alpha at most that any of them does so wrongly (Holm 1979).

    Holm's procedure by levels and not by p values: of k tests that have not rejected, those that reject at alpha / k
    do; then the rest is asked again at a level for fewer. It needs no p value: a test is an interval at
    1 - 2 level that lies beyond the limit, whatever made the interval. Where the intervals of a test are nested
    in their level, this rejects what `harness.statistics.multiplicity.holm` of their p values rejects.

    >>> rejected([lambda level: 0.01 <= level, lambda level: 0.04 <= level, lambda level: 0.03 <= level], 0.05)
    (True, False, False)
    """
    left = set(range(len(tests)))
    while left:
        now = {place for place in left if tests[place](alpha / len(left))}
        if not now:
            break
        left -= now
    return tuple(place not in left for place in range(len(tests)))


def worst(subject: str, evidence: Evidence, alpha: float, shown: int) -> tuple[SliceVerdict, ...]:
    """The slices with the lowest difference of a metric, turned so that more is better; the lowest first.

    Their intervals hold together with the chance 1 - 2 alpha (Bonferroni over all slices of all columns).

    Args:
        subject: A metric that has a drop.
        evidence: Of both; slices of its columns.
        alpha: Level of each side, between 0 and 0.5.
        shown: How many slices, at most.
    """
    sections = [evidence.section(column.name, part.value) for column in evidence.columns for part in column.parts]
    sign = -1 if lower_is_better(subject) else 1
    found = []
    for section in sections:
        difference = evidence.difference(subject, section, alpha / len(sections)).value
        if isinstance(difference, Estimate):
            found.append((sign * difference.value, section, as_metric(difference)))
    found.sort(key=lambda each: each[0])
    return tuple(
        SliceVerdict(column=each.column, value=each.value, reviews=evidence.reviews(each), difference=metric)
        for _, each, metric in found[:shown]
    )
