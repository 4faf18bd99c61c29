"""Short names for test ids and files."""

from __future__ import annotations

import doctest
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness import names
from harness.names import short_name, short_names


class TestShortName:
    @pytest.mark.parametrize(
        ("name", "short"),
        [
            ("builtin", "builtin"),
            ("nlptown/bert-base-multilingual-uncased-sentiment", "bert-base-multilingual-uncased-sentiment"),
            ("nlptown/bert@main", "bert.main"),
            ("../data/marc/en.test.csv.gz", "en.test"),
            (r"C:\data\reviews.CSV", "reviews"),
            ("SetFit/amazon_reviews:de/test", "amazon_reviews.de.test"),
            ("checkpoints/epoch-3/", "epoch-3"),
            ("Größe 5 [final].csv", "Grosse-5-final"),
            ("评论.csv", "unnamed"),
        ],
    )
    def test_is_what_a_person_would_call_it(self, name, short):
        assert short_name(name) == short

    @given(st.text(min_size=1))
    def test_is_short_ascii_that_can_stand_in_a_file_name(self, name):
        assert re.fullmatch(r"[A-Za-z0-9._-]{1,60}", short_name(name))


class TestShortNames:
    def test_names_that_end_alike_show_their_folders(self):
        assert short_names(["a/model", "b/model"]) == ["a.model", "b.model"]

    def test_names_that_cannot_be_told_apart_are_numbered(self):
        assert short_names(["评", "论"]) == ["unnamed.1", "unnamed.2"]

    @given(st.lists(st.text(min_size=1), min_size=1, unique=True))
    def test_different_names_have_different_ids(self, given_names):
        assert len(set(short_names(given_names))) == len(given_names)

    def test_the_examples_hold(self):
        assert doctest.testmod(names).failed == 0
