from __future__ import annotations

import numpy as np
import pytest
import torch
from support.stages import FakeClassifier, FakeEncoding, logits_of, record

from harness.errors import ClassifierError
from harness.prediction.stages import TimedStages

TEXTS = tuple(f"one two three {place}" for place in range(16))
ALL = np.arange(16)


def limited(most: int, error: Exception) -> FakeClassifier:
    """A device whose memory ends at so many padded tokens."""

    def before(encoding: FakeEncoding) -> None:
        if encoding.lengths.max() * len(encoding.texts) > most:
            raise error

    return FakeClassifier(jitter=0, before_forward=before)


class TestOutOfMemory:
    @pytest.mark.parametrize(
        "error",
        [
            torch.OutOfMemoryError("CUDA out of memory"),
            RuntimeError("MPS backend out of memory (MPS allocated: 9 GB)"),
            RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 9 bytes"),
        ],
    )
    def test_a_batch_that_does_not_fit_is_split_until_it_does(self, error: Exception) -> None:
        """64 padded tokens, room for 20: four batches of four, the logits in their places."""
        classifier = limited(20, error)

        found = TimedStages(classifier).logits(FakeEncoding(TEXTS), ALL)

        assert [len(texts) for texts in classifier.batches] == [4, 4, 4, 4]
        assert np.array_equal(found, np.stack([logits_of(text) for text in TEXTS]))

    def test_later_batches_do_not_try_again(self) -> None:
        """The budget that failed is not asked for a second time."""
        tried: list[int] = []
        classifier = limited(40, torch.OutOfMemoryError())
        fails = classifier.before_forward
        classifier.before_forward = lambda encoding: (tried.append(len(encoding.texts)), fails(encoding))[1]
        stages = TimedStages(classifier)

        stages.logits(FakeEncoding(TEXTS), ALL)
        stages.logits(FakeEncoding(TEXTS), ALL)

        assert tried == [16, 8, 8, 8, 8]

    def test_it_says_what_happened_and_which_budget_avoids_it(self) -> None:
        """One note for each time memory ran out."""
        stages = TimedStages(limited(40, torch.OutOfMemoryError()))

        stages.logits(FakeEncoding(TEXTS), ALL)

        assert stages.notes == [
            "memory of a processor ran out at 64 padded tokens: larger batches than 32 were split in two; "
            "--token-budget 32 avoids the retries"
        ]

    def test_one_review_that_does_not_fit_is_an_error(self) -> None:
        """There is nothing left to split."""
        with pytest.raises(ClassifierError) as raised:
            TimedStages(limited(3, torch.OutOfMemoryError())).logits(FakeEncoding(TEXTS), ALL)

        assert str(raised.value) == (
            "one review of 4 tokens does not fit the memory of a processor\n"
            "  where     fake, device cpu\n"
            "  remedy    free memory on the device, or use --max-length, --dtype bfloat16 or --device cpu"
        )

    def test_any_other_error_is_not_taken_for_it(self) -> None:
        """A bug is not retried in halves."""
        classifier = limited(3, RuntimeError("shapes do not match"))

        with pytest.raises(RuntimeError, match="shapes do not match"):
            TimedStages(classifier).logits(FakeEncoding(TEXTS), ALL)


class TestChecks:
    def test_logits_that_are_not_finite_stop_the_run(self) -> None:
        """NaN would be counted as the first class, without a word."""
        classifier = FakeClassifier(record=record(dtype="float16"))
        classifier.forward = lambda encoding: torch.full((2, 3), float("nan"))  # type: ignore[method-assign]

        with pytest.raises(ClassifierError) as raised:
            TimedStages(classifier).logits(FakeEncoding(TEXTS[:2]), np.arange(2))

        assert str(raised.value) == (
            "forward gave logits that are not finite, for 2 of 2 reviews of a batch\n"
            "  where     fake, dtype float16\n"
            "  expected  finite numbers\n"
            "  remedy    use --dtype float32 or bfloat16: float16 ends at 65,504"
        )

    def test_logits_of_another_shape_stop_the_run(self) -> None:
        """A head with more outputs than id2label has names."""
        classifier = FakeClassifier()
        classifier.forward = lambda encoding: torch.zeros(2, 5)  # type: ignore[method-assign]

        with pytest.raises(ClassifierError, match=r"forward gave logits of shape \(2, 5\)") as raised:
            TimedStages(classifier).logits(FakeEncoding(TEXTS[:2]), np.arange(2))

        assert raised.value.expected == "(2, 3): reviews, classes"

    def test_logits_of_half_precision_come_back_as_float32(self) -> None:
        """What the model computed, to the bit, in a wider type."""
        classifier = FakeClassifier()
        half = torch.tensor([[1.1, -2.3, 0.7]], dtype=torch.bfloat16)
        classifier.forward = lambda encoding: half  # type: ignore[method-assign]

        found = TimedStages(classifier).logits(FakeEncoding(TEXTS[:1]), np.arange(1))

        assert found.dtype == np.float32
        assert np.array_equal(found, half.float().numpy())
