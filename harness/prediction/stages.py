"""The classifier's stages as an evaluation walks through them: timed, and halved when memory is short."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from harness.errors import ClassifierError

if TYPE_CHECKING:
    import pyarrow as pa
    import torch

    from harness.records import ClassifierRecord


class Encoding(Protocol):
    """Tokenized texts."""

    @property
    def lengths(self) -> np.ndarray: ...  # (N,) int32, tokens
    @property
    def cut(self) -> np.ndarray: ...  # (N,) bool
    def select(self, indices: np.ndarray) -> Encoding: ...


class Stages(Protocol):
    """What an evaluation needs of a classifier."""

    @property
    def record(self) -> ClassifierRecord: ...
    @property
    def token_budget(self) -> int: ...
    def tokenize(self, texts: Sequence[str]) -> Encoding: ...
    def forward(self, encoding: Any) -> torch.Tensor: ...
    def softmax(self, logits: torch.Tensor) -> torch.Tensor: ...


class Reviews(Protocol):
    """What an evaluation needs of a review set."""

    @property
    def table(self) -> pa.Table: ...  # columns id and text among them
    @property
    def texts_fingerprint(self) -> str: ...
    def __len__(self) -> int: ...


def texts_of(review_set: Reviews, start: int, count: int) -> list[str]:
    """The texts of some reviews in the set's order, without making a list of all."""
    texts: list[str] = review_set.table["text"].slice(start, count).to_pylist()
    return texts


class TimedStages:
    """A classifier's three stages with the seconds that each took.

    `tokenize` runs in a thread of its own, beside the two others; each stage has its own clock.
    """

    def __init__(self, classifier: Stages) -> None:
        self.classifier = classifier
        self.tokenize_s = 0.0
        self.forward_s = 0.0
        self.softmax_s = 0.0
        self.notes: list[str] = []
        self._ceiling: int | None = None
        """Padded tokens that one forward pass may have since memory ran out."""

    def tokenize(self, texts: Sequence[str]) -> Encoding:
        """Token ids of the texts, timed."""
        started = time.perf_counter()
        encoding = self.classifier.tokenize(texts)
        self.tokenize_s += time.perf_counter() - started
        return encoding

    def logits(self, encoding: Encoding, batch: np.ndarray) -> np.ndarray:
        """(n, K) float32 logits of a batch, n indices into the encoding, through forward and softmax.

        The probabilities are not kept: they are computed from the logits in float64 when the labels
        are matched. softmax runs here so that its time is that of these reviews.

        A batch that does not fit the device's memory is split in two, and every later one that is
        as large as well: the plan of batches stays as it is.

        Raises:
            ClassifierError: One review alone does not fit, or a logit is not finite.
        """
        if len(batch) > 1 and self._ceiling is not None and _padded(encoding, batch) > self._ceiling:
            return self._in_two(encoding, batch)
        try:
            return self._pass(encoding, batch)
        except Exception as error:
            if not _is_out_of_memory(error):
                raise
        # Outside the handler, so that the traceback no longer holds the tensors that did not fit.
        self._lower_the_ceiling(encoding, batch)
        return self._in_two(encoding, batch)

    def _in_two(self, encoding: Encoding, batch: np.ndarray) -> np.ndarray:
        half = len(batch) // 2
        return np.concatenate([self.logits(encoding, batch[:half]), self.logits(encoding, batch[half:])])

    def _pass(self, encoding: Encoding, batch: np.ndarray) -> np.ndarray:
        device = self.classifier.record.device
        started = time.perf_counter()
        logits = self.classifier.forward(encoding.select(batch))
        _synchronize(device)
        forwarded = time.perf_counter()
        self.classifier.softmax(logits)
        _synchronize(device)
        self.softmax_s += time.perf_counter() - forwarded
        self.forward_s += forwarded - started
        return self._checked(logits.float().cpu().numpy(), len(batch))

    def _checked(self, logits: np.ndarray, reviews: int) -> np.ndarray:
        record = self.classifier.record
        if logits.shape != (reviews, len(record.classes)):
            raise ClassifierError(
                f"forward gave logits of shape {logits.shape}",
                where=record.name,
                expected=f"({reviews}, {len(record.classes)}): reviews, classes",
                remedy="check the checkpoint's id2label against its classification head",
            )
        broken = int((~np.isfinite(logits)).any(axis=1).sum())
        if broken:
            raise ClassifierError(
                f"forward gave logits that are not finite, for {broken:,} of {reviews:,} reviews of a batch",
                where=f"{record.name}, dtype {record.dtype}",
                expected="finite numbers",
                remedy="use --dtype float32 or bfloat16: float16 ends at 65,504"
                if record.dtype == "float16"
                else "check the checkpoint's weights: training may have diverged",
            )
        return logits

    def _lower_the_ceiling(self, encoding: Encoding, batch: np.ndarray) -> None:
        record, padded = self.classifier.record, _padded(encoding, batch)
        if len(batch) == 1:
            raise ClassifierError(
                f"one review of {padded:,} tokens does not fit the memory of {record.device_name}",
                where=f"{record.name}, device {record.device}",
                remedy="free memory on the device, or use --max-length, --dtype bfloat16 or --device cpu",
            )
        self._ceiling = padded // 2
        self.notes.append(
            f"memory of {record.device_name} ran out at {padded:,} padded tokens: larger batches than "
            f"{self._ceiling:,} were split in two; --token-budget {self._ceiling} avoids the retries"
        )
        if record.device.startswith("cuda"):
            import torch

            torch.cuda.empty_cache()


def _padded(encoding: Encoding, batch: np.ndarray) -> int:
    return int(encoding.lengths[batch].max()) * len(batch)


def _synchronize(device: str) -> None:
    """Wait for the device, so that a clock read after it covers the work; the cpu has none outstanding."""
    kind = device.partition(":")[0]
    if kind == "cpu":
        return
    import torch

    if kind == "cuda":
        torch.cuda.synchronize(device)
    elif kind == "mps":
        torch.mps.synchronize()


def _is_out_of_memory(error: Exception) -> bool:
    # CUDA has a type for it; mps and the cpu's allocator raise a RuntimeError that says so.
    if type(error).__name__ == "OutOfMemoryError" or isinstance(error, MemoryError):
        return True
    words = ("out of memory", "can't allocate memory", "not enough memory")
    return isinstance(error, RuntimeError) and any(word in str(error) for word in words)
