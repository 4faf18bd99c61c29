"""Predictions -> figures: every name that scripts rely on, each with an interval or a reason."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from support.labelled import probable

from harness.errors import NothingMeasured, PredictionsError, UsageError
from harness.evaluation import as_metric, evaluate
from harness.metrics.halves import fold_of, half_of
from harness.metrics.temperature import CrossFitted, cross_fitted, fit_temperature, log_probabilities
from harness.records import Figures, Metric
from harness.report.quantities import GROUPS, QUANTITIES
from harness.slicing import Column, Part
from harness.statistics import Estimate, Interval, NoInterval, Undefined, wilson
from harness.statistics.design import Design, proportion_interval

STARS = ("1 star", "2 stars", "3 stars", "4 stars", "5 stars")
NAMES = [name for group in GROUPS.values() for name in group]
WITHOUT_INTERVAL = {
    "brier_calibration",
    "brier_resolution",
    "brier_uncertainty",
    "brier_within_groups",
    "negative_log_likelihood_calibration",
    "negative_log_likelihood_resolution",
    "negative_log_likelihood_uncertainty",
    "negative_log_likelihood_within_groups",
    "expected_calibration_error",
    "expected_calibration_error_equal_mass",
    "maximum_calibration_error",
    "classwise_calibration_error",
    "root_mean_square_calibration_error",
    "smooth_calibration_error",
    "overconfidence",
    "underconfidence",
    "conformal_threshold",
}


def predictions(examples: int, classes: int = 5, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Of a fair classifier: float32 probabilities and gold labels."""
    generator = np.random.default_rng(seed)
    gold = generator.integers(0, classes, examples)
    logits = generator.normal(size=(examples, classes))
    logits[np.arange(examples), gold] += 1.5
    weights = np.exp(logits)
    return (weights / weights.sum(axis=1, keepdims=True)).astype(np.float32), gold


def logits_of(probabilities: np.ndarray, temperature: float = 1.0) -> np.ndarray:
    """Of a classifier that is too sure of itself where the temperature is above 1."""
    return log_probabilities(probabilities) * np.float32(temperature)


def softmax(logits: np.ndarray) -> np.ndarray:
    weights = np.exp(logits - logits.max(axis=1, keepdims=True))
    return (weights / weights.sum(axis=1, keepdims=True)).astype(np.float32)


def part(value: str, rows: np.ndarray) -> Part:
    return Part(value, np.flatnonzero(rows) if rows.dtype == bool else rows)


def interval(metric: Metric) -> tuple[float | None, float | None]:
    return metric.low, metric.high


@pytest.fixture(scope="module")
def measured() -> Figures:
    """Values are frozen, so that every test may share them."""
    return evaluate(*predictions(1000), STARS, ordinal=True)


GERMAN = np.arange(600) % 3 == 0
BY_PRODUCT = Design.of("clustered", np.arange(600) // 6, "product")


@pytest.fixture(scope="module")
def sliced() -> Figures:
    """By languages, by phenomena of which a review may have several, and by products that are too many."""
    columns = (
        Column("language", 2, (part("de", GERMAN), part("en", ~GERMAN))),
        Column("phenomena", 3, (part("a", np.arange(40)), part("b", np.arange(30, 90)), part("c", np.array([5])))),
        Column("product", 97, ()),
    )
    return evaluate(*predictions(600), STARS, ordinal=True, slices=columns, confidence=0.9, resamples=100, seed=3)


@pytest.fixture(scope="module")
def clustered() -> Figures:
    """Of 100 products with six reviews each; the first 40 of them are a slice, and the last 10."""
    place = np.arange(600)
    column = Column("age", 2, (part("old", place < 240), part("new", place >= 540)))
    return evaluate(*predictions(600), STARS, ordinal=True, design=BY_PRODUCT, slices=(column,), resamples=200)


class TestEvaluate:
    def test_every_metric_has_its_full_name(self, measured: Figures) -> None:
        """And every name has its place and its words in the reports."""
        assert sorted(measured.metrics) == sorted(NAMES) == sorted(QUANTITIES)
        assert len(set(NAMES)) == len(NAMES) == 45

    def test_each_has_an_interval_around_the_value_unless_none_holds(self, measured: Figures) -> None:
        for name, metric in measured.metrics.items():
            assert metric.value is not None, name
            if name in WITHOUT_INTERVAL:
                assert metric.interval_reason, name
            else:
                assert metric.low is not None and metric.high is not None, name
                assert metric.low < metric.high, name
                # No set is empty here, and the interval of 0 begins there.
                assert metric.low < metric.value < metric.high or metric.low == metric.value == 0, name

    def test_the_parts_agree_with_each_other(self, measured: Figures) -> None:
        probabilities, gold = predictions(1000)
        table = np.array(measured.confusion)

        assert table.sum() == 1000
        assert table.sum(axis=1).tolist() == [one.support for one in measured.per_class]
        assert table.sum(axis=0).tolist() == [one.predicted for one in measured.per_class]
        assert measured.metrics["accuracy"].value == table.trace() / 1000
        assert measured.metrics["accuracy"].value == (probabilities.argmax(axis=1) == gold).mean()
        assert measured.metrics["macro_f1"].value == pytest.approx(
            np.mean([one.f1.value for one in measured.per_class])
        )
        assert [one.name for one in measured.per_class] == list(STARS)
        assert sum(one.count for one in measured.reliability) == 1000
        assert len(measured.reliability) == 15

    def test_a_row_of_the_confusion_matrix_is_a_gold_label(self) -> None:
        probabilities = np.array([[0.1, 0.9]], dtype=np.float32)

        assert evaluate(probabilities, np.array([0]), ("no", "yes"), ordinal=False).confusion == ((0, 1), (0, 0))

    def test_it_is_the_same_in_any_order_of_the_reviews(self, measured: Figures) -> None:
        probabilities, gold = predictions(1000)
        order = np.random.default_rng(1).permutation(1000)

        shuffled = evaluate(probabilities[order], gold[order], STARS, ordinal=True)

        assert shuffled.confusion == measured.confusion
        for name, metric in measured.metrics.items():
            if name.startswith("conformal"):
                # The halves are told apart by the place of a review.
                continue
            assert shuffled.metrics[name].value == pytest.approx(metric.value, rel=1e-9, abs=1e-12), name
            assert shuffled.metrics[name].method == metric.method, name
            if metric.low is not None:
                assert interval(shuffled.metrics[name]) == pytest.approx(interval(metric), rel=1e-9), name

    def test_the_options_of_the_bootstrap_are_on_record(self) -> None:
        found = evaluate(*predictions(300), STARS, ordinal=True, resamples=1234, seed=7)

        method = "BCa bootstrap of the confusion counts, 1,234 resamples, seed 7"
        assert found.metrics["macro_f1"].method == method

    def test_without_an_order_what_needs_one_is_null_with_the_reason(self) -> None:
        found = evaluate(*predictions(300), STARS, ordinal=False)

        needing = ["off_by_one_accuracy", "mean_absolute_error", "mean_signed_error", "quadratic_weighted_kappa"]
        assert sorted(name for name, metric in found.metrics.items() if metric.value is None) == sorted(
            [*needing, "ranked_probability_score"]
        )
        for name in needing:
            assert found.metrics[name].model_dump() == {"value": None, "reason": "the classes have no order"}

    def test_another_level_gives_other_intervals_and_the_same_values(self, measured: Figures) -> None:
        found = evaluate(*predictions(1000), STARS, ordinal=True, confidence=0.8)

        for name, metric in measured.metrics.items():
            assert found.metrics[name].value == metric.value
            if metric.low is not None and metric.high is not None:
                low, high = interval(found.metrics[name])
                assert low is not None and high is not None
                assert metric.low < low < high < metric.high or (metric.low == low == 0 and high < metric.high), name

    def test_the_record_reads_back(self, measured: Figures) -> None:
        assert Figures.model_validate_json(measured.model_dump_json()) == measured

    @given(probable())
    @settings(deadline=None, max_examples=60)
    def test_any_probabilities_give_finite_values_or_reasons(self, drawn: tuple[np.ndarray, np.ndarray]) -> None:
        """Ties, zeros, missing classes, a single review: the records refuse NaN, and warnings are errors here."""
        probabilities, gold = drawn
        classes = [str(number) for number in range(probabilities.shape[1])]

        found = evaluate(probabilities.astype(np.float32), gold, classes, ordinal=True, resamples=40)

        for metric in found.metrics.values():
            assert metric.reason if metric.value is None else metric.method or metric.interval_reason

    def test_nothing_to_evaluate_is_an_error_of_its_own(self) -> None:
        with pytest.raises(NothingMeasured):
            evaluate(np.empty((0, 5), dtype=np.float32), np.empty(0, dtype=int), STARS, ordinal=True)

    def test_arrays_that_cannot_be_scored_are_refused(self) -> None:
        with pytest.raises(PredictionsError, match="probabilities are not finite"):
            evaluate(np.full((2, 5), np.nan, dtype=np.float32), np.array([0, 1]), STARS, ordinal=True)

    def test_another_number_of_classes_is_told(self) -> None:
        with pytest.raises(UsageError, match="5 columns of probabilities and 2 classes"):
            evaluate(*predictions(10), ("no", "yes"), ordinal=False)

    @pytest.mark.parametrize("confidence", [0, 1, 95])
    def test_a_confidence_that_is_no_level_is_refused(self, confidence: float) -> None:
        with pytest.raises(UsageError, match=f"confidence cannot be {confidence}"):
            evaluate(*predictions(10), STARS, ordinal=True, confidence=confidence)


class TestTemperature:
    def test_logits_that_are_too_large_get_the_divisor_back(self) -> None:
        probabilities, gold = predictions(4000)
        truly = evaluate(probabilities, gold, STARS, ordinal=True).metrics["temperature"]
        sure = logits_of(probabilities, 2.5)

        found = evaluate(softmax(sure), gold, STARS, ordinal=True, logits=sure).metrics["temperature"]

        assert truly.value is not None and found.value is not None
        assert found.value == pytest.approx(2.5 * truly.value, rel=1e-4)
        assert found.method == "normal on the logarithm, sandwich variance"

    def test_probabilities_give_what_their_logits_give(self, measured: Figures) -> None:
        probabilities, gold = predictions(1000)

        # One number a row more: no softmax sees it.
        given = evaluate(probabilities, gold, STARS, ordinal=True, logits=logits_of(probabilities) + 7)

        assert given.calibrated is not None and measured.calibrated is not None
        assert given.calibrated.temperatures == pytest.approx(measured.calibrated.temperatures, rel=1e-5)
        for name, metric in measured.calibrated.metrics.items():
            assert given.calibrated.metrics[name].value == pytest.approx(metric.value, rel=1e-3, abs=1e-4), name


class TestCalibrated:
    def sure(self, labels: np.ndarray | None = None) -> Figures:
        """Of logits that are three times too large."""
        probabilities, gold = predictions(1000)
        logits = logits_of(probabilities, 3)
        return evaluate(softmax(logits), gold if labels is None else labels, STARS, ordinal=True, logits=logits)

    def test_a_temperature_that_is_needed_helps(self) -> None:
        found = self.sure()
        assert found.calibrated is not None
        before, after = found.metrics, found.calibrated.metrics

        assert min(found.calibrated.temperatures) > 1.8
        for name in ("expected_calibration_error", "smooth_calibration_error", "negative_log_likelihood",
                     "brier_score", "overconfidence"):  # fmt: skip
            assert after[name].value < 0.95 * before[name].value, name

    def test_what_no_temperature_changes_is_left_out(self, measured: Figures) -> None:
        assert measured.calibrated is not None
        wanted = {*GROUPS["Probabilities"], *GROUPS["Calibration"]} - {"temperature"}

        assert set(measured.calibrated.metrics) == wanted
        assert sum(one.count for one in measured.calibrated.reliability) == 1000

    def test_each_review_is_scored_at_the_temperature_of_the_other_folds(self) -> None:
        """From the temperatures on record the likelihood comes out to the last digits."""
        probabilities, gold = predictions(1000)
        found = self.sure()
        assert found.calibrated is not None
        temperature = np.array(found.calibrated.temperatures)[fold_of(np.arange(1000), 5, seed=0)]

        scaled = softmax(logits_of(probabilities, 3).astype(float) / temperature[:, None])

        losses = -np.log(scaled[np.arange(1000), gold].astype(float))
        assert found.calibrated.metrics["negative_log_likelihood"].value == pytest.approx(losses.mean(), rel=1e-6)

    def test_none_is_fitted_on_the_reviews_that_it_is_scored_on(self) -> None:
        """Another label of one review moves the temperature of every other fold, and never that of its own."""
        _, gold = predictions(1000)
        before = self.sure().calibrated
        assert before is not None
        for row in range(0, 1000, 250):
            own = int(fold_of(np.array([row]), 5, seed=0)[0])
            changed = gold.copy()
            changed[row] = (gold[row] + 1) % 5

            after = self.sure(changed).calibrated

            assert after is not None
            same = [one == other for one, other in zip(before.temperatures, after.temperatures, strict=True)]
            assert same == [place == own for place in range(5)]

    def test_without_a_temperature_the_reason_is_given(self) -> None:
        found = evaluate(np.array([[0.9, 0.1]] * 9, dtype=np.float32), np.zeros(9, int), ("a", "b"), ordinal=False)

        assert found.calibrated is None
        assert found.calibrated_reason == found.metrics["temperature"].reason
        assert found.calibrated_reason == (
            "no class has a higher logit than the gold label: the lower the temperature, the better"
        )


class TestSelective:
    def test_the_curve_ends_at_all_reviews_and_their_errors(self, measured: Figures) -> None:
        curve = measured.selective
        assert curve is not None and measured.metrics["accuracy"].value is not None

        assert len(curve.coverage) == len(curve.risk) == len(curve.threshold) == 200
        assert (curve.coverage[-1], curve.risk[-1]) == (1.0, pytest.approx(1 - measured.metrics["accuracy"].value))
        assert list(curve.threshold) == sorted(curve.threshold, reverse=True)

    def test_a_threshold_is_judged_on_the_reviews_that_did_not_choose_it(self, measured: Figures) -> None:
        probabilities, gold = predictions(1000)
        judging = half_of(np.arange(1000), 0) == 1
        top, right = probabilities.max(axis=1), probabilities.argmax(axis=1) == gold
        assert measured.selective is not None
        assert [one.wanted for one in measured.selective.thresholds] == [0.8, 0.9, 0.95, 0.99]

        for one in measured.selective.thresholds:
            assert one.threshold is not None
            accepted = top >= np.float32(one.threshold)
            assert right[accepted & ~judging].mean() >= one.wanted
            assert one.accuracy.value == right[accepted & judging].mean()
            assert one.coverage.value == accepted[judging].mean()


class TestSlices:
    def test_columns_and_values_stay_in_their_order(self, sliced: Figures) -> None:
        found = [
            (column.name, column.values, [(one.value, one.reviews) for one in column.slices])
            for column in sliced.slices
        ]

        assert found == [
            ("language", 2, [("de", 200), ("en", 400)]),
            ("phenomena", 3, [("a", 40), ("b", 60), ("c", 1)]),
            ("product", 97, []),
        ]

    def test_the_level_is_corrected_for_the_number_of_slices(self, sliced: Figures) -> None:
        assert [one.level for one in sliced.slices] == pytest.approx([1 - 0.1 / 2, 1 - 0.1 / 3, 0.9])

        probabilities, gold = predictions(600)
        right = int((probabilities.argmax(axis=1) == gold)[GERMAN].sum())
        bounds = wilson(right, 200, 0.95)
        assert interval(sliced.slices[0].slices[0].metrics["accuracy"]) == pytest.approx((bounds.low, bounds.high))

    def test_a_slice_has_every_metric_as_if_it_were_all(self, sliced: Figures) -> None:
        """With every class, those included that the slice lacks."""
        probabilities, gold = predictions(600)
        level = sliced.slices[0].level
        rows = GERMAN

        alone = evaluate(
            probabilities[rows], gold[rows], STARS, ordinal=True, confidence=level, resamples=100, seed=3
        )  # fmt: skip

        assert list(sliced.slices[0].slices[0].metrics) == list(sliced.metrics)
        assert sliced.slices[0].slices[0].metrics == alone.metrics

    def test_a_slice_of_one_review_has_reasons(self, sliced: Figures) -> None:
        (*_, one) = sliced.slices[1].slices

        assert one.metrics["accuracy"].method == "Wilson"
        assert one.metrics["area_under_roc"].reason == "4 of 5 classes have no example, so that they have no area"

    def test_slices_leave_the_figures_of_all_as_they_are(self, sliced: Figures) -> None:
        whole = evaluate(*predictions(600), STARS, ordinal=True, confidence=0.9, resamples=100, seed=3)

        assert sliced.model_copy(update={"slices": ()}) == whole


class TestDesign:
    def test_values_are_those_of_independent_reviews(self, clustered: Figures) -> None:
        independent = evaluate(*predictions(600), STARS, ordinal=True, resamples=200)

        assert (independent.sampling, clustered.sampling) == ("independent", "100 clusters by product")
        for name, metric in independent.metrics.items():
            # A cluster goes into one half as a whole, so that the half that chooses is another one.
            if not name.startswith("conformal"):
                assert clustered.metrics[name].value == metric.value, name

    def test_a_cluster_is_never_on_both_sides_of_a_fold(self) -> None:
        """Each temperature was fitted without any review of the clusters that it is used on."""
        probabilities, gold = predictions(600)
        unit = np.repeat(np.arange(100), 6)

        scaled = cross_fitted(np.log(probabilities), gold, seed=0, unit=unit)

        assert isinstance(scaled, CrossFitted)
        fold = fold_of(unit, 5, 0)
        for place, temperature in enumerate(scaled.temperatures):
            assert temperature == pytest.approx(
                fit_temperature(np.log(probabilities[fold != place]), gold[fold != place])
            )

    def test_proportions_means_and_bootstraps_count_clusters(self, clustered: Figures) -> None:
        methods = {name: clustered.metrics[name].method for name in ("accuracy", "brier_score", "macro_f1")}

        assert methods == {
            "accuracy": "Wilson, cluster-robust, 100 clusters by product",
            "brier_score": "cluster-robust, 100 clusters by product",
            "macro_f1": "BCa bootstrap of 100 clusters by product, 200 resamples, seed 0",
        }

    def test_no_interval_takes_the_reviews_as_independent(self, clustered: Figures) -> None:
        """Of everything that has one: each names the clusters."""
        assert clustered.calibrated is not None and clustered.selective is not None
        metrics = [*clustered.metrics.values(), *clustered.calibrated.metrics.values()]
        for one in clustered.per_class:
            assert one.area_under_roc is not None
            metrics += [one.precision, one.recall, one.f1, one.area_under_roc]
        metrics += [one.accuracy for one in (*clustered.reliability, *clustered.calibrated.reliability)]
        metrics += [each for one in clustered.selective.thresholds for each in (one.accuracy, one.coverage)]

        found = [one.method for one in metrics if one.method is not None]

        assert len(found) > 40
        assert [method for method in found if "clusters by product" not in method] == []
        assert {one.expected_low for one in clustered.reliability} == {None}

    def test_a_slice_counts_its_own_clusters(self, clustered: Figures) -> None:
        first, last = clustered.slices[0].slices

        assert first.metrics["accuracy"].method == "Wilson, cluster-robust, 40 clusters by product"
        assert last.metrics["accuracy"].interval_reason == "10 clusters, and the interval needs 20"
        probabilities, gold = predictions(600)
        right = (probabilities.argmax(axis=1) == gold)[:240]
        expected = proportion_interval(BY_PRODUCT.of_rows(slice(240)), right, 0.975)
        assert isinstance(expected, Interval)
        assert interval(first.metrics["accuracy"]) == pytest.approx((expected.low, expected.high))

    def test_clusters_that_are_alike_inside_widen_the_intervals(self) -> None:
        """Each review three times: as many reviews again say nothing new."""
        probabilities, gold = predictions(300)
        thrice = np.repeat(np.arange(300), 3)
        once = evaluate(probabilities, gold, STARS, ordinal=True).metrics["accuracy"]

        repeated = evaluate(
            probabilities[thrice], gold[thrice], STARS, ordinal=True, design=Design.of("clustered", thrice, "text")
        ).metrics["accuracy"]

        assert repeated.value == once.value
        assert interval(repeated) == pytest.approx(interval(once), abs=0.002)

    def test_strata_of_the_labels_are_named(self) -> None:
        probabilities, gold = predictions(600)

        found = evaluate(
            probabilities, gold, STARS, ordinal=True, design=Design.of("stratified", gold, "label"), resamples=200
        )

        assert found.sampling == "5 strata by label"
        assert found.metrics["accuracy"].method == "Wilson, stratified, 5 strata by label"


class TestEdges:
    def test_two_classes(self) -> None:
        found = evaluate(*predictions(400, 2), ("no", "yes"), ordinal=True, resamples=40)

        assert len(found.per_class) == len(found.confusion) == 2
        assert found.metrics["off_by_one_accuracy"].reason == ("with two classes no prediction is off by more than one")
        assert found.metrics["top_2_accuracy"].reason
        # The area of one class is that of the other.
        assert found.per_class[0].area_under_roc == found.per_class[1].area_under_roc

    def test_a_thousand_classes_of_which_few_occur(self) -> None:
        names = [str(number) for number in range(1000)]

        found = evaluate(*predictions(40, 1000), names, ordinal=False, resamples=40)

        assert len(found.per_class) == len(found.confusion) == 1000
        assert found.metrics["accuracy"].value is not None
        assert found.metrics["area_under_roc"].reason

    def test_one_review(self) -> None:
        found = evaluate(np.array([[0.25, 0.75]], dtype=np.float32), np.array([1]), ("no", "yes"), ordinal=True)

        assert found.metrics["accuracy"].value == 1.0
        assert interval(found.metrics["accuracy"]) == pytest.approx((wilson(1, 1, 0.95).low, 1.0))
        assert found.metrics["brier_score"].value == 0.125
        assert found.metrics["temperature"].value is None
        assert found.calibrated is None
        assert sum(one.count for one in found.reliability) == 1

    def test_reviews_of_one_class_only(self) -> None:
        probabilities, _ = predictions(300)

        found = evaluate(probabilities, np.full(300, 4), STARS, ordinal=True, resamples=40)

        assert [one.recall.value is None for one in found.per_class] == [True, True, True, True, False]
        assert found.metrics["balanced_accuracy"].value == found.metrics["accuracy"].value
        assert found.metrics["quadratic_weighted_kappa"].value == 0
        assert found.metrics["matthews_correlation"].value is None
        assert found.metrics["area_under_roc"].value is None

    def test_a_class_that_is_never_predicted(self) -> None:
        probabilities, gold = predictions(300)
        probabilities[:, 2] = 0
        probabilities /= probabilities.sum(axis=1, keepdims=True)

        found = evaluate(probabilities, gold, STARS, ordinal=True, resamples=40)

        assert found.per_class[2].precision.reason == "the class is never predicted"
        assert found.per_class[2].recall.value == 0
        impossible = (gold == 2).sum()
        assert found.metrics["negative_log_likelihood"].interval_reason == (
            f"{impossible} examples give the gold label a probability of 0, whose loss is infinite; "
            "it counts as 1.18e-38 (logits, or probabilities with more digits, would tell)"
        )

    @pytest.mark.parametrize("right", [True, False])
    def test_probabilities_of_exactly_0_and_1(self, right: bool) -> None:
        gold = np.arange(60) % 3

        found = evaluate(
            np.eye(3, dtype=np.float32)[gold if right else (gold + 1) % 3], gold, ("a", "b", "c"), ordinal=True
        )

        assert found.metrics["accuracy"].value == float(right)
        assert found.metrics["expected_calibration_error"].value == 1.0 - right
        assert found.calibrated is None
        assert found.reliability[-1].count == 60

    def test_all_probabilities_tied(self) -> None:
        """The first class is predicted, and no threshold tells any reviews apart."""
        found = evaluate(np.full((100, 4), 0.25, np.float32), np.arange(100) % 4, tuple("abcd"), ordinal=True)

        assert found.metrics["accuracy"].value == 0.25
        assert found.metrics["area_under_roc"].value == 0.5
        assert found.metrics["expected_calibration_error"].value == 0
        assert found.selective is not None
        assert found.selective.coverage == (1.0,)


class TestAsMetric:
    def test_an_interval_is_kept_with_its_method(self) -> None:
        assert as_metric(Estimate(0.5, Interval(0.4, 0.6, "Wilson"))) == Metric(
            value=0.5, low=0.4, high=0.6, method="Wilson"
        )

    def test_a_missing_interval_is_kept_with_its_reason(self) -> None:
        assert as_metric(Estimate(0.5, NoInterval("too few"))).model_dump() == {
            "value": 0.5,
            "low": None,
            "high": None,
            "interval_reason": "too few",
        }

    def test_an_undefined_value_is_kept_with_its_reason(self) -> None:
        assert as_metric(Undefined("no order")).model_dump() == {"value": None, "reason": "no order"}
