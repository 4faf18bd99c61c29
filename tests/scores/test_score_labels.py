"""Which label is which class: by name, by what numbers prove, and by the contract of review sets and classifiers."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from harness.errors import PredictionsError, UsageError
from harness.scores import Scores
from scores.score_files import reading, refusal, refused, written

STARS = ("1 star", "2 stars", "3 stars", "4 stars", "5 stars")
SENTIMENTS = ("negative", "neutral", "positive")
ASK = "the classes have no order: give --ordinal if they are steps of a scale"


def content(labels: Sequence[object], classes: Sequence[str], column: str = "gold") -> str:
    """CSV in which the first of K classes has the probability 3/2K, and the last 1/2K."""
    row = np.full(len(classes), 1 / len(classes))
    row[[0, -1]] *= (1.5, 0.5)
    cells = ",".join(map(str, row.tolist()))
    header = ",".join([column, *(f"p_{name}" for name in classes)])
    return "\n".join([header, *(f"{label},{cells}" for label in labels)])


def labelled(folder: Path, labels: Sequence[object], classes: Sequence[str], **options: Any) -> Scores:
    return reading(folder, "a.csv", content(labels, classes), **options)


def unnamed(labels: Sequence[object], width: int) -> dict[str, np.ndarray]:
    """An archive in which nothing names the classes."""
    return {"gold": np.array(labels), "probs": np.full((len(labels), width), 1 / width)}


class TestNumbersWithoutNames:
    @pytest.mark.parametrize(
        ("labels", "base", "proof"), [([0, 2, 1], 0, 0), ([0, 1], 0, 0), ([3, 1], 1, 3), ([1, 2, 3, 3], 1, 3)]
    )
    def test_the_labels_prove_what_they_count_from(
        self, tmp_path: Path, labels: list[int], base: int, proof: int
    ) -> None:
        scores = reading(tmp_path, "a.npz", unnamed(labels, 3))

        assert scores.gold.tolist() == [label - base for label in labels]
        assert scores.classes == tuple(str(base + place) for place in range(3))
        assert scores.ordinal is (base == 1)
        assert scores.notes == (
            f"the gold labels count the classes from {base}: {proof} occurs",
            f"the classes have no names: they are called {base} … {base + 2}",
            "the classes are steps of a scale: 1 … 3" if base == 1 else ASK,
        )

    @pytest.mark.parametrize(("labels", "shown"), [([1, 2, 2], "labels 1 and 2"), ([1], "label 1")])
    def test_where_they_prove_nothing_the_user_is_asked(self, tmp_path: Path, labels: list[int], shown: str) -> None:
        path = written(tmp_path, "a.npz", unnamed(labels, 3))

        assert refused(path, PredictionsError) == (
            f"{shown} can be read in two ways\n"
            "  where     a.npz, array 'gold'\n"
            "  expected  0 … 2 or 1 … 3, for 3 classes: neither 0 nor 3 occurs\n"
            "  remedy    give --label-base 0 or --label-base 1, or write the names of the classes as gold labels"
        )

    @pytest.mark.parametrize("base", [0, 1])
    def test_and_can_answer(self, tmp_path: Path, base: int) -> None:
        scores = reading(tmp_path, "a.npz", unnamed([1, 2, 2], 3), label_base=base)

        assert scores.gold.tolist() == [1 - base, 2 - base, 2 - base]
        assert scores.notes[0] == f"the gold labels count the classes from {base}"

    @pytest.mark.parametrize(
        ("labels", "wrong", "rows"),
        [
            ([0, 1, 2, 7, 9], "labels 7 and 9 fit no class", "rows 3, 4 (2 in all)"),
            ([1, 2, 3, 3, 0], "label 0 fits no class", "row 4"),
            ([-1, 1, 1, 2, 0], "label -1 fits no class", "row 0"),
            (["0", "a", "1"], "label 'a' fits no class", "row 1"),
            ([0.5, 0, 1], "label '0.5' fits no class", "row 0"),
        ],
    )
    def test_a_label_that_counts_no_class_is_named(
        self, tmp_path: Path, labels: list[Any], wrong: str, rows: str
    ) -> None:
        assert refusal(tmp_path, "a.npz", unnamed(labels, 3)) == (
            f"{wrong}\n"
            f"  where     a.npz, array 'gold', {rows}, counted from 0\n"
            "  expected  0 … 2 or 1 … 3, for 3 classes\n"
            "  remedy    correct the rows, or name the classes with --classes in the order of the numbers"
        )

    def test_so_is_one_that_counts_none_from_the_base_that_the_user_gives(self, tmp_path: Path) -> None:
        assert refusal(tmp_path, "a.npz", unnamed([0, 1, 2], 3), label_base=1) == (
            "label 0 fits no class\n"
            "  where     a.npz, array 'gold', row 0, counted from 0\n"
            "  expected  1 … 3, for 3 classes\n"
            "  remedy    correct the rows, or name the classes with --classes in the order of the numbers"
        )

    def test_false_is_the_first_of_two_and_true_the_second(self, tmp_path: Path) -> None:
        scores = reading(tmp_path, "a.csv", "y_true,probability\nTrue,0.75\nFALSE,0.5\n")

        assert scores.gold.tolist() == [1, 0]
        assert scores.probabilities.tolist() == [[0.25, 0.75], [0.5, 0.5]]

    def test_a_column_of_stars_is_a_scale(self, tmp_path: Path) -> None:
        rows = unnamed([1, 5], 5)
        scores = reading(tmp_path, "a.npz", {"stars": rows["gold"], "probs": rows["probs"]})

        assert scores.ordinal
        assert scores.notes[-1] == "the classes are steps of a scale: 1 … 5"

    def test_names_do_not_say_which_column_is_which_class(self, tmp_path: Path) -> None:
        assert refusal(tmp_path, "a.npz", unnamed(["ham", "spam"], 2)) == (
            "nothing says which of the 2 numbers of a row is which class\n"
            "  where     a.npz, array 'gold'\n"
            "  expected  names of the classes in the order of the numbers; the gold labels are 'ham', 'spam'\n"
            "  remedy    name them with --classes, or in the file in an array 'classes'"
        )

    def test_nor_do_they_in_a_table(self, tmp_path: Path) -> None:
        assert refusal(tmp_path, "a.csv", "gold,probability\nspam,0.5\n").endswith(
            "\n  remedy    name them with --classes, or write a column p_<class> for each"
        )

    def test_but_a_probability_is_that_of_the_positive_class(self, tmp_path: Path) -> None:
        scores = reading(tmp_path, "a.csv", "gold,proba\nNEG,0.25\nPOS,0.5\n")

        assert scores.classes == ("NEG", "POS")
        assert scores.gold.tolist() == [0, 1]
        assert scores.notes == ("'proba' is of the second class, POS",)


class TestNames:
    @pytest.mark.parametrize("label", ["very good", "Very_Good", " very-good "])
    def test_they_match_in_any_case_and_whatever_joins_their_words(self, tmp_path: Path, label: str) -> None:
        assert labelled(tmp_path, [label], ["bad", "very good"]).gold.tolist() == [1]

    def test_a_class_that_no_label_has_stays_a_class(self, tmp_path: Path) -> None:
        for labels in (["negative", "positive"], ["neg", "pos"]):
            scores = labelled(tmp_path, labels, SENTIMENTS)

            assert scores.classes == SENTIMENTS
            assert scores.gold.tolist() == [0, 2]
            assert scores.probabilities.shape == (2, 3)

    def test_names_in_other_words_are_noted(self, tmp_path: Path) -> None:
        assert (
            "gold labels: 'neg' is negative, 'pos' is positive" in labelled(tmp_path, ["pos", "neg"], SENTIMENTS).notes
        )

    def test_a_scale_is_put_in_order_with_its_columns(self, tmp_path: Path) -> None:
        scores = labelled(tmp_path, ["positive", "neutral"], ["neutral", "positive", "negative"])

        assert scores.classes == SENTIMENTS
        assert scores.ordinal
        assert scores.gold.tolist() == [2, 1]
        assert scores.probabilities[0] == pytest.approx([1 / 6, 1 / 2, 1 / 3])
        assert scores.probabilities.flags.c_contiguous
        assert scores.notes[1:] == (
            "the columns are put in order: negative, neutral, positive",
            "the classes are steps of a scale: negative … positive",
        )

    def test_logits_are_put_in_order_too(self, tmp_path: Path) -> None:
        scores = reading(tmp_path, "a.csv", "gold,logit_pos,logit_neg\npos,2,1\n")

        assert scores.classes == ("neg", "pos")
        assert scores.logits is not None
        assert scores.logits.tolist() == [[1, 2]]
        assert scores.probabilities[0, 1] > 0.5

    def test_other_names_stay_in_the_order_of_the_columns(self, tmp_path: Path) -> None:
        scores = labelled(tmp_path, ["sports"], ["sports", "politics", "economy"])

        assert scores.classes == ("sports", "politics", "economy")
        assert not scores.ordinal
        assert scores.notes[-1] == ASK

    @pytest.mark.parametrize("ordinal", [True, False])
    def test_whether_they_are_a_scale_is_for_the_user_to_say(self, tmp_path: Path, ordinal: bool) -> None:
        for classes in (["low", "middle", "high"], list(SENTIMENTS)):
            scores = labelled(tmp_path, [classes[0]], classes, ordinal=ordinal)

            assert scores.ordinal is ordinal
            assert scores.notes == ("the classes are named by their columns",)

    def test_a_label_that_fits_no_class_is_named_with_the_classes(self, tmp_path: Path) -> None:
        path = written(tmp_path, "a.csv", content(["a", "c", "b", "c"], ["a", "b"]))

        assert refused(path, PredictionsError) == (
            "label 'c' fits no class\n"
            "  where     a.csv, column 'gold', lines 3, 5 (2 in all)\n"
            "  expected  one of the classes a, b\n"
            "            the gold labels are 'a' (1), 'b' (1), 'c' (2)\n"
            "  remedy    correct the rows, leave them out,\n"
            "            or say which class the label is, for example --label-map 'c=CLASS'"
        )

    def test_its_rows_are_counted_from_0_in_an_archive(self, tmp_path: Path) -> None:
        arrays = unnamed(["a", "c"], 2) | {"classes": np.array(["a", "b"])}

        assert "where     a.npz, array 'gold', row 1, counted from 0\n" in refusal(tmp_path, "a.npz", arrays)

    def test_a_label_map_says_which_class_it_is(self, tmp_path: Path) -> None:
        scores = labelled(tmp_path, ["a", "c", "b"], ["a", "b"], label_map={"c": "b"})

        assert scores.gold.tolist() == [0, 1, 1]
        assert "gold labels: 'a' is a, 'b' is b, 'c' is b" in scores.notes

    def test_one_that_names_no_class_is_wrong_use(self, tmp_path: Path) -> None:
        path = written(tmp_path, "a.csv", content(["a", "c"], ["a", "b"]))

        assert refused(path, UsageError, label_map={"c": "d"}) == (
            "the label map sends 'c' to 'd', which is no class\n"
            "  where     option --label-map\n"
            "  expected  one of the classes a, b\n"
            "  remedy    correct the map"
        )

    def test_a_label_map_may_name_numbers_of_classes_without_names(self, tmp_path: Path) -> None:
        scores = reading(tmp_path, "a.npz", unnamed(["ham", "spam"], 2), label_map={"ham": "0", "spam": "1"})

        assert scores.gold.tolist() == [0, 1]

    def test_a_column_of_texts_is_no_column_of_labels(self, tmp_path: Path) -> None:
        arrays = {"gold": np.arange(2000).astype(str), "probs": np.full((2000, 2), 0.5)}

        assert refusal(tmp_path, "a.npz", arrays) == (
            "there are 2,000 different gold labels, and 2 classes\n"
            "  where     a.npz, array 'gold'\n"
            "  expected  the name or the number of a class in each row\n"
            "  remedy    name another --label-column"
        )


class TestNumbersOfNamedClasses:
    @pytest.mark.parametrize("classes", [STARS, ("1", "2", "3", "4", "5")])
    @pytest.mark.parametrize("label", ["5", "5.0", "5 stars", "five stars", "★★★★★"])
    def test_stars_match_however_they_are_written(self, tmp_path: Path, classes: Sequence[str], label: str) -> None:
        scores = labelled(tmp_path, ["1 star" if "star" in label or "★" in label else "1", label], classes)

        assert scores.gold.tolist() == [0, 4]
        assert scores.classes == tuple(classes)
        assert scores.ordinal

    def test_stars_count_from_0_where_a_0_proves_it(self, tmp_path: Path) -> None:
        scores = labelled(tmp_path, [0, 4], STARS)

        assert scores.gold.tolist() == [0, 4]
        assert "gold labels: 0 is 1 star, 4 is 5 stars" in scores.notes

    def test_stars_in_falling_order_are_put_in_rising_order(self, tmp_path: Path) -> None:
        scores = labelled(tmp_path, [5, 1], STARS[::-1])

        assert scores.classes == STARS
        assert scores.gold.tolist() == [4, 0]
        assert scores.probabilities[0] == pytest.approx([0.1, 0.2, 0.2, 0.2, 0.3])

    def test_where_they_prove_nothing_the_user_is_asked(self, tmp_path: Path) -> None:
        assert refusal(tmp_path, "a.csv", content([1, 4], STARS)) == (
            "labels 1 and 4 can be read in two ways\n"
            "  where     a.csv, column 'gold'\n"
            "  expected  one of the classes 1 star, 2 stars, 3 stars, 4 stars, 5 stars\n"
            "            the gold labels are 1 (1), 4 (1)\n"
            "  remedy    give --label-base 1 if 1 is '1 star' and 4 is '4 stars',\n"
            "            or --label-base 0 if 1 is '2 stars' and 4 is '5 stars'"
        )
        assert labelled(tmp_path, [1, 4], STARS, label_base=1).gold.tolist() == [0, 3]

    def test_numbers_beyond_the_classes_are_named(self, tmp_path: Path) -> None:
        assert refusal(tmp_path, "a.csv", content([1, 2, 3, 4, 5, 5, 5, 5, 5, 5, 5, 7], STARS)) == (
            "labels 1, 2, 3, 4, 5 and 7 count neither 0…4 nor 1…5\n"
            "  where     a.csv, column 'gold', line 13\n"
            "  expected  one of the classes 1 star, 2 stars, 3 stars, 4 stars, 5 stars\n"
            "            the gold labels are 1 (1), 2 (1), 3 (1), 4 (1), 5 (7), 7 (1)\n"
            "  remedy    correct the rows of label 7, or say which class it is, for example --label-map '7=5 stars',\n"
            "            or leave the rows out"
        )

    def test_numbers_count_other_classes_in_the_order_of_the_columns(self, tmp_path: Path) -> None:
        scores = labelled(tmp_path, [0, 2], ["sports", "politics", "economy"])

        assert scores.gold.tolist() == [0, 2]
        assert "gold labels: 0 is sports, 2 is economy" in scores.notes

    def test_classes_that_are_called_by_other_numbers_are_names(self, tmp_path: Path) -> None:
        assert labelled(tmp_path, [30, 10], ["10", "20", "30"]).gold.tolist() == [2, 0]

    @pytest.mark.parametrize(
        ("classes", "note"),
        [
            (("LABEL_0", "LABEL_1", "LABEL_2"), "the gold labels count the classes from 0: 0 occurs"),
            (("0", "1", "2"), "the gold labels are taken for names of the classes: 0 is the class '0'"),
        ],
    )
    def test_ids_without_a_meaning_are_no_scale(self, tmp_path: Path, classes: Sequence[str], note: str) -> None:
        scores = labelled(tmp_path, [0, 2], classes)

        assert scores.gold.tolist() == [0, 2]
        assert scores.classes == tuple(classes)
        assert not scores.ordinal
        assert scores.notes[1:] == (note, ASK)

    @pytest.mark.parametrize(("labels", "column"), [([4, 1, 2, 3], "gold"), (["4.0", "1.0"], "stars"), ([2], "rating")])
    def test_labels_that_are_all_names_are_names_though_a_class_has_no_rows(
        self, tmp_path: Path, labels: list[Any], column: str
    ) -> None:
        classes = ["1", "2", "3", "4", "5"]
        scores = reading(tmp_path, "a.csv", content(labels, classes, column))

        assert scores.gold.tolist() == [int(float(label)) - 1 for label in labels]
        assert scores.probabilities.shape == (len(labels), 5)
        first = min(labels)
        assert scores.notes == (
            "the classes are named by their columns",
            f"the gold labels are taken for names of the classes: {first} is the class '{int(float(first))}'",
            "the classes are steps of a scale: 1 … 5",
        )

    def test_so_are_those_that_the_user_names(self, tmp_path: Path) -> None:
        arrays = {"gold": np.array([1, 3]), "probs": np.full((2, 4), 0.25)}
        scores = reading(tmp_path, "a.npz", arrays, classes=["1", "2", "3", "4"])

        assert scores.gold.tolist() == [0, 2]
        assert "the gold labels are taken for names of the classes: 1 is the class '1'" in scores.notes

    def test_a_base_that_is_given_comes_first(self, tmp_path: Path) -> None:
        assert labelled(tmp_path, [1, 4], ["1", "2", "3", "4", "5"], label_base=0).gold.tolist() == [1, 4]

    def test_they_may_be_labels_themselves_in_any_order(self, tmp_path: Path) -> None:
        scores = labelled(tmp_path, ["LABEL_1", "LABEL_0"], ["LABEL_1", "LABEL_0"])

        assert scores.classes == ("LABEL_0", "LABEL_1")
        assert scores.gold.tolist() == [1, 0]
        assert scores.probabilities.tolist() == [[0.25, 0.75]] * 2

    @pytest.mark.parametrize(("labels", "base"), [([0, 1], 0), ([1, 2], 1)])
    def test_numbers_may_count_a_scale_or_columns_in_another_order(
        self, tmp_path: Path, labels: list[int], base: int
    ) -> None:
        first, second = labels
        path = written(tmp_path, "a.csv", content(labels, ["pos", "neg"]))

        assert refused(path) == (
            f"labels {first} and {second} can be read in two ways\n"
            "  where     a.csv, column 'gold'\n"
            "  expected  one of the classes pos, neg\n"
            f"            the gold labels are {first} (1), {second} (1)\n"
            f"  remedy    give --label-base {base} if they count from 'neg' to 'pos',\n"
            f"            or --label-map '{first}=pos,{second}=neg' if they count the columns"
        )
        assert labelled(tmp_path, labels, ["pos", "neg"], label_base=base).gold.tolist() == [0, 1]
        as_columns = labelled(tmp_path, labels, ["pos", "neg"], label_map={str(first): "pos", str(second): "neg"})
        assert as_columns.gold.tolist() == [1, 0]

    def test_the_contract_speaks_of_columns_here(self, tmp_path: Path) -> None:
        assert refusal(tmp_path, "a.csv", content([1, 2, 3], ["neutral", "positive", "negative"])).endswith(
            "or --label-map '1=neutral,2=positive,3=negative' if they are positions among the columns"
        )


class TestCoarserLabels:
    def test_stars_have_a_sentiment(self, tmp_path: Path) -> None:
        scores = labelled(tmp_path, [1, 2, 3, 4, 5], SENTIMENTS)

        assert scores.gold.tolist() == [0, 0, 1, 2, 2]

    def test_a_label_in_the_middle_is_neither_of_two(self, tmp_path: Path) -> None:
        assert refusal(tmp_path, "a.csv", content([1, 3, 5], ["negative", "positive"])) == (
            "label 3 is neither negative nor positive\n"
            "  where     a.csv, column 'gold', line 3\n"
            "  expected  one of the classes negative, positive\n"
            "            the gold labels are 1 (1), 3 (1), 5 (1)\n"
            "  remedy    leave these rows out, or say which class it is with --label-map"
        )

    def test_sentiments_do_not_tell_the_stars(self, tmp_path: Path) -> None:
        assert refusal(tmp_path, "a.csv", content(["negative", "positive"], STARS)) == (
            "the gold labels are coarser than the 5 classes\n"
            "  where     a.csv, column 'gold'\n"
            "  expected  one of the classes 1 star, 2 stars, 3 stars, 4 stars, 5 stars\n"
            "            the gold labels are 'negative' (1), 'positive' (1)\n"
            "  remedy    sum the columns to those of negative and positive"
        )
