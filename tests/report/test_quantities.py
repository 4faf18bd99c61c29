from __future__ import annotations

import pytest
from support import sample_run

from harness.report.quantities import GROUPS, QUANTITIES, grouped, quantity


@pytest.fixture(scope="module")
def names() -> list[str]:
    """Of an evaluation with everything that an evaluation has."""
    return list(sample_run.sample(reviews=60).run.evaluations[0].metrics)


class TestQuantities:
    def test_every_metric_of_an_evaluation_has_a_name_and_a_meaning_of_its_own(self, names):
        assert [name for name in names if name not in QUANTITIES] == []
        assert all(QUANTITIES[name].meaning for name in names)
        assert len({QUANTITIES[name].label for name in names}) == len(names)

    def test_nothing_is_described_that_no_evaluation_has(self, names):
        assert set(QUANTITIES) - set(names) == set()

    def test_labels_can_stand_in_a_list_with_commas(self):
        assert [each.label for each in QUANTITIES.values() if "," in each.label] == []

    def test_metric_that_is_not_in_the_table_is_written_as_its_name_says(self):
        found = quantity("mean_reading_time")

        assert (found.label, found.kind, found.better, found.meaning) == ("Mean reading time", "score", "", "")


class TestGroups:
    def test_every_metric_of_an_evaluation_is_in_one_group(self, names):
        members = [name for group in GROUPS.values() for name in group]

        assert sorted(members) == sorted(names)


class TestGrouped:
    def test_metrics_come_by_group_in_the_order_of_the_groups(self):
        found = grouped(["temperature", "brier_score", "macro_f1", "accuracy"])

        assert found == {
            "Classification": ("accuracy", "macro_f1"),
            "Probabilities": ("brier_score",),
            "Calibration": ("temperature",),
        }

    def test_what_no_group_knows_comes_last(self):
        assert list(grouped(["of_tomorrow", "accuracy"]).items()) == [
            ("Classification", ("accuracy",)),
            ("Others", ("of_tomorrow",)),
        ]

    def test_no_metric_is_lost(self, names):
        assert sorted(name for group in grouped(names).values() for name in group) == sorted(names)
