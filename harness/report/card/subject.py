"""Which results go into a card: evaluations of one classifier, since a card is of one model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.errors import NothingMeasured, UsageError

if TYPE_CHECKING:
    from harness.records import ClassifierRecord, Evaluation, ReviewSetRecord, Run


@dataclass(frozen=True)
class Subject:
    """One classifier of a run, with what was measured of it."""

    classifier: ClassifierRecord
    evaluations: tuple[Evaluation, ...]
    review_sets: Mapping[str, ReviewSetRecord]
    """By id."""
    confidence: float
    """Level of the intervals."""


def choose(run: Run, ids: Sequence[str] = ()) -> Subject:
    """The evaluations of those ids, or all of the run.

    Raises:
        NothingMeasured: The run has no evaluation.
        UsageError: An id that no evaluation has, or evaluations of several classifiers.
    """
    if not run.evaluations:
        raise NothingMeasured(
            "nothing measured: the run has no evaluation, so a card has nothing to tell",
            where=run.id,
            remedy="harness evaluate --model MODEL --dataset SET",
        )
    known = {one.id: one for one in run.evaluations}
    for name in ids:
        if name not in known:
            raise UsageError(
                f"the run has no evaluation {name!r}",
                where="option --evaluation",
                expected=", ".join(known),
                remedy="name one of these, or leave the option out for all",
            )
    chosen = tuple(known[name] for name in dict.fromkeys(ids)) if ids else run.evaluations
    names = list(dict.fromkeys(one.classifier for one in chosen))
    if len(names) > 1:
        raise UsageError(
            f"a card is of one classifier, and these evaluations are of {len(names)}",
            where="\n".join(f"{name}: {_ids(chosen, name)}" for name in names),
            remedy="choose the evaluations of one with --evaluation ID, once for each",
        )
    return Subject(
        next(each for each in run.classifiers if each.id == names[0]),
        chosen,
        {each.id: each for each in run.review_sets},
        run.confidence,
    )


def _ids(chosen: Sequence[Evaluation], classifier: str) -> str:
    return ", ".join(one.id for one in chosen if one.classifier == classifier)
