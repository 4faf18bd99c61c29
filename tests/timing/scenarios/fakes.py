"""A clock that stands still unless work is done or waited for, and a classifier whose work takes what it is told."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
from support import stages

from harness import batching
from harness.encoding import Encoding
from harness.progress import Silent
from harness.records import ClassifierRecord
from harness.timing.scenarios import Rules
from harness.timing.scenarios.scene import Scene


@dataclass
class FakeClock:
    """Seconds that pass only where somebody lets them."""

    time: float = 100.0

    def now(self) -> float:
        return self.time

    def sleep_until(self, moment: float) -> None:
        self.time = max(self.time, moment)


@dataclass
class FakeClassifier:
    """Each word is a token; a forward pass takes the seconds that `service` says for the lengths of its reviews."""

    clock: FakeClock
    service: Callable[[np.ndarray], float]
    token_budget: int = 64
    tokenizing: float = 0.0
    """Seconds for a review."""
    record: ClassifierRecord = field(default_factory=stages.record)
    tokenized: list[str] = field(default_factory=list)
    """Every text, as often as it was tokenized."""
    passes: list[np.ndarray] = field(default_factory=list)
    """Lengths of the reviews in each forward pass."""

    def tokenize(self, texts: Sequence[str]) -> Encoding:
        self.clock.time += self.tokenizing * len(texts)
        self.tokenized += texts
        lengths = [len(text.split()) for text in texts]
        flat = np.array([len(word) for text in texts for word in text.split()], np.int32)
        return Encoding(flat, np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64), np.zeros(len(texts), bool))

    def classify_encoding(self, encoding: Encoding) -> np.ndarray:
        for batch in batching.plan(encoding.lengths, self.token_budget):
            self.passes.append(encoding.lengths[batch])
            self.clock.time += self.service(encoding.lengths[batch])
        return np.full((len(encoding), 3), 1 / 3, np.float32)


def texts(*lengths: int) -> list[str]:
    """Reviews of so many words, each its own."""
    return [" ".join(["word"] * (length - 1) + [f"number{place}"]) for place, length in enumerate(lengths)]


def rules(**changed: float) -> Rules:
    """Short ones."""
    values = {"min_seconds": 2.0, "min_queries": 100, "bound_seconds": 0.1, "seed": 3}
    return Rules(**values | changed)  # type: ignore[arg-type]


def scene(classifier: FakeClassifier, reviews: Sequence[str], kept: Rules) -> Scene:
    """A scenario at work, without its warm-up."""
    return Scene(classifier, reviews, kept, classifier.clock, Silent(), "c.r.s", ("c", "r"))


def constant(seconds: float) -> Callable[[np.ndarray], float]:
    """A forward pass takes so long, whatever it holds."""
    return lambda lengths: seconds
