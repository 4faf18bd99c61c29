from __future__ import annotations

import csv
import io

from support import sample_run

from harness.report import rows


def written(run) -> list[dict[str, str]]:
    to = io.StringIO()
    rows.write(run, to)
    return list(csv.DictReader(io.StringIO(to.getvalue())))


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
