"""Predictions that tests of the gates are about, made from how many reviews are gained and lost."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from harness.gates.evidence import Evidence
from harness.gates.pairing import Side
from harness.runs.tables import PredictionTable
from harness.slicing import Column, Part
from harness.statistics.design import Design

CLASSES = ("1 star", "2 stars", "3 stars")


def table(probabilities: np.ndarray, gold: np.ndarray, ids: Sequence[str] | None = None) -> PredictionTable:
    """Of (N, 3) probabilities and (N,) gold labels; ids are r0, r1, … unless given."""
    count = len(gold)
    return PredictionTable(
        ids=list(ids) if ids is not None else [f"r{row}" for row in range(count)],
        gold=gold.astype(np.int32),
        logits=np.log(probabilities).astype(np.float32),
        probabilities=probabilities.astype(np.float32),
        tokens=np.full(count, 8, np.int32),
        cut=np.zeros(count, bool),
        classes=CLASSES,
        logit_classes=CLASSES,
    )


def sure_of(classes: np.ndarray, confidence: float | np.ndarray = 0.8) -> np.ndarray:
    """(N, 3): the class of each review, with a confidence above a half, and the rest shared by the others."""
    top = np.broadcast_to(confidence, classes.shape)
    probabilities = np.repeat(((1 - top) / 2)[:, None], 3, axis=1)
    probabilities[np.arange(len(classes)), classes] = top
    return probabilities


def right_where(right: np.ndarray, gold: np.ndarray, confidence: float | np.ndarray = 0.8) -> np.ndarray:
    """(N, 3) probabilities, whose class is the gold label where `right` and the next one elsewhere."""
    return sure_of(np.where(right, gold, (gold + 1) % 3), confidence)


def sides(gained: int, lost: int, both_right: int, both_wrong: int) -> tuple[Side, Side]:
    """Candidate and baseline, by how many reviews each of them has right."""
    counts = [gained, lost, both_right, both_wrong]
    right, was_right = (np.repeat(each, counts) for each in ([True, False, True, False], [False, True, True, False]))
    gold = np.arange(sum(counts)) % 3
    return Side("here", table(right_where(right, gold), gold)), Side("main", table(right_where(was_right, gold), gold))


def evidence(candidate: Side, baseline: Side | None = None, **given: Any) -> Evidence:
    return Evidence(
        candidate, baseline, **({"design": Design.independent(), "ordinal": True, "resamples": 200} | given)
    )


def column(name: str, values: Sequence[str]) -> Column:
    """A column with the value of each review."""
    listed = np.array(values)
    parts = tuple(Part(value, np.flatnonzero(listed == value)) for value in dict.fromkeys(values))
    return Column(name, len(parts), parts)
