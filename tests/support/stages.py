"""A classifier and review sets at the seam of `harness.prediction`: three methods, no checkpoint.

The last bits of a logit depend on the batch, as they do where a kernel sums in another order. So a
result has the same bytes as another only where its batches were the same.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from harness.records import ClassifierRecord

if TYPE_CHECKING:
    import torch

CLASSES = ("1 star", "2 stars", "3 stars")
MAX_LENGTH = 24


def record(**changed: Any) -> ClassifierRecord:
    """The record of a fake classifier."""
    values: dict[str, Any] = {
        "id": "fake", "name": "fake", "architecture": "Fake", "classes": CLASSES, "device": "cpu",
        "device_name": "a processor", "dtype": "float32", "attention": "eager", "max_length": MAX_LENGTH,
        "parameters": 0, "weights_bytes": 0, "weights_sha256": "a" * 64, "tokenizer_sha256": "b" * 64,
        "load_seconds": 0.0,
    }  # fmt: skip
    return ClassifierRecord(**values | changed)


@dataclass(frozen=True)
class FakeEncoding:
    """Texts, a word being a token; a text longer than `MAX_LENGTH` words is cut."""

    texts: tuple[str, ...]

    @property
    def lengths(self) -> np.ndarray:
        return np.array([min(len(text.split()), MAX_LENGTH) for text in self.texts], np.int32)

    @property
    def cut(self) -> np.ndarray:
        return np.array([len(text.split()) > MAX_LENGTH for text in self.texts], np.bool_)

    def select(self, indices: np.ndarray) -> FakeEncoding:
        return FakeEncoding(tuple(self.texts[i] for i in indices))


def nothing(encoding: FakeEncoding) -> None:
    """What a fake does before a forward pass, unless told otherwise."""


@dataclass
class FakeClassifier:
    """Logits from a hash of the text, plus `jitter` times the size of the batch."""

    token_budget: int = 64
    jitter: float = 1e-7
    before_forward: Callable[[FakeEncoding], None] = nothing
    record: ClassifierRecord = field(default_factory=record)
    batches: list[tuple[str, ...]] = field(default_factory=list)
    """Texts of each forward pass."""
    tokenized: list[int] = field(default_factory=list)
    """Texts of each call to tokenize."""

    def tokenize(self, texts: Sequence[str]) -> FakeEncoding:
        self.tokenized.append(len(texts))
        return FakeEncoding(tuple(texts))

    def forward(self, encoding: FakeEncoding) -> torch.Tensor:
        import torch

        self.before_forward(encoding)
        self.batches.append(encoding.texts)
        width, count = int(encoding.lengths.max()), len(encoding.texts)
        rows = [logits_of(text) + self.jitter * np.float32(width * count) for text in encoding.texts]
        return torch.from_numpy(np.stack(rows).astype(np.float32))

    def softmax(self, logits: torch.Tensor) -> torch.Tensor:
        return logits.float().softmax(dim=1)


def logits_of(text: str) -> np.ndarray:
    """(3,) float32 between -1 and 1, from the text alone."""
    content = hashlib.sha256(text.encode()).digest()[: 2 * len(CLASSES)]
    return (np.frombuffer(content, np.uint16) / 32767.5 - 1).astype(np.float32)


@dataclass(frozen=True)
class FakeReviews:
    """A review set of texts that have their place as id."""

    table: pa.Table
    texts_fingerprint: str

    def __len__(self) -> int:
        return len(self.table)


def reviews(texts: Sequence[str]) -> FakeReviews:
    """A review set of these texts."""
    ids = [f"review {place}" for place in range(len(texts))]
    table = pa.table({"id": pa.array(ids, pa.string()), "text": pa.array(list(texts), pa.string())})
    return FakeReviews(table, hashlib.sha256("\0".join(texts).encode()).hexdigest())


def varied(count: int) -> FakeReviews:
    """So many reviews of 1 to 30 words, each its own."""
    return reviews([" ".join(["word"] * (place * 7 % 30)) + f" {place}" for place in range(count)])


@dataclass
class Told:
    """A progress that remembers what it was told."""

    resumed: int = 0
    advanced: int = 0

    def resume(self, reviews: int) -> None:
        self.resumed += reviews

    def advance(self, reviews: int) -> None:
        self.advanced += reviews
