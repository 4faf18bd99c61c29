"""Slices are compared as the whole is, and pay for how many of them are looked at."""

from __future__ import annotations

import numpy as np
import pytest
from statsmodels.stats.multitest import multipletests

from harness.errors import PredictionsError, UsageError
from harness.metrics.paired import compare
from harness.metrics.paired_slices import SliceDifference, compare_slices
from harness.statistics import Estimate, Interval, Undefined
from harness.statistics.design import Design
from harness.statistics.paired import mcnemar_mid_p, tango_interval

SIZE = 100
LANGUAGES = ("de", "en", "fr", "it", "nl")


def certain(right: np.ndarray, gold: np.ndarray) -> np.ndarray:
    """Probabilities that predict the gold label where `right`."""
    return np.eye(3)[np.where(right, gold, (gold + 1) % 3)] * 0.7 + 0.1


def sample() -> tuple[np.ndarray, np.ndarray, np.ndarray, dict[str, np.ndarray]]:
    """100 examples of each of five languages; in fr the candidate is much worse, in it a little better."""
    examples = np.arange(SIZE * len(LANGUAGES))
    gold, language = examples % 3, examples // SIZE
    baseline = examples % 10 < 8
    candidate = baseline.copy()
    candidate[(language == 2) & (examples % 10 < 3)] = False
    candidate[(language == 3) & (examples % 20 == 9)] = True
    slices = {name: language == place for place, name in enumerate(LANGUAGES)}
    return certain(candidate, gold), certain(baseline, gold), gold, slices


def compared(*named: str, **changes: object) -> dict[str, SliceDifference]:
    candidate, baseline, gold, slices = sample()
    return {one.name: one for one in compare_slices(candidate, baseline, gold, slices, named, **changes)}  # type: ignore[arg-type]


class TestEachSlice:
    def test_has_the_difference_of_its_examples_alone(self) -> None:
        candidate, baseline, gold, slices = sample()
        found = compared()

        for name, inside in slices.items():
            alone = compare(
                candidate[inside], baseline[inside], gold[inside], ordinal=True, confidence=0.99, resamples=1
            )
            assert found[name].accuracy == alone.differences["accuracy"]
            assert (found[name].reviews, found[name].gained, found[name].lost) == (SIZE, alone.gained, alone.lost)

    def test_has_an_interval_at_a_level_for_all_slices(self) -> None:
        """1 - 0.05 / 5."""
        value = compared()["fr"].accuracy.value

        assert isinstance(value, Estimate)
        assert value.value == -0.3
        assert value.bounds == tango_interval(0, 30, SIZE, 0.99)

    def test_without_an_example_is_undefined_and_costs_the_others_nothing(self) -> None:
        candidate, baseline, gold, slices = sample()
        empty = np.zeros(len(gold), dtype=bool)

        *rest, last = compare_slices(candidate, baseline, gold, {**slices, "pt": empty}, named=["pt"])

        assert (last.name, last.reviews, last.adjusted, last.correction, last.warning) == ("pt", 0, None, "", False)
        assert last.accuracy.value == Undefined("no example is in this slice")
        assert rest == list(compared().values())

    def test_stands_in_the_order_given(self) -> None:
        assert tuple(compared("nl", "en")) == LANGUAGES


class TestCorrection:
    def test_is_holm_for_the_named_and_benjamini_hochberg_for_the_others(self) -> None:
        found = compared("fr", "it")

        plain = {name: mcnemar_mid_p(one.gained, one.lost) for name, one in found.items()}
        for names, method, text in (
            (("fr", "it"), "holm", "Holm over 2 slices"),
            (("de", "en", "nl"), "fdr_bh", "Benjamini-Hochberg over 3 slices"),
        ):
            expected = multipletests([plain[name] for name in names], method=method)[1]
            assert [found[name].adjusted for name in names] == pytest.approx(expected.tolist())
            assert {found[name].correction for name in names} == {text}
        assert {name: one.accuracy.p_value for name, one in found.items()} == plain

    def test_warns_where_the_candidate_is_worse_and_not_by_chance(self) -> None:
        for named in ((), ("fr",)):
            assert [name for name, one in compared(*named).items() if one.warning] == ["fr"]

    def test_does_not_warn_where_the_candidate_is_better(self) -> None:
        candidate, baseline, gold, slices = sample()

        found = compare_slices(baseline, candidate, gold, slices)

        assert [one.name for one in found if one.adjusted is not None and one.adjusted <= 0.05] == ["fr"]
        assert not any(one.warning for one in found)

    def test_of_one_slice_is_none(self) -> None:
        candidate, baseline, gold, slices = sample()

        (one,) = compare_slices(candidate, baseline, gold, {"it": slices["it"]})

        assert one.adjusted == one.accuracy.p_value
        assert one.correction == "Benjamini-Hochberg over 1 slice"

    def test_warnings_on_slices_that_do_not_differ_are_rare(self) -> None:
        """Twenty slices in each of 40 sets that do not differ: warned in 2.5 % of them, since better ones are not."""
        generator = np.random.default_rng(0)
        slices = {str(place): np.arange(1000) % 20 == place for place in range(20)}
        gold = np.zeros(1000, dtype=np.int64)

        warned = 0
        for _ in range(40):
            candidate, baseline = (certain(generator.random(1000) < 0.7, gold) for _ in range(2))
            warned += any(one.warning for one in compare_slices(candidate, baseline, gold, slices))

        assert warned <= 5


class TestDesign:
    def test_in_clusters_a_slice_has_its_own(self) -> None:
        design = Design.of("clustered", np.arange(SIZE * len(LANGUAGES)) // 4, "product")

        found = compared(design=design)["fr"].accuracy

        assert isinstance(found.value, Estimate)
        assert isinstance(found.value.bounds, Interval)
        assert found.value.bounds.method == "t, paired differences, cluster-robust, 25 clusters by product"

    def test_where_few_clusters_are_left_there_is_neither_a_p_value_nor_a_warning(self) -> None:
        design = Design.of("clustered", np.arange(SIZE * len(LANGUAGES)) // 10, "product")

        found = compared("fr", design=design)["fr"]

        assert found.accuracy.reason == "10 clusters, and the interval needs 20"
        assert (found.adjusted, found.correction, found.warning) == (None, "", False)


class TestRefused:
    def test_a_named_slice_that_is_not_there(self) -> None:
        with pytest.raises(UsageError) as refused:
            compared("es")

        assert (refused.value.message, refused.value.expected) == ("there is no slice 'es'", "de, en, fr, it, nl")

    def test_places_in_the_place_of_a_mask(self) -> None:
        candidate, baseline, gold, _ = sample()

        with pytest.raises(PredictionsError) as refused:
            compare_slices(candidate, baseline, gold, {"de": np.arange(100)})

        assert refused.value.message == "slice 'de' does not say of each example whether it is in"
        assert refused.value.expected == "(500,) bool"
