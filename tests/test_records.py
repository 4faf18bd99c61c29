"""Records: strict about names, and about what is missing."""

from __future__ import annotations

import json

import pytest
from pydantic import ValidationError

from harness.records import Metric


class TestMetric:
    def test_a_scalar_carries_its_interval_and_method(self) -> None:
        metric = Metric(value=0.5, low=0.4, high=0.6, method="Wilson")

        assert json.loads(metric.model_dump_json()) == {"value": 0.5, "low": 0.4, "high": 0.6, "method": "Wilson"}

    def test_an_interval_that_does_not_hold_is_null_with_its_reason(self) -> None:
        metric = Metric(value=0.1, interval_reason="biased upward")

        assert json.loads(metric.model_dump_json()) == {
            "value": 0.1, "low": None, "high": None, "interval_reason": "biased upward",
        }  # fmt: skip

    def test_an_undefined_metric_is_null_with_its_reason(self) -> None:
        assert json.loads(Metric(value=None, reason="one class only").model_dump_json()) == {
            "value": None,
            "reason": "one class only",
        }

    @pytest.mark.parametrize(
        "fields",
        [
            {"value": None},
            {"value": 0.5},
            {"value": 0.5, "low": 0.4, "high": 0.6},
            {"value": float("nan"), "interval_reason": "none"},
            {"value": 0.5, "interval_reason": "none", "unknown": 1},
        ],
    )
    def test_silence_is_refused(self, fields: dict[str, object]) -> None:
        """No value without a reason, no bounds without a method, no NaN, no unknown key."""
        with pytest.raises(ValidationError):
            Metric.model_validate(fields)

    def test_reads_back_what_it_wrote(self) -> None:
        for metric in (
            Metric(value=0.5, low=0.4, high=0.6, method="Wilson"),
            Metric(value=0.1, interval_reason="biased upward"),
            Metric(value=None, reason="one class only"),
        ):
            assert Metric.model_validate_json(metric.model_dump_json()) == metric
