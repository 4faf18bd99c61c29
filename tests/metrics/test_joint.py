"""The joint table holds all that two predictions of the same classes differ by."""

from __future__ import annotations

from collections import Counter
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from harness.metrics import confusion_counts
from harness.metrics.confusion import Margins, margins
from harness.metrics.joint import JointCells

Labels = tuple[np.ndarray, np.ndarray, np.ndarray, int]


@st.composite
def twice_labelled(draw: st.DrawFn, most_classes: int = 6, most_examples: int = 50) -> Labels:
    """Gold labels, the classes of candidate and baseline, and the number of classes."""
    classes, examples = draw(st.integers(2, most_classes)), draw(st.integers(1, most_examples))
    label = hnp.arrays(np.int64, examples, elements=st.integers(0, classes - 1))
    return draw(label), draw(label), draw(label), classes


def same(found: Margins, expected: Margins) -> bool:
    return all(np.array_equal(getattr(found, name), getattr(expected, name)) for name in vars(expected))


def small() -> JointCells:
    """Ten examples of three classes, on six of which the two differ."""
    gold = np.array([0, 0, 0, 1, 1, 1, 2, 2, 2, 2])
    candidate = np.array([0, 1, 0, 1, 2, 0, 2, 1, 2, 0])
    baseline = np.array([0, 0, 1, 1, 1, 2, 2, 2, 2, 1])
    return JointCells.of(gold, candidate, baseline, 3)


class TestCells:
    @given(twice_labelled())
    @settings(max_examples=40)
    def test_count_what_a_walk_over_the_examples_counts(self, labels: Labels) -> None:
        gold, candidate, baseline, classes = labels
        slow = Counter(zip(gold.tolist(), candidate.tolist(), baseline.tolist(), strict=True))

        cells = JointCells.of(gold, candidate, baseline, classes)

        found = zip(cells.gold.tolist(), cells.candidate.tolist(), cells.baseline.tolist(), strict=True)
        assert dict(zip(found, cells.count.tolist(), strict=True)) == slow
        assert cells.total == len(gold)

    def test_are_never_more_than_the_examples_however_many_classes_there_are(self) -> None:
        gold, candidate, baseline = np.random.default_rng(0).integers(0, 1000, (3, 200))

        cells = JointCells.of(gold, candidate, baseline, 1000)

        assert len(cells.count) == 200
        assert np.array_equal(np.sort(cells.candidate), np.sort(candidate))

    @given(twice_labelled())
    @settings(max_examples=40)
    def test_margins_are_those_of_either_confusion_matrix(self, labels: Labels) -> None:
        gold, candidate, baseline, classes = labels

        of_candidate, of_baseline = JointCells.of(gold, candidate, baseline, classes).observed()

        assert same(of_candidate, margins(confusion_counts(gold, candidate, classes)))
        assert same(of_baseline, margins(confusion_counts(gold, baseline, classes)))

    @given(twice_labelled())
    @settings(max_examples=40)
    def test_places_lead_every_example_to_its_cell(self, labels: Labels) -> None:
        gold, candidate, baseline, classes = labels
        cells = JointCells.of(gold, candidate, baseline, classes)

        places = cells.places(gold, candidate, baseline)

        assert np.array_equal(cells.gold[places], gold)
        assert np.array_equal(cells.candidate[places], candidate)
        assert np.array_equal(cells.baseline[places], baseline)

    @given(twice_labelled())
    @settings(max_examples=40)
    def test_moments_are_those_of_the_examples(self, labels: Labels) -> None:
        gold, candidate, baseline, classes = labels
        cells = JointCells.of(gold, candidate, baseline, classes)

        moments = cells.moments(abs(cells.candidate - cells.gold) - abs(cells.baseline - cells.gold))

        values = abs(candidate - gold) - abs(baseline - gold)
        assert moments.count == len(gold)
        assert (moments.mean, moments.deviation) == pytest.approx((values.mean(), values.std()), abs=1e-12)

    def test_changed_examples_are_counted(self) -> None:
        assert small().changed == 6
        assert not small().identical
        assert JointCells.of(np.array([0, 1]), np.array([1, 1]), np.array([1, 1]), 2).identical


class TestResampled:
    def test_tables_stay_paired(self) -> None:
        """Both sides of a table have the same gold labels, and all tables the same total."""
        for candidate, baseline in small().resampled(50, seed=0):
            assert np.array_equal(candidate.gold, baseline.gold)
            assert set(candidate.gold.sum(axis=-1)) == {10}

    @given(twice_labelled(most_examples=12))
    @settings(max_examples=30)
    def test_without_one_is_the_table_of_the_other_examples(self, labels: Labels) -> None:
        gold, candidate, baseline, classes = labels
        cells = JointCells.of(gold, candidate, baseline, classes)
        places = cells.places(gold, candidate, baseline)

        found = list(cells.without_one())

        for example, place in enumerate(places.tolist()):
            rest = np.arange(len(gold)) != example
            for side, predicted in zip(found[0], (candidate, baseline), strict=True):
                expected = margins(confusion_counts(gold[rest], predicted[rest], classes))
                assert np.array_equal(side.right[place], expected.right)
                assert np.array_equal(side.predicted[place], expected.predicted)


class TestSwapped:
    @given(twice_labelled())
    @settings(max_examples=40)
    def test_a_swap_there_and_back_leads_to_the_same_cell(self, labels: Labels) -> None:
        closed = JointCells.of(*labels).closed()

        assert np.array_equal(closed.candidate[closed.partner], closed.baseline)
        assert np.array_equal(closed.gold[closed.partner], closed.gold)
        assert np.array_equal(closed.partner[closed.partner], np.arange(len(closed.count)))
        assert closed.total == len(labels[0])

    def test_agrees_with_all_ways_to_swap_the_examples(self) -> None:
        """The slow definition: each subset of the changed examples is swapped, and all are as likely."""
        cells = small()
        rows = np.repeat(np.column_stack([cells.gold, cells.candidate, cells.baseline]), cells.count, axis=0)
        changed = np.flatnonzero(rows[:, 1] != rows[:, 2])
        slow: Counter[tuple[int, ...]] = Counter()
        for coins in product([False, True], repeat=len(changed)):
            table = rows.copy()
            swapped = changed[np.array(coins)]
            table[swapped] = table[swapped][:, [0, 2, 1]]
            side = margins(confusion_counts(table[:, 0], table[:, 1], 3))
            slow[(*side.right.tolist(), *side.predicted.tolist())] += 1

        fast: Counter[tuple[int, ...]] = Counter()
        for candidate, baseline in cells.swapped(6400, seed=1):
            assert np.array_equal(
                candidate.right + baseline.right, np.tile(candidate.right[0] + baseline.right[0], (6400, 1))
            )
            fast.update(map(tuple, np.column_stack([candidate.right, candidate.predicted]).tolist()))

        assert set(fast) == set(slow)
        for outcome, ways in slow.items():
            # 64 ways, 100 tables each: four deviations of a count.
            assert abs(fast[outcome] - 100 * ways) < 4 * (100 * ways) ** 0.5
