"""Review set + classifier -> predictions: in windows and shards, resumed after a kill, reused from the cache.

texts ─ windows ─ tokenize (a window ahead) ─ batches ─ forward ─ softmax ─ shards ─ predictions
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from harness import batching
from harness.prediction import independence, shards
from harness.prediction.interruption import sigterm_interrupts
from harness.prediction.key import ContentKey, content_key, key_of
from harness.prediction.rows import Finished
from harness.prediction.shards import Plan, Shards
from harness.prediction.stages import Encoding, Reviews, Stages, TimedStages, texts_of
from harness.prediction.windows import WINDOW, Window, ahead, windows
from harness.records import StageSeconds

if TYPE_CHECKING:
    from harness.cache import Cache
    from harness.progress import Progress

__all__ = ["Outcome", "Predictions", "key_of", "predict"]

SHARD_SECONDS = 30.0


@dataclass(frozen=True)
class Predictions:
    """One row a review, in the set's own order."""

    ids: list[str]
    """N ids."""
    logits: np.ndarray
    """(N, K) float32, K classes of the classifier."""
    tokens: np.ndarray
    """(N,) int32, tokens without padding."""
    cut: np.ndarray
    """(N,) bool, the text was longer than the max length."""


@dataclass(frozen=True)
class Outcome:
    """Predictions, and how they came about. The fields of `records.Evaluation` of the same names say more."""

    predictions: Predictions
    token_budget: int
    cached: bool = False
    resumed: int = 0
    """Reviews that an earlier process had finished."""
    stage_seconds: StageSeconds | None = None
    reviews_per_s: float | None = None
    tokens_per_s: float | None = None
    timing_reason: str | None = None
    padding_share: float | None = None
    batching_difference: float | None = None
    batching_tolerance: float | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Measured:
    """What this process did of the whole."""

    reviews: int
    tokens: int
    seconds: StageSeconds
    notes: tuple[str, ...]


def predict(
    classifier: Stages,
    review_set: Reviews,
    folder: Path,
    *,
    cache: Cache | None,
    reuse: bool,
    progress: Progress,
    shard_seconds: float = SHARD_SECONDS,
    window: int = WINDOW,
) -> Outcome:
    """Classify every review of a set.

    Finished predictions of the same content key are reused. Else the shards in `folder` are gone on
    with where they are of the same key, and the result is what an unbroken run gives, bit by bit
    where machine and number of threads are the same too.
    KeyboardInterrupt and SIGTERM lose nothing that was finished.

    Args:
        classifier: The three stages, their record and the token budget for new work.
        review_set: The reviews.
        folder: Where the shards of this evaluation lie; left in place for the run to remove.
        cache: Finished predictions; None keeps none.
        reuse: False measures anew where finished predictions are at hand; unfinished ones are still
            gone on with.
        progress: Told of each finished batch.
        shard_seconds: Longest time that a finished review waits to be on disk.
        window: Reviews that are ordered by token count together.

    Raises:
        RunError: The folder cannot be written, or another process works in it.
        ClassifierError: A review alone does not fit the memory, or a logit is not finite.
        KeyboardInterrupt: Interrupted; what was finished is on disk.
    """
    key = content_key(classifier.record, review_set)
    notes: list[str] = []
    if cache is not None and reuse:
        lookup = cache.get(key.digest, len(review_set))
        notes += [lookup.note] if lookup.note else []
        if lookup.finished is not None:
            return _reused(lookup.finished, review_set, classifier.record.dtype)
    wanted = Plan.of(
        key,
        reviews=len(review_set),
        classes=len(classifier.record.classes),
        token_budget=classifier.token_budget,
        window=window,
    )
    with sigterm_interrupts(), shards.opened(folder, wanted, shard_seconds=shard_seconds) as kept:
        resumed = int(kept.done.sum())
        if resumed:
            progress.resume(resumed)
        measured = _classify(classifier, review_set, kept, progress)
    finished = _finished(classifier, review_set, kept, key)
    notes += [*kept.notes, *measured.notes]
    if cache is not None:
        failed = cache.put(key.digest, finished)
        notes += [failed] if failed else []
    return _outcome(finished, measured, resumed, review_set, classifier.record.dtype, notes)


def _classify(classifier: Stages, review_set: Reviews, kept: Shards, progress: Progress) -> _Measured:
    """Put every batch that is not finished through the stages; the shards hold the rest already."""
    stages = TimedStages(classifier)
    reviews = tokens = 0

    def tokenize(window: Window) -> Encoding:
        return stages.tokenize(texts_of(review_set, window.start, len(window)))

    started = time.perf_counter()
    missing = [w for w in windows(len(review_set), kept.plan.window) if not kept.done[w.span].all()]
    for window, encoding in ahead(missing, tokenize):
        for batch in batching.plan(encoding.lengths, kept.plan.token_budget):
            positions = batch + window.start
            # A batch is finished whole or done again whole: part of one would round otherwise.
            if kept.done[positions].all():
                continue
            logits = stages.logits(encoding, batch)
            kept.add(positions, logits, encoding.lengths[batch], encoding.cut[batch])
            progress.advance(len(batch))
            reviews += len(batch)
            tokens += int(encoding.lengths[batch].sum())
    kept.flush()
    seconds = StageSeconds(
        tokenize=stages.tokenize_s,
        forward=stages.forward_s,
        softmax=stages.softmax_s,
        wall=time.perf_counter() - started,
    )
    return _Measured(reviews, tokens, seconds, tuple(stages.notes))


def _finished(classifier: Stages, review_set: Reviews, kept: Shards, key: ContentKey) -> Finished:
    """All predictions, with what is said of them wherever they are reused."""
    rows = kept.rows()
    sample = independence.sampled(len(rows), key.digest)
    return Finished(
        rows=rows,
        token_budget=kept.plan.token_budget,
        padding_share=_padding_share(rows.tokens, kept.plan),
        batching_difference=independence.difference(classifier, review_set, rows.logits, sample),
        batching_tolerance=independence.tolerance(classifier.record.dtype, rows.logits),
    )


def _padding_share(tokens: np.ndarray, plan: Plan) -> float:
    """Share of the padded tokens that are padding, over all batches of the plan."""
    batches = [
        batch + window.start
        for window in windows(plan.reviews, plan.window)
        for batch in batching.plan(tokens[window.span], plan.token_budget)
    ]
    return batching.padding_share(tokens, batches)


def _reused(finished: Finished, review_set: Reviews, dtype: str) -> Outcome:
    reason = "predictions reused from the cache; --no-cache measures anew"
    return _described(finished, review_set, dtype, [], cached=True, timing_reason=reason)


def _outcome(
    finished: Finished, measured: _Measured, resumed: int, review_set: Reviews, dtype: str, notes: list[str]
) -> Outcome:
    if not measured.reviews:
        reason = f"nothing was measured: all {resumed:,} reviews were finished before the run was resumed"
        return _described(finished, review_set, dtype, notes, resumed=resumed, timing_reason=reason)
    covers = f"covers {measured.reviews:,} of {len(review_set):,} reviews: the run was resumed"
    return _described(
        finished,
        review_set,
        dtype,
        notes,
        resumed=resumed,
        stage_seconds=measured.seconds,
        reviews_per_s=measured.reviews / measured.seconds.wall,
        tokens_per_s=measured.tokens / measured.seconds.wall,
        timing_reason=covers if resumed else None,
    )


def _described(finished: Finished, review_set: Reviews, dtype: str, notes: list[str], **how: object) -> Outcome:
    warning = independence.note(finished.batching_difference, finished.batching_tolerance, dtype)
    rows = finished.rows
    return Outcome(
        predictions=Predictions(review_set.table["id"].to_pylist(), rows.logits, rows.tokens, rows.cut),
        token_budget=finished.token_budget,
        padding_share=finished.padding_share,
        batching_difference=finished.batching_difference,
        batching_tolerance=finished.batching_tolerance,
        notes=(*notes, *([warning] if warning else [])),
        **how,  # type: ignore[arg-type]
    )
