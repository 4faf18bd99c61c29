"""Scoring a file of predictions, and one against another."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from harness import scoring
from harness.errors import HarnessError, NothingMeasured, PredictionsError, UsageError
from harness.evaluation import evaluate
from harness.options import Settings
from harness.records import Comparison, Score
from harness.scores import Scores

CLASSES = ("1 star", "2 stars", "3 stars", "4 stars", "5 stars")
FEW = Settings(resamples=50)


def scores(examples: int = 200, *, noise: float = 0.6, source: str = "b.npz", **changes: Any) -> Scores:
    """A file of predictions of the same examples each time, the better the less noise."""
    gold = np.random.default_rng(0).integers(0, 5, examples)
    seen = gold + np.random.default_rng(1).normal(0, noise, examples)
    powers = np.exp(-1.9 * np.abs(np.arange(5)[None, :] - seen[:, None]))
    fields = {
        "probabilities": (powers / powers.sum(axis=1, keepdims=True)).astype(np.float32), "logits": None, "gold": gold,
        "classes": CLASSES, "ordinal": True, "ids": None, "columns": None, "source": source, "notes": (),
    }  # fmt: skip
    return Scores(**fields | changes)


def baseline(examples: int = 200, **changes: Any) -> Scores:
    return scores(examples, noise=1.2, source="a.npz", **changes)


def columns(examples: int = 200) -> pa.Table:
    """A language, and a product of four reviews."""
    return pa.table(
        {"language": [("de", "en")[k % 2] for k in range(examples)], "product": [f"P{k // 4}" for k in range(examples)]}
    )


def in_another_order(found: Scores, order: np.ndarray) -> Scores:
    assert found.ids is not None
    return Scores(**vars(found) | {
        "probabilities": found.probabilities[order], "gold": found.gold[order], "ids": [found.ids[k] for k in order],
    })  # fmt: skip


def refused(candidate: Scores, other: Scores, error: type[HarnessError] = PredictionsError) -> HarnessError:
    with pytest.raises(error) as caught:
        scoring.compare(candidate, other, FEW)
    return caught.value


class TestScore:
    def test_figures_are_those_of_the_predictions(self) -> None:
        file = scores()

        found = scoring.score(file, FEW)

        expected = evaluate(file.probabilities, file.gold, CLASSES, ordinal=True, resamples=50)
        assert found.metrics == expected.metrics
        assert found.confusion == expected.confusion
        assert found.selective == expected.selective

    def test_file_classes_and_notes_are_kept(self) -> None:
        found = scoring.score(scores(notes=("labels count from 1",)), FEW)

        assert (found.source, found.classes, found.ordinal) == ("b.npz", CLASSES, True)
        assert (found.counts, found.notes) == ({"evaluated": 200}, ("labels count from 1",))

    def test_level_resamples_and_seed_are_those_asked_for(self) -> None:
        found = scoring.score(scores(), Settings(resamples=60, seed=3, confidence=0.9))

        assert "60 resamples, seed 3" in (found.metrics["macro_f1"].method or "")
        narrower, wider = (each.metrics["accuracy"] for each in (found, scoring.score(scores(), FEW)))
        assert (narrower.low or 0) > (wider.low or 0)

    def test_other_columns_are_slices(self) -> None:
        found = scoring.score(scores(columns=columns()), FEW)

        assert [(each.name, each.values, len(each.slices)) for each in found.slices] == [
            ("language", 2, 2), ("product", 50, 0),
        ]  # fmt: skip

    def test_only_the_columns_that_are_asked_for_are_slices(self) -> None:
        found = scoring.score(scores(columns=columns()), Settings(resamples=50, slice_by=("product",)))

        assert [(each.name, len(each.slices)) for each in found.slices] == [("product", 50)]

    def test_clusters_come_from_a_column(self) -> None:
        found = scoring.score(scores(columns=columns()), Settings(resamples=50, cluster_by="product"))

        assert found.sampling == "50 clusters by product"
        assert "50 clusters by product" in (found.metrics["accuracy"].method or "")

    def test_strata_may_be_the_labels_where_no_column_is_called_so(self) -> None:
        assert scoring.score(scores(), Settings(resamples=50, stratify_by="label")).sampling == "5 strata by label"

    @pytest.mark.parametrize("option", ["slice_by", "cluster_by", "stratify_by"])
    def test_column_that_is_not_there_is_an_error_that_names_the_option(self, option: str) -> None:
        asked: dict[str, Any] = {option: ("langauge",) if option == "slice_by" else "langauge"}

        with pytest.raises(UsageError) as caught:
            scoring.score(scores(columns=columns()), Settings(**asked))

        assert caught.value.message.startswith("there is no column 'langauge'")
        assert f"--{option.replace('_', '-')} langauge" in caught.value.where
        assert caught.value.remedy.startswith("did you mean 'language'? ")

    def test_file_without_other_columns_says_so(self) -> None:
        with pytest.raises(UsageError) as caught:
            scoring.score(scores(), Settings(cluster_by="product"))

        assert caught.value.expected == "a file with other columns too"

    def test_rows_that_are_no_probabilities_are_an_error(self) -> None:
        wrong = scores()
        wrong.probabilities[7] *= 2

        with pytest.raises(PredictionsError, match="7"):
            scoring.score(wrong, FEW)

    def test_no_example_is_nothing_measured(self) -> None:
        with pytest.raises(NothingMeasured):
            scoring.score(scores(0), FEW)

    def test_is_a_record_that_reads_back(self) -> None:
        found = scoring.score(scores(columns=columns()), FEW)

        assert Score.model_validate_json(found.model_dump_json()) == found


class TestCompare:
    def test_difference_is_the_first_file_less_the_second(self) -> None:
        found = scoring.compare(scores(), baseline(), FEW)
        one, other = (scoring.score(each, FEW).metrics["accuracy"].value or 0 for each in (scores(), baseline()))

        assert (found.candidate, found.baseline, found.reviews) == ("b.npz", "a.npz", 200)
        assert found.differences["accuracy"].difference.value == pytest.approx(one - other)

    def test_ids_find_one_another_in_any_order(self) -> None:
        ids = [f"r{k}" for k in range(200)]
        order = np.random.default_rng(5).permutation(200)
        shuffled = in_another_order(baseline(ids=ids), order)

        found = scoring.compare(scores(ids=ids), shuffled, FEW)

        assert found.notes[0] == "rows are paired by id"
        assert same_figures(found, scoring.compare(scores(), baseline(), FEW))

    def test_without_ids_in_both_the_order_counts_and_a_note_says_so(self) -> None:
        ids = [f"r{k}" for k in range(200)]

        found = scoring.compare(scores(ids=ids), baseline(), FEW)
        without = scoring.compare(scores(), baseline(), FEW)

        assert found.notes[0] == "rows are paired by their order, since a.npz has no ids"
        assert without.notes[0] == "rows are paired by their order, since b.npz and a.npz have no ids"
        assert same_figures(found, without)

    def test_what_was_assumed_of_either_file_stays_with_the_result(self) -> None:
        found = scoring.compare(scores(notes=("labels count from 1",)), baseline(notes=("logits",)), FEW)

        assert found.notes[1:] == ("b.npz: labels count from 1", "a.npz: logits")

    def test_classes_in_another_order_are_put_into_that_of_the_first(self) -> None:
        order = np.array([3, 0, 4, 1, 2])
        other = baseline()
        turned = replace(
            other,
            probabilities=other.probabilities[:, order],
            gold=np.argsort(order)[other.gold],
            classes=tuple(other.classes[place] for place in order),
        )

        found = scoring.compare(scores(), turned, FEW)

        assert found.notes[-1] == "a.npz: its classes were put into the order of the other file"
        assert same_figures(found, scoring.compare(scores(), other, FEW))

    def test_classes_have_an_order_where_either_file_says_so(self) -> None:
        found = scoring.compare(scores(ordinal=False), baseline(ordinal=True), FEW)

        assert found.differences["off_by_one_accuracy"].difference.value is not None

    def test_ids_that_are_the_same_row_by_row_may_repeat(self) -> None:
        ids = [f"P{k // 4}" for k in range(200)]

        assert scoring.compare(scores(ids=ids), baseline(ids=ids), FEW).reviews == 200

    def test_slices_that_are_asked_for_were_named_beforehand(self) -> None:
        asked = Settings(resamples=50, slice_by=("language",))

        found = scoring.compare(scores(columns=columns()), baseline(), asked)

        assert {one.correction for one in found.slices} == {"Holm over 2 slices"}

    def test_other_slices_are_looked_through(self) -> None:
        found = scoring.compare(scores(columns=columns()), baseline(), FEW)

        assert {one.correction for one in found.slices} == {"Benjamini-Hochberg over 2 slices"}

    def test_clusters_and_slices_come_from_the_first_file_whatever_the_order_of_the_second(self) -> None:
        ids = [f"r{k}" for k in range(200)]
        asked = Settings(resamples=50, cluster_by="product")
        shuffled = in_another_order(baseline(ids=ids), np.arange(200)[::-1])

        found = scoring.compare(scores(ids=ids, columns=columns()), shuffled, asked)

        assert found.sampling == "50 clusters by product"
        assert same_figures(found, scoring.compare(scores(columns=columns()), baseline(), asked))

    def test_is_a_record_that_reads_back(self) -> None:
        found = scoring.compare(scores(), baseline(), FEW)

        assert Comparison.model_validate_json(found.model_dump_json()) == found


def same_figures(one: Comparison, other: Comparison) -> bool:
    """Everything but how it came about."""
    return one.model_copy(update={"notes": ()}) == other.model_copy(update={"notes": ()})


class TestRefusals:
    def test_different_classes(self) -> None:
        error = refused(scores(), baseline(classes=("1", "2", "3", "4", "5")))

        assert str(error) == (
            "the files have different classes\n"
            "  where     b.npz and a.npz\n"
            "  expected  1 star, 2 stars, 3 stars, 4 stars, 5 stars in both, and not 1, 2, 3, 4, 5\n"
            "  remedy    compare predictions over the same classes; where only the names differ, name those of both "
            "with --classes '1 star,2 stars,3 stars,4 stars,5 stars'"
        )

    def test_another_number_of_examples_without_ids(self) -> None:
        error = refused(scores(200), baseline(199, ids=[f"r{k}" for k in range(199)]))

        assert str(error) == (
            "200 examples in one file and 199 in the other\n"
            "  where     b.npz and a.npz\n"
            "  expected  the same examples in the same order, or ids in both files\n"
            "  remedy    score both on the same examples"
        )

    @pytest.mark.parametrize(
        ("mine", "theirs", "alone"),
        [
            (["a", "b", "x"], ["a", "b", "c"], "id 'x' stands in the first alone"),
            (["a", "b"], ["b", "a", "c"], "id 'c' stands in the second alone"),
        ],
    )
    def test_ids_that_only_one_file_has(self, mine: list[str], theirs: list[str], alone: str) -> None:
        error = refused(scores(len(mine), ids=mine), baseline(len(theirs), ids=theirs))

        assert error.message == "the files are not about the same examples"
        assert error.where == f"b.npz and a.npz: {alone}"
        assert error.expected == f"the same ids in both ({len(mine)} and {len(theirs)})"
        assert error.remedy == "score both on the same examples"

    @pytest.mark.parametrize(
        ("mine", "theirs", "source"),
        [(["a", "a", "b"], ["b", "a", "a"], "b.npz"), (["a", "b", "c"], ["c", "b", "b"], "a.npz")],
    )
    def test_repeated_ids_in_another_order_do_not_say_which_row_is_meant(
        self, mine: list[str], theirs: list[str], source: str
    ) -> None:
        error = refused(scores(3, ids=mine), baseline(3, ids=theirs))

        assert error.message == f"2 rows have the id {'a' if source == 'b.npz' else 'b'!r}"
        assert error.where == source
        assert "an id of its own for each example" in error.expected
        assert error.remedy.startswith("give each row its own id, or leave the ids out")

    @pytest.mark.parametrize(("rows", "said"), [([4], "1 example"), ([4, 9], "2 examples")])
    def test_different_gold_labels(self, rows: list[int], said: str) -> None:
        other = baseline()
        other.gold[rows] = (other.gold[rows] + 1) % 5

        error = refused(scores(), other)

        assert error.message == f"the files disagree about the gold label of {said}"
        assert error.where == (
            "b.npz and a.npz, example 4 of the first, counted from 0; "
            "rows are paired by their order, since b.npz and a.npz have no ids"
        )
        assert error.expected == "the same examples with the same labels in both"
        assert error.remedy == "compare predictions of one review set; if they are, give both files a column id"

    def test_gold_labels_are_compared_by_id(self) -> None:
        ids = [f"r{k}" for k in range(200)]
        other = in_another_order(baseline(ids=ids), np.arange(200)[::-1])
        other.gold[0] = (other.gold[0] + 1) % 5

        assert refused(scores(ids=ids), other).where.endswith(
            "example 199 of the first, counted from 0; rows are paired by id"
        )

    def test_no_example_is_nothing_measured(self) -> None:
        refused(scores(0), baseline(0), NothingMeasured)
