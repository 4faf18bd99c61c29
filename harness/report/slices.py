"""Accuracy by a column, from the record: which reviews a classifier does better or worse on."""

from __future__ import annotations

from dataclasses import dataclass

from harness.records import Evaluation, Metric
from harness.slicing import LENGTH_NAME

LENGTH = LENGTH_NAME


@dataclass(frozen=True)
class Slice:
    """The reviews that have one value of a column, and how often the classifier is right on them."""

    value: str
    reviews: int
    metric: Metric

    @property
    def accuracy(self) -> float:
        assert self.metric.value is not None, "a slice holds a review"
        return self.metric.value

    @property
    def low(self) -> float | None:
        return self.metric.low

    @property
    def high(self) -> float | None:
        return self.metric.high


@dataclass(frozen=True)
class Column:
    """One column, and the slices that it cuts the reviews into."""

    name: str
    slices: tuple[Slice, ...]
    values: int
    """Distinct values. Too many: no slices."""


def columns(record: Evaluation) -> tuple[Column, ...]:
    """The columns of an evaluation that have two slices or more, or too many values for any."""
    found = (
        Column(
            each.name, tuple(Slice(one.value, one.reviews, one.metrics["accuracy"]) for one in each.slices), each.values
        )
        for each in record.slices
    )
    return tuple(column for column in found if len(column.slices) != 1)
