"""A finished run and the rules of a gate -> verdicts: no model is run."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from harness.errors import BaselineError, HarnessError, NothingMeasured

if TYPE_CHECKING:
    from harness.gates.evidence import Evidence
    from harness.gates.pairing import Side
    from harness.gates.rules import Gates, Rule
    from harness.options import Settings
    from harness.records import Evaluation, Outcome, Run, Verdict
    from harness.runs import PredictionTable


def judge(run_path: Path, run: Run, gates: Gates, baselines: Path) -> tuple[Verdict, ...]:
    """One verdict for each rule and evaluation, in the order of the evaluations.

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
    for evaluation in run.evaluations:
        found += _of_evaluation(run_path, run, evaluation, gates, baselines)
    for rule in gates.rules:
        if rule.kind == "max_slowdown":
            found += _of_times(rule, run, gates)
    if not run.evaluations:
        others = [rule for rule in gates.rules if rule.kind != "max_slowdown"]
        found += [_unjudged(rule, gates, "the run has no evaluation") for rule in others]
    return tuple(found)


def outcome(verdicts: Sequence[Verdict], gates: Gates) -> Outcome:
    """What the verdicts come to: a fail goes before what was not measured, and that before what is undecided.

    Raises:
        NothingMeasured: There is no verdict.
    """
    if not verdicts:
        raise NothingMeasured("the gate judged nothing", remedy="give a rule: --gate 'accuracy>=0.5'")
    outcomes = {verdict.outcome for verdict in verdicts}
    if "fail" in outcomes or ("inconclusive" in outcomes and gates.inconclusive == "fail"):
        return "fail"
    return "error" if "error" in outcomes else "inconclusive" if "inconclusive" in outcomes else "pass"


def worst(verdicts: Sequence[Verdict]) -> Verdict:
    """The one that decides where a rule was judged several times: at several sizes, it fails where one fails."""
    order: tuple[Outcome, ...] = ("fail", "error", "inconclusive", "pass")
    return min(verdicts, key=lambda verdict: order.index(verdict.outcome))


def _of_times(rule: Rule, run: Run, gates: Gates) -> list[Verdict]:
    from harness.gates import latency

    sizes = [each for each in run.paired if each.stage == rule.subject]
    if not sizes:
        return [_unjudged(rule, gates, "no pair of rounds was measured in this run")]
    return [latency.judge(rule, each, alpha=gates.alpha, alike=len(sizes)) for each in sizes]


def _of_evaluation(
    run_path: Path, run: Run, evaluation: Evaluation, gates: Gates, baselines: Path
) -> tuple[Verdict, ...]:
    from harness import runs
    from harness.gates import accuracy

    rules = [rule for rule in gates.rules if rule.kind != "max_slowdown"]
    against = [rule for rule in rules if rule.kind in ("max_drop", "no_worse")]
    table = runs.read_predictions(run_path / evaluation.predictions)
    baseline, why_none = _baseline(run, evaluation, table, gates, baselines) if against else (None, "")
    judged = [rule for rule in rules if not why_none or rule not in against]
    evidence = _evidence(run_path, run, evaluation, table, baseline)
    verdicts = accuracy.judge(
        judged,
        evidence,
        alpha=gates.alpha,
        classifier=evaluation.classifier,
        review_set=evaluation.review_set,
    )
    by_rule = dict(zip(judged, verdicts, strict=True))
    return tuple(by_rule.get(rule) or _unjudged(rule, gates, why_none, evaluation) for rule in rules)


def _baseline(
    run: Run, evaluation: Evaluation, table: PredictionTable, gates: Gates, folder: Path
) -> tuple[Side | None, str]:
    """The baseline's predictions of the same reviews, or why there are none to compare with."""
    from harness import baselines
    from harness.gates.pairing import Side

    try:
        found = baselines.find(gates.baseline or "", folder)
        predictions = baselines.paired(found, baselines.match(found, run, evaluation), table)
    except BaselineError as error:
        return None, _in_a_line(error)
    return Side(found.record.name, predictions), ""


def _evidence(
    run_path: Path, run: Run, evaluation: Evaluation, table: PredictionTable, baseline: Side | None
) -> Evidence:
    import pyarrow as pa
    import pyarrow.compute as pc

    from harness import runs, sampling, slicing
    from harness.gates.evidence import Evidence
    from harness.gates.pairing import Side

    reviews = runs.read_reviews(run_path / evaluation.reviews)
    places = pc.index_in(pa.array(table.ids, reviews["id"].type), value_set=reviews["id"].combine_chunks())
    reviews = reviews.take(places)
    kept = [name for name in reviews.column_names if name not in ("id", "text")]
    texts = dict(zip(table.ids, reviews["text"].to_pylist(), strict=True)) if "text" in reviews.column_names else None
    asked = _asked(run)
    return Evidence(
        candidate=Side(evaluation.classifier, table, texts),
        baseline=baseline,
        design=sampling.design_of(asked, reviews, table.gold, evaluation.review_set),
        ordinal=evaluation.label_match.ordinal,
        columns=slicing.columns_of(reviews, kept, table.tokens),
        resamples=asked.resamples,
        seed=asked.seed,
    )


def _asked(run: Run) -> Settings:
    """What the run was asked that intervals depend on."""
    from harness.options import Settings

    names = ("cluster_by", "stratify_by", "resamples", "seed")
    return Settings(**{name: run.settings[name] for name in names if name in run.settings})


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
