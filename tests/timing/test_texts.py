"""Texts for timings: real reviews, near the wanted token count, cut or joined at word ends."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.errors import UsageError
from harness.timing import TextSource

SPECIAL = 2
REVIEWS = ["good", "not good at all", "I would buy this kettle again", "arrived late, works well so far " * 9]


def one_token_a_word(texts: Sequence[str]) -> np.ndarray:
    return np.array([len(text.split()) + SPECIAL for text in texts])


def one_token_a_letter(texts: Sequence[str]) -> np.ndarray:
    return np.array([len(text.replace(" ", "")) + SPECIAL for text in texts])


words = st.text(alphabet="abcdefg", min_size=1, max_size=6)
reviews = st.lists(st.lists(words, min_size=1, max_size=30).map(" ".join), min_size=1, max_size=12)


class TestNear:
    @settings(deadline=None, max_examples=50)
    @given(reviews, st.integers(10, 80), st.integers(1, 6))
    def test_no_text_is_longer_than_asked_and_none_lacks_more_than_a_word(self, texts, tokens, count):
        found = TextSource(texts, one_token_a_letter).near(tokens, count)

        lengths = one_token_a_letter(found)
        assert len(found) == count
        assert lengths.max() <= tokens
        assert lengths.min() > tokens - 6

    @settings(deadline=None, max_examples=50)
    @given(reviews, st.integers(3, 40))
    def test_every_word_is_a_word_of_the_reviews(self, texts, tokens):
        [found] = TextSource(texts, one_token_a_word).near(tokens, 1)

        assert set(found.split()) <= {word for text in texts for word in text.split()}

    def test_a_review_of_the_wanted_length_is_taken_as_it_is(self):
        assert TextSource(REVIEWS, one_token_a_word).near(6, 1) == ["not good at all"]

    def test_a_long_review_is_cut_at_a_words_end(self):
        assert TextSource(REVIEWS[3:], one_token_a_word).near(6, 1) == ["arrived late, works well"]

    def test_short_reviews_are_joined(self):
        assert TextSource(["good", "not bad"], one_token_a_word).near(5, 1) == ["not bad good"]

    def test_the_reviews_of_a_batch_differ(self):
        texts = [f"review number {i} is about a kettle" for i in range(50)]

        assert len(set(TextSource(texts, one_token_a_word).near(9, 32))) == 32

    def test_the_same_arguments_give_the_same_texts(self):
        source = TextSource(REVIEWS, one_token_a_word)

        assert source.near(12, 4) == source.near(12, 4)

    def test_a_text_without_spaces_is_cut_inside(self):
        assert TextSource(["这本书我非常喜欢推荐给大家"], one_token_a_letter).near(SPECIAL + 4, 1) == ["这本书我"]

    def test_empty_texts_are_passed_over(self):
        assert TextSource([" ", "good"], one_token_a_word).near(3, 2) == ["good", "good"]

    def test_no_room_for_a_word_is_an_error(self):
        with pytest.raises(UsageError) as raised:
            TextSource(REVIEWS, one_token_a_word).near(SPECIAL, 1)

        assert str(raised.value) == (
            "a sequence length of 2 leaves no room for a word\n"
            "  where     option --harness-seq-lens\n"
            "  remedy    name longer sequences"
        )


class TestSample:
    def test_a_large_set_is_sampled_from_end_to_end(self):
        counted: list[int] = []

        def count(texts: Sequence[str]) -> np.ndarray:
            counted.append(len(texts))
            return one_token_a_word(texts)

        source = TextSource([f"review {i}" for i in range(5000)], count)

        assert counted == [1000]
        assert source.near(4, 1000)[0] == "review 0"
        assert "review 4999" in source.near(4, 1000)
