from __future__ import annotations

import csv
import io

import pytest
from support import sample_run

from harness import baselines as folders
from harness.errors import BaselineError
from harness.records.baselines import BaselineRecord
from harness.report import baselines

from .injections import INJECTIONS
from .printing import coloured, printed


@pytest.fixture(scope="module")
def record(tmp_path_factory: pytest.TempPathFactory) -> BaselineRecord:
    """Of two classifiers on one set."""
    sampled = sample_run.sample(reviews=60, classifiers=("old", "new-bfloat16"), timings=False)
    where = tmp_path_factory.mktemp("reports")
    (where / "run").mkdir()
    folders.promote(sampled.write(where / "run"), sampled.run, "main", where / "baselines", reason="the first one")
    return folders.find("main", where / "baselines").record


@pytest.fixture(scope="module")
def text(record):
    return printed(record, baselines.show)


def in_one_line(text: str) -> str:
    return " ".join(text.split())


BROKEN = BaselineError("the baseline 'old' has schema version 9", where="old/baseline.json", remedy="promote again")


class TestShow:
    def test_opens_with_its_name_its_run_when_and_why(self, record, text):
        moment = record.promoted.replace("T", " ")[:16]

        assert [line.rstrip() for line in text.splitlines()[1:4]] == [
            "baseline main: run 20251123T190211Z-sample",
            f"promoted    {moment} UTC",
            "reason      the first one",
        ]

    def test_without_a_reason_says_so(self, record):
        assert "reason      none was given" in printed(record.model_copy(update={"reason": ""}), baselines.show)

    def test_what_force_overruled_stands_out(self, record):
        forced = record.model_copy(update={"overruled": ("accuracy fell by 2.1 points (−2.9 to −1.3)",)})

        assert " WARNING  --force overruled: accuracy fell by 2.1 points (−2.9 to −1.3)" in printed(
            forced, baselines.show
        )

    def test_each_evaluation_has_its_figures_with_intervals(self, record, text):
        lines = text.splitlines()
        place = next(place for place, line in enumerate(lines) if line.startswith("new-bfloat16 "))
        metric = record.evaluations[1].metrics["accuracy"]

        assert lines[place].split()[1:4] == ["60", f"{100 * metric.value:.1f}", "%"]
        assert lines[place + 1].startswith("on shop ")
        assert f"{100 * metric.low:.1f}–{100 * metric.high:.1f} %" in lines[place + 1]

    def test_metric_that_was_not_computed_is_a_dash(self, record):
        bare = record.evaluations[0].model_copy(update={"metrics": {}})

        text = printed(record.model_copy(update={"evaluations": (bare,)}), baselines.show)

        assert next(line for line in text.splitlines() if line.startswith("old ")).split() == ["old", "60", *"–––"]

    def test_both_sides_are_named_by_content_with_what_they_were_made_with(self, text):
        said = in_one_line(text)

        assert "classifier new-bfloat16, cpu, bfloat16, weights abababababab…" in said
        assert "review set shop, fingerprint efefefefefef…" in said
        assert "classes 1 star, 2 stars, 3 stars, 4 stars, 5 stars" in said
        assert "made with harness 0.1.0, Python 3.11.7, torch 2.6.0, transformers 5.0.1, numpy 2.1.3" in said

    def test_fits_80_columns_and_reads_the_same_without_colour(self, record, text):
        assert max(len(line) for line in text.splitlines()) <= 80
        assert coloured(record, baselines.show) == text

    def test_no_text_moves_the_cursor_or_is_taken_for_markup(self, record):
        hostile = record.model_copy(
            update={"reason": "[red]x[/]\x1b[31m", "name": INJECTIONS[-2], "overruled": INJECTIONS}
        )

        text = printed(hostile, baselines.show)

        assert "\x1b" not in text
        assert "[red]x[/]?[31m" in text


class TestListing:
    def test_each_evaluation_is_a_row_and_the_name_stands_once(self, record):
        lines = printed({"main": record}, baselines.listing).splitlines()
        rows = [line.rstrip() for line in lines[2:] if line.strip()]

        assert lines[0].split() == ["baseline", "promoted", "classifier", "reviews", "accuracy"]
        assert rows[0].split()[:4] == ["main", record.promoted[:10], "old", "60"]
        assert rows[1].split()[:2] == ["on", "shop"]
        assert rows[2].split()[:2] == ["new-bfloat16", "60"]

    def test_one_that_cannot_be_read_is_said_below_with_what_to_do(self, record):
        lines = printed({"main": record, "old": BROKEN}, baselines.listing).splitlines()

        assert [line.rstrip() for line in lines[-2:]] == [
            " WARNING  old: the baseline 'old' has schema version 9",
            "promote again",
        ]

    def test_where_none_can_be_read_there_is_no_table(self):
        assert "promoted" not in printed({"old": BROKEN}, baselines.listing)

    def test_fits_80_columns(self, record):
        long = {"a-long-name" * 7: record}

        assert max(len(line) for line in printed(long, baselines.listing).splitlines()) <= 80


class TestWrite:
    def test_has_a_row_for_each_metric_of_each_evaluation_as_a_run_has(self, record):
        to = io.StringIO()
        baselines.write(record, to)
        rows = list(csv.DictReader(io.StringIO(to.getvalue())))
        (accuracy,) = [row for row in rows if (row["classifier"], row["metric"]) == ("old", "accuracy")]

        assert len(rows) == sum(1 + len(each.metrics) for each in record.evaluations)
        assert accuracy["review_set"] == "shop"
        assert float(accuracy["value"]) == record.evaluations[0].metrics["accuracy"].value
        assert accuracy["method"] == record.evaluations[0].metrics["accuracy"].method
        assert [row["value"] for row in rows if row["metric"] == "reviews"] == ["60", "60"]
