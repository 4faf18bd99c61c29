"""`predict` with a real, tiny checkpoint: killed, resumed, cached, and independent of its batches."""

from __future__ import annotations

import dataclasses
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np
import pytest
from support.checkpoints import bert
from support.stages import FakeReviews, reviews

from harness.cache import Cache
from harness.classifier import Classifier, Encoding
from harness.prediction import predict
from harness.progress import Silent

if TYPE_CHECKING:
    import torch

TESTS = Path(__file__).parents[1]
REVIEWS = 60
WORDS = 5 * ("i", "loved", "this", "book", "but", "the", "movie", "was", "not", "so", "good")

WORKER = """
import sys, time
import torch
from pathlib import Path
sys.path[:0] = [{root!r}, {tests!r}, {here!r}]
from test_checkpoints import made, some_reviews
torch.set_num_threads(1)
from harness.prediction import predict
from harness.progress import Silent

class Slow(Silent):
    def advance(self, reviews):
        print(reviews, flush=True)
        time.sleep(0.05)

predict(made(Path({checkpoint!r})), some_reviews(), Path({folder!r}), cache=None, reuse=True,
        progress=Slow(), shard_seconds=0.1, window=32)
"""


def some_reviews(count: int = REVIEWS) -> FakeReviews:
    """Texts of 1 to 40 words."""
    lengths = [1 + place * 13 % 40 for place in range(count)]
    return reviews([" ".join(WORDS[place % 11 :][:length]) for place, length in enumerate(lengths)])


def made(checkpoint: Path, token_budget: int = 128) -> Classifier:
    """The tiny classifier, on the cpu."""
    return Classifier.load(str(checkpoint), device="cpu", token_budget=token_budget)


@pytest.fixture(scope="module", autouse=True)
def _one_thread() -> Iterator[None]:
    """Threads that wait for each other are slower than the tiny classifier itself, on a busy machine."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Made once: nothing changes it."""
    return bert(tmp_path_factory.mktemp("checkpoint") / "tiny")


@pytest.fixture(scope="module")
def classifier(checkpoint: Path) -> Classifier:
    """Loaded once: the stages keep no state."""
    return made(checkpoint)


@pytest.fixture(scope="module")
def unbroken(classifier: Classifier, tmp_path_factory: pytest.TempPathFactory) -> np.ndarray:
    """(N, K) logits of a run that nothing interrupted."""
    folder = tmp_path_factory.mktemp("unbroken") / "shards"
    outcome = predict(classifier, some_reviews(), folder, cache=None, reuse=True, progress=Silent(), window=32)
    return outcome.predictions.logits


def stopped_by(number: signal.Signals, checkpoint: Path, folder: Path) -> tuple[int, int]:
    """A process of its own, sent this signal in mid-run: reviews it had finished, and its exit code."""
    names = {"root": TESTS.parent, "tests": TESTS, "here": Path(__file__).parent}
    code = WORKER.format(checkpoint=str(checkpoint), folder=str(folder), **{k: str(v) for k, v in names.items()})
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        finished = 0
        for line in process.stdout:
            finished += int(line)
            if len(list(folder.glob("shard-*.parquet"))) >= 2:
                os.kill(process.pid, number)
                break
        finished += sum(int(line) for line in process.stdout)
    return finished, process.returncode


class TestKilled:
    @pytest.mark.skipif(os.name != "posix", reason="this system has no SIGKILL")
    def test_the_result_after_a_sigkill_has_the_same_bytes(
        self, checkpoint: Path, classifier: Classifier, unbroken: np.ndarray, tmp_path: Path
    ) -> None:
        """Killed without warning between two shards, gone on with here."""
        finished, code = stopped_by(signal.SIGKILL, checkpoint, tmp_path / "shards")

        outcome = predict(
            classifier, some_reviews(), tmp_path / "shards", cache=None, reuse=True, progress=Silent(), window=32
        )

        assert code == -signal.SIGKILL
        assert 0 < outcome.resumed <= finished < REVIEWS
        assert outcome.predictions.logits.tobytes() == unbroken.tobytes()

    @pytest.mark.skipif(os.name != "posix", reason="Windows ends a process without asking")
    def test_sigterm_loses_nothing_that_was_finished(
        self, checkpoint: Path, classifier: Classifier, unbroken: np.ndarray, tmp_path: Path
    ) -> None:
        """As a build server stops a job: every finished review is on disk, the open shard's too."""
        finished, code = stopped_by(signal.SIGTERM, checkpoint, tmp_path / "shards")

        outcome = predict(
            classifier, some_reviews(), tmp_path / "shards", cache=None, reuse=True, progress=Silent(), window=32
        )

        assert code != 0
        assert finished <= outcome.resumed < REVIEWS
        assert outcome.predictions.logits.tobytes() == unbroken.tobytes()


class TestBatching:
    @pytest.mark.parametrize("kind", ["bert", "distilbert", "roberta"])
    def test_predictions_do_not_depend_on_the_budget(self, tmp_path: Path, kind: Literal["bert", "roberta"]) -> None:
        """One review at a time, some or all at once: the same logits but for rounding, in the set's order."""
        path, few = bert(tmp_path / kind, kind=kind), some_reviews(30)

        outcomes = [
            predict(made(path, budget), few, tmp_path / str(budget), cache=None, reuse=True, progress=Silent())
            for budget in (1, 100, 10_000)
        ]

        alone, some, whole = (outcome.predictions.logits for outcome in outcomes)
        assert outcomes[0].batching_tolerance is not None
        assert np.abs(some - alone).max() < outcomes[0].batching_tolerance
        assert np.abs(whole - alone).max() < outcomes[0].batching_tolerance
        assert np.abs(alone[0] - alone[1]).max() > 100 * outcomes[0].batching_tolerance
        assert [outcome.notes for outcome in outcomes] == [(), (), ()]

    def test_predictions_do_not_depend_on_the_order_of_the_set(
        self, classifier: Classifier, unbroken: np.ndarray, tmp_path: Path
    ) -> None:
        """The set backwards gives the predictions backwards."""
        backwards = reviews(some_reviews().table["text"].to_pylist()[::-1])

        outcome = predict(classifier, backwards, tmp_path / "s", cache=None, reuse=True, progress=Silent(), window=32)

        assert outcome.batching_tolerance is not None
        assert np.abs(outcome.predictions.logits[::-1] - unbroken).max() < outcome.batching_tolerance

    def test_a_forward_that_sees_its_padding_is_found(self, classifier: Classifier, tmp_path: Path) -> None:
        """An attention mask that is ignored: the sampled check says so."""
        outcome = predict(
            Unmasked(classifier), some_reviews(), tmp_path / "s", cache=None, reuse=True, progress=Silent()
        )

        assert outcome.batching_difference is not None
        assert outcome.batching_tolerance is not None
        assert outcome.batching_difference > 10 * outcome.batching_tolerance
        assert outcome.notes[0].startswith("warning: predictions depend on batching: ")


class Unmasked:
    """A classifier that attends to padding as if it were text."""

    def __init__(self, classifier: Classifier) -> None:
        self._classifier = classifier
        self.record = classifier.record
        self.token_budget = 512
        self.tokenize: Callable[[Sequence[str]], Encoding] = classifier.tokenize
        self.softmax = classifier.softmax

    def forward(self, encoding: Encoding) -> torch.Tensor:
        batch = self._classifier.place(encoding)
        seen = dataclasses.replace(batch, attention_mask=batch.attention_mask.new_ones(batch.attention_mask.shape))
        return self._classifier.forward(seen)


class TestCached:
    def test_the_same_checkpoint_in_another_folder_is_the_same_classifier(
        self, classifier: Classifier, tmp_path: Path
    ) -> None:
        """The key is content: a copy is found, other weights are not."""
        cache = Cache(tmp_path / "cache")
        predict(classifier, some_reviews(), tmp_path / "a", cache=cache, reuse=True, progress=Silent())
        copy, other = bert(tmp_path / "copy"), bert(tmp_path / "other", seed=1)

        found = [
            predict(made(path), some_reviews(), tmp_path / f"s{path.name}", cache=cache, reuse=True, progress=Silent())
            for path in (copy, other)
        ]

        assert [outcome.cached for outcome in found] == [True, False]

    def test_other_class_names_need_no_forward_pass(self, classifier: Classifier, tmp_path: Path) -> None:
        """Names decide no logit: a corrected id2label reuses the predictions."""
        cache = Cache(tmp_path / "cache")
        predict(classifier, some_reviews(), tmp_path / "a", cache=cache, reuse=True, progress=Silent())
        renamed = made(bert(tmp_path / "renamed", classes=("e", "d", "c", "b", "a")))

        outcome = predict(renamed, some_reviews(), tmp_path / "b", cache=cache, reuse=True, progress=Silent())

        assert outcome.cached
