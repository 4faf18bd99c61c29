"""Rules about metrics -> verdicts, from predictions alone: no model, and no pytest.

`bounds` judges floors and ceilings, `drops` what is held against a baseline; both by intervals at 1 - 2 alpha.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from harness.errors import NothingMeasured, PredictionsError
from harness.gates import bounds, drops, flips, slices
from harness.gates.evidence import Section
from harness.gates.ruling import Ruling
from harness.records.verdicts import Verdict

if TYPE_CHECKING:
    from harness.gates.evidence import Evidence
    from harness.gates.rules import Rule

FLOORS = ("floor", "ceiling")
MOST_FLIPS = 5
WORST = 3


def judge(
    rules: Sequence[Rule],
    evidence: Evidence,
    *,
    alpha: float = 0.05,
    classifier: str = "",
    review_set: str = "",
) -> tuple[Verdict, ...]:
    """One verdict a rule, in their order.

    Rules that name slices are judged as a family, with the others of the same metric and kind: a `fail` must survive
    Holm's correction over the family, so that no more than alpha of the families without a true regression fail; what
    does not is inconclusive. A `pass` needs no correction, since a build passes only where every rule does.

    What cannot be judged is an `error` with its sentence: no review evaluated, an empty slice, a missing baseline,
    or one of other reviews, a metric without a difference that an interval holds for.

    Args:
        rules: About metrics; rules of times are judged elsewhere.
        evidence: Of the candidate, and of the baseline where there is one.
        alpha: Level of each side, between 0 and 0.5.
        classifier: Id of the candidate's classifier, for the verdicts.
        review_set: Id of the review set, for the verdicts.
    """
    rulings = [_ruling(rule, evidence, alpha) for rule in rules]
    for family in _families(rules, rulings):
        tests = [_test(rules[place], evidence) for place in family]
        for place, fails in zip(family, slices.rejected(tests, alpha), strict=True):
            if rulings[place].outcome == "fail" and not fails:
                rulings[place] = _held_back(rulings[place], len(family))
    return tuple(
        _verdict(rule, ruling, evidence, alpha, classifier, review_set)
        for rule, ruling in zip(rules, rulings, strict=True)
    )


def _ruling(rule: Rule, evidence: Evidence, alpha: float) -> Ruling:
    try:
        section = evidence.section(rule.column, rule.value)
        judged = bounds.judged if rule.kind in FLOORS else drops.judged
        return judged(rule, evidence, section, alpha)
    except (NothingMeasured, PredictionsError) as error:
        # The verdict says what a person would be told: one rule that cannot be judged does not silence the others.
        return Ruling("error", error.message)


def _families(rules: Sequence[Rule], rulings: Sequence[Ruling]) -> list[list[int]]:
    """Places of the rules that name slices, of one metric and kind each; without those that could not be judged."""
    found: dict[tuple[str, str], list[int]] = {}
    for place, (rule, ruling) in enumerate(zip(rules, rulings, strict=True)):
        if rule.column is not None and ruling.outcome != "error" and not ruling.by_value:
            found.setdefault((rule.subject, rule.kind), []).append(place)
    return list(found.values())


def _test(rule: Rule, evidence: Evidence) -> slices.Test:
    return lambda level: _ruling(rule, evidence, level).outcome == "fail"


def _held_back(ruling: Ruling, family: int) -> Ruling:
    """A slice that would fail alone."""
    sentence = f"{ruling.sentence}: alone it would fail, and not as one of {family} slices (Holm)"
    return replace(ruling, outcome="inconclusive", sentence=sentence)


def _verdict(rule: Rule, ruling: Ruling, evidence: Evidence, alpha: float, classifier: str, review_set: str) -> Verdict:
    compared = rule.kind not in FLOORS
    shown = compared and ruling.outcome != "error"
    section = evidence.section(rule.column, rule.value) if shown else Section()
    return Verdict(
        rule=rule.id,
        kind=rule.kind,
        subject=rule.subject,
        limit=rule.limit,
        column=rule.column,
        value=rule.value,
        classifier=classifier,
        review_set=review_set,
        baseline=evidence.baseline.name if compared and evidence.baseline else None,
        outcome=ruling.outcome,
        sentence=ruling.sentence,
        alpha=alpha,
        candidate=ruling.candidate,
        reference=ruling.reference,
        difference=ruling.difference,
        examples=ruling.examples,
        needed=ruling.needed,
        identical=ruling.identical,
        worst_slices=slices.worst(rule.subject, evidence, alpha, WORST) if shown and rule.column is None else (),
        flips=flips.lost(evidence, section, MOST_FLIPS) if shown else (),
        reason=rule.reason,
    )
