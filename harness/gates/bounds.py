"""Floors and ceilings: one classifier's metric against a fixed limit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.gates.margins import reviews_to_decide, spread_within
from harness.gates.ruling import Ruling
from harness.gates.wording import Figures, decides, interval_name, spoken
from harness.metrics.scales import SCALES

if TYPE_CHECKING:
    from harness.gates.evidence import Evidence, Section
    from harness.gates.rules import Rule
    from harness.records import Metric
    from harness.records.verdicts import Outcome


def judged(rule: Rule, evidence: Evidence, section: Section, alpha: float) -> Ruling:
    """A floor or a ceiling by the ends of the (1 - 2 alpha) interval of the metric.

    It passes where the whole interval is on the right side of the limit, and fails where it is wholly on the wrong
    side: either is wrong with a chance of alpha at most. The limit itself is on the right side.

    A metric of which no interval is known to hold (a calibration error in bins) is judged by its value alone, and
    the sentence says so: the limit is a fixed number, so that the value can be held against it, and a calibration
    error is biased towards the worse. A difference of two of them has no such side, and so no margin is judged
    that way. A metric whose interval lacks evidence in these reviews (30 of a slice, say) is inconclusive.

    Args:
        rule: Of kind `floor` or `ceiling`.
        evidence: Of the candidate; a baseline is not looked at.
        section: The reviews.
        alpha: Level of each side, between 0 and 0.5.
    """
    found = evidence.value(rule.subject, section, alpha)
    reviews = evidence.reviews(section)
    name = f"{spoken(rule.subject)}{section.said}"
    if found.value is None:
        return Ruling("error", f"{name} is not defined: {found.reason}", found, examples=reviews)
    if found.low is None or found.high is None:
        return _without_interval(rule, found, found.value, name, reviews)
    figures = Figures.of(rule.subject, rule.limit, (found.value, found.low, found.high))
    outcome = decided(rule, found.low, found.high)
    interval = f"({interval_name(alpha)} {figures.levels(found.low, found.high)})"
    said = f"{name} is {figures.level(found.value)} {interval}, {_place(rule, outcome, figures)}"
    if outcome != "inconclusive":
        return Ruling(outcome, said, found, examples=reviews)
    variance = spread_within(found.low, found.high, reviews, alpha)
    needed = reviews_to_decide(variance, found.value - rule.limit, reviews, alpha)
    return Ruling(outcome, said + decides(needed), found, examples=reviews, needed=needed)


def decided(rule: Rule, low: float, high: float) -> Outcome:
    """By the ends of an interval of the metric."""
    within, beyond = (low >= rule.limit, high < rule.limit)
    if rule.kind == "ceiling":
        within, beyond = (high <= rule.limit, low > rule.limit)
    return "pass" if within else "fail" if beyond else "inconclusive"


def _without_interval(rule: Rule, found: Metric, value: float, name: str, reviews: int) -> Ruling:
    figures = Figures.of(rule.subject, rule.limit, (value,))
    said = f"{name} is {figures.level(value)}"
    if SCALES[rule.subject].bounded:
        return Ruling("inconclusive", f"{said}, without an interval: {found.interval_reason}", found, examples=reviews)
    outcome = decided(rule, value, value)
    alone = f"judged by its value alone, since no interval holds: {found.interval_reason}"
    said = f"{said}, {_place(rule, outcome, figures)}; {alone}"
    return Ruling(outcome, said, found, examples=reviews, by_value=True)


def _place(rule: Rule, outcome: Outcome, figures: Figures) -> str:
    """Where the interval lies, seen from the limit."""
    limit = figures.level(rule.limit)
    if outcome == "inconclusive":
        return f"on both sides of {limit}"
    if rule.kind == "floor":
        return f"{'at least' if outcome == 'pass' else 'below'} {limit}"
    return f"{'at most' if outcome == 'pass' else 'above'} {limit}"
