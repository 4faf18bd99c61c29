"""A case: one stage at one batch size and sequence length, with its input ready."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch

    from harness.classifier import Batch, Classifier, Encoding
    from harness.records import Step
    from harness.timing.texts import CountTokens

STEPS: tuple[Step, ...] = ("tokenize", "place", "forward", "softmax", "classify")
"""The three stages in their order, with the copy to the device after the first, and the whole of them."""


@dataclass(frozen=True, eq=False)
class Inputs:
    """One batch of texts after each step: what the next one starts from, on the device where that works there."""

    texts: tuple[str, ...]
    encoding: Encoding
    batch: Batch
    logits: torch.Tensor


@dataclass(frozen=True, eq=False)
class Case:
    """What is timed, and what is said about it.

    `run` calls the stage's own method on an input that the stages before it have made, which lies
    on the device already. So the rounds hold that stage and nothing else.
    """

    classifier: str
    """Id of the classifier in this run."""
    review_set: str
    """Id of the review set that the texts come from."""
    device: str
    dtype: str
    stage: Step
    batch_size: int
    seq_len: int
    """Tokens that were asked for; the texts have as many of them as whole words allow."""
    texts: tuple[str, ...]
    tokens: int
    """Tokens of the batch, special tokens included, padding not."""
    padded_tokens: int
    run: Callable[[], Any]
    """One call: an Encoding, a Batch, logits or probabilities, of `batch_size` rows."""

    @property
    def id(self) -> str:
        return f"{self.classifier}.{self.review_set}.{self.stage}.{self.batch_size}x{self.seq_len}"

    @property
    def cell(self) -> str:
        """Cases that are measured in turn: the same texts' length and number on the same device."""
        return f"{self.review_set}.{self.device}.{self.batch_size}x{self.seq_len}"

    def facts(self) -> dict[str, str | int]:
        """What a record and pytest-benchmark's `extra_info` say of the case."""
        from harness.environment import threads

        return {
            "classifier": self.classifier,
            "review_set": self.review_set,
            "stage": self.stage,
            "batch_size": self.batch_size,
            "seq_len": self.seq_len,
            "tokens": self.tokens,
            "padded_tokens": self.padded_tokens,
            "device": self.device,
            "dtype": self.dtype,
            "threads": threads(),
        }


def inputs(classifier: Classifier, texts: Sequence[str]) -> Inputs:
    """Every stage once, for the input of the next.

    Args:
        classifier: Whose stages are timed.
        texts: One batch.
    """
    encoding = classifier.tokenize(list(texts))
    batch = classifier.place(encoding)
    return Inputs(tuple(texts), encoding, batch, classifier.forward(batch))


def case(classifier: Classifier, stage: Step, ready: Inputs, *, seq_len: int, ids: tuple[str, str]) -> Case:
    """A case of one stage.

    Args:
        classifier: Whose stage is timed.
        stage: One of `STEPS`.
        ready: What each step starts from.
        seq_len: Tokens that were asked for when the texts were chosen.
        ids: Of the classifier and of the review set, in this run.
    """
    texts = list(ready.texts)
    calls: dict[Step, Callable[[], Any]] = {
        "tokenize": _call(classifier.tokenize, texts),
        "place": _call(classifier.place, ready.encoding),
        "forward": _call(classifier.forward, ready.batch),
        "softmax": _call(classifier.softmax, ready.logits),
        "classify": _call(classifier.classify, texts),
    }
    rows, width = ready.batch.input_ids.shape
    return Case(
        classifier=ids[0],
        review_set=ids[1],
        device=classifier.record.device,
        dtype=classifier.record.dtype,
        stage=stage,
        batch_size=len(texts),
        seq_len=seq_len,
        texts=ready.texts,
        tokens=int(ready.encoding.lengths.sum()),
        padded_tokens=int(rows * width),
        run=calls[stage],
    )


def prepare(classifier: Classifier, stage: Step, texts: Sequence[str], *, seq_len: int, ids: tuple[str, str]) -> Case:
    """A case over the texts given: all stages are run once, for its input. See `inputs` and `case`."""
    return case(classifier, stage, inputs(classifier, texts), seq_len=seq_len, ids=ids)


def token_counter(classifier: Classifier) -> CountTokens:
    """Counts the tokens of texts as `TextSource` needs them: a text that is cut counts one more."""

    def count(texts: Sequence[str]) -> Any:
        encoding = classifier.tokenize(list(texts))
        return encoding.lengths + encoding.cut

    return count


def _call(method: Callable[[Any], Any], argument: Any) -> Callable[[], Any]:
    return lambda: method(argument)
