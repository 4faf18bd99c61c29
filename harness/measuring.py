"""One classifier on one review set: match the labels, predict, evaluate, keep the evidence.

The label contract comes first: a set that does not fit ends here, before any forward pass.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from harness import labels, runs, sampling, slicing
from harness.cache import Cache
from harness.evaluation import evaluate
from harness.labels import LabelMatch
from harness.options import Settings
from harness.prediction import Outcome, predict
from harness.records import ClassifierRecord, Counts, Evaluation, Figures, LabelMatchRecord, ReviewSetRecord
from harness.statistics.design import Design

if TYPE_CHECKING:
    import pyarrow as pa

    from harness.classifier import Classifier
    from harness.progress import Progress
    from harness.reviews import ReviewSet

LEFT_OUT = -1


@dataclass(frozen=True)
class Evaluated:
    """One classifier on one review set, measured."""

    record: Evaluation
    classifier: ClassifierRecord
    review_set: ReviewSetRecord
    probabilities: np.ndarray
    """(N, E) float32, in the evaluation's classes, in the set's order."""
    gold: np.ndarray
    """(N,) int64, indices into the evaluation's classes."""


@dataclass(frozen=True)
class Matched:
    """A review set's labels in the terms of a classifier."""

    match: LabelMatch
    gold: np.ndarray
    """(N,) int64 for every review of the set; -1 where the review is left out."""
    left_out: dict[str, int]
    """Reason -> reviews left out by the match."""
    columns: pa.Table
    """The kept columns of the reviews that have a gold class."""
    design: Design
    """How these reviews were drawn."""


def matched(classes: Sequence[str], review_set: ReviewSet, settings: Settings) -> Matched:
    """The label contract between a set and a classifier with these classes, and what else can fail at no cost.

    Raises:
        LabelError: The labels do not fit, or could fit in two ways, or leave nothing to evaluate.
        ReviewSetError: A review without a value in the column of clusters or strata.
        UsageError: A column of slices, clusters or strata that is not there, or not fit for it.
    """
    match = labels.match(
        review_set.labels(),
        classes,
        label_map=labels.read_label_map(settings.label_map) if settings.label_map else None,
        label_base=int(settings.label_base) if settings.label_base else None,
        neutral=settings.neutral,
        where=review_set.location,
        rows_of=review_set.rows_of,
        skip_unknown=settings.on_bad_row == "skip",
    )
    codes = review_set.table["label"].combine_chunks().dictionary_encode()
    of_text = np.array([_index(match.gold_of[text]) for text in codes.dictionary.to_pylist()], dtype=np.int64)
    gold = of_text[codes.indices.to_numpy(zero_copy_only=False)]
    counts = review_set.labels()
    left_out = {
        "neutral label (--neutral drop)": sum(counts[text] for text in match.left_out),
        "label that fits no class": sum(counts[text] for text in match.unknown),
    }
    rows = np.flatnonzero(gold != LEFT_OUT)
    columns, labelled = review_set.table.select(review_set.kept).take(rows), gold[rows]
    design = sampling.design_of(settings, columns, labelled, review_set.location)
    # Of the lengths nothing is known yet: this is to refuse a mistyped column before any forward pass.
    slicing.columns_of(columns, review_set.kept, np.zeros_like(labelled), settings.slice_by)
    return Matched(match, gold, {reason: count for reason, count in left_out.items() if count}, columns, design)


def _index(found: int | None) -> int:
    return LEFT_OUT if found is None else found


def measure(
    classifier: Classifier,
    review_set: ReviewSet,
    contract: Matched,
    *,
    settings: Settings,
    folder: Path,
    classifier_id: str,
    review_set_id: str,
    progress: Progress,
) -> Evaluated:
    """Predict, evaluate, and write the predictions and reviews into the run folder.

    Raises:
        RunError: The run folder cannot be written.
    """
    name = f"{classifier_id}-{review_set_id}"
    shards = folder / "predictions" / f"{name}.shards"
    outcome = predict(classifier, review_set, shards, cache=Cache(None), reuse=not settings.no_cache, progress=progress)
    scored = _scored(contract, outcome)
    lengths = outcome.predictions.tokens[scored.rows]
    figures = evaluate(
        scored.probabilities,
        scored.gold,
        contract.match.classes,
        ordinal=contract.match.ordinal,
        logits=scored.logits,
        design=contract.design,
        slices=slicing.columns_of(contract.columns, review_set.kept, lengths, settings.slice_by),
        confidence=settings.confidence,
        resamples=settings.resamples,
        seed=settings.seed,
    )
    predictions, texts = f"predictions/{name}.parquet", f"reviews/{review_set_id}.parquet"
    _write_predictions(folder / predictions, scored, contract.match, outcome, classifier.classes)
    runs.write_reviews(folder / texts, review_set.table, texts=not settings.no_texts)
    record = Evaluation(
        **dict(figures),
        id=name,
        classifier=classifier_id,
        review_set=review_set_id,
        counts=_counts(review_set, contract, outcome, scored.rows),
        label_match=_label_record(contract.match, figures, classifier.classes),
        reviews_per_s=outcome.reviews_per_s,
        tokens_per_s=outcome.tokens_per_s,
        stage_seconds=outcome.stage_seconds,
        timing_reason=outcome.timing_reason,
        token_budget=outcome.token_budget,
        padding_share=outcome.padding_share,
        batching_difference=outcome.batching_difference,
        batching_tolerance=outcome.batching_tolerance,
        predictions=predictions,
        reviews=texts,
        cached=outcome.cached,
        notes=outcome.notes,
    )
    return Evaluated(
        record,
        classifier.record.model_copy(update={"id": classifier_id}),
        review_set.record().model_copy(update={"id": review_set_id}),
        scored.probabilities,
        scored.gold,
    )


@dataclass(frozen=True)
class _Scored:
    """The reviews of a set that have a gold class."""

    rows: np.ndarray
    """(M,) int64, places in the set."""
    gold: np.ndarray
    """(M,) int64, indices into the evaluation's classes."""
    probabilities: np.ndarray
    """(M, E) float32."""
    logits: np.ndarray
    """(M, E) float64, whose softmax the probabilities are."""


def _scored(contract: Matched, outcome: Outcome) -> _Scored:
    rows = np.flatnonzero(contract.gold != LEFT_OUT)
    logits = outcome.predictions.logits[rows]
    match = contract.match
    return _Scored(rows, contract.gold[rows], match.project(logits), match.project_logits(logits))


def _write_predictions(
    path: Path, scored: _Scored, match: LabelMatch, outcome: Outcome, classifier_classes: Sequence[str]
) -> None:
    predictions, rows = outcome.predictions, scored.rows
    runs.write_predictions(
        path,
        ids=[predictions.ids[row] for row in rows],
        gold=scored.gold,
        logits=predictions.logits[rows],
        probabilities=scored.probabilities,
        tokens=predictions.tokens[rows],
        cut=predictions.cut[rows],
        classes=match.classes,
        logit_classes=classifier_classes,
    )


def _label_record(match: LabelMatch, figures: Figures, classifier_classes: Sequence[str]) -> LabelMatchRecord:
    """The label match, with a warning where another assignment of the classes fits the gold labels better."""
    record = match.record(classifier_classes)
    finding = labels.permutation_check(np.array(figures.confusion), match.classes, match.gold_of)
    if finding is None:
        return record
    warning = f"{finding.sentence}. To settle it, {finding.remedy}"
    return record.model_copy(update={"warnings": (*record.warnings, warning)})


def _counts(review_set: ReviewSet, contract: Matched, outcome: Outcome, kept: np.ndarray) -> Counts:
    reasons = dict(review_set.skipped_reasons) | contract.left_out
    top = outcome.predictions.logits[kept].argmax(axis=1)
    return Counts(
        read=review_set.read,
        skipped=sum(reasons.values()),
        skipped_reasons=reasons,
        cut=int(outcome.predictions.cut[kept].sum()),
        evaluated=len(kept),
        repeated_texts=review_set.repeated_texts,
        middle_predictions=int(np.isin(top, contract.match.unlabelled).sum()),
    )
