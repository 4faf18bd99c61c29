"""Label metrics are those of scikit-learn over all classes; what is undefined says so."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from sklearn import metrics as sklearn
from support.labelled import labelled

from harness.metrics import confusion_counts, label_metrics
from harness.metrics.classification import FROM_MARGINS
from harness.metrics.confusion import OccupiedCells
from harness.statistics import Estimate, Interval, NoInterval, Scalar, Undefined

BOOTSTRAP = "BCa bootstrap of the confusion counts, 2,000 resamples, seed 0"
TYPICAL = np.array([[60, 20, 3], [15, 70, 20], [2, 18, 92]])
Drawn = tuple[np.ndarray, np.ndarray, int]


def measured(table: np.ndarray, *, ordinal: bool = True, confidence: float = 0.95) -> dict[str, Scalar]:
    return label_metrics(table, ordinal=ordinal, confidence=confidence, resamples=2000, seed=0)


def value(name: str, drawn: Drawn) -> float | None:
    gold, predicted, classes = drawn
    scalar = label_metrics(
        confusion_counts(gold, predicted, classes), ordinal=True, confidence=0.95, resamples=40, seed=0
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
    @settings(deadline=None)
    def test_off_by_one_accuracy_is_the_share_of_near_predictions(self, drawn: Drawn) -> None:
        gold, predicted, classes = drawn

        expected = None if classes == 2 else pytest.approx(np.mean(np.abs(gold - predicted) <= 1))

        assert value("off_by_one_accuracy", drawn) == expected


class TestUndefined:
    def test_without_an_order_what_needs_one_says_so(self) -> None:
        found = measured(TYPICAL, ordinal=False)

        for name in ("off_by_one_accuracy", "mean_absolute_error", "quadratic_weighted_kappa"):
            assert found[name] == Undefined("the classes have no order")
        assert isinstance(found["macro_f1"], Estimate)

    def test_with_two_classes_off_by_one_says_nothing(self) -> None:
        found = measured(np.array([[50, 10], [5, 40]]))

        assert found["off_by_one_accuracy"] == Undefined("with two classes no prediction is off by more than one")

    def test_kappa_where_chance_agrees_too(self) -> None:
        assert measured(np.diag([50, 0, 0]))["quadratic_weighted_kappa"] == Undefined(
            "gold labels and predictions are all of one class, so that chance would agree as well"
        )

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
            "macro_f1": BOOTSTRAP,
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

        for name in ("macro_f1", "matthews_correlation"):
            assert no_interval(found[name]) == "the same in every resample, which says nothing of the spread"
        for name in ("mean_absolute_error", "quadratic_weighted_kappa"):
            assert no_interval(found[name]) == "0 wrong predictions, and the interval needs 30"
        assert bounds(found["accuracy"]).low < 0.95
        assert bounds(found["balanced_accuracy"]).low < 0.97

    def test_one_example_has_values_and_few_intervals(self) -> None:
        found = measured(np.array([[0, 1, 0], [0, 0, 0], [0, 0, 0]]))

        assert bounds(found["accuracy"]).low == 0.0
        assert no_interval(found["balanced_accuracy"]) == "the rarest class has 0 examples, and the interval needs 10"
        assert no_interval(found["macro_f1"]) == "1 example, and the interval needs 20"
        assert no_interval(found["mean_absolute_error"]) == "1 wrong prediction, and the interval needs 30"

    def test_a_rare_class_leaves_means_over_classes_without_one(self) -> None:
        table = TYPICAL.copy()
        table[0] = [3, 2, 0]
        found = measured(table)

        for name in ("macro_f1", "balanced_accuracy"):
            assert no_interval(found[name]) == "the rarest class has 5 examples, and the interval needs 10"
        assert bounds(found["accuracy"]).method == "Wilson"

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


class TestCountedBootstrap:
    @pytest.mark.parametrize("name", list(FROM_MARGINS))
    def test_is_distributed_as_the_plain_bootstrap_of_examples(self, name: str) -> None:
        """The slow definition: draw examples with replacement, and ask scikit-learn each time."""
        slow = {
            "macro_f1": lambda gold, predicted: sklearn.f1_score(
                gold, predicted, labels=range(3), average="macro", zero_division=0
            ),
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
