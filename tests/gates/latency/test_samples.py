"""The reviews of a round: as many as half a second takes, with the lengths of the set."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from timing.scenarios.fakes import FakeClassifier, FakeClock, constant, texts

from harness.gates.latency.samples import LEAST, MOST, sized, spread

SET = texts(*range(1, 101))
"""A hundred reviews, each a word longer than the one before."""


def reviews(name: str, service: Callable[[np.ndarray], float], **options: object) -> tuple[str, ...]:
    clock = FakeClock()
    return sized(name, FakeClassifier(clock, service), SET, seed=3, clock=clock, **options).texts  # type: ignore[arg-type]


class TestSized:
    @pytest.mark.parametrize(
        ("seconds", "count"), [(0.0123, 40), (0.5, LEAST), (60.0, LEAST), (1e-6, MOST), (0.0, MOST)]
    )
    def test_single_stream_has_as_many_as_half_a_second_takes(self, seconds: float, count: int) -> None:
        assert len(reviews("single-stream", constant(seconds))) == count

    def test_offline_has_more_since_batches_are_faster(self) -> None:
        # The token budget of the fake is 64: a pass holds many short reviews, or one long one.
        assert len(reviews("offline", constant(0.05))) > len(reviews("single-stream", constant(0.05)))

    @pytest.mark.parametrize(("rate", "count"), [(0.5, LEAST), (20.0, 20), (333.4, 333), (1e6, MOST)])
    def test_server_has_as_many_as_arrive_in_a_second(self, rate: float, count: int) -> None:
        case = sized("server", FakeClassifier(FakeClock(), constant(1.0)), SET, seed=3, rate=rate)

        assert (len(case.texts), case.rate) == (count, rate)


class TestSpread:
    def test_has_a_review_of_every_tenth_of_the_lengths(self) -> None:
        lengths = sorted(len(text.split()) for text in spread(SET, 10, seed=5))

        assert [(length - 1) // 10 for length in lengths] == list(range(10))

    def test_is_in_no_order_of_length(self) -> None:
        lengths = [len(text.split()) for text in spread(SET, 50, seed=5)]

        assert lengths != sorted(lengths) and lengths != sorted(lengths, reverse=True)

    def test_is_the_same_by_the_same_seed_alone(self) -> None:
        assert spread(SET, 20, seed=1) == spread(SET, 20, seed=1)
        assert spread(SET, 20, seed=1) != spread(SET, 20, seed=2)

    @given(st.integers(1, 40), st.integers(1, 100), st.integers(0, 2**32 - 1))
    def test_takes_each_as_often_as_any_other_or_once_more(self, known: int, count: int, seed: int) -> None:
        found = Counter(spread(SET[:known], count, seed))

        assert sum(found.values()) == count
        assert {found[text] for text in SET[:known]} <= {count // known, -(-count // known)}
