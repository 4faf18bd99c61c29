"""The label contract between a review set and a classifier."""

from __future__ import annotations

import pickle
import random
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from harness.errors import LabelError
from harness.labels import LabelMatch, match

STARS = ("1 star", "2 stars", "3 stars", "4 stars", "5 stars")
FIVE_WORDS = ("Very Negative", "Negative", "Neutral", "Positive", "Very Positive")
FINBERT = ("neutral", "positive", "negative")
SENTIMENTS = ("negative", "neutral", "positive")
POLARITY = ("NEGATIVE", "POSITIVE")
OPAQUE = ("LABEL_0", "LABEL_1", "LABEL_2", "LABEL_3", "LABEL_4")
EMOTIONS = ("sadness", "joy", "love", "anger")


def matched(labels: Sequence[str] | Mapping[str, int], classes: Sequence[str], **options: Any) -> LabelMatch:
    """`match` with what the front ends give by default; every label stands ten times."""
    counts = labels if isinstance(labels, Mapping) else dict.fromkeys(labels, 10)
    given_by_default: dict[str, Any] = {"label_map": None, "label_base": None, "neutral": "drop", **options}
    rows = {label: [100 * i + row for row in range(2, 2 + count)] for i, (label, count) in enumerate(counts.items())}
    return match(counts, classes, where="reviews.csv, column 'stars'", rows_of=rows.__getitem__, **given_by_default)


def refusal(labels: Sequence[str] | Mapping[str, int], classes: Sequence[str], **options: Any) -> LabelError:
    with pytest.raises(LabelError) as caught:
        matched(labels, classes, **options)
    return caught.value


class TestWholeNumbersOnStars:
    @pytest.mark.parametrize(
        ("labels", "golds", "how"),
        [
            ("1 2 3 4 5", [0, 1, 2, 3, 4], "labels 1…5 are the classes 1 star … 5 stars (1-based)"),
            ("0 1 2 3 4", [0, 1, 2, 3, 4], "labels 0…4 are the classes 1 star … 5 stars (0-based)"),
            ("1.0 2.0 5.0", [0, 1, 4], "labels 1, 2, 5 are the classes 1 star, 2 stars, 5 stars (1-based)"),
            ("1 5", [0, 4], "labels 1, 5 are the classes 1 star, 5 stars (1-based)"),
            ("0 2", [0, 2], "labels 0, 2 are the classes 1 star, 3 stars (0-based)"),
            ("5", [4], "label 5 is 5 stars (1-based)"),
        ],
    )
    def test_the_column_proves_what_is_counted_from(self, labels: str, golds: list[int], how: str):
        found = matched(labels.split(), STARS)

        assert [found.gold_of[label] for label in labels.split()] == golds
        assert found.how == how
        assert found.classes == STARS
        assert found.ordinal

    @pytest.mark.parametrize("base", [0, 1])
    def test_only_1_to_4_asks_for_the_base_and_takes_it(self, base: int):
        labels = ["1", "2", "3", "4"]

        assert str(refusal(labels, STARS)) == (
            "labels 1, 2, 3 and 4 can be read in two ways\n"
            "  where     reviews.csv, column 'stars'\n"
            "  expected  one of the classes 1 star, 2 stars, 3 stars, 4 stars, 5 stars\n"
            "            the set has the labels 1 (10), 2 (10), 3 (10), 4 (10)\n"
            "  remedy    give --label-base 1 if 1 is '1 star' and 4 is '4 stars',\n"
            "            or --label-base 0 if 1 is '2 stars' and 4 is '5 stars'"
        )
        found = matched(labels, STARS, label_base=base)
        assert [found.gold_of[label] for label in labels] == [number - base for number in (1, 2, 3, 4)]
        assert found.how.endswith(f"({base}-based, as --label-base says)")

    @pytest.mark.parametrize("classes", [STARS, FIVE_WORDS, SENTIMENTS])
    def test_0_and_1_could_be_a_polarity_or_the_first_two_classes(self, classes: Sequence[str]):
        error = refusal(["0", "1"], classes)

        assert error.message == "labels 0 and 1 can be read in two ways"
        assert error.remedy == (
            "give --label-map '0=negative,1=positive' if 0 is negative and 1 is positive,\n"
            f"or --label-base 0 if 0 is '{classes[0]}' and 1 is '{classes[1]}'"
        )
        assert matched(["0", "1"], classes, label_base=0).gold_of == {"0": 0, "1": 1}
        mapped = matched(["0", "1"], classes, label_map={"0": "negative", "1": "positive"})
        assert mapped.gold_of == {"0": 0, "1": 1}
        assert mapped.classes == ("negative", "positive")

    def test_numbers_beyond_both_counts_are_shown_with_the_rows_of_the_odd_ones(self):
        error = refusal({"1": 50, "2": 50, "3": 50, "4": 50, "5": 50, "6": 2}, STARS)

        assert error.message == "labels 1, 2, 3, 4, 5 and 6 count neither 0…4 nor 1…5"
        assert error.where == "reviews.csv, column 'stars', rows 502, 503 (2 in all)"
        assert error.remedy == (
            "correct the rows of label 6, or say which class it is, for example --label-map '6=5 stars',\n"
            "or give --label-base 1 and --on-bad-row skip, which leaves the rows out"
        )
        kept = matched({"1": 50, "5": 50, "6": 2}, STARS, label_base=1, skip_unknown=True)
        assert kept.gold_of == {"1": 0, "5": 4, "6": None}

    def test_0_to_5_is_not_guessed_even_where_rows_may_be_skipped(self):
        error = refusal({"0": 1, "1": 9, "2": 9, "3": 9, "4": 9, "5": 9}, STARS, skip_unknown=True)

        assert error.message == "labels 0, 1, 2, 3, 4 and 5 count neither 0…4 nor 1…5"
        assert error.where.endswith("row 2 (1 in all)")

    def test_another_scale_asks_for_a_map_of_it(self):
        error = refusal([str(number) for number in range(1, 11)], STARS, skip_unknown=True)

        assert error.remedy == (
            "say which class each label is, for example --label-map '1=1 star,2=1 star,3=2 stars,4=2 stars,"
            "5=3 stars,6=3 stars,7=4 stars,8=4 stars,9=5 stars,10=5 stars'"
        )

    def test_a_mapped_number_does_not_spoil_the_count(self):
        found = matched(list("012345"), STARS, label_map={"0": "3 stars"})

        assert found.gold_of == {"0": 2, "1": 0, "2": 1, "3": 2, "4": 3, "5": 4}

    def test_a_fraction_is_an_unknown_label_with_an_example_of_a_map(self):
        error = refusal({"1": 9, "3.5": 2, "5": 9}, STARS)

        assert str(error) == (
            "label '3.5' fits no class of the classifier\n"
            "  where     reviews.csv, column 'stars', rows 102, 103 (2 in all)\n"
            "  expected  one of the classes 1 star, 2 stars, 3 stars, 4 stars, 5 stars\n"
            "            the set has the labels 1 (9), 5 (9), '3.5' (2)\n"
            "  remedy    correct the rows, leave them out with --on-bad-row skip,\n"
            "            or say which class the label is, for example --label-map '3.5=4 stars'"
        )

    def test_stars_whose_ids_run_backwards_are_still_stars(self):
        found = matched(list("12345"), STARS[::-1])

        assert found.classes == STARS
        assert found.gold_of == {"1": 0, "2": 1, "3": 2, "4": 3, "5": 4}
        assert found.projection.tolist() == np.eye(5)[::-1].tolist()


class TestNamesOnStars:
    def test_stars_in_other_words(self):
        found = matched(["1 Stern", "4.0 out of 5 stars", "five stars"], STARS)

        assert found.gold_of == {"1 Stern": 0, "4.0 out of 5 stars": 3, "five stars": 4}

    def test_five_words_are_five_steps(self):
        found = matched(["very negative", "negative", "neutral", "positive", "very positive"], STARS)

        assert found.gold_of == {"negative": 1, "neutral": 2, "positive": 3, "very negative": 0, "very positive": 4}

    def test_stars_beside_bare_numbers_show_that_these_count_from_1(self):
        assert matched(["4 stars", "2"], STARS).gold_of == {"2": 1, "4 stars": 3}

    def test_label_n_is_the_class_with_id_n(self):
        assert matched(["LABEL_2", "LABEL_0"], STARS).gold_of == {"LABEL_0": 0, "LABEL_2": 2}
        assert matched(["LABEL_0", "LABEL_1", "LABEL_2"], FINBERT).gold_of == {"LABEL_0": 1, "LABEL_1": 2, "LABEL_2": 0}

    def test_an_unknown_name_is_an_error_with_both_sides(self):
        error = refusal({"4 stars": 12, "6 stars": 1}, STARS)

        assert error.message == "label '6 stars' fits no class of the classifier"
        assert error.where == "reviews.csv, column 'stars', row 102 (1 in all)"
        assert error.expected == (
            "one of the classes 1 star, 2 stars, 3 stars, 4 stars, 5 stars\n"
            "the set has the labels '4 stars' (12), '6 stars' (1)"
        )


class TestPositiveNegativeOnStars:
    def test_drop_sums_two_and_two_and_leaves_the_middle_out(self):
        found = matched(["neg", "pos"], STARS)

        assert found.classes == ("negative", "positive")
        assert found.gold_of == {"neg": 0, "pos": 1}
        assert found.projection.tolist() == [[1, 0], [1, 0], [0, 0], [0, 1], [0, 1]]
        assert found.unlabelled == (2,)
        assert not found.ordinal
        assert found.how == (
            "label 'neg' is negative, 'pos' is positive; probabilities are summed: 1 star + 2 stars for negative, "
            "4 stars + 5 stars for positive; 3 stars is left out and the rest rescaled (--neutral drop)"
        )

    def test_split_gives_half_of_the_middle_to_each(self):
        found = matched(["neg", "pos"], STARS, neutral="split")

        assert found.projection[2].tolist() == [0.5, 0.5]
        assert found.unlabelled == ()
        assert found.how.endswith("; 3 stars counts half to each (--neutral split)")

    def test_with_neutral_every_class_has_a_label(self):
        found = matched(["negative", "neutral", "positive"], STARS)

        assert found.classes == SENTIMENTS
        assert found.projection.argmax(axis=1).tolist() == [0, 0, 1, 2, 2]
        assert found.ordinal
        assert found.unlabelled == ()

    def test_true_and_false_are_a_polarity(self):
        assert matched(["true", "False"], STARS).gold_of == {"False": 0, "true": 1}

    def test_negative_beside_five_words_of_a_classifier_is_all_that_is_bad(self):
        found = matched(["negative", "positive"], FIVE_WORDS)

        assert found.classes == ("negative", "positive")
        assert found.projection.tolist() == [[1, 0], [1, 0], [0, 0], [0, 1], [0, 1]]

    def test_a_map_may_name_one_of_five_words_beside_numbers(self):
        found = matched(list("12345"), FIVE_WORDS, label_map={"2": "Positive", "4": "Negative"})

        assert found.gold_of == {"1": 0, "2": 3, "3": 2, "4": 1, "5": 4}

    def test_a_map_onto_sentiments_scores_stars_as_a_polarity(self):
        found = matched(
            list("12345"), STARS, label_map={"1": "negative", "2": "negative", "4": "positive", "5": "positive"}
        )

        assert found.gold_of == {"1": 0, "2": 0, "3": None, "4": 1, "5": 1}
        assert found.left_out == ("3",)


class TestSentimentClassifier:
    def test_finbert_tone_is_put_from_worst_to_best(self):
        found = matched(["Positive", "NEGATIVE", "Neutral"], FINBERT)

        assert found.classes == SENTIMENTS
        assert found.ordinal
        assert found.projection.tolist() == [[0, 1, 0], [0, 0, 1], [1, 0, 0]]
        assert found.how == "labels are matched with the classes by name"

    def test_stars_are_two_for_each_end_and_one_for_the_middle(self):
        found = matched(list("12345"), FINBERT)

        assert found.gold_of == {"1": 0, "2": 0, "3": 1, "4": 2, "5": 2}
        assert found.how == "labels 1 and 2 are negative, 3 is neutral, 4 and 5 are positive (1-based)"

    @pytest.mark.parametrize(("neutral", "row"), [("drop", [0, 0]), ("split", [0.5, 0.5])])
    def test_a_polarity_set_leaves_neutral_out_or_splits_it(self, neutral: str, row: list[float]):
        found = matched(["negative", "positive"], FINBERT, neutral=neutral)

        assert found.projection.tolist() == [row, [0, 1], [1, 0]]
        assert found.unlabelled == ((0,) if neutral == "drop" else ())

    def test_0_to_2_count_from_worst_to_best_where_the_ids_do(self):
        assert matched(list("012"), SENTIMENTS).how == "labels 0…2 are the classes negative … positive (0-based)"

    def test_0_to_2_are_asked_about_where_the_ids_have_another_order(self):
        error = refusal(list("012"), FINBERT)

        assert error.message == "labels 0, 1 and 2 can be read in two ways"
        assert error.remedy == (
            "give --label-base 0 if they count from worst to best: 0 is 'negative' and 2 is 'positive',\n"
            "or --label-map '0=neutral,1=positive,2=negative' if they are positions in id2label"
        )
        assert matched(list("012"), FINBERT, label_base=0).gold_of == {"0": 0, "1": 1, "2": 2}
        by_id = matched(list("012"), FINBERT, label_map={"0": "neutral", "1": "positive", "2": "negative"})
        assert by_id.gold_of == {"0": 1, "1": 2, "2": 0}

    def test_five_words_in_another_order_are_asked_about_too(self):
        error = refusal(list("12345"), FIVE_WORDS[::-1])

        assert error.message == "labels 1, 2, 3, 4 and 5 can be read in two ways"


class TestPolarityClassifier:
    def test_0_is_negative_and_1_positive(self):
        assert matched(["0", "1"], POLARITY).how == "labels 0, 1 are the classes NEGATIVE, POSITIVE (0-based)"
        assert matched(["1", "2"], POLARITY).how == "labels 1, 2 are the classes NEGATIVE, POSITIVE (1-based)"

    def test_the_other_order_of_ids_changes_nothing_and_is_said(self):
        found = matched(["0", "1"], POLARITY[::-1])

        assert found.gold_of == {"0": 0, "1": 1}
        assert found.classes == POLARITY
        assert found.warnings == (
            "id2label has POSITIVE first, but the smaller number is read as NEGATIVE, as is usual in data sets; "
            "--label-map says otherwise",
        )

    def test_1_alone_could_be_either(self):
        assert refusal(["1"], POLARITY).remedy == (
            "give --label-base 1 if 1 is 'NEGATIVE',\nor --label-base 0 if 1 is 'POSITIVE'"
        )

    def test_three_stars_are_left_out_and_counted(self):
        found = matched({"1": 4, "2": 1, "3": 1_200, "4": 7, "5": 2}, POLARITY)

        assert found.gold_of == {"1": 0, "2": 0, "3": None, "4": 1, "5": 1}
        assert found.left_out == ("3",)
        assert found.unknown == ()
        assert found.warnings == (
            "1,200 reviews are left out with the label 3, which is neither NEGATIVE nor POSITIVE (--neutral drop)",
        )

    def test_a_label_cannot_be_split(self):
        error = refusal(list("12345"), POLARITY, neutral="split")

        assert error.message == "a review with the label 3 has no right answer among NEGATIVE and POSITIVE"
        assert error.remedy == (
            "give --neutral drop, which leaves these reviews out and counts them:\n"
            "--neutral split can share a classifier's probability, but no label"
        )
        assert matched(list("1245"), POLARITY, neutral="split").gold_of == {"1": 0, "2": 0, "4": 1, "5": 1}

    @pytest.mark.parametrize("labels", ["1 2 3 4", "0 1 2 3", "2 3", "0 2"])
    def test_stars_are_asked_about_unless_the_column_proves_five(self, labels: str):
        assert refusal(labels.split(), POLARITY).remedy == (
            "give --label-base 1 if they are stars counted from 1,\nor --label-base 0 if they are stars counted from 0"
        )
        assert matched(["0", "4"], POLARITY).gold_of == {"0": 0, "4": 1}

    def test_a_partial_map_leaves_the_rest_as_usual(self):
        found = matched(list("12345"), POLARITY, label_map={"5.0": "positive", "1": "negative"})

        assert found.gold_of == {"1": 0, "2": 0, "3": None, "4": 1, "5": 1}

    def test_a_set_of_neutral_reviews_alone_is_an_error(self):
        assert refusal(["neutral"], POLARITY).message == (
            "no review is left to evaluate: every label is neutral, and the classes are NEGATIVE and POSITIVE"
        )


class TestOtherClasses:
    @pytest.mark.parametrize(("labels", "base"), [("0 1 2 3 4", 0), ("1 2 3 4 5", 1)])
    def test_numbers_are_positions_where_names_say_nothing(self, labels: str, base: int):
        found = matched(labels.split(), OPAQUE)

        assert list(found.gold_of.values()) == [0, 1, 2, 3, 4]
        assert not found.ordinal
        assert found.how == (
            f"labels {base}…{base + 4} are the classes LABEL_0 … LABEL_4 ({base}-based), by position in id2label: "
            "the names say nothing of their meaning"
        )

    def test_stars_on_five_nameless_classes_are_a_scale(self):
        found = matched(["1 star", "2 stars", "5 stars"], OPAQUE)

        assert found.gold_of == {"1 star": 0, "2 stars": 1, "5 stars": 4}
        assert found.ordinal

    def test_names_on_nameless_classes_need_a_map(self):
        error = refusal(["neg", "pos"], OPAQUE[:2])

        assert error.message == "labels 'neg' and 'pos' fit no class of the classifier"
        assert error.remedy == (
            "correct the rows, leave them out with --on-bad-row skip,\n"
            "or say which class the labels are, for example --label-map 'neg=LABEL_0,pos=LABEL_1'\n"
            "(the names of the classes do not tell: `harness predict` shows which is which)"
        )

    def test_stars_on_two_nameless_classes_need_a_map_that_may_leave_out_the_middle(self):
        error = refusal(list("12345"), OPAQUE[:2], skip_unknown=True)

        assert error.message == "labels 1, 2, 3, 4 and 5 count neither 0…1 nor 1…2"
        assert error.remedy == (
            "say which class each label is, for example --label-map '1=LABEL_0,2=LABEL_0,3=neutral,4=LABEL_1,5=LABEL_1'"
        )
        said = {"1": "LABEL_0", "2": "LABEL_0", "3": "neutral", "4": "LABEL_1", "5": "LABEL_1"}
        found = matched(list("12345"), OPAQUE[:2], label_map=said)
        assert found.gold_of == {"1": 0, "2": 0, "3": None, "4": 1, "5": 1}
        assert found.left_out == ("3",)

    def test_names_match_in_any_case_and_ids_keep_their_order(self):
        found = matched(["Joy", "LOVE", "love"], EMOTIONS)

        assert found.gold_of == {"Joy": 1, "LOVE": 2, "love": 2}
        assert found.classes == EMOTIONS
        assert not found.ordinal

    def test_a_class_that_the_classifier_lacks_is_an_error(self):
        error = refusal({"joy": 3, "surprise": 12}, EMOTIONS)

        assert error.message == "label 'surprise' fits no class of the classifier"
        assert error.where == (
            "reviews.csv, column 'stars', rows 102, 103, 104, 105, 106, 107, 108, 109, 110, 111, … (12 in all)"
        )

    def test_numbers_are_positions_among_names(self):
        assert matched(list("0123"), EMOTIONS).how == (
            "labels 0…3 are the classes sadness … anger (0-based), by position in id2label"
        )
        assert refusal(list("123"), EMOTIONS).remedy == (
            "give --label-base 1 if 1 is 'sadness' and 3 is 'love',\nor --label-base 0 if 1 is 'joy' and 3 is 'anger'"
        )

    def test_a_scale_of_ten_is_ordinal_and_counted_as_a_whole(self):
        ten = tuple(str(number) for number in range(1, 11))

        assert matched(ten, ten).ordinal
        assert matched([str(number) for number in range(10)], ten).gold_of["0"] == 0
        assert refusal(["2", "7"], ten).message == "labels 2 and 7 can be read in two ways"

    def test_classes_named_by_some_numbers_match_by_name(self):
        found = matched(["1", "other"], ("1", "2", "other"))

        assert found.gold_of == {"1": 0, "other": 2}
        assert refusal(["1", "3"], ("1", "2", "other")).message == "label 3 fits no class of the classifier"

    def test_a_sentiment_is_found_among_other_names(self):
        assert matched(["neg", "mixed"], ("negative", "positive", "mixed")).gold_of == {"mixed": 2, "neg": 0}

    def test_two_classes_with_one_name_are_an_error(self):
        assert refusal(["a"], ("A", "a")).message == "the classifier has two classes with one name: 'A' and 'a'"


class TestWarningsAndSkipping:
    def test_unknown_labels_can_be_left_out_and_are_counted(self):
        found = matched({"joy": 9, "surprise": 1, "awe": 2}, EMOTIONS, skip_unknown=True)

        assert found.gold_of == {"awe": None, "joy": 1, "surprise": None}
        assert found.unknown == ("awe", "surprise")
        assert found.warnings[0] == (
            "3 reviews are left out whose labels fit no class (--on-bad-row skip): 'awe' (2), 'surprise' (1)"
        )

    def test_where_no_label_fits_nothing_is_skipped(self):
        assert (
            refusal(["a", "b"], EMOTIONS, skip_unknown=True).message
            == "labels 'a' and 'b' fit no class of the classifier"
        )

    def test_a_single_class_is_fine_with_a_warning(self):
        assert matched(["5"], STARS).warnings == (
            "every review is labelled 5 stars: accuracy here is the recall of that one class",
        )

    def test_a_key_of_the_map_that_the_set_lacks_is_a_warning(self):
        found = matched(list("12345"), STARS, label_map={"meh": "3 stars"})

        assert found.warnings == ("the label map names 'meh', which the review set does not have",)

    def test_many_unknown_labels_are_counted_and_the_column_is_doubted(self):
        error = refusal([f"text {i:02} with a comma, too" for i in range(60)], STARS)

        assert error.message.endswith("'text 11 with a comma, too', … (60 in all) fit no class of the classifier")
        assert error.remedy.startswith(
            "name the column that holds the labels with --label-column;\nor correct the rows"
        )
        assert '--label-map labels.json with {"text 00 with a comma, too": "' in error.remedy

    def test_a_set_without_labels_is_an_error(self):
        assert refusal([], STARS).message == "the review set has no labels"

    def test_an_error_survives_the_way_to_another_process(self):
        error = refusal(["6 stars"], STARS)

        assert str(pickle.loads(pickle.dumps(error))) == str(error)


CASES = [
    (list("12345"), STARS),
    (["neg", "pos"], STARS),
    (["negative", "neutral", "positive"], STARS),
    (list("12345"), FINBERT),
    (["negative", "positive"], FINBERT),
    (list("12345"), POLARITY),
    (["0", "1"], POLARITY[::-1]),
    (list("01234"), OPAQUE),
    (["joy", "anger"], EMOTIONS),
    (["very negative", "positive"], FIVE_WORDS[::-1]),
]


class TestEveryMatch:
    @pytest.mark.parametrize("neutral", ["drop", "split"])
    @pytest.mark.parametrize(("labels", "classes"), CASES)
    def test_rows_of_the_projection_sum_to_1_or_the_class_is_unlabelled(
        self, labels: list[str], classes: tuple[str, ...], neutral: str
    ):
        labels = [label for label in labels if label != "3"]
        found = matched(labels, classes, neutral=neutral)

        sums = found.projection.sum(axis=1)
        assert found.projection.shape == (len(classes), len(found.classes))
        assert [i for i, total in enumerate(sums) if total == 0] == list(found.unlabelled)
        assert set(sums) <= {0, 1}
        assert (found.projection.sum(axis=0) > 0).all()

    @pytest.mark.parametrize(("labels", "classes"), CASES)
    @settings(deadline=None)
    @given(seed=st.integers(0, 1_000))
    def test_the_order_of_labels_changes_nothing(self, labels: list[str], classes: tuple[str, ...], seed: int):
        shuffled = random.Random(seed).sample(labels, len(labels))
        one, other = matched(labels, classes), matched(shuffled, classes)

        assert list(one.gold_of.items()) == list(other.gold_of.items())
        assert (one.classes, one.how, one.warnings) == (other.classes, other.how, other.warnings)

    @pytest.mark.parametrize(("labels", "classes"), [case for case in CASES if case[1] not in (OPAQUE, EMOTIONS)])
    def test_the_order_of_ids_changes_only_where_columns_come_from(self, labels: list[str], classes: tuple[str, ...]):
        logits = np.random.default_rng(0).normal(size=(20, len(classes))).astype(np.float32)
        ids = np.random.default_rng(1).permutation(len(classes))
        one, other = matched(labels, classes), matched(labels, [classes[i] for i in ids], label_base=_base(labels))

        assert one.gold_of == other.gold_of
        assert other.project(logits[:, ids]) == pytest.approx(one.project(logits), abs=1e-6)


def _base(labels: list[str]) -> int | None:
    return int(min(labels)) if labels[0].isdigit() else None


class TestProject:
    @pytest.mark.parametrize("neutral", ["drop", "split"])
    @settings(deadline=None)
    @given(hnp.arrays(np.float32, (7, 5), elements=st.floats(-1e4, 1e4, width=32)))
    def test_rows_sum_to_1_at_any_logits(self, neutral: str, logits: np.ndarray):
        probabilities = matched(["neg", "pos"], STARS, neutral=neutral).project(logits)

        assert probabilities.dtype == np.float32
        assert probabilities.shape == (7, 2)
        assert np.isfinite(probabilities).all()
        assert probabilities.sum(axis=1) == pytest.approx(np.ones(7), abs=1e-6)

    def test_all_on_the_unlabelled_class_still_ranks_the_rest(self):
        logits = np.array([[-1e4, -1e4, 1e4, -1e4, -1e4 + 1]], dtype=np.float32)

        (negative, positive) = matched(["neg", "pos"], STARS).project(logits)[0]

        # Two classes of equal weight against one of that weight and one e times as likely.
        assert negative == pytest.approx(2 / (3 + np.e))
        assert positive == pytest.approx((1 + np.e) / (3 + np.e))

    def test_it_is_the_sum_of_softmax_probabilities_by_definition(self):
        logits = np.random.default_rng(0).normal(size=(50, 5)).astype(np.float32)
        softmax = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
        for neutral in ("drop", "split"):
            found = matched(["neg", "pos"], STARS, neutral=neutral)
            summed = softmax @ found.projection
            assert found.project(logits) == pytest.approx(summed / summed.sum(axis=1, keepdims=True), abs=1e-6)

    def test_a_matching_set_leaves_probabilities_alone_but_for_their_order(self):
        logits = np.array([[1.0, 2.0, 3.0]], dtype=np.float32)
        neutral, positive, negative = np.exp([1.0, 2.0, 3.0]) / np.exp([1.0, 2.0, 3.0]).sum()

        assert matched(SENTIMENTS, FINBERT).project(logits)[0] == pytest.approx([negative, neutral, positive])

    def test_no_reviews_are_no_rows(self):
        assert matched(["neg", "pos"], STARS).project(np.empty((0, 5), np.float32)).shape == (0, 2)


class TestRecord:
    def test_it_holds_both_sides_and_only_shares_that_there_are(self):
        record = matched(["neg", "pos"], STARS).record(STARS)

        assert record.classes == ("negative", "positive")
        assert record.labels == {"neg": "negative", "pos": "positive"}
        assert record.projection == {
            "1 star": {"negative": 1.0},
            "2 stars": {"negative": 1.0},
            "3 stars": {},
            "4 stars": {"positive": 1.0},
            "5 stars": {"positive": 1.0},
        }
        assert record.how.startswith("label 'neg' is negative")

    def test_a_label_that_is_left_out_is_null(self):
        assert matched(list("12345"), POLARITY).record(POLARITY).labels["3"] is None
