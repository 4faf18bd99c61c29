"""Which column is what: by its name, and never by a guess that nobody is told of."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from scipy.special import softmax

from harness.errors import PredictionsError, UsageError
from scores.score_files import reading, refusal, refused, written

ROWS = np.array([[0.25, 0.75], [0.5, 0.5], [1, 0]])
TOPICS = "label,sports,politics\nsports,0.25,0.75\npolitics,0.5,0.5\n"
LOGITS = "label,sports,politics\nsports,-1,2\npolitics,0.5,0.5\n"


class TestGoldLabels:
    @pytest.mark.parametrize(
        "name",
        [
            "gold",
            "label",
            "labels",
            "y_true",
            "target",
            "stars",
            "Gold",
            "Y True",
            "rating",
            "true_label",
            "actual",
            "y_test",
        ],
    )
    def test_the_usual_names_are_found_in_any_case(self, tmp_path: Path, name: str) -> None:
        assert reading(tmp_path, "a.csv", f"{name},p_a,p_b\nb,0,1\n").gold.tolist() == [1]

    def test_gold_comes_before_a_label_which_may_be_predicted(self, tmp_path: Path) -> None:
        scores = reading(tmp_path, "a.csv", "label,gold,p_a,p_b\nb,a,0,1\n")

        assert scores.gold.tolist() == [0]
        assert scores.columns is not None
        assert scores.columns.column_names == ["label"]
        assert "the gold labels are in 'gold', not in 'label'" in scores.notes

    def test_a_rating_beside_a_label_describes_the_row(self, tmp_path: Path) -> None:
        scores = reading(tmp_path, "a.csv", "label,rating,p_a,p_b\nb,5,0,1\n")

        assert scores.gold.tolist() == [1]
        assert scores.columns is not None
        assert scores.columns.column_names == ["rating"]
        assert "the gold labels are in 'label', not in 'rating'" in scores.notes

    def test_two_that_are_as_good_are_refused(self, tmp_path: Path) -> None:
        assert refusal(tmp_path, "a.csv", "label,stars,p_a,p_b\nb,5,0,1\n") == (
            "2 columns could hold the gold labels: 'label', 'stars'\n"
            "  where     a.csv\n"
            "  expected  one of them\n"
            "  remedy    name it with --label-column"
        )

    def test_no_usual_name_is_told_with_the_columns(self, tmp_path: Path) -> None:
        path = written(tmp_path, "a.csv", "topic,p_a,p_b\nb,0,1\n")

        assert refused(path, PredictionsError) == (
            "no column has a usual name of gold labels\n"
            "  where     a.csv\n"
            "  expected  gold, y_true, true_label, actual, y_test, label, labels, y, target, targets, stars or rating\n"
            "            the file has 'topic', 'p_a', 'p_b'\n"
            "  remedy    name it with --label-column"
        )

    @pytest.mark.parametrize("name", ["topic", "Topic"])
    def test_a_column_may_be_named(self, tmp_path: Path, name: str) -> None:
        scores = reading(tmp_path, "a.csv", "topic,gold,p_a,p_b\nb,a,0,1\n", label_column=name)

        assert scores.gold.tolist() == [1]

    def test_one_that_is_not_there_is_wrong_use(self, tmp_path: Path) -> None:
        path = written(tmp_path, "a.csv", "topic,p_a,p_b\nb,0,1\n")

        assert refused(path, UsageError, label_column="topics") == (
            "there is no column 'topics' for the gold labels\n"
            "  where     a.csv\n"
            "  expected  one of 'topic', 'p_a', 'p_b'\n"
            "  remedy    did you mean 'topic'? correct --label-column"
        )


class TestColumnsOfClasses:
    @pytest.mark.parametrize("prefix", ["p", "prob", "probability", "proba", "P", "Prob"])
    def test_a_prefix_makes_probabilities(self, tmp_path: Path, prefix: str) -> None:
        scores = reading(tmp_path, "a.csv", TOPICS.replace("label,", "label,lang,").replace(
            "sports,politics", f"{prefix}_sports,{prefix}_politics").replace("sports,0", "sports,de,0").replace(
            "politics,0", "politics,fr,0"))  # fmt: skip

        assert scores.probabilities.tolist() == ROWS[:2].tolist()
        assert scores.classes == ("sports", "politics")
        assert scores.logits is None
        assert scores.columns is not None
        assert scores.columns.column_names == ["lang"]
        assert "the classes are named by their columns" in scores.notes

    @pytest.mark.parametrize("prefix", ["logit", "logits"])
    def test_or_logits_of_which_the_softmax_is_taken_in_float64(self, tmp_path: Path, prefix: str) -> None:
        content = LOGITS.replace("sports,politics", f"{prefix}_sports,{prefix}_politics")
        scores = reading(tmp_path, "a.csv", content)

        assert scores.logits is not None
        assert scores.logits.tolist() == [[-1, 2], [0.5, 0.5]]
        assert scores.probabilities.dtype == np.float32
        assert scores.probabilities.tolist() == softmax([[-1.0, 2], [0.5, 0.5]], axis=1).astype(np.float32).tolist()
        assert "logits were given: probabilities are their softmax" in scores.notes

    def test_many_rows_of_logits_are_taken_in_pieces(self, tmp_path: Path) -> None:
        logits = np.random.default_rng(0).normal(0, 9, (70_000, 3)).astype(np.float32)
        scores = reading(tmp_path, "a.npz", {"gold": np.zeros(70_000, int), "logits": logits})

        assert np.array_equal(scores.probabilities, softmax(logits.astype(np.float64), axis=1).astype(np.float32))
        assert scores.logits is not None
        assert np.array_equal(scores.logits, logits)

    def test_both_are_kept_in_the_order_of_the_probabilities(self, tmp_path: Path) -> None:
        scores = reading(tmp_path, "a.csv", "gold,p_a,p_b,logit_B,logit_A\nb,0.2,0.8,2,1\n")

        assert scores.probabilities.tolist() == [[0.2, 0.8]]
        assert scores.logits is not None
        assert scores.logits.tolist() == [[1, 2]]

    def test_logits_of_other_classes_are_left_out_and_noted(self, tmp_path: Path) -> None:
        scores = reading(tmp_path, "a.csv", "gold,p_a,p_b,logit_a,logit_c\nb,0.2,0.8,2,1\n")

        assert scores.logits is None
        assert scores.columns is None
        assert scores.notes[1] == (
            "the logits are left out: their classes are not known to be those of the probabilities"
        )

    @pytest.mark.parametrize("name", ["p_a", "logit_a", "a"])
    def test_one_class_alone_is_refused(self, tmp_path: Path, name: str) -> None:
        content = f"label,{name},text\na,1,x\n"

        assert refusal(tmp_path, "a.csv", content) == (
            f"{name!r} is of one class, and no column is of another\n"
            "  where     a.csv\n"
            "  expected  one column for each class\n"
            "  remedy    add the others; where there are two classes and this is the second, call it probability"
        )

    def test_two_columns_of_one_class_are_refused(self, tmp_path: Path) -> None:
        assert refusal(tmp_path, "a.csv", "label,p_4,p_4.0,p_3\n4,0,0,1\n") == (
            "two classes have one name: '4' and '4.0'\n"
            "  where     a.csv\n"
            "  expected  a name of its own for each class\n"
            "  remedy    rename the column of one of them"
        )

    def test_two_prefixes_are_refused(self, tmp_path: Path) -> None:
        assert refusal(tmp_path, "a.csv", "label,p_a,p_b,prob_a,prob_b\na,1,0,0,1\n") == (
            "it is not clear which columns are to be scored: 'p_a', 'p_b' or 'prob_a', 'prob_b'\n"
            "  where     a.csv\n"
            "  expected  probabilities once, and logits once at most\n"
            "  remedy    leave the others out of the file"
        )

    def test_neither_probabilities_nor_logits_are_told_with_the_columns(self, tmp_path: Path) -> None:
        assert refusal(tmp_path, "a.csv", "label,text,score\na,good,0.9\n") == (
            "there are no probabilities and no logits\n"
            "  where     a.csv\n"
            "  expected  probabilities or logits with a number for each class, or columns p_<class> or logit_<class>\n"
            "            the file has 'label', 'text', 'score'\n"
            "  remedy    rename them so; columns with the bare names of the classes are found by --classes"
        )


class TestColumnsNamedByClassesAlone:
    def test_those_of_the_labels_are_taken_where_every_row_sums_to_1(self, tmp_path: Path) -> None:
        scores = reading(tmp_path, "a.csv", TOPICS)

        assert scores.probabilities.tolist() == ROWS[:2].tolist()
        assert scores.classes == ("sports", "politics")
        assert scores.notes[0] == "'sports', 'politics' are taken for probabilities: every row sums to 1"

    def test_otherwise_the_first_bad_row_and_both_ways_out_are_told(self, tmp_path: Path) -> None:
        assert refusal(tmp_path, "a.csv", TOPICS + "sports,2,-1\nsports,0.4,0.5\n") == (
            "it is not clear whether 'sports', 'politics' are probabilities or logits: not every row sums to 1\n"
            "  where     a.csv, lines 4, 5 (2 in all)\n"
            "  expected  probabilities, none negative, that sum to 1 within 0.001, or a name that says it\n"
            "  remedy    give --values logits if they are logits; if they are probabilities, correct the rows,\n"
            "            or name the classes with --classes if one is missing here"
        )

    def test_a_row_may_be_off_as_far_as_the_metrics_let_it(self, tmp_path: Path) -> None:
        assert reading(tmp_path, "a.csv", TOPICS + "sports,0.2,0.8009\n").probabilities.shape == (3, 2)

    def test_or_the_user_says_that_they_are_logits(self, tmp_path: Path) -> None:
        scores = reading(tmp_path, "a.csv", LOGITS, kind="logits")

        assert scores.logits is not None
        assert scores.logits.tolist() == [[-1, 2], [0.5, 0.5]]
        assert "'sports', 'politics' hold logits, as --values says" in scores.notes

    def test_or_that_they_are_probabilities_which_they_must_then_be(self, tmp_path: Path) -> None:
        assert "'sports', 'politics' hold probabilities, as --values says" in (
            reading(tmp_path, "a.csv", TOPICS, kind="probabilities").notes
        )
        assert refusal(tmp_path, "a.csv", LOGITS, kind="probabilities") == (
            "probabilities are negative: the first is -1\n"
            "  where     a.csv, line 2\n"
            "  expected  numbers from 0 to 1\n"
            "  remedy    give probabilities, after the softmax, of all classes; logits are read with --values logits"
        )

    def test_logits_that_look_like_probabilities_are_noted(self, tmp_path: Path) -> None:
        note = "the numbers look like probabilities and were taken as logits, as --values says"

        assert note in reading(tmp_path, "a.csv", TOPICS, kind="logits").notes
        assert note not in reading(tmp_path, "a.csv", LOGITS, kind="logits").notes

    def test_a_class_that_no_label_has_needs_to_be_named(self, tmp_path: Path) -> None:
        content = "label,price,economy,sports,politics\nsports,9,0.5,0.25,0.25\npolitics,8,0,0.5,0.5\n"
        classes = ["sports", "politics", "Economy"]

        assert "a.csv, line 2" in refusal(tmp_path, "a.csv", content)
        scores = reading(tmp_path, "a.csv", content, classes=classes)
        assert scores.probabilities.tolist() == [[0.25, 0.25, 0.5], [0.5, 0.5, 0]]
        assert scores.classes == tuple(classes)
        assert scores.columns is not None
        assert scores.columns.column_names == ["price"]

    @pytest.mark.parametrize(
        ("names", "gold"),
        [
            ("negative,neutral,positive", "positive"),
            ("1 star,2 stars,3 stars", "3 stars"),
            ("0,1,2", "0"),
            ("1,2,3", "3"),
            ("LABEL_0,LABEL_1,LABEL_2", "LABEL_2"),
        ],
    )
    def test_names_that_speak_for_themselves_need_no_labels(self, tmp_path: Path, names: str, gold: str) -> None:
        scores = reading(tmp_path, "a.csv", f"gold,length,{names}\n{gold},80,0.25,0.25,0.5\n")

        assert scores.classes == tuple(names.split(","))
        assert scores.probabilities.tolist() == [[0.25, 0.25, 0.5]]

    def test_a_column_of_text_is_of_no_class(self, tmp_path: Path) -> None:
        table = pa.table({"label": ["a", "b"], "a": [1.0, 0], "b": [0.0, 1], "3": ["x", "y"]})

        assert reading(tmp_path, "a.parquet", table).classes == ("a", "b")


class TestOtherNames:
    def test_scores_are_probabilities_where_every_row_sums_to_1(self, tmp_path: Path) -> None:
        scores = reading(tmp_path, "a.npz", {"gold": np.array([1, 0, 0]), "scores": ROWS})

        assert scores.probabilities.tolist() == ROWS.tolist()
        assert scores.notes[0] == "'scores' is taken for probabilities: every row sums to 1"

    def test_one_score_a_row_does_not_tell(self, tmp_path: Path) -> None:
        assert refusal(tmp_path, "a.npz", {"gold": np.array([1, 0, 0]), "y_score": ROWS[:, 1]}) == (
            "the name 'y_score' does not say whether the numbers are probabilities or logits\n"
            "  where     a.npz\n"
            "  expected  probabilities or logits of the second of two classes\n"
            "  remedy    give --values probabilities or --values logits"
        )

    @pytest.mark.parametrize("kind", ["logits", "probabilities"])
    def test_until_the_user_does(self, tmp_path: Path, kind: str) -> None:
        arrays = {"gold": np.array([1, 0, 0]), "y_score": ROWS[:, 1]}
        scores = reading(tmp_path, "a.npz", arrays, kind=kind)

        assert (scores.probabilities.tolist() == ROWS.tolist()) == (kind == "probabilities")
        assert scores.notes[0] == f"'y_score' holds {kind}, as --values says"

    def test_of_two_matrices_the_user_may_choose_the_logits(self, tmp_path: Path) -> None:
        arrays = {"gold": np.array([1, 0, 0]), "probs": ROWS, "logits": 2 * ROWS}

        assert reading(tmp_path, "a.npz", arrays).probabilities.tolist() == ROWS.tolist()
        chosen = reading(tmp_path, "a.npz", arrays, kind="logits")
        assert chosen.probabilities.tolist() == softmax(2 * ROWS, axis=1).astype(np.float32).tolist()
        assert reading(tmp_path, "a.npz", arrays, kind="probabilities").probabilities.tolist() == ROWS.tolist()

    def test_what_the_user_says_beats_the_name(self, tmp_path: Path) -> None:
        scores = reading(tmp_path, "a.npz", {"gold": np.array([1, 0, 0]), "probs": 2 * ROWS}, kind="logits")

        assert scores.logits is not None
        assert scores.notes[0] == "'probs' holds logits, as --values says"

    def test_two_matrices_of_one_kind_are_refused(self, tmp_path: Path) -> None:
        assert refusal(tmp_path, "a.npz", {"gold": np.array([1, 0, 0]), "probs": ROWS, "proba": ROWS}).startswith(
            "it is not clear which arrays are to be scored: 'probs' or 'proba'\n"
        )

    def test_so_are_two_probabilities_of_the_second_class(self, tmp_path: Path) -> None:
        assert refusal(tmp_path, "a.csv", "gold,prob,y_prob\n1,0.2,0.3\n").startswith(
            "it is not clear which columns are to be scored: 'prob' or 'y_prob'\n"
        )

    def test_a_confidence_beside_columns_of_classes_is_kept(self, tmp_path: Path) -> None:
        scores = reading(tmp_path, "a.csv", "gold,p_a,p_b,probability\na,0.2,0.8,0.8\n")

        assert scores.probabilities.tolist() == [[0.2, 0.8]]
        assert scores.columns is not None
        assert scores.columns.column_names == ["probability"]

    def test_but_beside_bare_names_it_is_not_clear(self, tmp_path: Path) -> None:
        content = "gold,a,b,probability\na,0.2,0.8,0.8\nb,0,1,1\n"

        assert refusal(tmp_path, "a.csv", content) == (
            "it is not clear which columns are to be scored: 'probability' or 'a', 'b'\n"
            "  where     a.csv\n"
            "  expected  probabilities once, and logits once at most\n"
            "  remedy    name the classes, to take their columns, with --classes a,b, "
            "or leave the others out of the file"
        )
        assert reading(tmp_path, "a.csv", content, classes=["a", "b"]).probabilities.tolist() == [[0.2, 0.8], [0, 1]]


class TestClasses:
    def test_names_are_those_of_the_numbers_in_their_order(self, tmp_path: Path) -> None:
        arrays = {"gold": np.array(["spam", "ham", "ham"]), "probs": ROWS, "classes": np.array(["a", "b"])}

        assert reading(tmp_path, "a.npz", arrays, classes=["ham", "spam"]).gold.tolist() == [1, 0, 0]

    def test_they_choose_and_order_columns(self, tmp_path: Path) -> None:
        scores = reading(tmp_path, "a.csv", "gold,p_a,p_b,p_value\na,0.2,0.8,0.05\n", classes=["b", "a"])

        assert scores.probabilities.tolist() == [[0.8, 0.2]]
        assert scores.classes == ("b", "a")
        assert scores.columns is not None
        assert scores.columns.column_names == ["p_value"]

    def test_as_many_names_as_numbers_are_needed(self, tmp_path: Path) -> None:
        path = written(tmp_path, "a.npz", {"gold": np.array([1, 0, 0]), "probs": ROWS})

        assert refused(path, UsageError, classes=["a", "b", "c"]) == (
            "--classes names 3 classes, and 'probs' is of 2\n"
            "  where     a.npz\n"
            "  expected  2 names, in the order of the numbers\n"
            "  remedy    correct --classes"
        )

    def test_a_class_without_a_column_is_named(self, tmp_path: Path) -> None:
        path = written(tmp_path, "a.csv", "gold,p_a,p_b\na,0.2,0.8\n")

        assert refused(path, UsageError, classes=["a", "c"]) == (
            "no column is of the class 'c'\n"
            "  where     a.csv\n"
            "  expected  one of 'p_a', 'p_b' for each class\n"
            "  remedy    correct --classes"
        )

    def test_classes_without_any_column_leave_nothing_to_score(self, tmp_path: Path) -> None:
        path = written(tmp_path, "a.csv", "gold,p_a,p_b\na,0.2,0.8\n")

        assert refused(path, classes=["c", "d"]) == (
            "no column is of the class 'c'\n"
            "  where     a.csv\n"
            "  expected  one of 'p_a', 'p_b' for each class\n"
            "  remedy    correct --classes"
        )

    @pytest.mark.parametrize(("classes", "shown"), [(["a"], "'a'"), (["a", "A"], "'a', 'A'"), ([], "none")])
    def test_two_different_ones_are_the_least(self, tmp_path: Path, classes: list[str], shown: str) -> None:
        path = written(tmp_path, "a.csv", "gold,p_a,p_b\na,0.2,0.8\n")

        assert refused(path, UsageError, classes=classes) == (
            f"--classes names {shown}\n"
            "  where     a.csv\n"
            "  expected  two classes or more, each once\n"
            "  remedy    correct --classes"
        )


class TestIds:
    @pytest.mark.parametrize("name", ["id", "ids", "ID"])
    def test_they_are_texts(self, tmp_path: Path, name: str) -> None:
        table: dict[str, Any] = {name: [7, 8], "gold": [0, 1], "probabilities": [[1.0, 0], [0, 1]]}

        assert reading(tmp_path, "a.parquet", pa.table(table)).ids == ["7", "8"]

    def test_where_one_is_missing_they_are_another_column(self, tmp_path: Path) -> None:
        scores = reading(tmp_path, "a.csv", "id,gold,p_a,p_b\n,a,0.2,0.8\nx,b,0,1\n")

        assert scores.ids is None
        assert scores.columns is not None
        assert scores.columns.to_pydict() == {"id": [None, "x"]}
