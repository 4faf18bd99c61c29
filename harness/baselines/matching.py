"""Which evaluation of a baseline one of a run may be compared with, or the refusal that shows both sides."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness import runs
from harness.errors import BaselineError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from harness.baselines.folder import Baseline
    from harness.records import Evaluation, ReviewSetRecord, Run
    from harness.records.baselines import BaselineEvaluation
    from harness.runs import PredictionTable

DIFFERING = 5
"""Labels that an error shows."""


def match(baseline: Baseline, run: Run, evaluation: Evaluation) -> BaselineEvaluation:
    """The evaluation of the baseline on the same review set with the same label scheme.

    Where several classifiers were promoted on that set, the one of the same id; where one was, that one,
    whatever it is called: a new checkpoint is compared with the old.

    Args:
        baseline: What is compared with.
        run: The run of the evaluation.
        evaluation: The candidate.

    Raises:
        BaselineError: Another review set, another label scheme, or a classifier that cannot be told.
    """
    mine = next(each for each in run.review_sets if each.id == evaluation.review_set)
    sets = {each.id: each for each in baseline.record.review_sets}
    same = [each for each in baseline.record.evaluations if sets[each.review_set].fingerprint == mine.fingerprint]
    if not same:
        raise _another_set(baseline, evaluation, mine)
    if len(same) > 1:
        named = [each for each in same if each.classifier == evaluation.classifier]
        if len(named) != 1:
            raise _which_classifier(baseline, evaluation, same)
        same = named
    _check_labels(baseline, evaluation, same[0])
    return same[0]


def paired(baseline: Baseline, one: BaselineEvaluation, candidate: PredictionTable) -> PredictionTable:
    """The predictions of an evaluation that `match` found, row for row and class for class as the candidate's.

    Args:
        baseline: What is compared with.
        one: Its evaluation.
        candidate: N rows, E classes.

    Returns:
        The baseline's N rows in the candidate's order, probabilities and gold in its order of E classes; logits stay
        those of the baseline's own classifier.

    Raises:
        BaselineError: The file is missing or another, or its reviews, classes or gold labels are not the candidate's.
    """
    found = runs.aligned(baseline.predictions(one), candidate)
    if isinstance(found, runs.Misfit):
        raise _not_the_same(baseline, one, found)
    return found


def _another_set(baseline: Baseline, evaluation: Evaluation, mine: ReviewSetRecord) -> BaselineError:
    return BaselineError(
        f"the baseline {baseline.record.name!r} is of another review set",
        where=f"evaluation {evaluation.id}: {_set(mine)}",
        expected="; or ".join(_set(each) for each in baseline.record.review_sets),
        remedy="evaluate on the set of the baseline, or make one of this set: "
        "`harness baseline promote latest --name NAME`",
    )


def _set(one: ReviewSetRecord) -> str:
    return f"{one.name}, {one.reviews:,} reviews, fingerprint {one.fingerprint[:12]}…"


def _which_classifier(baseline: Baseline, evaluation: Evaluation, same: list[BaselineEvaluation]) -> BaselineError:
    return BaselineError(
        f"the baseline {baseline.record.name!r} has {len(same)} classifiers on this review set, and none is called "
        f"{evaluation.classifier!r}",
        where=f"evaluation {evaluation.id}",
        expected=", ".join(each.classifier for each in same),
        remedy="promote a run of the one classifier that others are compared with, under a name of its own",
    )


def _check_labels(baseline: Baseline, evaluation: Evaluation, one: BaselineEvaluation) -> None:
    scheme = evaluation.label_match
    # Names alone: classes without an order stand in that of the checkpoint, and `paired` puts them right.
    if sorted(scheme.classes) == sorted(one.classes) and scheme.labels == one.labels:
        return
    if sorted(scheme.classes) != sorted(one.classes):
        what, mine, theirs = "classes", ", ".join(scheme.classes), ", ".join(one.classes)
    else:
        what, mine, theirs = "labels", _labels(scheme.labels, one.labels), _labels(one.labels, scheme.labels)
    raise BaselineError(
        f"the baseline {baseline.record.name!r} has another label scheme",
        where=f"evaluation {evaluation.id}, {what}: {mine}",
        expected=theirs,
        remedy="evaluate with the same --label-map, --label-base and --neutral, or promote this run under another name",
    )


def _labels(mine: Mapping[str, str | None], theirs: Mapping[str, str | None]) -> str:
    """The labels of one side that the other side takes for something else."""
    differing = [label for label in mine if label not in theirs or mine[label] != theirs[label]]
    shown = [f"{label} is {mine[label] or 'left out'}" for label in differing[:DIFFERING]]
    return ", ".join(shown) + (f" and {len(differing) - DIFFERING} more" if len(differing) > DIFFERING else "") or "–"


def _not_the_same(baseline: Baseline, one: BaselineEvaluation, misfit: runs.Misfit) -> BaselineError:
    return BaselineError(
        f"the baseline {baseline.record.name!r} and the candidate have different {misfit.what}",
        where=f"{baseline.folder / one.predictions}: {misfit.sides}",
        expected=f"the same {misfit.what} in both",
        remedy=f"make one of the runs again, and promote the one that others are compared with "
        f"(`harness baseline promote latest --name {baseline.record.name}`)",
    )
