"""A file of predictions -> its figures, or the differences between two files: what `harness score` does."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from harness import comparison, evaluation, sampling, slicing
from harness.errors import PredictionsError
from harness.records import Comparison, Score

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pyarrow as pa

    from harness.options import Settings
    from harness.scores import Scores


def score(scores: Scores, settings: Settings) -> Score:
    """Every figure of a file of predictions.

    Raises:
        HarnessError: Predictions that cannot be scored, or options that do not fit the file.
    """
    columns = _columns(scores)
    figures = evaluation.evaluate(
        scores.probabilities,
        scores.gold,
        scores.classes,
        ordinal=scores.ordinal,
        logits=scores.logits,
        design=sampling.design_of(settings, columns, scores.gold, scores.source),
        slices=slicing.columns_of(columns, columns.column_names, None, settings.slice_by),
        confidence=settings.confidence,
        resamples=settings.resamples,
        seed=settings.seed,
    )
    return Score(
        **dict(figures),
        source=scores.source,
        classes=scores.classes,
        ordinal=scores.ordinal,
        counts={"evaluated": len(scores.gold)},
        notes=scores.notes,
    )


def compare(candidate: Scores, baseline: Scores, settings: Settings) -> Comparison:
    """The differences between two files of predictions of the same examples.

    Raises:
        PredictionsError: The files are not about the same examples.
        HarnessError: Predictions that cannot be scored, or options that do not fit the files.
    """
    where = f"{candidate.source} and {baseline.source}"
    baseline = _in_the_classes_of(candidate, baseline, where)
    rows, paired = _places(candidate, baseline, where)
    differing = (candidate.gold != baseline.gold[rows]).nonzero()[0].tolist()
    if differing:
        examples = "1 example" if len(differing) == 1 else f"{len(differing):,} examples"
        raise PredictionsError(
            f"the files disagree about the gold label of {examples}",
            where=f"{where}, example {differing[0]:,} of the first, counted from 0; {paired}",
            expected="the same examples with the same labels in both",
            remedy="compare predictions of one review set"
            + ("" if candidate.ids and baseline.ids else "; if they are, give both files a column id"),
        )
    columns = _columns(candidate)
    slices = slicing.columns_of(columns, columns.column_names, None, settings.slice_by)
    assumed = [f"{each.source}: {note}" for each in (candidate, baseline) for note in each.notes]
    return comparison.compare(
        candidate.probabilities,
        baseline.probabilities[rows],
        candidate.gold,
        names=(candidate.source, baseline.source),
        ordinal=candidate.ordinal or baseline.ordinal,
        design=sampling.design_of(settings, columns, candidate.gold, candidate.source),
        slices=slices,
        # Only what was asked for is sliced then, and so was named beforehand.
        named=[each.name for each in slices] if settings.slice_by else (),
        notes=[paired, *assumed],
        confidence=settings.confidence,
        resamples=settings.resamples,
        seed=settings.seed,
    )


def _in_the_classes_of(candidate: Scores, baseline: Scores, where: str) -> Scores:
    """The baseline with its columns in the candidate's order.

    Raises:
        PredictionsError: The classes have other names.
    """
    import numpy as np

    if candidate.classes == baseline.classes:
        return baseline
    if set(candidate.classes) != set(baseline.classes):
        raise PredictionsError(
            "the files have different classes",
            where=where,
            expected=f"{', '.join(candidate.classes)} in both, and not {', '.join(baseline.classes)}",
            remedy=f"compare predictions over the same classes; where only the names differ, "
            f"name those of both with --classes '{','.join(candidate.classes)}'",
        )
    order = [baseline.classes.index(name) for name in candidate.classes]
    return replace(
        baseline,
        probabilities=baseline.probabilities[:, order],
        logits=None if baseline.logits is None else baseline.logits[:, order],
        gold=np.argsort(order)[baseline.gold],
        classes=candidate.classes,
        notes=(*baseline.notes, "its classes were put into the order of the other file"),
    )


def _columns(scores: Scores) -> pa.Table:
    import pyarrow as pa

    return scores.columns if scores.columns is not None else pa.table({})


def _places(candidate: Scores, baseline: Scores, where: str) -> tuple[Sequence[int], str]:
    """Where each example of the candidate stands in the baseline, and how that was told."""
    import pyarrow.compute as pc

    if candidate.ids is None or baseline.ids is None:
        if len(candidate.gold) != len(baseline.gold):
            raise PredictionsError(
                f"{len(candidate.gold):,} examples in one file and {len(baseline.gold):,} in the other",
                where=where,
                expected="the same examples in the same order, or ids in both files",
                remedy="score both on the same examples",
            )
        without = [each.source for each in (candidate, baseline) if each.ids is None]
        have = f"{without[0]} has" if len(without) == 1 else f"{' and '.join(without)} have"
        return range(len(candidate.gold)), f"rows are paired by their order, since {have} no ids"
    if candidate.ids == baseline.ids:
        return range(len(candidate.ids)), "rows are paired by id"
    mine, theirs = _distinct(candidate), _distinct(baseline)
    for one, other, file in ((mine, theirs, "first"), (theirs, mine, "second")):
        alone = one.filter(pc.invert(pc.is_in(one, value_set=other)))
        if len(alone):
            raise PredictionsError(
                "the files are not about the same examples",
                where=f"{where}: id {alone[0].as_py()!r} stands in the {file} alone",
                expected=f"the same ids in both ({len(mine):,} and {len(theirs):,})",
                remedy="score both on the same examples",
            )
    found: Sequence[int] = pc.index_in(mine, value_set=theirs).to_numpy()
    return found, "rows are paired by id"


def _distinct(scores: Scores) -> pa.Array:
    """The ids; an id of two rows would not say which of them is meant."""
    import pyarrow as pa
    import pyarrow.compute as pc

    ids = pa.array(scores.ids, pa.string())
    found = ids.value_counts()
    repeated = found.filter(pc.greater(found.field("counts"), 1))
    if len(repeated):
        first = repeated[0].as_py()
        raise PredictionsError(
            f"{first['counts']:,} rows have the id {first['values']!r}",
            where=scores.source,
            expected="an id of its own for each example, since the two files are in another order",
            remedy="give each row its own id, or leave the ids out and put both files into the same order",
        )
    return ids
