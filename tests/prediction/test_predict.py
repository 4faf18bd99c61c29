"""`predict` with a fake classifier at the seam."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.stages import FakeClassifier, FakeEncoding, FakeReviews, Told, logits_of, record, reviews, varied

from harness.cache import Cache
from harness.errors import ClassifierError, RunError
from harness.prediction import Outcome, predict
from harness.progress import Silent


def run(classifier: FakeClassifier, review_set: FakeReviews, folder: Path, **how: Any) -> Outcome:
    """`predict` without a cache, unless told otherwise."""
    how = {"cache": None, "reuse": True, "progress": Silent(), "window": 16} | how
    return predict(classifier, review_set, folder, **how)


class TestOrder:
    def test_results_stand_in_the_sets_own_order(self, tmp_path: Path) -> None:
        """Batches are formed by length, and yet row i of the predictions is review i."""
        review_set = varied(50)

        found = run(FakeClassifier(jitter=0), review_set, tmp_path / "shards").predictions

        assert found.ids == [f"review {place}" for place in range(50)]
        expected = np.stack([logits_of(text) for text in review_set.table["text"].to_pylist()])
        assert np.array_equal(found.logits, expected)
        assert found.tokens.tolist() == [min(place * 7 % 30 + 1, 24) for place in range(50)]
        assert found.cut.tolist() == [place * 7 % 30 + 1 > 24 for place in range(50)]

    def test_types_are_those_of_the_docstring(self, tmp_path: Path) -> None:
        """float32 logits, int32 token counts and boolean cuts, whatever the batches were."""
        found = run(FakeClassifier(), varied(20), tmp_path / "shards").predictions

        assert (found.logits.dtype, found.tokens.dtype, found.cut.dtype) == (np.float32, np.int32, np.bool_)

    def test_batches_keep_the_token_budget(self, tmp_path: Path) -> None:
        """No forward pass is wider than the budget, but for a review that is longer by itself."""
        classifier = FakeClassifier(token_budget=40)

        run(classifier, varied(60), tmp_path / "shards")

        in_run = [FakeEncoding(texts) for texts in classifier.batches]
        assert all(len(each.texts) == 1 or each.lengths.max() * len(each.texts) <= 40 for each in in_run)
        assert any(len(each.texts) > 1 for each in in_run)

    def test_each_window_is_tokenized_once_and_the_first_is_small(self, tmp_path: Path) -> None:
        """Windows of 16 after a first of 2, so that forward starts early; then the sample, one by one."""
        classifier = FakeClassifier()

        run(classifier, varied(40), tmp_path / "shards")

        assert classifier.tokenized == [2, 16, 16, 6] + 16 * [1]

    def test_an_empty_set_gives_empty_predictions(self, tmp_path: Path) -> None:
        """No review: no forward pass, no division by zero."""
        classifier = FakeClassifier()

        outcome = run(classifier, reviews([]), tmp_path / "shards")

        assert outcome.predictions.logits.shape == (0, 3)
        assert outcome.reviews_per_s is None
        assert classifier.batches == []

    def test_progress_hears_of_every_review(self, tmp_path: Path) -> None:
        """The bar ends at the total."""
        told = Told()

        run(FakeClassifier(), varied(33), tmp_path / "shards", progress=told)

        assert (told.resumed, told.advanced) == (0, 33)


class TestTimings:
    def test_an_unbroken_run_has_every_time_and_no_reason(self, tmp_path: Path) -> None:
        """Seconds of the three stages and the whole, and rates from the whole."""
        outcome = run(FakeClassifier(), varied(30), tmp_path / "shards")

        assert outcome.timing_reason is None
        seconds = outcome.stage_seconds
        assert seconds is not None
        assert seconds.tokenize > 0
        assert 0 < seconds.forward + seconds.softmax < seconds.wall
        assert outcome.reviews_per_s == 30 / seconds.wall
        assert outcome.tokens_per_s == outcome.predictions.tokens.sum() / seconds.wall

    def test_the_record_has_budget_and_padding_share(self, tmp_path: Path) -> None:
        """Two reviews of one word and three words in one batch: two of six padded tokens are padding."""
        outcome = run(FakeClassifier(token_budget=6), reviews(["a", "a b c"]), tmp_path / "shards", window=800)

        assert outcome.token_budget == 6
        assert outcome.padding_share == pytest.approx(2 / 6)


class Interrupted(KeyboardInterrupt):
    """An interruption at a known batch."""


def interrupt_at(batch: int, error: type[BaseException] = Interrupted) -> FakeClassifier:
    """A classifier whose forward pass number `batch`, from 0, is interrupted."""
    classifier = FakeClassifier()

    def before(encoding: FakeEncoding) -> None:
        if len(classifier.batches) == batch:
            raise error

    classifier.before_forward = before
    return classifier


class TestResume:
    def test_an_interruption_loses_nothing_that_was_finished(self, tmp_path: Path) -> None:
        """After three batches and Ctrl-C, the next process starts with the fourth."""
        review_set, stopped, resumed, told = varied(40), interrupt_at(3), FakeClassifier(), Told()
        with pytest.raises(Interrupted):
            run(stopped, review_set, tmp_path / "shards")

        outcome = run(resumed, review_set, tmp_path / "shards", progress=told)

        finished = sum(len(texts) for texts in stopped.batches)
        assert (outcome.resumed, told.resumed, told.advanced) == (finished, finished, 40 - finished)
        assert not set(stopped.batches) & set(resumed.batches[:-16])

    def test_timings_cover_what_was_measured_now_and_say_so(self, tmp_path: Path) -> None:
        """A rate over reviews that another process classified would be a lie."""
        review_set, stopped = varied(40), interrupt_at(3)
        with pytest.raises(Interrupted):
            run(stopped, review_set, tmp_path / "shards")
        finished = sum(len(texts) for texts in stopped.batches)

        outcome = run(FakeClassifier(), review_set, tmp_path / "shards")

        assert outcome.timing_reason == f"covers {40 - finished} of 40 reviews: the run was resumed"
        assert outcome.stage_seconds is not None
        assert outcome.reviews_per_s == (40 - finished) / outcome.stage_seconds.wall

    def test_a_run_that_was_all_but_done_has_no_timings(self, tmp_path: Path) -> None:
        """Every review was finished before: null times, with that reason."""
        run(FakeClassifier(), varied(40), tmp_path / "shards")

        outcome = run(FakeClassifier(), varied(40), tmp_path / "shards")

        assert outcome.stage_seconds is None
        assert outcome.reviews_per_s is None
        assert outcome.timing_reason == "nothing was measured: all 40 reviews were finished before the run was resumed"

    @settings(max_examples=25, deadline=None)
    @given(
        count=st.integers(1, 40),
        batch=st.integers(0, 20),
        budget=st.integers(1, 200),
        window=st.integers(1, 40),
        shard_seconds=st.sampled_from([0.0, 1e9]),
    )
    def test_interrupted_anywhere_the_result_has_the_same_bytes(
        self, tmp_path_factory: pytest.TempPathFactory, count: int, batch: int, budget: int, window: int,
        shard_seconds: float,
    ) -> None:  # fmt: skip
        """Ctrl-C before any batch, then another budget is asked for: same logits, bit by bit."""
        folder, review_set = tmp_path_factory.mktemp("run"), varied(count)
        how: dict[str, Any] = {"window": window, "shard_seconds": shard_seconds}
        unbroken = run(FakeClassifier(token_budget=budget), review_set, folder / "unbroken", **how)
        stopped = interrupt_at(batch)
        stopped.token_budget = budget
        with contextlib.suppress(Interrupted):
            run(stopped, review_set, folder / "shards", **how)
        resumed = run(FakeClassifier(token_budget=budget + 17), review_set, folder / "shards", **how)

        assert resumed.predictions.logits.tobytes() == unbroken.predictions.logits.tobytes()
        assert resumed.predictions.tokens.tobytes() == unbroken.predictions.tokens.tobytes()

    def test_killed_anywhere_the_result_has_the_same_bytes(self, tmp_path: Path) -> None:
        """What a kill leaves at any batch, gone on with, gives the bytes of the unbroken run."""
        review_set, classifier = varied(40), FakeClassifier()

        def snapshot(encoding: FakeEncoding) -> None:
            if (tmp_path / "shards").is_dir():
                shutil.copytree(tmp_path / "shards", tmp_path / f"killed {len(classifier.batches)}")

        classifier.before_forward = snapshot
        unbroken = run(classifier, review_set, tmp_path / "shards", shard_seconds=0)

        killed = sorted(tmp_path.glob("killed *"))
        assert len(killed) > 10
        for folder in killed:
            again = run(FakeClassifier(), review_set, folder, shard_seconds=0)
            assert again.predictions.logits.tobytes() == unbroken.predictions.logits.tobytes()

    def test_another_budget_would_give_other_bytes(self, tmp_path: Path) -> None:
        """The guard of the tests above: the fake does feel its batches."""
        found = [run(FakeClassifier(token_budget=n), varied(40), tmp_path / str(n)) for n in (30, 90)]

        assert found[0].predictions.logits.tobytes() != found[1].predictions.logits.tobytes()

    def test_a_resumed_run_keeps_its_budget_and_says_so(self, tmp_path: Path) -> None:
        """The token budget asked for now is not followed, and the note has both."""
        with pytest.raises(Interrupted):
            run(interrupt_at(3), varied(40), tmp_path / "shards")

        outcome = run(FakeClassifier(token_budget=128), varied(40), tmp_path / "shards")

        assert outcome.token_budget == 64
        assert outcome.notes == (
            "the resumed run keeps its own token budget of 64 (now asked: 128), so that its batches stay the same",
        )

    def test_another_classifier_starts_anew_and_says_what_differs(self, tmp_path: Path) -> None:
        """Shards of other weights and another dtype are not mixed in."""
        with pytest.raises(Interrupted):
            run(interrupt_at(3), varied(40), tmp_path / "shards")
        other = FakeClassifier(record=record(weights_sha256="c" * 64, dtype="bfloat16"))

        outcome = run(other, varied(40), tmp_path / "shards")

        assert outcome.resumed == 0
        assert outcome.notes == (
            "the unfinished predictions were not gone on with: weights differs, dtype was float32 and is bfloat16",
        )

    def test_other_texts_start_anew(self, tmp_path: Path) -> None:
        """A review that was corrected since is classified anew, with all others."""
        with pytest.raises(Interrupted):
            run(interrupt_at(3), varied(40), tmp_path / "shards")

        outcome = run(FakeClassifier(), varied(41), tmp_path / "shards")

        assert outcome.notes == ("the unfinished predictions were not gone on with: review texts differs",)

    def test_sigterm_is_an_interruption(self, tmp_path: Path) -> None:
        """A SIGTERM in mid-run leaves everything finished on disk; the old handler is back afterwards."""
        stopped = FakeClassifier()

        def terminate(encoding: FakeEncoding) -> None:
            if len(stopped.batches) == 3:
                os.kill(os.getpid(), signal.SIGTERM)

        stopped.before_forward = terminate
        with pytest.raises(KeyboardInterrupt):
            run(stopped, varied(40), tmp_path / "shards")

        assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
        outcome = run(FakeClassifier(), varied(40), tmp_path / "shards")
        assert outcome.resumed >= sum(len(texts) for texts in stopped.batches[:3])

    def test_it_works_in_a_thread_where_python_allows_no_handlers(self, tmp_path: Path) -> None:
        """A notebook or a server may call it from any thread."""
        found: list[Outcome] = []
        thread = threading.Thread(target=lambda: found.append(run(FakeClassifier(), varied(9), tmp_path / "shards")))

        thread.start()
        thread.join()

        assert len(found[0].predictions.ids) == 9

    def test_an_error_of_the_tokenizer_is_raised_as_it_is(self, tmp_path: Path) -> None:
        """The thread hides nothing."""
        classifier = FakeClassifier()

        def fail(texts: object) -> None:
            raise ClassifierError("no such tokenizer")

        classifier.tokenize = fail  # type: ignore[assignment, method-assign]
        with pytest.raises(ClassifierError, match="no such tokenizer"):
            run(classifier, varied(9), tmp_path / "shards")

    def test_a_folder_that_cannot_be_written_is_a_run_error(self, tmp_path: Path) -> None:
        """A file stands where the folder should be."""
        (tmp_path / "taken").write_text("a file")

        with pytest.raises(RunError, match="predictions cannot be written") as raised:
            run(FakeClassifier(), varied(9), tmp_path / "taken" / "shards")

        assert raised.value.where == str(tmp_path / "taken" / "shards")
        assert raised.value.remedy.endswith("the same command goes on where it stopped")


class TestCached:
    def test_the_second_run_needs_no_forward_pass_and_says_so(self, tmp_path: Path) -> None:
        """Same classifier, same texts: predictions from the cache, timings null with the reason."""
        cache, second = Cache(tmp_path / "cache"), FakeClassifier(token_budget=99)
        first = run(FakeClassifier(), varied(40), tmp_path / "one", cache=cache)

        outcome = run(second, varied(40), tmp_path / "two", cache=cache)

        assert outcome.cached
        assert second.batches == []
        assert outcome.predictions.logits.tobytes() == first.predictions.logits.tobytes()
        assert outcome.timing_reason == "predictions reused from the cache; --no-cache measures anew"
        assert (outcome.stage_seconds, outcome.reviews_per_s, outcome.tokens_per_s) == (None, None, None)
        for name in ("token_budget", "padding_share", "batching_difference", "batching_tolerance"):
            assert getattr(outcome, name) == getattr(first, name)

    def test_ids_are_those_of_the_set_at_hand(self, tmp_path: Path) -> None:
        """The cache holds no ids: a set with the same texts under other ids gets its own."""
        cache, texts = Cache(tmp_path / "cache"), varied(5)
        run(FakeClassifier(), texts, tmp_path / "one", cache=cache)
        renamed = FakeReviews(texts.table.set_column(0, "id", [list("abcde")]), texts.texts_fingerprint)

        outcome = run(FakeClassifier(), renamed, tmp_path / "two", cache=cache)

        assert outcome.cached
        assert outcome.predictions.ids == list("abcde")

    def test_no_cache_measures_anew_and_stores_its_result(self, tmp_path: Path) -> None:
        """reuse=False ignores what is there, and replaces it."""
        cache, again = Cache(tmp_path / "cache"), FakeClassifier(jitter=2e-7)
        run(FakeClassifier(), varied(40), tmp_path / "one", cache=cache)

        anew = run(again, varied(40), tmp_path / "two", cache=cache, reuse=False)
        later = run(FakeClassifier(), varied(40), tmp_path / "three", cache=cache)

        assert not anew.cached
        assert anew.reviews_per_s is not None
        assert again.batches
        assert later.predictions.logits.tobytes() == anew.predictions.logits.tobytes()

    def test_no_cache_still_resumes_what_is_unfinished(self, tmp_path: Path) -> None:
        """--no-cache is about finished predictions only."""
        with pytest.raises(Interrupted):
            run(interrupt_at(3), varied(40), tmp_path / "shards")

        outcome = run(FakeClassifier(), varied(40), tmp_path / "shards", cache=Cache(tmp_path / "cache"), reuse=False)

        assert outcome.resumed > 0

    def test_another_dtype_is_another_entry(self, tmp_path: Path) -> None:
        """The cache cannot answer for another classifier."""
        cache, other = Cache(tmp_path / "cache"), FakeClassifier(record=record(dtype="bfloat16"))
        run(FakeClassifier(), varied(40), tmp_path / "one", cache=cache)

        assert not run(other, varied(40), tmp_path / "two", cache=cache).cached

    def test_a_damaged_entry_is_measured_anew_replaced_and_noted(self, tmp_path: Path) -> None:
        """One byte flipped in the cache costs a run, never a wrong figure."""
        cache = Cache(tmp_path / "cache")
        run(FakeClassifier(), varied(40), tmp_path / "one", cache=cache)
        (entry,) = (tmp_path / "cache").rglob("*.parquet")
        entry.write_bytes(entry.read_bytes()[:-20])

        outcome = run(FakeClassifier(), varied(40), tmp_path / "two", cache=cache)

        assert not outcome.cached
        (note,) = outcome.notes
        assert note.startswith("a damaged entry of the cache was set aside and measured anew (")
        assert str(tmp_path) not in note
        assert run(FakeClassifier(), varied(40), tmp_path / "three", cache=cache).cached

    def test_a_cache_that_cannot_be_written_is_a_note(self, tmp_path: Path) -> None:
        """A file stands where the cache folder should be: the run is fine, and says what to do."""
        (tmp_path / "cache").write_text("a file")

        outcome = run(FakeClassifier(), varied(9), tmp_path / "one", cache=Cache(tmp_path / "cache"))

        assert outcome.reviews_per_s is not None
        assert outcome.notes[-1].startswith("the predictions were not cached (")
        assert outcome.notes[-1].endswith("HARNESS_CACHE names another folder")
        assert str(tmp_path) not in "".join(outcome.notes)


class TestBatchingIndependence:
    def test_the_record_says_how_far_logits_moved(self, tmp_path: Path) -> None:
        """Rounding alone: a difference above 0 and below the tolerance, and no note."""
        outcome = run(FakeClassifier(), varied(40), tmp_path / "shards")

        assert outcome.batching_difference is not None
        assert outcome.batching_tolerance is not None
        assert 0 < outcome.batching_difference < outcome.batching_tolerance
        assert outcome.notes == ()

    def test_a_classifier_that_feels_its_batch_is_a_warning(self, tmp_path: Path) -> None:
        """Logits that move by more than rounding explains: both figures and what to do."""
        outcome = run(FakeClassifier(jitter=0.01), varied(40), tmp_path / "shards")

        (note,) = outcome.notes
        assert note.startswith("warning: predictions depend on batching: logits move by up to 0.")
        assert f" and rounding in float32 explains {outcome.batching_tolerance:.2g}; " in note
        assert note.endswith("compare runs at --token-budget 1, and check that the checkpoint uses its attention mask")

    def test_the_warning_stays_with_reused_predictions(self, tmp_path: Path) -> None:
        """A cached result is as doubtful as the run that made it."""
        cache = Cache(tmp_path / "cache")
        first = run(FakeClassifier(jitter=0.01), varied(40), tmp_path / "one", cache=cache)

        assert run(FakeClassifier(), varied(40), tmp_path / "two", cache=cache).notes == first.notes
