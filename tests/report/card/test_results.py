from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support import sample_run

from harness.errors import NothingMeasured
from harness.records import Metric
from harness.report.card import results
from harness.report.card.data_set import DataSet
from harness.report.quantities import QUANTITIES

RUN = sample_run.sample(reviews=300, timings=False).run
ONE, SET = RUN.evaluations[0], RUN.review_sets[0]


def of(one=ONE, url: str | None = None):
    return results.of(one, SET, DataSet.of(SET), 0.95, url)


class TestOf:
    def test_metrics_have_the_ids_of_the_hub_where_it_has_them_and_ours_where_not(self):
        assert [(each.metric_type, each.metric_config, each.metric_name) for each in of()] == [
            ("accuracy", None, "Accuracy"),
            ("balanced_accuracy", None, "Balanced accuracy"),
            ("f1", "macro", "Macro-F1"),
            ("f1", "weighted", "Weighted F1"),
            ("matthews_correlation", None, "Matthews correlation"),
            ("off_by_one_accuracy", None, "Off-by-one accuracy"),
            ("mae", None, "Mean absolute error"),
            ("quadratic_weighted_kappa", None, "Quadratic kappa"),
            ("negative_log_likelihood", None, "Negative log-likelihood"),
            ("expected_calibration_error", None, "Calibration error"),
        ]

    def test_every_metric_of_a_card_is_one_of_ours(self):
        assert [name for name in results.METRICS if name not in QUANTITIES] == []

    def test_value_stands_with_its_interval_and_the_method(self):
        accuracy, metric = of()[0], ONE.metrics["accuracy"]

        assert accuracy.metric_value == round(metric.value, 4)
        assert accuracy.metric_args == {
            "low": round(metric.low, 4), "high": round(metric.high, 4), "confidence": 0.95, "method": metric.method,
        }  # fmt: skip

    def test_metric_without_an_interval_has_no_arguments(self):
        assert ONE.metrics["expected_calibration_error"].low is None
        assert of()[-1].metric_args is None

    def test_undefined_metrics_are_left_out(self):
        nominal = sample_run.sample(reviews=60, classes=("a", "b", "c"), ordinal=False).run.evaluations[0]

        assert {each.metric_type for each in of(nominal)}.isdisjoint({"mae", "off_by_one_accuracy"})

    def test_nothing_defined_is_nothing_measured(self):
        undefined = Metric(value=None, reason="no review is labelled")
        empty = ONE.model_copy(update={"metrics": dict.fromkeys(ONE.metrics, undefined)})

        with pytest.raises(NothingMeasured) as caught:
            of(empty)

        assert str(caught.value) == (
            "nothing measured: no metric of the evaluation is defined\n"
            "  where     builtin-shop\n"
            "  remedy    evaluate on labelled reviews of every class"
        )

    def test_task_data_set_and_its_content_are_there_and_verified_is_never_claimed(self):
        for each in of():
            assert each.unique_identifier == ("text-classification", "shop.csv", None, None, None)
            assert each.dataset_args == {"reviews": 300, "fingerprint": "ef" * 32}
            assert each.verified is None and each.verify_token is None

    def test_source_is_there_only_where_it_is_given(self):
        assert {(each.source_name, each.source_url) for each in of()} == {(None, None)}
        assert {(each.source_name, each.source_url) for each in of(url="https://example.org/run")} == {
            ("review-harness", "https://example.org/run")
        }


class TestRounded:
    @given(st.floats(0, 1))
    def test_only_0_is_0_and_only_1_is_1(self, number):
        short = results.rounded(number)

        assert (short == 0) == (number == 0)
        assert (short == 1) == (number == 1)
        assert short == pytest.approx(number, abs=1e-4)
