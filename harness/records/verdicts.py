"""What a gate says of a run, always with its evidence."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from harness.records.base import Metric, Record

Kind = Literal["floor", "ceiling", "max_drop", "no_worse", "max_slowdown"]
Outcome = Literal["pass", "fail", "inconclusive", "error"]
"""`error`: nothing was measured that the rule could judge. It is neither a pass nor a regression."""

ORDER: tuple[Outcome, ...] = ("fail", "error", "inconclusive", "pass")
"""What decides comes first."""


def decisive(outcomes: Iterable[Outcome], *, inconclusive_fails: bool = False) -> Outcome:
    """What outcomes come to, of which there is at least one: the one that decides.

    >>> decisive(["pass", "inconclusive"]), decisive(["pass", "inconclusive"], inconclusive_fails=True)
    ('inconclusive', 'fail')
    """
    found = set(outcomes)
    if inconclusive_fails and "inconclusive" in found:
        return "fail"
    return min(found, key=ORDER.index)


class FlippedReview(Record):
    """A review that candidate and baseline predict differently."""

    id: str
    gold: str
    candidate: str
    """Predicted class."""
    candidate_probability: float
    """Of that class."""
    baseline: str
    baseline_probability: float
    text: str | None = None
    """None where the run keeps no texts."""


class SliceVerdict(Record):
    """A slice under the rule that judges the whole set: shown, and never judged."""

    column: str
    value: str
    reviews: int
    difference: Metric


class Verdict(Record):
    """One rule on one evaluation, or on one comparison of times."""

    rule: str
    """Its id in ASCII: `accuracy>=0.52`, `accuracy-drop<=0.01`, `forward-slowdown<=5%`."""
    kind: Kind
    subject: str
    """Name of a metric, a stage or a scenario."""
    limit: float
    """The floor or ceiling; the largest drop, as a positive number in the metric's own unit; the largest slowdown, as a
    share. 0 for `no_worse`."""
    column: str | None = None
    """The slice that the rule names."""
    value: str | None = None
    classifier: str = ""
    review_set: str = ""
    baseline: str | None = None
    """Name of the baseline, or of the classifier that is the reference."""
    outcome: Outcome
    sentence: str
    """Why, in one sentence with its figures; of an inconclusive one also what would decide it."""
    alpha: float
    """Level of each side."""
    candidate: Metric | None = None
    reference: Metric | None = None
    difference: Metric | None = None
    """Candidate less baseline, or the ratio of times; the interval is the one that was judged (1 - 2 alpha)."""
    examples: int | None = None
    """Reviews, or pairs of rounds, that were judged."""
    needed: int | None = None
    """Reviews or pairs that would decide, approximately; None where that cannot be told or is decided."""
    identical: bool = False
    """Candidate and baseline predict the same class of every review."""
    worst_slices: tuple[SliceVerdict, ...] = ()
    """The three with the lowest difference."""
    flips: tuple[FlippedReview, ...] = ()
    """Up to five that the candidate lost."""
    reason: str = ""
    """Why the rule is there, as its author wrote."""
