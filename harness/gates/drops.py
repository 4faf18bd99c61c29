"""How much worse than the baseline: a candidate's metric against that of the baseline on the same reviews."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from harness.evaluation import as_metric
from harness.gates.directions import OF_CLASSES
from harness.gates.margins import decided, decided_no_worse, detectable, reviews_to_decide, spread_within
from harness.gates.ruling import Ruling
from harness.gates.sentences import Change
from harness.gates.wording import Figures, spoken
from harness.metrics.paired_scores import IDENTICAL
from harness.records import Metric
from harness.statistics import Estimate, Interval

if TYPE_CHECKING:
    from harness.gates.evidence import Evidence, Section
    from harness.gates.rules import Rule
    from harness.metrics.difference import Difference
    from harness.records.verdicts import Outcome

ACCURACY = ("accuracy", "micro_f1")
"""One figure under two names: with one label a review, micro-F1 is the accuracy."""

JUDGED = "the difference is what is judged"


def judged(rule: Rule, evidence: Evidence, section: Section, alpha: float) -> Ruling:
    """`max_drop` and `no_worse` by the (1 - 2 alpha) interval of candidate less baseline on the same reviews.

    With a largest drop δ and the interval [L, U], turned so that more is better: pass when L > -δ, fail when U < -δ,
    else inconclusive. `no_worse` fails when U < 0, and otherwise passes and says what drop it could have seen.

    Accuracy has Tango's interval, and Student's t where the reviews come in clusters; other metrics have the interval
    of their comparison. McNemar's test is told beside it and judges nothing: it is about no difference at all.

    Rules refuse metrics that have no drop, or no interval of a difference that is known to hold. Where these reviews
    are too few for it, or differ too little: inconclusive, with the reason. Where they do not define the metric,
    nothing was measured: an error.

    Args:
        rule: Of kind `max_drop` or `no_worse`.
        evidence: Of both.
        section: The reviews.
        alpha: Level of each side, between 0 and 0.5.

    Raises:
        NothingMeasured: There is no baseline.
        PredictionsError: It is not of the same reviews.
    """
    found = evidence.difference(rule.subject, section, alpha)
    name = spoken(rule.subject) + section.said
    case = _Case(rule, evidence, section, alpha, found)
    if not isinstance(found.value, Estimate):
        return case.ruling("error", f"the difference of {name} is not defined: {found.value.reason}")
    if rule.subject in OF_CLASSES and case.identical:
        return case.ruling("pass", f"candidate and baseline predict the same class of every review{section.said}")
    value, bounds = found.value.value, found.value.bounds
    if isinstance(bounds, Interval):
        return case.by_interval(value, bounds)
    if bounds.reason == IDENTICAL:
        return case.ruling("pass", f"candidate and baseline give the same probabilities to every review{section.said}")
    change = Figures.of(rule.subject, -rule.limit, (value,)).change(value)
    return case.ruling("inconclusive", f"{name} changed by {change}, without an interval: {bounds.reason}")


@dataclass(frozen=True)
class _Case:
    """One rule, and the difference that it is held against."""

    rule: Rule
    evidence: Evidence
    section: Section
    alpha: float
    found: Difference

    @property
    def identical(self) -> bool:
        return self.evidence.identical(self.section)

    @property
    def reviews(self) -> int:
        return self.evidence.reviews(self.section)

    def by_interval(self, value: float, bounds: Interval) -> Ruling:
        change = Change(self.rule.subject, self.section.said, value, bounds, self.rule.limit, self.alpha)
        turned, variance = change.turned, self._variance(bounds)
        if self.rule.kind == "no_worse":
            outcome = decided_no_worse(turned.high)
            seen = detectable(variance, self.reviews, self.alpha)
            return self.ruling(outcome, change.none(outcome, seen) + self._counts())
        outcome = decided(turned.low, turned.high, self.rule.limit)
        needed = self._needed(variance, turned.value + self.rule.limit) if outcome == "inconclusive" else None
        return self.ruling(outcome, change.within(outcome, needed) + self._counts(), needed)

    def ruling(self, outcome: Outcome, sentence: str, needed: int | None = None) -> Ruling:
        return Ruling(
            outcome,
            sentence,
            candidate=_side(self.found.candidate, self.found.reason),
            reference=_side(self.found.baseline, self.found.reason),
            difference=as_metric(self.found.value),
            examples=self.reviews,
            needed=needed,
            identical=self.identical,
        )

    def _needed(self, variance: float, distance: float) -> int | None:
        # A difference of accuracies is never larger than the discordance.
        least = abs(distance) if self._counted else 0.0
        return reviews_to_decide(variance, distance, self.reviews, self.alpha, least=least)

    def _variance(self, bounds: Interval) -> float:
        """Of a single review's difference: of accuracies it is the discordance."""
        if not self._counted:
            return spread_within(bounds.low, bounds.high, self.reviews, self.alpha)
        return sum(self._changes()) / self.reviews

    @property
    def _counted(self) -> bool:
        """Whether the number of reviews that were gained and lost tells all of the difference."""
        return self.rule.subject in ACCURACY and self.evidence.design.kind != "clustered"

    def _changes(self) -> tuple[int, int]:
        """Reviews that were gained, and lost."""
        candidate, baseline = self.evidence.right(self.section)
        return int(np.count_nonzero(candidate & ~baseline)), int(np.count_nonzero(baseline & ~candidate))

    def _counts(self) -> str:
        if self.rule.subject not in ACCURACY:
            return ""
        gained, lost = self._changes()
        p_value = self.found.p_value if self._counted else None
        told = "" if p_value is None else f" (McNemar p {'<0.001' if p_value < 0.001 else f'{p_value:.3f}'})"
        return f"; {gained:,} gained, {lost:,} lost{told}"


def _side(value: float | None, reason: str) -> Metric:
    return Metric(value=None, reason=reason) if value is None else Metric(value=value, interval_reason=JUDGED)
