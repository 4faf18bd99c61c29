"""What holds for every scenario: rules, ids, warm-up, quiet, progress, and one code path with the evaluation."""

from __future__ import annotations

import doctest
import gc
from pathlib import Path

import numpy as np
import pytest
from support import checkpoints, stages

from harness.classifier import Classifier
from harness.options import Settings
from harness.progress import Silent
from harness.timing import scenarios
from harness.timing.scenarios import Rules, latencies, run, waiting
from harness.timing.scenarios.clock import WallClock
from harness.timing.scenarios.conditions import warm_up
from harness.timing.scenarios.scene import Scene

from .fakes import FakeClassifier, FakeClock, constant, rules, scene, texts

REVIEWS = texts(*range(1, 21))
CASES = [("offline", None), ("single-stream", None), ("server", False), ("server", True)]


@pytest.fixture(scope="module")
def classifier(tmp_path_factory: pytest.TempPathFactory) -> Classifier:
    """A tiny real checkpoint; the stages keep no state, so every test may share it."""
    folder: Path = checkpoints.bert(tmp_path_factory.mktemp("tiny"))
    return Classifier.load(str(folder), device="cpu", max_length=64, token_budget=64)


@pytest.mark.parametrize("module", [scenarios, waiting, latencies])
def test_the_examples_in_the_docstrings_hold(module):
    tried = doctest.testmod(module)

    assert tried.attempted and not tried.failed


class TestRules:
    def test_are_those_of_the_options(self):
        settings = Settings(
            min_duration=3.0, min_queries=7, latency_bound_ms=50.0, arrival_rate=8.0, seed=5, confidence=0.9
        )

        assert Rules.of(settings) == Rules(
            min_seconds=3.0, min_queries=7, bound_seconds=0.05, rate=8.0, seed=5, confidence=0.9
        )


class TestRun:
    @pytest.mark.parametrize(("name", "batching"), CASES)
    def test_says_what_was_measured_and_where(self, name, batching):
        fake = FakeClassifier(FakeClock(), constant(0.01))
        kept = rules(seed=9)

        record = run(name, fake, REVIEWS, kept, ids=("tiny", "mine"), batching=batching, clock=fake.clock).record

        way = {None: "", True: ".batching", False: ".no-batching"}[batching]
        assert record.id == f"tiny.mine.{name}{way}"
        assert (record.classifier, record.review_set, record.scenario) == ("tiny", "mine", name)
        assert (record.device, record.dtype, record.batching) == ("cpu", "float32", batching)
        assert (record.min_seconds, record.min_queries, record.seed) == (2.0, 100, 9)
        assert record.threads >= 1
        assert record.latencies == ("" if name == "offline" else f"latencies/{record.id}.parquet")

    @pytest.mark.parametrize(("name", "batching"), [("server", None), ("offline", True), ("single-stream", False)])
    def test_only_the_server_is_told_whether_it_batches(self, name, batching):
        fake = FakeClassifier(FakeClock(), constant(0.01))

        with pytest.raises(
            ValueError, match="the server scenario is told whether it batches, and no other scenario is"
        ):
            run(name, fake, REVIEWS, rules(), ids=("c", "r"), batching=batching, clock=fake.clock)

    @pytest.mark.parametrize(("name", "batching"), CASES)
    def test_is_the_same_again_with_the_same_seed(self, name, batching):
        found = []
        for _ in range(2):
            fake = FakeClassifier(FakeClock(), lambda lengths: 0.001 * float(lengths.max()))
            found.append(run(name, fake, REVIEWS, rules(), ids=("c", "r"), batching=batching, clock=fake.clock))

        assert found[0].record == found[1].record

    @pytest.mark.parametrize(("name", "batching"), CASES)
    def test_tells_of_every_review_that_was_answered(self, name, batching):
        fake, told = FakeClassifier(FakeClock(), constant(0.01)), stages.Told()

        record = run(
            name, fake, REVIEWS, rules(rate=50.0), ids=("c", "r"), batching=batching, clock=fake.clock, progress=told
        ).record

        assert told.advanced == record.queries

    def test_warns_of_percentiles_that_rest_on_a_few_reviews(self):
        fake = FakeClassifier(FakeClock(), constant(0.01))

        record = run("single-stream", fake, REVIEWS, rules(), ids=("c", "r"), clock=fake.clock).record

        assert record.unmet == (
            "the review set has 20 reviews, fewer than 100: p99 is the latency of its slowest review",
        )


class TestConditions:
    def test_the_warm_up_meets_the_shortest_the_longest_and_the_largest_batch(self):
        fake = FakeClassifier(FakeClock(), constant(0.01), token_budget=64)

        warm_up(scene(fake, REVIEWS, rules()))

        alone = [int(lengths[0]) for lengths in fake.passes[:-1]]
        assert alone == sorted(alone) and len(set(alone)) == 9
        assert (alone[0], alone[-1]) == (1, 20)
        assert fake.passes[-1].tolist() == [20, 20, 20]

    def test_a_set_of_one_review_is_enough(self):
        fake = FakeClassifier(FakeClock(), constant(0.01), token_budget=2)

        warm_up(scene(fake, texts(5), rules()))

        assert [lengths.tolist() for lengths in fake.passes] == [[5], [5]]

    def test_the_warm_up_does_not_count(self):
        fake = FakeClassifier(FakeClock(), constant(0.01))

        outcome = run("single-stream", fake, REVIEWS, rules(), ids=("c", "r"), clock=fake.clock)

        assert outcome.record.queries == len(outcome.queries) < len(fake.passes)
        assert outcome.queries.started[0] == 0

    def test_no_garbage_is_collected_while_queries_are_answered(self):
        collecting = []
        fake = FakeClassifier(FakeClock(), lambda lengths: collecting.append(gc.isenabled()) or 0.1)

        run("single-stream", fake, REVIEWS, rules(), ids=("c", "r"), clock=fake.clock)

        assert not any(collecting) and gc.isenabled()

    def test_an_interruption_passes_through_and_garbage_is_collected_again(self):
        def interrupted(lengths: np.ndarray) -> float:
            raise KeyboardInterrupt

        fake = FakeClassifier(FakeClock(), interrupted)

        with pytest.raises(KeyboardInterrupt):
            run("offline", fake, REVIEWS, rules(), ids=("c", "r"), clock=fake.clock)
        assert gc.isenabled()


class TestWallClock:
    def test_is_never_early(self):
        clock = WallClock("cpu")
        for wait in (0.0, 0.0001, 0.003):
            moment = clock.now() + wait
            clock.sleep_until(moment)

            assert clock.now() >= moment

    def test_does_not_wait_for_what_is_past(self):
        clock = WallClock("cpu")

        clock.sleep_until(clock.now() - 3600)


class TestARealClassifier:
    @pytest.mark.parametrize(("name", "batching"), CASES)
    def test_runs_through_every_scenario(self, classifier, name, batching):
        kept = Rules(min_seconds=0.01, min_queries=10, bound_seconds=3600.0, rate=200.0)

        outcome = run(name, classifier, REVIEWS, kept, ids=("c", "r"), batching=batching)

        record = outcome.record
        assert record.queries >= 10 and record.seconds >= 0.01
        if outcome.queries is not None:
            lengths = classifier.tokenize(REVIEWS).lengths
            assert outcome.queries.tokens.tolist() == lengths[outcome.queries.review].tolist()
            assert (outcome.queries.started >= outcome.queries.scheduled).all()
            assert (outcome.queries.answered > outcome.queries.started).all()

    def test_gets_from_a_scenario_what_classify_gives(self, classifier, monkeypatch):
        given = []
        real = Classifier.classify_encoding
        monkeypatch.setattr(
            Classifier, "classify_encoding", lambda self, encoding: given.append(real(self, encoding)) or given[-1]
        )

        Scene(classifier, REVIEWS, rules(), WallClock("cpu"), Silent(), "c.r.s", ("c", "r")).answer(REVIEWS)

        np.testing.assert_array_equal(given[0], classifier.classify(REVIEWS))

    def test_queries_that_were_tokenized_apart_are_joined_to_what_they_are_together(self, classifier):
        parts = [classifier.tokenize(part) for part in (REVIEWS[:3], REVIEWS[3:4], REVIEWS[4:])]
        together = classifier.tokenize(REVIEWS)

        joined = waiting.joined(parts)

        assert joined.input_ids == together.input_ids
        assert joined.token_types == together.token_types
        assert joined.cut.tolist() == together.cut.tolist()
        np.testing.assert_array_equal(classifier.classify_encoding(joined), classifier.classify_encoding(together))
