"""A tally of any batches, in any order, merged in any way, is that of one pass over everything."""

from __future__ import annotations

import io
from itertools import pairwise
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import top_k_accuracy_score
from support.labelled import probable

from harness.errors import PredictionsError
from harness.metrics.bins import binned, binned_classes, grouped
from harness.metrics.confusion import confusion_counts
from harness.metrics.decision import confidences, predicted_classes
from harness.metrics.halves import half_of
from harness.metrics.losses import LOSSES
from harness.metrics.ranking import FINE_BINS, FineBins
from harness.metrics.tally import Tally
from harness.statistics.moments import Moments

Drawn = tuple[np.ndarray, np.ndarray]


def one_pass(probabilities: np.ndarray, gold: np.ndarray, fine: bool = True, seed: int = 0) -> Tally:
    tally = Tally(probabilities.shape[1], fine=fine, seed=seed)
    tally.add(probabilities, gold, 0)
    return tally


def random_set(examples: int, classes: int) -> Drawn:
    generator = np.random.default_rng(0)
    probabilities = generator.dirichlet(np.full(classes, 0.5), size=examples).astype(np.float32)
    return probabilities, generator.integers(0, classes, size=examples)


def assert_same(first: Tally, second: Tally) -> None:
    """Counts to the last digit, sums to a billionth of themselves."""
    others = second.to_arrays()
    for name, array in first.to_arrays().items():
        assert array.dtype == others[name].dtype, name
        if array.dtype.kind == "f":
            np.testing.assert_allclose(others[name], array, rtol=1e-9, atol=1e-13, err_msg=name)
        else:
            np.testing.assert_array_equal(others[name], array, err_msg=name)


class TestAdd:
    @given(probable(), st.integers(0, 3))
    @settings(max_examples=20)
    def test_each_field_is_what_its_function_makes_of_all_examples(self, drawn: Drawn, seed: int) -> None:
        probabilities, gold = drawn
        classes = probabilities.shape[1]
        predicted, confidence = predicted_classes(probabilities), confidences(probabilities)
        right, half = predicted == gold, half_of(np.arange(len(gold)), seed)
        of_gold = probabilities[np.arange(len(gold)), gold]

        tally = one_pass(probabilities, gold, seed=seed)

        def same(found: object, expected: object) -> None:
            for name, array in vars(expected).items():
                np.testing.assert_allclose(getattr(found, name), array, rtol=1e-12, err_msg=name)

        assert tally.total == len(gold)
        assert tally.confusion.tolist() == confusion_counts(gold, predicted, classes).tolist()
        same(tally.bins, binned(confidence, right))
        same(tally.by_class, binned_classes(probabilities, gold))
        same(tally.groups, grouped(probabilities, gold, predicted, confidence))
        assert tally.losses == {name: Moments.of(losses(probabilities, gold)) for name, losses in LOSSES.items()}
        assert tally.impossible == (of_gold == 0).sum()
        assert tally.gap == Moments.of(confidence - right)
        for side in (0, 1):
            inside = half == side
            same(tally.confidence_fine[side], FineBins.of(confidence[inside], right[inside]))
            same(tally.gold_fine[side], FineBins.of(of_gold[inside], inside[inside]))
        assert len(tally.class_fine) == classes
        for place, of in enumerate(tally.class_fine):
            same(of, FineBins.of(probabilities[:, place], gold == place))

    @given(probable())
    @settings(max_examples=50)
    def test_top_2_is_that_of_a_stable_sort(self, drawn: Drawn) -> None:
        """Of equal probabilities the lower index comes first."""
        probabilities, gold = drawn
        order = np.argsort(-probabilities, axis=1, kind="stable")

        assert one_pass(probabilities, gold, fine=False).top_2 == (order[:, :2] == gold[:, None]).any(axis=1).sum()

    def test_top_2_is_that_of_scikit_learn_without_ties(self) -> None:
        probabilities, gold = random_set(500, 4)

        expected = top_k_accuracy_score(gold, probabilities, k=2, labels=range(4), normalize=False)

        assert one_pass(probabilities, gold, fine=False).top_2 == expected

    @pytest.mark.parametrize("kind", [np.float16, np.float32, np.float64])
    @pytest.mark.parametrize("labels", [np.uint8, np.uint64, np.int32])
    def test_any_kind_of_numbers_is_counted(self, kind: type[np.floating], labels: type[np.integer]) -> None:
        probabilities, gold = np.array([[0.25, 0.75], [0.5, 0.5]]), np.array([1, 1])

        assert_same(one_pass(probabilities.astype(kind), gold.astype(labels)), one_pass(probabilities, gold))

    def test_a_batch_without_examples_changes_nothing(self) -> None:
        tally = one_pass(*random_set(20, 3))

        tally.add(np.zeros((0, 3), dtype=np.float32), np.zeros(0, dtype=int), 20)

        assert_same(tally, one_pass(*random_set(20, 3)))

    def test_a_refused_batch_changes_nothing_and_names_the_row_in_the_whole_set(self) -> None:
        """Also where the pieces before it were fine."""
        probabilities, gold = random_set(70_000, 3)
        tally = one_pass(*random_set(20, 3))
        probabilities[66_000, 1] = np.nan

        with pytest.raises(PredictionsError, match=r"row 66020 \(1 in all\), counted from 0"):
            tally.add(probabilities, gold, 20)

        assert_same(tally, one_pass(*random_set(20, 3)))

    def test_without_fine_bins_there_are_none(self) -> None:
        tally = one_pass(*random_set(20, 3), fine=False)

        assert (tally.confidence_fine, tally.gold_fine, tally.class_fine) == ((), (), ())

    def test_the_input_is_left_alone(self) -> None:
        probabilities, gold = random_set(100, 3)
        before = probabilities.copy(), gold.copy()

        one_pass(probabilities, gold)

        assert np.array_equal(probabilities, before[0])
        assert np.array_equal(gold, before[1])

    def test_a_thousand_classes_get_fewer_bins_each(self) -> None:
        probabilities, gold = random_set(3_000, 1_000)

        tally = one_pass(probabilities, gold)

        assert len(tally.class_fine) == 1_000
        assert {len(of.count) for of in tally.class_fine} == {4_096}
        assert {int(of.count.sum()) for of in tally.class_fine} == {3_000}
        assert sum(int(of.hits.sum()) for of in tally.class_fine) == 3_000
        assert len(tally.confidence_fine[0].count) == FINE_BINS


class TestMerging:
    @given(probable(), st.lists(st.integers(0, 40), max_size=5), st.booleans(), st.randoms(use_true_random=False))
    @settings(max_examples=40)
    def test_any_batches_order_and_merge_tree_give_those_of_one_pass(
        self, drawn: Drawn, cuts: list[int], fine: bool, random: Random
    ) -> None:
        probabilities, gold = drawn
        edges = [0, *sorted(min(cut, len(gold)) for cut in cuts), len(gold)]
        batches = list(pairwise(edges))
        random.shuffle(batches)
        tallies = [Tally(probabilities.shape[1], fine=fine) for _ in range(3)]

        for start, stop in batches:
            random.choice(tallies).add(probabilities[start:stop], gold[start:stop], start)
        while len(tallies) > 1:
            random.shuffle(tallies)
            tallies.append(tallies.pop() + tallies.pop())

        assert_same(tallies[0], one_pass(probabilities, gold, fine=fine))

    def test_a_batch_of_several_pieces_is_as_many_batches(self) -> None:
        probabilities, gold = random_set(140_000, 3)
        tally = Tally(3)

        for start in range(0, 140_000, 1_999):
            tally.add(probabilities[start : start + 1_999], gold[start : start + 1_999], start)

        assert_same(tally, one_pass(probabilities, gold))

    def test_adding_leaves_both_as_they_were(self) -> None:
        first, second = one_pass(*random_set(30, 3)), one_pass(*random_set(40, 3))

        both = first + second
        both.add(*random_set(50, 3), 70)

        assert both.total == 120
        assert_same(first, one_pass(*random_set(30, 3)))
        assert_same(second, one_pass(*random_set(40, 3)))

    @pytest.mark.parametrize(
        ("other", "where"),
        [
            (Tally(4, fine=False, seed=1), "classes is 3 in one and 4 in the other"),
            (Tally(3, fine=True, seed=1), "fine is False in one and True in the other"),
            (Tally(3, fine=False, seed=2), "seed is 1 in one and 2 in the other"),
        ],
    )
    def test_tallies_that_do_not_fit_are_refused(self, other: Tally, where: str) -> None:
        with pytest.raises(PredictionsError, match="tallies do not add up") as refused:
            Tally(3, fine=False, seed=1) + other

        assert refused.value.where == where


class TestMemory:
    def test_does_not_grow_with_the_examples(self) -> None:
        """The same examples again fill the same groups, and nothing else grows at all."""
        probabilities, gold = random_set(500, 3)
        tally = one_pass(probabilities, gold)
        before = {name: array.nbytes for name, array in tally.to_arrays().items()}

        for start in range(500, 20_000, 500):
            tally.add(probabilities, gold, start)

        assert tally.total == 20_000
        assert {name: array.nbytes for name, array in tally.to_arrays().items()} == before

    def test_is_bounded_by_the_classes(self) -> None:
        """At most one group for each class and bin, and 24 bytes for each fine bin."""
        tally = one_pass(*random_set(50_000, 3))

        assert len(tally.groups.code) <= 3 * 15
        assert sum(array.nbytes for array in tally.to_arrays().values()) < 24 * 7 * FINE_BINS + 10_000


class TestArrays:
    @pytest.mark.parametrize("fine", [True, False])
    @pytest.mark.parametrize("seed", [0, 7, -1, 2**64 - 1])
    def test_a_tally_comes_back_from_a_file_without_pickles(self, fine: bool, seed: int) -> None:
        tally = one_pass(*random_set(300, 3), fine=fine, seed=seed)
        file = io.BytesIO()
        np.savez(file, allow_pickle=False, **tally.to_arrays())
        file.seek(0)

        with np.load(file, allow_pickle=False) as arrays:
            back = Tally.from_arrays(arrays)

        assert vars(back).keys() == vars(tally).keys()
        assert (back.losses, back.gap, back.top_2) == (tally.losses, tally.gap, tally.top_2)
        assert_same(back, tally)
        assert_same(back + tally, tally + tally)

    def test_an_empty_tally_comes_back_too(self) -> None:
        assert_same(Tally.from_arrays(Tally(3).to_arrays()), Tally(3))

    def test_counting_on_leaves_the_arrays_alone(self) -> None:
        arrays = one_pass(*random_set(30, 3)).to_arrays()

        Tally.from_arrays(arrays).add(*random_set(40, 3), 30)

        assert_same(Tally.from_arrays(arrays), one_pass(*random_set(30, 3)))

    def test_a_missing_array_is_named(self) -> None:
        arrays = Tally(3).to_arrays()
        del arrays["groups_gold"]

        with pytest.raises(PredictionsError, match="arrays are no tally of this version") as refused:
            Tally.from_arrays(arrays)

        assert refused.value.where == "array 'groups_gold': missing"
        assert refused.value.expected == "int64 of shape (0, 3)"

    @pytest.mark.parametrize(
        ("name", "array", "where"),
        [
            ("confusion", np.zeros((4, 4), dtype=int), "array 'confusion': int64 of shape (4, 4)"),
            ("by_class_count", np.zeros((3, 15)), "array 'by_class_count': float64 of shape (3, 15)"),
            ("groups_gold", np.zeros((2, 4), dtype=int), "array 'groups_gold': int64 of shape (2, 4)"),
            ("class_table_hits", np.zeros(3, dtype=int), "array 'class_table_hits': int64 of shape (3,)"),
        ],
    )
    def test_an_array_of_another_shape_or_kind_is_named(self, name: str, array: np.ndarray, where: str) -> None:
        with pytest.raises(PredictionsError, match="arrays are no tally of this version") as refused:
            Tally.from_arrays({**Tally(3).to_arrays(), name: array})

        assert refused.value.where == where

    @pytest.mark.parametrize("name", ["classes", "fine", "seed", "version"])
    def test_without_what_it_is_a_tally_of_it_is_refused(self, name: str) -> None:
        arrays = Tally(3).to_arrays()
        del arrays[name]

        with pytest.raises(PredictionsError, match="arrays are no tally of this version") as refused:
            Tally.from_arrays(arrays)

        assert refused.value.where == f"array {name!r}: missing"

    def test_another_version_is_refused(self) -> None:
        with pytest.raises(PredictionsError, match="arrays are no tally of this version") as refused:
            Tally.from_arrays({**Tally(3).to_arrays(), "version": np.array(2)})

        assert (refused.value.where, refused.value.expected) == ("version 2", "version 1")
