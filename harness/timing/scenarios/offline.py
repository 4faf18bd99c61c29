"""All reviews at once: how many can be classified in a second."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from harness import batching
from harness.prediction.windows import WINDOW
from harness.timing.scenarios.queries import Queries
from harness.timing.scenarios.scene import Outcome, Scene


@dataclass
class _Done:
    """Windows that are answered, one entry each."""

    started: list[float] = field(default_factory=list)
    answered: list[float] = field(default_factory=list)
    lengths: list[np.ndarray] = field(default_factory=list)


def measure(scene: Scene) -> Outcome:
    """Throughput over whole passes through the set, in its order, until both minimums are met.

    The reviews are handed over in windows, each tokenized, ordered by token count and put through `forward` in
    batches under the token budget. Only whole passes have the set's own mix of lengths.
    """
    done, rules = _Done(), scene.rules
    begin = scene.clock.now()
    passes, end = 0, 0.0
    while end < rules.min_seconds or passes * len(scene.texts) < rules.min_queries:
        end = _pass(scene, begin, done)
        passes += 1
    queries = _queries(done, passes, len(scene.texts), scene.subject.token_budget)
    return Outcome(scene.record("offline", queries), None)


def _pass(scene: Scene, begin: float, done: _Done) -> float:
    """Once through the set; seconds from the beginning to its last answer."""
    end = 0.0
    for start in range(0, len(scene.texts), WINDOW):
        done.started.append(scene.clock.now() - begin)
        done.lengths.append(scene.answer(scene.texts[start : start + WINDOW]))
        end = scene.clock.now() - begin
        done.answered.append(end)
        scene.tell(len(done.lengths[-1]), begin + end)
    return end


def _queries(done: _Done, passes: int, reviews: int, token_budget: int) -> Queries:
    counts = [len(lengths) for lengths in done.lengths]
    return Queries(
        review=np.tile(np.arange(reviews), passes),
        scheduled=np.zeros(sum(counts)),
        started=np.repeat(done.started, counts),
        answered=np.repeat(done.answered, counts),
        tokens=np.concatenate(done.lengths).astype(np.int32),
        batch_size=np.concatenate([_batch_sizes(lengths, token_budget) for lengths in done.lengths]),
    )


def _batch_sizes(lengths: np.ndarray, token_budget: int) -> np.ndarray:
    """(n,) int32: reviews in the forward pass of each, planned once more, as `forward` had them."""
    sizes = np.empty(len(lengths), np.int32)
    for batch in batching.plan(lengths, token_budget):
        sizes[batch] = len(batch)
    return sizes
