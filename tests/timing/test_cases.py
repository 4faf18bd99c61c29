"""A case runs one stage of a real classifier, as an evaluation does, on an input that is ready."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from support import checkpoints

from harness.classifier import Batch, Classifier, Encoding
from harness.timing import STEPS, Case, TextSource, prepare, token_counter

REVIEWS = ["a good book", "not bad at all, it is the best product of the year", "awful", "I would buy it with love"] * 5


@pytest.fixture(scope="module")
def classifier(tmp_path_factory: pytest.TempPathFactory) -> Classifier:
    """A tiny real checkpoint; the stages keep no state, so every test may share it."""
    folder: Path = checkpoints.bert(tmp_path_factory.mktemp("tiny"))
    return Classifier.load(str(folder), device="cpu", max_length=64)


def case(classifier: Classifier, stage: str, count: int = 4, tokens: int = 12) -> Case:
    texts = TextSource(REVIEWS, token_counter(classifier)).near(tokens, count)
    return prepare(classifier, stage, texts, seq_len=tokens, ids=("tiny", "reviews"))  # type: ignore[arg-type]


class TestRun:
    def test_tokenize_gives_the_token_ids_of_every_text(self, classifier):
        made = case(classifier, "tokenize")
        encoding = made.run()

        assert isinstance(encoding, Encoding)
        assert encoding.input_ids == classifier.tokenize(made.texts).input_ids

    def test_place_gives_the_padded_ids_of_every_text(self, classifier):
        made = case(classifier, "place")
        batch = made.run()

        assert isinstance(batch, Batch)
        assert batch.input_ids.numel() == made.padded_tokens

    def test_the_stages_end_in_what_classify_says(self, classifier):
        expected = classifier.classify(case(classifier, "classify").texts)
        logits = case(classifier, "forward").run()

        np.testing.assert_allclose(classifier.softmax(logits).numpy(), expected, rtol=1e-5)
        np.testing.assert_allclose(case(classifier, "softmax").run().numpy(), expected, rtol=1e-5)
        np.testing.assert_allclose(case(classifier, "classify").run(), expected, rtol=1e-5)

    @pytest.mark.parametrize("stage", STEPS)
    def test_calls_that_stage_alone(self, classifier, stage, monkeypatch):
        made = case(classifier, stage)
        called: list[str] = []
        for name in ("tokenize", "place", "forward", "softmax"):
            real = getattr(Classifier, name)
            monkeypatch.setattr(
                Classifier, name, lambda self, x, name=name, real=real: (called.append(name), real(self, x))[1]
            )
        # The methods were bound when the case was made; the class is asked again only within `classify`.
        made.run()

        assert set(called) <= ({"tokenize", "place", "forward", "softmax"} if stage == "classify" else {stage})


class TestFacts:
    def test_count_tokens_without_and_with_padding(self, classifier):
        made = case(classifier, "forward", count=3, tokens=12)
        lengths = classifier.tokenize(made.texts).lengths

        assert made.facts() == {
            "classifier": "tiny",
            "review_set": "reviews",
            "stage": "forward",
            "batch_size": 3,
            "seq_len": 12,
            "tokens": int(lengths.sum()),
            "padded_tokens": 3 * int(lengths.max()),
            "device": "cpu",
            "dtype": "float32",
            "threads": made.facts()["threads"],
        }
        assert lengths.max() <= 12
        assert int(made.facts()["threads"]) >= 1

    def test_name_the_case_and_its_cell(self, classifier):
        made = case(classifier, "tokenize")

        assert (made.id, made.cell) == ("tiny.reviews.tokenize.4x12", "reviews.cpu.4x12")


class TestTokenCounter:
    def test_a_text_that_would_be_cut_counts_more_than_the_max_length(self, classifier):
        counted = token_counter(classifier)(["book", "book " * 500])

        assert counted.tolist() == [3, classifier.record.max_length + 1]

    def test_texts_fill_the_max_length_without_being_cut(self, classifier):
        texts = TextSource(REVIEWS, token_counter(classifier)).near(64, 4)
        encoding = classifier.tokenize(texts)

        assert not encoding.cut.any()
        assert encoding.lengths.min() > 56
