from __future__ import annotations

import csv
import io

from support import sample_run

from harness.records import Figures, Score
from harness.report import rows

from .test_differences import compared


def written(record, write=rows.write) -> list[dict[str, str]]:
    to = io.StringIO()
    write(record, to)
    return list(csv.DictReader(io.StringIO(to.getvalue())))


def scored(**options) -> Score:
    record = sample_run.sample(reviews=60, **options).run.evaluations[0]
    kept = {name: getattr(record, name) for name in Figures.model_fields}
    return Score(**kept, source="a.npz", classes=("a", "b"), ordinal=False, counts={"evaluated": 60})


class TestWrite:
    def test_every_metric_is_a_row_with_all_its_digits(self):
        run = sample_run.sample(reviews=60).run
        found = {row["metric"]: row for row in written(run)}

        for name, metric in run.evaluations[0].metrics.items():
            assert float(found[name]["value"]) == metric.value
        assert found["accuracy"]["method"] == "Wilson"
        assert found["reviews"]["value"] == "60"

    def test_undefined_value_is_empty_with_its_reason(self):
        run = sample_run.sample(reviews=60, classes=("a", "b"), ordinal=False, timed=False).run
        found = {row["metric"]: row for row in written(run)}

        assert (found["mean_absolute_error"]["value"], found["mean_absolute_error"]["low"]) == ("", "")
        assert found["mean_absolute_error"]["reason"] == "the classes have no order"
        assert found["reviews_per_s"]["reason"] == "the predictions were reused from an earlier run"

    def test_name_that_is_a_formula_is_written_as_text(self):
        run = sample_run.sample(reviews=60, classifiers=('=HYPERLINK("x")',)).run

        assert {row["classifier"] for row in written(run)} == {'\'=HYPERLINK("x")'}


class TestWriteScore:
    def test_every_metric_is_a_row_with_all_its_digits(self):
        record = scored()
        found = {row["metric"]: row for row in written(record, rows.write_score)}

        assert list(found) == ["examples", *record.metrics]
        assert found["examples"]["value"] == "60"
        for name, metric in record.metrics.items():
            assert float(found[name]["value"]) == metric.value
        assert float(found["accuracy"]["low"]) == record.metrics["accuracy"].low
        assert found["accuracy"]["method"] == "Wilson"

    def test_what_is_missing_is_empty_with_its_reason(self):
        record = scored(classes=("a", "b"), ordinal=False)
        found = {row["metric"]: row for row in written(record, rows.write_score)}

        assert (found["mean_absolute_error"]["value"], found["mean_absolute_error"]["low"]) == ("", "")
        assert found["mean_absolute_error"]["reason"] == "the classes have no order"
        assert found["smooth_calibration_error"]["low"] == ""
        assert found["smooth_calibration_error"]["reason"] == record.metrics["smooth_calibration_error"].interval_reason


class TestWriteComparison:
    def test_every_metric_is_a_row_with_both_sides_and_their_difference(self):
        record = compared(200)
        found = {row["metric"]: row for row in written(record, rows.write_comparison)}

        assert list(found) == list(record.differences)
        for name, each in record.differences.items():
            assert float(found[name]["candidate"]) == each.candidate
            assert float(found[name]["baseline"]) == each.baseline
            assert float(found[name]["difference"]) == each.difference.value
        accuracy = record.differences["accuracy"]
        assert (float(found["accuracy"]["low"]), float(found["accuracy"]["high"])) == (
            accuracy.difference.low,
            accuracy.difference.high,
        )
        assert (found["accuracy"]["method"], found["accuracy"]["test"]) == ("Tango", "mid-p McNemar")
        assert float(found["accuracy"]["p_value"]) == accuracy.p_value

    def test_what_is_missing_is_empty_with_its_reason(self):
        record = compared(200, ordinal=False)
        found = {row["metric"]: row for row in written(record, rows.write_comparison)}

        assert set(found["mean_absolute_error"].values()) == {"mean_absolute_error", "", "the classes have no order"}
        assert (found["smooth_calibration_error"]["low"], found["smooth_calibration_error"]["p_value"]) == ("", "")
        assert found["smooth_calibration_error"]["reason"].startswith("either estimate is biased")
