from __future__ import annotations

import numpy as np
import pytest
from support.stages import FakeClassifier, logits_of, varied

from harness.prediction import independence


class TestTolerance:
    def test_it_grows_with_the_largest_logit_and_the_dtypes_eps(self) -> None:
        """256 × 2⁻²³ × 4 in float32; 16 × 2⁻⁷ × 4 in bfloat16."""
        logits = np.array([[1.0, -4.0]], np.float32)

        assert independence.tolerance("float32", logits) == 256 * 2**-23 * 4
        assert independence.tolerance("bfloat16", logits) == 16 * 2**-7 * 4

    def test_small_logits_are_measured_against_one(self) -> None:
        """The hidden states behind them are of order 1, and so is their rounding."""
        assert independence.tolerance("float32", np.full((3, 2), 1e-4)) == 256 * 2**-23

    def test_an_empty_set_has_one_too(self) -> None:
        """No logit, no error."""
        assert independence.tolerance("float32", np.zeros((0, 5))) == 256 * 2**-23


class TestSampled:
    def test_the_same_key_gives_the_same_sample(self) -> None:
        """A rerun asks the same reviews."""
        assert independence.sampled(1000, "key") == independence.sampled(1000, "key")
        assert independence.sampled(1000, "key") != independence.sampled(1000, "other key")

    def test_a_small_set_is_its_own_sample(self) -> None:
        """Sixteen, or all there are."""
        assert independence.sampled(3, "key") == [0, 1, 2]
        assert len(set(independence.sampled(1000, "key"))) == 16


class TestDifference:
    def test_it_is_the_largest_change_of_any_logit(self) -> None:
        """One logit of one review moved by 0.25."""
        review_set = varied(4)
        logits = np.stack([logits_of(text) for text in review_set.table["text"].to_pylist()])
        logits[2, 1] += 0.25

        classifier = FakeClassifier(jitter=0)

        assert independence.difference(classifier, review_set, logits, [0, 2]) == pytest.approx(0.25)
        assert independence.difference(classifier, review_set, logits, [0, 1, 3]) == 0

    def test_each_review_is_classified_alone(self) -> None:
        """Batches of one."""
        classifier, review_set = FakeClassifier(), varied(4)

        independence.difference(classifier, review_set, np.zeros((4, 3)), [1, 3])

        assert [len(texts) for texts in classifier.batches] == [1, 1]


class TestNote:
    def test_only_a_larger_difference_than_rounding_explains_is_noted(self) -> None:
        """Equal is still explained, and what was not measured is not judged."""
        assert independence.note(0.1, 0.1, "float32") == ""
        assert independence.note(None, None, "float32") == ""
        assert independence.note(0.11, 0.1, "float32").startswith(
            "warning: predictions depend on batching: logits move by up to 0.11 when reviews are classified one at "
            "a time, and rounding in float32 explains 0.1;"
        )
