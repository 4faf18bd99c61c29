from __future__ import annotations

from support import sample_run

from harness.records import Evaluation, Metric, SliceColumn
from harness.records import Slice as Recorded
from harness.report import slices


def evaluation(*columns: SliceColumn) -> Evaluation:
    return sample_run.sample(reviews=30).run.evaluations[0].model_copy(update={"slices": columns})


def column(name: str, *values: str, distinct: int | None = None) -> SliceColumn:
    cut = tuple(Recorded(value=value, reviews=10, metrics={"accuracy": accuracy()}) for value in values)
    return SliceColumn(name=name, values=len(values) if distinct is None else distinct, level=0.975, slices=cut)


def accuracy() -> Metric:
    return Metric(value=0.7, low=0.4, high=0.9, method="Wilson")


class TestColumns:
    def test_each_slice_has_its_reviews_and_the_accuracy_of_the_record(self):
        record = sample_run.sample(reviews=200).run.evaluations[0]

        found = slices.columns(record)

        assert [each.name for each in found] == ["language", "domain", "product", slices.LENGTH]
        assert [one.value for one in found[0].slices] == ["de", "en"]
        assert sum(one.reviews for one in found[0].slices) == 200
        stored = record.slices[0].slices[0].metrics["accuracy"]
        assert (found[0].slices[0].accuracy, found[0].slices[0].low) == (stored.value, stored.low)

    def test_column_with_too_many_values_is_named_without_slices(self):
        (found,) = slices.columns(evaluation(column("product", distinct=97)))

        assert (found.name, found.values, found.slices) == ("product", 97, ())

    def test_column_with_one_value_says_nothing(self):
        assert slices.columns(evaluation(column("language", "en"))) == ()

    def test_slice_whose_accuracy_has_no_interval_has_no_ends(self):
        bare = Metric(value=0.7, interval_reason="3 clusters, and the interval needs 20")
        cut = tuple(Recorded(value=value, reviews=10, metrics={"accuracy": bare}) for value in "ab")

        (found,) = slices.columns(evaluation(SliceColumn(name="shop", values=2, level=0.975, slices=cut)))

        assert [(one.accuracy, one.low, one.high) for one in found.slices] == [(0.7, None, None)] * 2
