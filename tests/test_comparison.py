"""Comparisons: two sets of predictions of the same examples, arrays in and a record out."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from harness import comparison
from harness.errors import NothingMeasured, PredictionsError
from harness.metrics import paired
from harness.records import Comparison
from harness.slicing import Column, Part
from harness.statistics.design import Design


def predicted(gold: np.ndarray, noise: float, seed: int, classes: int = 5) -> np.ndarray:
    """(N, K) float32, the better the less noise."""
    seen = gold + np.random.default_rng(seed).normal(0, noise, len(gold))
    powers = np.exp(-1.9 * np.abs(np.arange(classes)[None, :] - seen[:, None]))
    return (powers / powers.sum(axis=1, keepdims=True)).astype(np.float32)


GOLD = np.random.default_rng(0).integers(0, 5, 400)
BETTER, WORSE = predicted(GOLD, 0.6, 1), predicted(GOLD, 1.1, 2)


def compare(candidate: np.ndarray = BETTER, baseline: np.ndarray = WORSE, **options: Any) -> Comparison:
    asked = {"names": ("b.npz", "a.npz"), "ordinal": True, "resamples": 100} | options
    return comparison.compare(candidate, baseline, GOLD[: len(candidate)], **asked)


def column(name: str, *values: str) -> Column:
    """A column whose values take turns."""
    parts = tuple(Part(value, np.arange(place, len(GOLD), len(values))) for place, value in enumerate(values))
    return Column(name, len(values), parts)


class TestCompare:
    def test_differences_are_candidate_less_baseline(self) -> None:
        found = compare().differences["accuracy"]
        right = [float((each.argmax(axis=1) == GOLD).mean()) for each in (BETTER, WORSE)]

        assert [found.candidate, found.baseline] == pytest.approx(right)
        assert found.difference.value == pytest.approx(right[0] - right[1])

    def test_other_way_round_has_the_other_sign(self) -> None:
        one, other = compare(), compare(WORSE, BETTER, names=("a.npz", "b.npz"))

        assert (one.flips.gained, one.flips.lost) == (other.flips.lost, other.flips.gained)
        for name in one.differences:
            assert one.differences[name].difference.value == pytest.approx(-other.differences[name].difference.value)

    def test_record_has_the_metrics_the_tests_and_the_reasons_of_the_arrays(self) -> None:
        measured = paired.compare(BETTER, WORSE, GOLD, ordinal=True, resamples=100)
        found = compare()

        assert list(found.differences) == list(measured.differences)
        for name, each in measured.differences.items():
            kept = found.differences[name]
            assert (kept.p_value, kept.test, kept.reason) == (each.p_value, each.test, each.reason or None)
        assert found.detectable_difference == measured.detectable

    def test_flips_add_up_to_all_examples(self) -> None:
        found = compare()

        assert sum(found.flips.model_dump().values()) == found.reviews == len(GOLD)

    def test_identical_predictions_say_so_and_tell_nothing_of_what_would_be_found(self) -> None:
        found = compare(BETTER, BETTER)

        assert found.identical
        assert (found.flips.gained, found.flips.lost, found.flips.changed_wrong) == (0, 0, 0)
        assert found.differences["accuracy"].difference.value == 0
        assert found.detectable_difference is None

    def test_names_are_those_of_the_files(self) -> None:
        found = compare()

        assert (found.candidate, found.baseline, found.sampling) == ("b.npz", "a.npz", "independent")

    def test_undefined_metric_has_its_reason(self) -> None:
        found = compare(ordinal=False).differences["mean_absolute_error"]

        assert (found.candidate, found.difference.value) == (None, None)
        assert found.difference.reason == "the classes have no order"

    def test_is_a_record_that_reads_back(self) -> None:
        found = compare(slices=[column("language", "de", "en")])

        assert Comparison.model_validate_json(found.model_dump_json()) == found

    def test_what_cannot_be_compared_is_an_error(self) -> None:
        with pytest.raises(PredictionsError, match="candidate and baseline are not of the same examples and classes"):
            compare(BETTER, WORSE[:-1])
        with pytest.raises(NothingMeasured):
            compare(BETTER[:0], WORSE[:0])


class TestDesign:
    CLUSTERS = Design.of("clustered", np.arange(len(GOLD)) // 4, "product")

    def test_intervals_are_those_of_the_clusters(self) -> None:
        found = compare(design=self.CLUSTERS)

        assert found.sampling == "100 clusters by product"
        assert "100 clusters by product" in (found.differences["accuracy"].difference.method or "")

    def test_slices_are_clustered_too(self) -> None:
        (de, _) = compare(design=self.CLUSTERS, slices=[column("language", "de", "en")]).slices

        assert "100 clusters by product" in (de.difference.method or "")

    def test_few_clusters_give_no_interval_and_no_p_value(self) -> None:
        few = Design.of("clustered", np.arange(len(GOLD)) % 3, "shop")

        (de, _) = compare(design=few, slices=[column("language", "de", "en")]).slices

        assert de.difference.interval_reason == "3 clusters, and the interval needs 20"
        assert (de.p_value, de.adjusted_p_value, de.correction, de.warning) == (None, None, "", False)


class TestSlices:
    def test_each_value_has_the_difference_of_its_examples(self) -> None:
        de, en = compare(slices=[column("language", "de", "en")]).slices
        right = [(each.argmax(axis=1) == GOLD)[::2].mean() for each in (BETTER, WORSE)]

        assert (de.column, de.value, de.reviews) == ("language", "de", 200)
        assert (en.column, en.value, en.reviews) == ("language", "en", 200)
        assert de.difference.value == pytest.approx(right[0] - right[1])

    def test_those_named_beforehand_get_holm_and_the_others_benjamini_and_hochberg(self) -> None:
        columns = [column("language", "de", "en"), column("domain", "books", "toys", "garden")]

        found = compare(slices=columns, named=["language"]).slices

        assert [one.correction for one in found] == [
            *["Holm over 2 slices"] * 2,
            *["Benjamini-Hochberg over 3 slices"] * 3,
        ]
        smaller, larger = sorted(found[:2], key=lambda one: one.p_value or 0)
        assert smaller.adjusted_p_value == pytest.approx(2 * (smaller.p_value or 0))
        assert larger.adjusted_p_value == pytest.approx(max(larger.p_value or 0, smaller.adjusted_p_value or 0))

    def test_intervals_widen_with_the_number_of_slices(self) -> None:
        (alone, _) = compare(slices=[column("language", "de", "en")]).slices
        (beside, *_) = compare(slices=[column("language", "de", "en"), column("domain", "books", "toys")]).slices

        assert (alone.value, beside.value) == ("de", "de")
        assert (beside.difference.low or 0) < (alone.difference.low or 0)

    def test_worse_slice_is_warned_of_and_a_better_one_is_not(self) -> None:
        mixed = np.where((np.arange(len(GOLD)) % 2 == 0)[:, None], WORSE, BETTER)
        other = np.where((np.arange(len(GOLD)) % 2 == 0)[:, None], BETTER, WORSE)

        found = compare(mixed, other, slices=[column("language", "de", "en")]).slices

        assert [one.warning for one in found] == [True, False]

    def test_values_that_look_alike_in_two_columns_are_kept_apart(self) -> None:
        found = compare(slices=[column("a", "x", "y"), column("b", "x", "y", "z")]).slices

        assert [(one.column, one.value, one.reviews) for one in found] == [
            ("a", "x", 200), ("a", "y", 200), ("b", "x", 134), ("b", "y", 133), ("b", "z", 133),
        ]  # fmt: skip

    def test_column_with_too_many_values_has_none(self) -> None:
        assert compare(slices=[Column("product", 97, ())]).slices == ()
