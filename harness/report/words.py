"""Sentences computed from an evaluation: what a reader should look at next.

Each names its evidence: a section of the page. Counts of these reviews are stated as they are; that
two things differ in general is claimed only where an interval supports it, and otherwise the
sentence says that it cannot be told.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from harness.records import ClassMetrics, Evaluation
from harness.report import numbers
from harness.report.numbers import count, counted, percent
from harness.report.slices import LENGTH, Column, Slice
from harness.statistics import wilson

Evidence = Literal[
    "confusion", "reliability", "classes", "slices", "time", "counts", "flips", "differences", "pairs", "pareto",
]  # fmt: skip
SURE = 0.85
"""Bins of confidence from here on count as sure; the first edge above it is named in the sentence."""
FEW = 20
"""Reviews below which nothing is claimed of a group."""
RARE = 0.1
"""Share of the reviews below which something happens rarely."""


@dataclass(frozen=True)
class Finding:
    """One sentence: the claim, then its figures."""

    claim: str
    figures: str
    evidence: Evidence

    @property
    def sentence(self) -> str:
        return f"{self.claim}: {self.figures}." if self.figures else f"{self.claim}."


def findings(evaluation: Evaluation, columns: Sequence[Column] = ()) -> tuple[Finding, ...]:
    """What an evaluation says in words, the most useful first; each part is left out where it says nothing."""
    found = (
        errors(evaluation),
        calibration(evaluation),
        hardest_class(evaluation),
        best_and_worst(columns),
        time(evaluation),
        cut(evaluation),
    )
    return tuple(finding for finding in found if finding is not None)


def errors(evaluation: Evaluation) -> Finding | None:
    """How far off the errors are, or which one is the most common where the classes have no order."""
    confusion = np.array(evaluation.confusion)
    classes = evaluation.label_match.classes
    wrong = int(confusion.sum() - np.trace(confusion))
    if wrong == 0:
        return Finding("No review is classified wrongly", counted(int(confusion.sum()), "review"), "confusion")
    if not evaluation.label_match.ordinal or len(classes) < 3:
        return _most_common(confusion, wrong, classes)
    noun = numbers.step_noun(classes)
    gold, predicted = np.indices(confusion.shape)
    near = int(confusion[abs(gold - predicted) == 1].sum())
    lean = _lean(int(confusion[predicted > gold].sum()), wrong, noun)
    if 2 * near > wrong:
        return Finding(f"Most errors are one {noun} off", _of(near, wrong, "error") + lean, "confusion")
    far = wrong - near
    claim = f"{'Half' if 2 * far == wrong else 'Most'} of the errors are two {numbers.plural(noun)} off or more"
    return Finding(claim, _of(far, wrong, "error") + lean, "confusion")


def _most_common(confusion: np.ndarray, wrong: int, classes: Sequence[str]) -> Finding:
    off = confusion - np.diag(np.diag(confusion))
    gold, predicted = divmod(int(off.argmax()), len(classes))
    claim = f"The most common error takes {classes[gold]} for {classes[predicted]}"
    return Finding(claim, _of(int(off.max()), wrong, "error"), "confusion")


def _lean(too_high: int, wrong: int, noun: str) -> str:
    """Which way the errors go, where chance would not send them there."""
    bounds = wilson(too_high, wrong, 0.95)
    if bounds.low <= 0.5 <= bounds.high or wrong < FEW:
        return ""
    high = too_high / wrong > 0.5
    way = f"too {'many' if high else 'few'} stars" if noun == "star" else f"too {'high' if high else 'low'}"
    share = too_high / wrong if high else 1 - too_high / wrong
    return f"; {percent(share, 0)} of all errors are {way}"


def _of(part: int, whole: int, noun: str) -> str:
    return f"{percent(part / whole)} of {counted(whole, noun)}"


def calibration(evaluation: Evaluation) -> Finding | None:
    """Whether the most confident predictions are right as often as they say."""
    total = sum(one.count for one in evaluation.reliability)
    sure = [one for one in evaluation.reliability if one.low >= SURE]
    if not sure or total < FEW:
        return None
    edge = f"{sure[0].low:.2f}"
    filled = [(one.count, one.mean_confidence, one.accuracy.value) for one in sure if one.count]
    reviews = sum(n for n, _, _ in filled)
    if reviews < FEW and reviews > RARE * total:
        return _overall(evaluation, total)
    if reviews < FEW:
        return Finding(
            f"Confidence is rarely above {edge}", f"{count(reviews)} of {counted(total, 'review')}", "reliability"
        )
    says = sum(n * (confidence or 0.0) for n, confidence, _ in filled) / reviews
    right = round(sum(n * (accuracy or 0.0) for n, _, accuracy in filled))
    figures = (
        f"it says {percent(says)} and is right {percent(right / reviews)} of the time ({counted(reviews, 'review')})"
    )
    if evaluation.sampling == "independent":
        bounds = wilson(right, reviews, 0.95)
        claims = {_side(says, bounds.low, bounds.high)}
    else:
        claims = {_side(one.mean_confidence, one.accuracy.low, one.accuracy.high) for one in sure if one.count}
    (claim,) = claims if len(claims) == 1 else (None,)
    if claim:
        return Finding(f"{claim} above {edge}", figures, "reliability")
    overall = _overall(evaluation, total)
    if overall or claim is None:
        return overall
    return Finding(f"No miscalibration shows above {edge}", figures, "reliability")


def _side(says: float | None, low: float | None, high: float | None) -> str | None:
    """On which side of an interval of the accuracy the confidence lies; empty: within, None: there is no interval."""
    if says is None or low is None or high is None:
        return None
    return "Over-confident" if says > high else "Under-confident" if says < low else ""


def _overall(evaluation: Evaluation, total: int) -> Finding | None:
    """Whether confidence and accuracy differ over all reviews; None where they may be the same."""
    filled = [one for one in evaluation.reliability if one.count]
    says = sum(one.count * (one.mean_confidence or 0.0) for one in filled) / total
    right = round(sum(one.count * (one.accuracy.value or 0.0) for one in filled))
    gap = evaluation.metrics.get("confidence_gap")
    if gap is None:
        # A record of the first schema, which knew independent reviews only.
        bounds = wilson(right, total, 0.95)
        low, high = says - bounds.high, says - bounds.low
    elif gap.low is None or gap.high is None:
        return None
    else:
        low, high = gap.low, gap.high
    if low <= 0 <= high:
        return None
    claim = "Over-confident" if low > 0 else "Under-confident"
    figures = f"it says {percent(says)} and is right {percent(right / total)} of the time"
    return Finding(f"{claim} on the whole", figures, "reliability")


def hardest_class(evaluation: Evaluation) -> Finding | None:
    """The class with the lowest F1, or one that is never predicted."""
    present = [one for one in evaluation.per_class if one.support]
    if len(present) < 2:
        return None
    never = [one for one in present if not one.predicted]
    if never:
        worst = max(never, key=lambda one: one.support)
        return Finding(
            f"{worst.name} is never predicted",
            f"{counted(worst.support, 'review')} {'carries' if worst.support == 1 else 'carry'} it",
            "classes",
        )
    scored = [(one.f1.value, one) for one in present if one.f1.value is not None]
    if not scored:
        return None
    f1, worst = min(scored, key=lambda pair: pair[0])
    return Finding(f"{worst.name} has the lowest F1, {numbers.score(f1)}", _found_and_right(worst), "classes")


def _found_and_right(one: ClassMetrics) -> str:
    found = percent(one.recall.value or 0.0)
    right = percent(one.precision.value or 0.0)
    return f"{found} of its {counted(one.support, 'review')} are found, and {right} of its predictions are right"


def best_and_worst(columns: Sequence[Column]) -> Finding | None:
    """The best and the worst slice: of the language where there is one, else of the column that differs most."""
    candidates = {column.name: found for column in columns if (found := _ends(column.slices)) is not None}
    if not candidates:
        return None
    name = next((name for name in candidates if name.lower() in ("language", "lang")), None)
    if name is None:
        apart = {name: _apart(worst, best) for name, (worst, best) in candidates.items() if name != LENGTH}
        name = max(apart, key=lambda key: apart[key]) if apart else LENGTH
    worst, best = candidates[name]
    figures = f"{percent(best.accuracy)} against {percent(worst.accuracy)} accuracy"
    if _apart(worst, best) > 0:
        return Finding(f"By {name}, {best.value} is best and {worst.value} worst", figures, "slices")
    why = ", without an interval" if best.low is None or worst.high is None else ", and the intervals overlap"
    spread = f"{percent(worst.accuracy)} to {percent(best.accuracy)} accuracy{why}"
    return Finding(f"No difference by {name} can be told", spread, "slices")


def _apart(worst: Slice, best: Slice) -> float:
    """How far the intervals are from touching; they overlap where it is negative, or where there are none."""
    return -math.inf if best.low is None or worst.high is None else best.low - worst.high


def _ends(slices: Sequence[Slice]) -> tuple[Slice, Slice] | None:
    enough = [one for one in slices if one.reviews >= FEW]
    if len(enough) < 2:
        return None
    return min(enough, key=lambda one: one.accuracy), max(enough, key=lambda one: one.accuracy)


def time(evaluation: Evaluation) -> Finding | None:
    """Which stage the time goes to; or why it is not known."""
    stages = evaluation.stage_seconds
    if stages is None:
        return Finding("The stages were not timed", evaluation.timing_reason or "", "time")
    seconds = {"tokenize": stages.tokenize, "forward": stages.forward, "softmax": stages.softmax}
    total = sum(seconds.values())
    if not total:
        return None
    most = max(seconds, key=lambda name: seconds[name])
    figures = f"{numbers.seconds(seconds[most])} of {numbers.seconds(total)}"
    return Finding(
        f"{most.capitalize()} takes {percent(seconds[most] / total, 0)} of the time of the stages", figures, "time"
    )


def cut(evaluation: Evaluation) -> Finding | None:
    """How many texts were cut, where it is more than one in a hundred."""
    counts = evaluation.counts
    if counts.cut * 100 <= counts.evaluated:
        return None
    figures = _of(counts.cut, counts.evaluated, "review")
    return Finding("Some texts were longer than the max length and were cut", figures, "counts")
