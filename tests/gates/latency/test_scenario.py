"""A round of a scenario is what the scenario itself measures, of each review once."""

from __future__ import annotations

import numpy as np
import pytest
from timing.scenarios.fakes import FakeClassifier, FakeClock, constant, rules, texts

from harness.errors import UsageError
from harness.gates.latency.scenario import Scenario
from harness.timing import scenarios


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


def by_words(lengths: np.ndarray) -> float:
    """A tenth of a second for each word of the longest review."""
    return 0.1 * float(lengths.max())


class TestOffline:
    def test_is_the_time_of_all_of_them_in_batches_under_the_budget(self, clock: FakeClock) -> None:
        classifier = FakeClassifier(clock, constant(0.5), token_budget=8)

        seconds = Scenario("offline", classifier, texts(4, 2, 3, 4), clock=clock).round(1)

        first, *counted = [lengths.tolist() for lengths in classifier.passes]
        assert first == [4]
        assert counted == [[4, 4], [3, 2]]
        assert seconds == pytest.approx(1.0)

    def test_is_what_the_scenario_measures_of_one_pass(self, clock: FakeClock) -> None:
        classifier = FakeClassifier(clock, by_words, token_budget=16, tokenizing=0.01)
        reviews = texts(*range(1, 12))

        outcome = scenarios.run(
            "offline", classifier, reviews, rules(min_seconds=0.1, min_queries=1), ids=("c", "r"), clock=clock
        )

        assert Scenario("offline", classifier, reviews, clock=clock).round(1) == pytest.approx(outcome.record.seconds)


class TestSingleStream:
    def test_is_the_mean_latency_of_one_review_after_another(self, clock: FakeClock) -> None:
        classifier = FakeClassifier(clock, by_words, tokenizing=0.05)

        seconds = Scenario("single-stream", classifier, texts(4, 2, 6), clock=clock).round(1)

        first, *counted = [lengths.tolist() for lengths in classifier.passes]
        assert first == [4]
        assert counted == [[4], [2], [6]]
        assert seconds == pytest.approx(0.05 + 0.1 * 4)

    def test_of_several_times_through_is_the_mean(self, clock: FakeClock) -> None:
        slower = iter([9.0, 1.0, 1.0, 3.0, 3.0])
        classifier = FakeClassifier(clock, lambda lengths: next(slower))

        assert Scenario("single-stream", classifier, texts(1, 1), clock=clock).round(2) == pytest.approx(2.0)


class TestServer:
    def test_is_the_mean_latency_from_the_scheduled_arrival(self, clock: FakeClock) -> None:
        scenario = Scenario("server", FakeClassifier(clock, constant(1.0)), texts(1, 1, 1), rate=1.0, clock=clock)

        # The second comes while the first is answered, and waits for 0.75 s.
        assert scenario.round(1, [0.0, 0.25, 9.0]) == pytest.approx((1.0 + 1.75 + 1.0) / 3)

    def test_those_that_wait_are_answered_together(self, clock: FakeClock) -> None:
        classifier = FakeClassifier(clock, constant(1.0))

        seconds = Scenario("server", classifier, texts(1, 2, 3), rate=10.0, clock=clock).round(1, [0.0, 0.25, 0.5])

        assert [lengths.tolist() for lengths in classifier.passes[1:]] == [[1], [3, 2]]
        assert seconds == pytest.approx((1.0 + 1.75 + 1.5) / 3)

    def test_is_measured_to_the_end_however_long_the_queue(self, clock: FakeClock) -> None:
        classifier = FakeClassifier(clock, constant(60.0), token_budget=1)

        seconds = Scenario("server", classifier, texts(*[1] * 50), rate=1e6, clock=clock).round(1, [0.0] * 50)

        assert seconds == pytest.approx(60 * 51 / 2)


class TestArrivals:
    @pytest.mark.parametrize(
        ("name", "scheduled", "told"),
        [
            ("server", None, "server, 2 reviews, no arrivals"),
            ("server", [0.0], "server, 2 reviews, 1 arrivals"),
            ("offline", [0.0, 1.0], "offline, 2 reviews, 2 arrivals"),
            ("single-stream", [0.0], "single-stream, 2 reviews, 1 arrivals"),
        ],
    )
    def test_belong_to_each_review_of_the_server_alone(self, clock: FakeClock, name, scheduled, told) -> None:
        scenario = Scenario(name, FakeClassifier(clock, constant(1.0)), texts(1, 1), clock=clock)

        with pytest.raises(UsageError) as caught:
            scenario.round(1, scheduled)

        assert str(caught.value) == (
            f"the server scenario is told when each review arrives, and no other scenario is\n  where     {told}"
        )


class TestWarmUp:
    def test_tells_the_tokens_of_a_round_and_no_padding(self, clock: FakeClock) -> None:
        classifier = FakeClassifier(clock, constant(1.0))

        assert Scenario("offline", classifier, texts(4, 2), clock=clock).warm_up() == {
            "tokens": 6,
            "padded_tokens": None,
        }
        assert classifier.passes
