"""Sentences computed from a comparison of two classifiers, each with its evidence; see `words`."""

from __future__ import annotations

from collections.abc import Sequence

from harness.records import Comparison, Metric
from harness.report import numbers
from harness.report.flips import Flips
from harness.report.numbers import count, counted, percent
from harness.report.quantities import quantity
from harness.report.words import Finding

ENOUGH = 5
"""Lost reviews from which on the most common way of losing one is told."""
PROBABILITIES = "negative_log_likelihood"


def findings(comparison: Comparison, flips: Flips, classes: Sequence[str]) -> tuple[Finding, ...]:
    """What a comparison says in words, the most useful first; each part is left out where it says nothing."""
    found = (accuracy(comparison), way_of_losing(flips, classes), slices(comparison), probabilities(comparison))
    return tuple(each for each in found if each is not None)


def accuracy(comparison: Comparison) -> Finding | None:
    """Whether accuracy changed, or what change would have been seen."""
    if comparison.identical:
        return Finding(
            "Both predict the same class of every review", counted(comparison.reviews, "review"), "differences"
        )
    found = comparison.differences.get("accuracy")
    if found is None or found.difference.value is None:
        return None
    figures = numbers.change_told("accuracy", found.difference)
    figures += "" if found.p_value is None else f", p {numbers.p_value(found.p_value)}"
    way = moved(found.difference)
    if way:
        return Finding(f"Accuracy {'rose' if way > 0 else 'fell'}", figures, "differences")
    if found.difference.low is None:
        figures += f"; {found.difference.interval_reason}"
    elif comparison.detectable_difference is not None:
        seen = f"{100 * comparison.detectable_difference:.1f} points"
        figures += f"; one of about {seen} would be found in 80 of 100 comparisons"
    return Finding("No change of accuracy can be told", figures, "differences")


def way_of_losing(flips: Flips, classes: Sequence[str]) -> Finding | None:
    """What the lost reviews are taken for most often."""
    lost = flips.counts["lost"]
    if lost < ENOUGH:
        return None
    gold, now, number = flips.ways("lost")[0]
    claim = f"The most common loss takes {classes[gold]} for {classes[now]}"
    return Finding(claim, f"{percent(number / lost)} of {counted(lost, 'lost review')}", "flips")


def slices(comparison: Comparison) -> Finding | None:
    """The slice that lost most, where chance hardly explains it."""
    tested = [each for each in comparison.slices if each.adjusted_p_value is not None]
    if not tested:
        return None
    worse = [each for each in tested if each.warning and each.difference.value is not None]
    if not worse:
        return Finding(
            "No slice is worse beyond what chance explains",
            f"{counted(len(tested), 'slice')}, p values corrected for their number",
            "slices",
        )
    worst = min(worse, key=lambda each: each.difference.value or 0.0)
    figures = numbers.change_told("accuracy", worst.difference)
    if worst.adjusted_p_value is not None:
        figures += f", corrected p {numbers.p_value(worst.adjusted_p_value)}"
    others = len(worse) - 1
    if others:
        figures += f"; {count(others)} other slice{'' if others == 1 else 's'} too"
    return Finding(f"{worst.column} = {worst.value} got worse", figures, "slices")


def probabilities(comparison: Comparison) -> Finding | None:
    """Whether the probabilities of the labels changed, which predicted classes may hide."""
    found = comparison.differences.get(PROBABILITIES)
    way = 0 if found is None else moved(found.difference)
    # An end that is written as 0 would contradict the claim.
    if found is None or not way or "0.000" in numbers.difference_interval(PROBABILITIES, found.difference):
        return None
    claim = f"The probabilities became {'worse' if way > 0 else 'better'}"
    return Finding(
        claim,
        f"{quantity(PROBABILITIES).label.lower()} {numbers.change_told(PROBABILITIES, found.difference)}",
        "differences",
    )


def moved(difference: Metric) -> int:
    """1 where the interval lies above 0, −1 where it lies below, 0 where it holds 0 or there is none.

    >>> moved(Metric(value=0.02, low=0.01, high=0.03, method="Tango"))
    1
    """
    if difference.low is None or difference.high is None:
        return 0
    return 1 if difference.low > 0 else -1 if difference.high < 0 else 0
