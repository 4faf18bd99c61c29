"""A finished run and the rules of a gate -> verdicts: no model is run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from harness.errors import BaselineError, HarnessError, NothingMeasured
from harness.gates.rules import NEEDS_BASELINE
from harness.records.verdicts import ORDER, decisive

if TYPE_CHECKING:
    from harness.gates.rules import Gates, Rule
    from harness.records import Evaluation, Outcome, Reference, Run, Verdict
    from harness.references import Candidate
    from harness.runs import PredictionTable


@dataclass(frozen=True)
class Judged:
    """What a gate says of a run, and what it compared the run with."""

    verdicts: tuple[Verdict, ...]
    references: tuple[Reference, ...]

    def into(self, run: Run) -> Run:
        """The record of the run with these verdicts; references of the same id are replaced."""
        kept = {each.id: each for each in (*run.references, *self.references)}
        return run.model_copy(update={"verdicts": self.verdicts, "references": tuple(kept.values())})


def judge(run_path: Path, run: Run, gates: Gates, baselines: Path) -> Judged:
    """One verdict for each rule and evaluation, in the order of the evaluations.

    What evaluations are compared with is put into the run folder, see `harness.references`.

    What a rule could not be judged by is a verdict of its own, `error`: a baseline that is not there or of other
    reviews, a slice without a review, rounds that were not measured.

    Args:
        run_path: The run folder.
        run: Its record.
        gates: Rules, at least one.
        baselines: The folder of all baselines.

    Raises:
        RunError: Predictions or reviews of the run cannot be read.
    """
    found: list[Verdict] = []
    compared: list[Reference] = []
    for evaluation in run.evaluations:
        verdicts, reference = _of_evaluation(run_path, run, evaluation, gates, baselines)
        found += verdicts
        compared += [reference] if reference else []
    for rule in gates.rules:
        if rule.kind == "max_slowdown":
            found += _of_times(rule, run, gates)
    if not run.evaluations:
        others = [rule for rule in gates.rules if rule.kind != "max_slowdown"]
        found += [_unjudged(rule, gates, "the run has no evaluation") for rule in others]
    return Judged(tuple(found), tuple(compared))


def outcome(verdicts: Sequence[Verdict], gates: Gates) -> Outcome:
    """What the verdicts come to: a fail goes before what was not measured, and that before what is undecided.

    Raises:
        NothingMeasured: There is no verdict.
    """
    if not verdicts:
        raise NothingMeasured("the gate judged nothing", remedy="give a rule: --gate 'accuracy>=0.5'")
    return decisive((verdict.outcome for verdict in verdicts), inconclusive_fails=gates.inconclusive == "fail")


def worst(verdicts: Sequence[Verdict]) -> Verdict:
    """The one that decides where a rule was judged several times: at several sizes, it fails where one fails."""
    return min(verdicts, key=lambda verdict: ORDER.index(verdict.outcome))


def _of_times(rule: Rule, run: Run, gates: Gates) -> list[Verdict]:
    from harness.gates import latency

    sizes = [each for each in run.paired if each.subject == rule.subject]
    if not sizes:
        return [_unjudged(rule, gates, "no pair of rounds was measured in this run")]
    return [latency.judge(rule, each, alpha=gates.alpha, alike=len(sizes)) for each in sizes]


def _of_evaluation(
    run_path: Path, run: Run, evaluation: Evaluation, gates: Gates, baselines: Path
) -> tuple[tuple[Verdict, ...], Reference | None]:
    from harness import references
    from harness.gates import accuracy
    from harness.gates.evidence import Evidence
    from harness.gates.pairing import Side

    candidate = references.Candidate.read(run_path, run, evaluation)
    rules = [rule for rule in gates.rules if rule.kind != "max_slowdown"]
    against = [rule for rule in rules if rule.kind in NEEDS_BASELINE]
    reference, predictions, why_none = _reference(candidate, gates, baselines) if against else (None, None, "")
    judged = [rule for rule in rules if not why_none or rule not in against]
    verdicts = accuracy.judge(
        judged,
        Evidence(
            candidate=Side(evaluation.classifier, candidate.table, candidate.texts),
            baseline=Side(reference.name, predictions) if reference and predictions else None,
            design=candidate.design,
            ordinal=evaluation.label_match.ordinal,
            columns=candidate.columns,
            resamples=candidate.asked.resamples,
            seed=candidate.asked.seed,
        ),
        alpha=gates.alpha,
        classifier=evaluation.classifier,
        review_set=evaluation.review_set,
    )
    by_rule = dict(zip(judged, verdicts, strict=True))
    return tuple(by_rule.get(rule) or _unjudged(rule, gates, why_none, evaluation) for rule in rules), reference


def _reference(
    candidate: Candidate, gates: Gates, folder: Path
) -> tuple[Reference | None, PredictionTable | None, str]:
    """What the evaluation is compared with, with its predictions; or why there is nothing.

    A baseline that is named goes before the classifier that the run itself was compared with.
    """
    from harness import baselines, references, runs

    if gates.baseline is None:
        kept = references.of_run(candidate.run, candidate.evaluation)
        if kept is None:
            return None, None, "the run was compared with no other classifier, and no baseline is named"
        return kept, runs.read_predictions(candidate.run_path / kept.predictions), ""
    try:
        found = baselines.find(gates.baseline, folder)
        return *references.keep(candidate, found, "baseline", gates.baseline), ""
    except BaselineError as error:
        return None, None, _in_a_line(error)


def _unjudged(rule: Rule, gates: Gates, sentence: str, evaluation: Evaluation | None = None) -> Verdict:
    from harness.records import Verdict

    return Verdict(
        rule=rule.id,
        kind=rule.kind,
        subject=rule.subject,
        limit=rule.limit,
        column=rule.column,
        value=rule.value,
        classifier=evaluation.classifier if evaluation else "",
        review_set=evaluation.review_set if evaluation else "",
        baseline=gates.baseline,
        outcome="error",
        sentence=sentence,
        alpha=gates.alpha,
        reason=rule.reason,
    )


def _in_a_line(error: HarnessError) -> str:
    details = "; ".join(f"{name} {text}" for name, text in error.details().items())
    return f"{error.message} ({details})" if details else error.message
