"""What speaks for the baseline that stands where another is to be put."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from harness.baselines.folder import Baseline, find, names
from harness.baselines.matching import match, paired
from harness.errors import BaselineError

if TYPE_CHECKING:
    from harness.records import Evaluation, Run
    from harness.records.baselines import BaselineEvaluation
    from harness.runs import PredictionTable
    from harness.statistics.design import Design

CONFIDENCE = 0.95
"""At which the accuracy is worse, before a baseline is replaced."""
RESAMPLES = 50
"""Few: the interval of accuracy needs none."""


def doubts_of(
    run_path: Path, run: Run, tables: Mapping[str, PredictionTable], name: str, baselines: Path
) -> tuple[str, ...]:
    """Why a run should not take the place of a baseline: a sentence for each part of that which is better, or
    has nothing in the run that it could be compared with.

    Args:
        run_path: The run folder.
        run: Its record.
        tables: Its predictions, by the id of the evaluation.
        name: Of the baseline; none need be there.
        baselines: The folder of all.
    """
    if name not in names(baselines):
        return ()
    try:
        before = find(name, baselines)
    except BaselineError as error:
        return (f"it cannot be compared with: {error.message}",)
    found, refusals = _pairs(before, run)
    doubts = []
    for one in before.record.evaluations:
        subject = f"{one.classifier} on {one.review_set}"
        pairs = [each for each in found[one.id] if each.classifier == one.classifier] or found[one.id]
        if not pairs:
            doubts.append(f"no evaluation of the run can be paired with {subject}{_why(refusals)}")
        for each in pairs:
            try:
                doubts += _worse(run_path, run, each, tables[each.id], before, one)
            except BaselineError as error:
                doubts.append(f"{each.classifier} cannot be paired with {subject}: {error.message}")
    return tuple(doubts)


def _pairs(before: Baseline, run: Run) -> tuple[dict[str, list[Evaluation]], list[BaselineError]]:
    """The evaluations of the run for each of the baseline, and why the rest has none there."""
    found: dict[str, list[Evaluation]] = {one.id: [] for one in before.record.evaluations}
    refusals = []
    for each in run.evaluations:
        try:
            found[match(before, run, each).id].append(each)
        except BaselineError as error:
            refusals.append(error)
    return found, refusals


def _why(refusals: list[BaselineError]) -> str:
    """Both sides, where one evaluation of the run was refused: with more, which of them was meant is unknown."""
    if len(refusals) != 1:
        return ""
    return f": {refusals[0].message} ({refusals[0].where}; not {refusals[0].expected})"


def _worse(
    run_path: Path, run: Run, each: Evaluation, table: PredictionTable, before: Baseline, one: BaselineEvaluation
) -> list[str]:
    """The sentence that says that the accuracy fell, if it did."""
    from harness import comparison

    compared = comparison.compare(
        table.probabilities,
        paired(before, one, table).probabilities,
        table.gold,
        names=(each.id, one.id),
        ordinal=each.label_match.ordinal,
        design=_design(run_path, run, each, table),
        confidence=CONFIDENCE,
        resamples=RESAMPLES,
    )
    accuracy = compared.differences["accuracy"].difference
    if accuracy.value is None or accuracy.value >= 0 or (accuracy.high is not None and accuracy.high >= 0):
        return []
    fell = f"accuracy of {each.classifier} on {each.review_set} fell by {-100 * accuracy.value:.1f} points"
    if accuracy.low is None or accuracy.high is None:
        return [f"{fell}, and whether by chance cannot be told: {accuracy.interval_reason}"]
    return [f"{fell} ({_points(accuracy.low)} to {_points(accuracy.high)})"]


def _points(share: float) -> str:
    return f"{100 * share:+.1f}".replace("-", "\N{MINUS SIGN}")


def _design(run_path: Path, run: Run, each: Evaluation, table: PredictionTable) -> Design:
    """How the reviews of the run were drawn, as it was asked to take them."""
    import pyarrow as pa
    import pyarrow.compute as pc

    from harness import runs, sampling
    from harness.options import Settings

    asked = Settings(cluster_by=run.settings.get("cluster_by"), stratify_by=run.settings.get("stratify_by"))
    columns = pa.table({})
    if asked.cluster_by or asked.stratify_by:
        reviews = runs.read_reviews(run_path / each.reviews)
        places = pc.index_in(pa.array(table.ids, pa.string()), value_set=reviews["id"].combine_chunks())
        columns = reviews.take(places)
    return sampling.design_of(asked, columns, table.gold, each.review_set)
