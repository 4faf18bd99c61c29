"""Order by token count, fill a token budget."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness import batching

LENGTHS = st.lists(st.integers(0, 600), max_size=80).map(lambda values: np.array(values, dtype=np.int32))
BUDGETS = st.integers(1, 5_000)


def padded_tokens(lengths: np.ndarray, batch: np.ndarray) -> int:
    return int(lengths[batch].max()) * len(batch)


class TestPlan:
    @given(LENGTHS, BUDGETS)
    def test_every_review_stands_in_exactly_one_batch(self, lengths, budget):
        batches = batching.plan(lengths, budget)

        assert sorted(np.concatenate([np.zeros(0, int), *batches])) == list(range(len(lengths)))

    @given(LENGTHS, BUDGETS)
    def test_no_batch_is_over_the_budget_but_a_single_long_review(self, lengths, budget):
        over = [batch for batch in batching.plan(lengths, budget) if padded_tokens(lengths, batch) > budget]

        assert all(len(batch) == 1 for batch in over)

    @given(LENGTHS, BUDGETS)
    def test_a_batch_is_full_unless_it_is_the_last(self, lengths, budget):
        """One review more would be over the budget; one without tokens counts as one of a single token."""
        batches = batching.plan(lengths, budget)

        assert all(max(1, lengths[batch].max()) * (len(batch) + 1) > budget for batch in batches[:-1])

    @given(LENGTHS, BUDGETS)
    def test_the_longest_reviews_come_first(self, lengths, budget):
        in_order = [int(lengths[index]) for batch in batching.plan(lengths, budget) for index in batch]

        assert in_order == sorted(in_order, reverse=True)

    def test_reviews_of_one_length_keep_their_order(self):
        batches = batching.plan(np.array([5, 7, 5, 7, 5]), token_budget=14)

        assert [batch.tolist() for batch in batches] == [[1, 3], [0, 2], [4]]

    def test_no_reviews_make_no_batch(self):
        assert batching.plan(np.zeros(0, dtype=np.int32), 1024) == []

    def test_a_million_reviews_take_no_loop_over_reviews(self):
        lengths = np.random.default_rng(0).integers(3, 512, size=1_000_000).astype(np.int32)
        batches = batching.plan(lengths, 16_384)

        assert len(batches) < 20_000
        assert batching.padding_share(lengths, batches) < 0.001


class TestPaddingShare:
    def test_reviews_of_one_length_need_no_padding(self):
        assert batching.padding_share(np.array([4, 4, 4]), [np.array([0, 1, 2])]) == 0

    def test_is_the_share_of_positions_that_hold_no_token(self):
        assert batching.padding_share(np.array([2, 8]), [np.array([0, 1])]) == pytest.approx(6 / 16)

    def test_of_nothing_is_nothing(self):
        assert batching.padding_share(np.zeros(0, dtype=np.int32), []) == 0

    def test_ordering_by_length_saves_most_of_the_padding_of_reviews(self):
        drawn = np.random.default_rng(0).lognormal(mean=3.5, sigma=0.8, size=5_000)
        lengths = np.clip(drawn, 3, 512).astype(np.int32)
        as_they_come = np.split(np.arange(5_000), range(16, 5_000, 16))

        assert batching.padding_share(lengths, as_they_come) > 0.5
        assert batching.padding_share(lengths, batching.plan(lengths, 1_024)) < 0.02
