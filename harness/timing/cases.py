"""A case: one stage at one batch size and sequence length, with its input ready."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, get_args

from harness.timing.texts import CountTokens

if TYPE_CHECKING:
    from harness.classifier import Classifier
    from harness.records import Timing

Stage = Literal["tokenize", "forward", "softmax", "classify"]
STAGES: tuple[Stage, ...] = get_args(Stage)
"""The three stages in their order, and the whole of them."""


@dataclass(frozen=True)
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
    stage: Stage
    batch_size: int
    seq_len: int
    """Tokens that were asked for; the texts have as many of them as whole words allow."""
    texts: tuple[str, ...]
    tokens: int
    """Tokens of the batch, special tokens included, padding not."""
    padded_tokens: int
    run: Callable[[], Any]
    """One round: an Encoding, logits or probabilities, of `batch_size` rows."""

    @property
    def id(self) -> str:
        return f"{self.classifier}.{self.review_set}.{self.stage}.{self.batch_size}x{self.seq_len}"

    @property
    def group(self) -> str:
        """Cases that stand in one table: the same stage on the same device in the same dtype."""
        return f"{self.stage} ({self.device}, {self.dtype})"

    def facts(self) -> dict[str, str | int]:
        """What pytest-benchmark keeps as `extra_info`."""
        from harness.environment import threads

        return {
            "classifier": self.classifier,
            "stage": self.stage,
            "batch_size": self.batch_size,
            "seq_len": self.seq_len,
            "tokens": self.tokens,
            "padded_tokens": self.padded_tokens,
            "device": self.device,
            "dtype": self.dtype,
            "threads": threads(),
        }

    def timing(self, seconds: Sequence[float], iterations: int) -> Timing:
        """The record of this case's rounds.

        Args:
            seconds: Seconds of one call, for each round in the order measured.
            iterations: Calls in a round.
        """
        from harness.records import Timing

        return Timing.model_validate({**self.facts(), "id": self.id, "seconds": seconds, "iterations": iterations})


def prepare(classifier: Classifier, stage: Stage, texts: Sequence[str], *, seq_len: int, ids: tuple[str, str]) -> Case:
    """A case over the texts given: the stages before `stage` are run once, for its input.

    Args:
        classifier: Whose stage is timed.
        stage: One of `STAGES`.
        texts: One batch.
        seq_len: Tokens that were asked for when the texts were chosen.
        ids: Of the classifier and of the review set, in this run.
    """
    encoding = classifier.tokenize(texts)
    batch = classifier.place(encoding)
    run: Callable[[], Any]
    if stage == "tokenize":
        run = _call(classifier.tokenize, list(texts))
    elif stage == "forward":
        run = _call(classifier.forward, batch)
    elif stage == "softmax":
        run = _call(classifier.softmax, classifier.forward(batch))
    else:
        run = _call(classifier.classify, list(texts))
    rows, width = batch.input_ids.shape
    return Case(
        classifier=ids[0],
        review_set=ids[1],
        device=classifier.record.device,
        dtype=classifier.record.dtype,
        stage=stage,
        batch_size=len(texts),
        seq_len=seq_len,
        texts=tuple(texts),
        tokens=int(encoding.lengths.sum()),
        padded_tokens=int(rows * width),
        run=run,
    )


def token_counter(classifier: Classifier) -> CountTokens:
    """Counts the tokens of texts as `TextSource` needs them: a text that is cut counts one more."""

    def count(texts: Sequence[str]) -> Any:
        encoding = classifier.tokenize(list(texts))
        return encoding.lengths + encoding.cut

    return count


def _call(method: Callable[[Any], Any], argument: Any) -> Callable[[], Any]:
    return lambda: method(argument)
