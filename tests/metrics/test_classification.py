"""Label metrics are those of scikit-learn over all classes; what is undefined says so."""

from __future__ import annotations

import warnings
from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given, settings
from sklearn import metrics as sklearn
from support.labelled import labelled

from harness.metrics import confusion_counts, label_metrics
from harness.metrics.classification import FROM_MARGINS, FromMargins
from harness.metrics.confusion import OccupiedCells, drawn_confusion, margins
from harness.statistics import Estimate, Interval, NoInterval, Scalar, Undefined
from harness.statistics.design import Design

BOOTSTRAP = "BCa bootstrap of the confusion counts, 2,000 resamples, seed 0"
TYPICAL = np.array([[60, 20, 3], [15, 70, 20], [2, 18, 92]])
Drawn = tuple[np.ndarray, np.ndarray, int]


def measured(table: np.ndarray, *, ordinal: bool = True, confidence: float = 0.95) -> dict[str, Scalar]:
    return label_metrics(table, ordinal=ordinal, confidence=confidence, resamples=2000, seed=0)


def value(name: str, drawn: Drawn) -> float | None:
    gold, predicted, classes = drawn
    scalar = label_metrics(
        confusion_counts(gold, predicted, classes), ordinal=True, confidence=0.95, resamples=1, seed=0
    )[name]
    return scalar.value if isinstance(scalar, Estimate) else None


def bounds(scalar: Scalar) -> Interval:
    assert isinstance(scalar, Estimate)
    assert isinstance(scalar.bounds, Interval), scalar
    return scalar.bounds


def no_interval(scalar: Scalar) -> str:
    assert isinstance(scalar, Estimate)
    assert isinstance(scalar.bounds, NoInterval), scalar
    return scalar.bounds.reason


class TestAgainstScikitLearn:
    @given(labelled())
    @settings(deadline=None)
    def test_accuracy(self, drawn: Drawn) -> None:
        assert value("accuracy", drawn) == pytest.approx(sklearn.accuracy_score(*drawn[:2]))

    @given(labelled())
    @settings(deadline=None)
    def test_balanced_accuracy_over_the_classes_that_occur(self, drawn: Drawn) -> None:
        with warnings.catch_warnings():
            # It warns of predictions of a class that does not occur, and leaves it out as we do.
            warnings.simplefilter("ignore", UserWarning)
            expected = sklearn.balanced_accuracy_score(*drawn[:2])

        assert value("balanced_accuracy", drawn) == pytest.approx(expected)

    @given(labelled())
    @settings(deadline=None)
    def test_macro_f1_over_the_full_list_of_labels(self, drawn: Drawn) -> None:
        gold, predicted, classes = drawn

        expected = sklearn.f1_score(gold, predicted, labels=range(classes), average="macro", zero_division=0)

        assert value("macro_f1", drawn) == pytest.approx(expected)

    @given(labelled())
    @settings(deadline=None, max_examples=40)
    def test_micro_f1_which_with_one_label_an_example_is_accuracy(self, drawn: Drawn) -> None:
        """Each mistake is missing in one class, and too much in another."""
        gold, predicted, classes = drawn

        expected = sklearn.f1_score(gold, predicted, labels=range(classes), average="micro")

        assert value("micro_f1", drawn) == pytest.approx(expected)

    @given(labelled())
    @settings(deadline=None, max_examples=40)
    def test_weighted_f1_over_the_full_list_of_labels(self, drawn: Drawn) -> None:
        gold, predicted, classes = drawn

        expected = sklearn.f1_score(gold, predicted, labels=range(classes), average="weighted", zero_division=0)

        assert value("weighted_f1", drawn) == pytest.approx(expected)

    @given(labelled())
    @settings(deadline=None, max_examples=40)
    def test_cohen_kappa_except_where_chance_agrees_too(self, drawn: Drawn) -> None:
        """There scikit-learn answers NaN, with a warning, and we a reason."""
        gold, predicted, classes = drawn
        one_class = len({*gold.tolist(), *predicted.tolist()}) == 1

        found = value("cohen_kappa", drawn)

        assert (found is None) == one_class
        if not one_class:
            expected = sklearn.cohen_kappa_score(gold, predicted, labels=range(classes))
            assert found == pytest.approx(expected, abs=1e-12)

    @given(labelled())
    @settings(deadline=None)
    def test_quadratic_weighted_kappa_over_the_full_list_of_labels(self, drawn: Drawn) -> None:
        gold, predicted, classes = drawn
        one_class = len({*gold.tolist(), *predicted.tolist()}) == 1

        found = value("quadratic_weighted_kappa", drawn)

        assert (found is None) == one_class
        if not one_class:
            expected = sklearn.cohen_kappa_score(gold, predicted, labels=range(classes), weights="quadratic")
            assert found == pytest.approx(expected, abs=1e-12)

    @given(labelled())
    @settings(deadline=None)
    def test_matthews_correlation_except_where_it_is_undefined(self, drawn: Drawn) -> None:
        """scikit-learn answers 0 there."""
        gold, predicted, _ = drawn
        degenerate = len(set(gold.tolist())) == 1 or len(set(predicted.tolist())) == 1

        found = value("matthews_correlation", drawn)

        assert (found is None) == degenerate
        if not degenerate:
            assert found == pytest.approx(sklearn.matthews_corrcoef(gold, predicted), abs=1e-12)

    @given(labelled())
    @settings(deadline=None)
    def test_mean_absolute_error_of_the_indices(self, drawn: Drawn) -> None:
        assert value("mean_absolute_error", drawn) == pytest.approx(sklearn.mean_absolute_error(*drawn[:2]))

    @given(labelled())
    @settings(deadline=None, max_examples=40)
    def test_mean_signed_error_is_the_mean_of_predicted_less_gold_index(self, drawn: Drawn) -> None:
        """scikit-learn has no such metric: above 0 are predictions that are too high."""
        gold, predicted, _ = drawn

        assert value("mean_signed_error", drawn) == pytest.approx(np.mean(predicted - gold))

    @given(labelled())
    @settings(deadline=None)
    def test_off_by_one_accuracy_is_the_share_of_near_predictions(self, drawn: Drawn) -> None:
        gold, predicted, classes = drawn

        expected = None if classes == 2 else pytest.approx(np.mean(np.abs(gold - predicted) <= 1))

        assert value("off_by_one_accuracy", drawn) == expected

    @given(labelled(most_classes=1000, most_examples=80))
    @settings(deadline=None, max_examples=10)
    def test_all_of_them_with_up_to_a_thousand_classes(self, drawn: Drawn) -> None:
        """Most classes lack examples there; one more example keeps kappa and correlation defined."""
        gold, predicted = np.append(drawn[0], [0, 1]), np.append(drawn[1], [0, 1])
        classes = drawn[2]
        table = confusion_counts(gold, predicted, classes)
        found = label_metrics(table, ordinal=True, confidence=0.95, resamples=1, seed=0)
        labels = range(classes)

        def f1(average: str) -> float:
            return float(sklearn.f1_score(gold, predicted, labels=labels, average=average, zero_division=0))

        expected = {
            "accuracy": sklearn.accuracy_score(gold, predicted),
            "macro_f1": f1("macro"),
            "micro_f1": f1("micro"),
            "weighted_f1": f1("weighted"),
            "mean_absolute_error": sklearn.mean_absolute_error(gold, predicted),
            "mean_signed_error": np.mean(predicted - gold),
            "cohen_kappa": sklearn.cohen_kappa_score(gold, predicted, labels=labels),
            "quadratic_weighted_kappa": sklearn.cohen_kappa_score(gold, predicted, labels=labels, weights="quadratic"),
            "matthews_correlation": sklearn.matthews_corrcoef(gold, predicted),
        }
        for name, figure in expected.items():
            scalar = found[name]
            assert isinstance(scalar, Estimate)
            assert scalar.value == pytest.approx(figure, abs=1e-12), name


class TestNames:
    def test_are_in_the_order_of_a_table_to_read(self) -> None:
        assert list(measured(TYPICAL)) == [
            "accuracy",
            "balanced_accuracy",
            "macro_f1",
            "micro_f1",
            "weighted_f1",
            "off_by_one_accuracy",
            "mean_absolute_error",
            "mean_signed_error",
            "cohen_kappa",
            "quadratic_weighted_kappa",
            "matthews_correlation",
        ]


class TestUndefined:
    def test_without_an_order_what_needs_one_says_so(self) -> None:
        found = measured(TYPICAL, ordinal=False)

        for name in ("off_by_one_accuracy", "mean_absolute_error", "mean_signed_error", "quadratic_weighted_kappa"):
            assert found[name] == Undefined("the classes have no order")
        for name in ("macro_f1", "weighted_f1", "cohen_kappa"):
            assert isinstance(found[name], Estimate)

    def test_with_two_classes_off_by_one_says_nothing(self) -> None:
        found = measured(np.array([[50, 10], [5, 40]]))

        assert found["off_by_one_accuracy"] == Undefined("with two classes no prediction is off by more than one")

    @pytest.mark.parametrize("name", ["cohen_kappa", "quadratic_weighted_kappa"])
    def test_kappa_where_chance_agrees_too(self, name: str) -> None:
        assert measured(np.diag([50, 0, 0]))[name] == Undefined(
            "gold labels and predictions are all of one class, so that chance would agree as well"
        )

    def test_kappa_is_0_where_gold_labels_alone_are_of_one_class(self) -> None:
        found = measured(np.array([[40, 12], [0, 0]]))["cohen_kappa"]

        assert isinstance(found, Estimate)
        assert found.value == 0.0

    @pytest.mark.parametrize("table", [[[30, 9], [0, 0]], [[30, 0], [9, 0]]])
    def test_correlation_with_a_constant(self, table: list[list[int]]) -> None:
        assert measured(np.array(table))["matthews_correlation"] == Undefined(
            "all gold labels or all predictions are of one class, which correlates with nothing"
        )


class TestIntervals:
    def test_each_names_its_method(self) -> None:
        methods = {name: bounds(scalar).method for name, scalar in measured(TYPICAL).items()}

        assert methods == {
            "accuracy": "Wilson",
            "balanced_accuracy": "Price-Bonett",
            "off_by_one_accuracy": "Wilson",
            "mean_absolute_error": "normal",
            "mean_signed_error": "normal",
            "macro_f1": BOOTSTRAP,
            "micro_f1": "Wilson",
            "weighted_f1": BOOTSTRAP,
            "cohen_kappa": BOOTSTRAP,
            "quadratic_weighted_kappa": BOOTSTRAP,
            "matthews_correlation": BOOTSTRAP,
        }

    def test_each_holds_its_value(self) -> None:
        for name, scalar in measured(TYPICAL).items():
            assert isinstance(scalar, Estimate)
            assert bounds(scalar).low < scalar.value < bounds(scalar).high, name

    def test_more_confidence_is_wider(self) -> None:
        wide, narrow = measured(TYPICAL, confidence=0.99), measured(TYPICAL, confidence=0.8)

        for name in wide:
            assert bounds(wide[name]).low < bounds(narrow[name]).low, name
            assert bounds(wide[name]).high > bounds(narrow[name]).high, name

    def test_where_all_is_right_none_is_made_up(self) -> None:
        """Resampling right predictions shows no wrong one: [1, 1] would be an interval that does not hold."""
        found = measured(np.diag([20, 20, 20]))

        for name in ("macro_f1", "weighted_f1", "cohen_kappa", "matthews_correlation"):
            assert no_interval(found[name]) == "the same in every resample, which says nothing of the spread"
        for name in ("mean_absolute_error", "mean_signed_error", "quadratic_weighted_kappa"):
            assert no_interval(found[name]) == "0 wrong predictions, and the interval needs 30"
        assert bounds(found["accuracy"]).low < 0.95
        assert bounds(found["balanced_accuracy"]).low < 0.97

    def test_one_example_has_values_and_few_intervals(self) -> None:
        found = measured(np.array([[0, 1, 0], [0, 0, 0], [0, 0, 0]]))

        assert bounds(found["accuracy"]).low == 0.0
        assert no_interval(found["balanced_accuracy"]) == "the rarest class has 0 examples, and the interval needs 10"
        for name in ("macro_f1", "weighted_f1", "cohen_kappa"):
            assert no_interval(found[name]) == "1 example, and the interval needs 20"
        assert no_interval(found["mean_absolute_error"]) == "1 wrong prediction, and the interval needs 30"

    def test_a_rare_class_leaves_means_over_classes_without_one(self) -> None:
        table = TYPICAL.copy()
        table[0] = [3, 2, 0]
        found = measured(table)

        for name in ("macro_f1", "balanced_accuracy"):
            assert no_interval(found[name]) == "the rarest class has 5 examples, and the interval needs 10"
        assert bounds(found["accuracy"]).method == "Wilson"

    def test_nearly_one_class_leaves_agreement_beyond_chance_without_one(self) -> None:
        found = measured(np.array([[60, 20], [3, 6]]))

        reason = "9 examples beside the most common class, and the interval needs 10"
        assert no_interval(found["cohen_kappa"]) == reason
        assert bounds(found["weighted_f1"]).method == BOOTSTRAP

    def test_the_mean_signed_error_may_be_negative(self) -> None:
        found = measured(np.array([[10, 0], [40, 2]]))["mean_signed_error"]

        errors = np.repeat([0.0, -1.0], [12, 40])
        reach = 1.959964 * errors.std(ddof=1) / np.sqrt(52)
        assert isinstance(found, Estimate)
        assert found.value == pytest.approx(-40 / 52)
        assert (bounds(found).low, bounds(found).high) == pytest.approx((-40 / 52 - reach, -40 / 52 + reach))

    def test_the_mean_signed_error_is_cut_at_what_it_can_be(self) -> None:
        low = bounds(measured(np.array([[2, 0, 0], [0, 1, 0], [30, 0, 0]]))["mean_signed_error"])
        high = bounds(measured(np.array([[2, 0, 30], [0, 1, 0], [0, 0, 0]]))["mean_signed_error"])

        assert low.low == -2.0 < low.high
        assert high.low < high.high == 2.0

    def test_where_each_prediction_is_off_alike_none_is_made_up(self) -> None:
        found = measured(np.array([[0, 30, 0], [0, 0, 30], [0, 0, 0]]))

        for name in ("mean_absolute_error", "mean_signed_error"):
            assert no_interval(found[name]) == "every example has the same value, which says nothing of the spread"

    def test_the_seed_decides(self) -> None:
        def macro_f1(seed: int) -> Scalar:
            return label_metrics(TYPICAL, ordinal=True, confidence=0.95, resamples=500, seed=seed)["macro_f1"]

        assert macro_f1(1) == macro_f1(1)
        assert bounds(macro_f1(1)).low != bounds(macro_f1(2)).low

    def test_a_thousand_classes_are_no_special_case(self) -> None:
        table = np.diag(np.full(1000, 12))
        table[np.arange(60), np.arange(60) + 1] = 1

        found = label_metrics(table, ordinal=True, confidence=0.95, resamples=60, seed=0)

        assert all(isinstance(bounds(scalar), Interval) for scalar in found.values())


class TestDrawnTables:
    """Tables of another design, whose totals differ."""

    SHARES = TYPICAL / TYPICAL.sum()

    @classmethod
    def examples(cls, clusters: int = 40) -> tuple[Design, np.ndarray, np.ndarray]:
        """Gold labels and predictions in clusters of 5 to 24 examples."""
        generator = np.random.default_rng(3)
        unit = np.repeat(np.arange(clusters), generator.integers(5, 25, clusters))
        cell = generator.choice(9, len(unit), p=cls.SHARES.ravel())
        return Design.of("clustered", unit), cell // 3, cell % 3

    def test_give_the_bootstrapped_intervals(self) -> None:
        """The slow definition: each table by itself, and the interval of all."""
        design, gold, predicted = self.examples()
        drawn, whole = drawn_confusion(design, gold, predicted, 3), confusion_counts(gold, predicted, 3)

        found = label_metrics(whole, ordinal=True, confidence=0.95, resamples=200, seed=0, drawn=drawn)

        for name, metric in FROM_MARGINS.items():

            def each(pieces: Iterator[np.ndarray], metric: FromMargins = metric) -> np.ndarray:
                tables = [counts.reshape(3, 3) for piece in pieces for counts in piece]
                return np.array([float(metric.compute(margins(table))) for table in tables])

            expected = drawn.interval(
                float(metric.compute(margins(whole))), each(drawn.resampled(200, 0)), each(drawn.without_one()), 0.95,
                drawn.method(200, 0),
            )  # fmt: skip
            assert bounds(found[name]) == expected, name

    def test_of_few_clusters_give_the_reason_against_an_interval(self) -> None:
        design, gold, predicted = self.examples(clusters=8)
        drawn, whole = drawn_confusion(design, gold, predicted, 3), confusion_counts(gold, predicted, 3)

        found = label_metrics(whole, ordinal=True, confidence=0.95, resamples=200, seed=0, drawn=drawn)

        lacking = NoInterval("8 clusters, and the interval needs 30")
        assert all(getattr(found[name], "bounds", None) == lacking for name in FROM_MARGINS)

    def test_of_independent_examples_change_nothing(self) -> None:
        """The same tables as counts, where the default knows their margins alone."""
        gold, predicted = (np.repeat(axis.ravel(), TYPICAL.ravel()) for axis in np.indices((3, 3)))
        drawn = drawn_confusion(Design.independent(), gold, predicted, 3)

        found = label_metrics(TYPICAL, ordinal=True, confidence=0.95, resamples=2000, seed=0, drawn=drawn)

        assert found == measured(TYPICAL)

    @pytest.mark.parametrize("name", list(FROM_MARGINS))
    def test_each_metric_of_many_tables_is_that_of_each(self, name: str) -> None:
        """One table of them is all of one class, where kappas and the correlation are undefined."""
        compute = FROM_MARGINS[name].compute
        counts = np.random.default_rng(4).integers(0, 30, size=(20, 9))
        counts[7] = [5, *[0] * 8]
        cells = OccupiedCells(*np.indices((3, 3)).reshape(2, 9), np.full(9, 1), 3)

        of_all = compute(cells.margins(counts))

        assert of_all == pytest.approx([float(compute(cells.margins(one))) for one in counts], abs=0, nan_ok=True)


class TestCountedBootstrap:
    @pytest.mark.parametrize("name", list(FROM_MARGINS))
    def test_is_distributed_as_the_plain_bootstrap_of_examples(self, name: str) -> None:
        """The slow definition: draw examples with replacement, and ask scikit-learn each time."""
        slow = {
            "macro_f1": lambda gold, predicted: sklearn.f1_score(
                gold, predicted, labels=range(3), average="macro", zero_division=0
            ),
            "weighted_f1": lambda gold, predicted: sklearn.f1_score(
                gold, predicted, labels=range(3), average="weighted", zero_division=0
            ),
            "cohen_kappa": lambda gold, predicted: sklearn.cohen_kappa_score(gold, predicted, labels=range(3)),
            "quadratic_weighted_kappa": lambda gold, predicted: sklearn.cohen_kappa_score(
                gold, predicted, labels=range(3), weights="quadratic"
            ),
            "matthews_correlation": sklearn.matthews_corrcoef,
        }[name]
        gold, predicted = np.repeat(np.argwhere(TYPICAL >= 0), TYPICAL.ravel(), axis=0).T
        generator = np.random.default_rng(1)
        rows = [generator.integers(0, len(gold), len(gold)) for _ in range(400)]
        plain = np.array([slow(gold[row], predicted[row]) for row in rows])

        pieces = OccupiedCells.of(TYPICAL).resampled(20_000, seed=0)
        counted = np.concatenate([FROM_MARGINS[name].compute(piece) for piece in pieces])

        assert plain.mean() == pytest.approx(counted.mean(), abs=5 * counted.std() / 20)
        assert plain.std() == pytest.approx(counted.std(), rel=0.18)
        # Each tenth of the counted distribution holds about a tenth of the plain one.
        tenths = np.searchsorted(np.quantile(counted, np.arange(1, 10) / 10), plain)
        assert np.all(np.abs(np.bincount(tenths, minlength=10) - 40) < 28)
