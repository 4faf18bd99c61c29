"""What a text means by itself, and what classes are together."""

from __future__ import annotations

import pytest

from harness.labels.scheme import Reading, canonical, read, scheme_of, whole_number

STARS = ("1 star", "2 stars", "3 stars", "4 stars", "5 stars")


class TestWholeNumber:
    @pytest.mark.parametrize("text", ["4", "4.0", "4.", " 4 ", "+4", "4,0", "４"])
    def test_a_whole_number_is_read_however_it_is_written(self, text: str):
        assert whole_number(text) == 4

    @pytest.mark.parametrize("text", ["3.5", "4.01", "", "nan", "four", "4 stars", "4,000", "1e0"])
    def test_anything_else_is_none(self, text: str):
        assert whole_number(text) is None

    def test_a_negative_number_keeps_its_sign(self):
        assert whole_number("-1") == -1


class TestCanonical:
    @pytest.mark.parametrize(
        ("one", "other"), [("4", "4.0"), ("POSITIVE", "positive"), ("very_negative", "Very  Negative")]
    )
    def test_two_ways_to_write_a_label_are_the_same_label(self, one: str, other: str):
        assert canonical(one) == canonical(other)

    def test_a_minus_is_no_separator_of_a_number(self):
        assert canonical("-1") != canonical("1")


class TestRead:
    @pytest.mark.parametrize(
        "text",
        ["4 stars", "4.0 stars", "4-star", "4 Sterne", "4 étoiles", "4 estrellas", "4 stelle", "4 sterren",
         "four stars", "vier Sterne", "★★★★", "★★★★☆", "⭐⭐⭐⭐", "⭐️⭐️⭐️⭐️", "4/5", "4.0 out of 5 stars", "stars_4"],
    )  # fmt: skip
    def test_four_stars_in_any_writing(self, text: str):
        assert read(text) == Reading("stars", 4)

    @pytest.mark.parametrize(
        ("text", "index"),
        [("NEGATIVE", 0), ("neg", 0), ("négatif", 0), ("Neutral", 1), ("neutro", 1), ("POS", 2), ("positief", 2)],
    )
    def test_sentiments_in_any_case_and_six_languages(self, text: str, index: int):
        assert read(text) == Reading("sentiment", index)

    @pytest.mark.parametrize(
        ("text", "reading"),
        [
            ("very negative", Reading("very", 0)),
            ("Extremely Positive", Reading("very", 4)),
            ("sehr_positiv", Reading("very", 4)),
            ("True", Reading("truth", 2)),
            ("false", Reading("truth", 0)),
            ("LABEL_2", Reading("position", 2)),
            ("5.0", Reading("number", 5)),
            ("sports", Reading("name", 0)),
            ("very neutral", Reading("name", 0)),
            ("star", Reading("name", 0)),
            ("six stars", Reading("name", 0)),
        ],
    )
    def test_each_kind_of_text(self, text: str, reading: Reading):
        assert read(text) == reading


class TestSchemeOf:
    @pytest.mark.parametrize(
        ("classes", "kind"),
        [
            (STARS, "stars"),
            (("1", "2", "3", "4", "5"), "stars"),
            (("one star", "two stars", "three stars", "four stars", "five stars"), "stars"),
            (("Very Negative", "Negative", "Neutral", "Positive", "Very Positive"), "stars"),
            (("neutral", "positive", "negative"), "sentiment"),
            (("NEGATIVE", "POSITIVE"), "polarity"),
            (("1", "2", "3", "4", "5", "6", "7", "8", "9", "10"), "numbered"),
            (("1 star", "2 stars", "3 stars"), "numbered"),
            (("LABEL_0", "LABEL_1"), "opaque"),
            (("0", "1", "2", "3", "4"), "opaque"),
            (("sadness", "joy"), "named"),
            (("negative", "positive", "mixed"), "named"),
            (("1", "2", "4"), "named"),
            (("neutral", "positive"), "named"),
        ],
    )
    def test_each_kind_of_classes(self, classes: tuple[str, ...], kind: str):
        assert scheme_of(classes).kind == kind

    def test_a_scale_is_put_from_worst_to_best(self):
        assert scheme_of(("neutral", "positive", "negative")).names == ("negative", "neutral", "positive")
        assert scheme_of(STARS[::-1]).order == (4, 3, 2, 1, 0)

    def test_other_classes_stay_in_id_order(self):
        assert scheme_of(("sadness", "joy", "anger")).order == (0, 1, 2)
