"""All that the metrics are functions of, counted batch by batch, in memory that does not grow with the examples."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields

import numpy as np

from harness.errors import PredictionsError
from harness.metrics.arrays import Gold, Probabilities
from harness.metrics.batch import check_batch
from harness.metrics.bins import BinnedClasses, BinnedConfidence, Groups, binned, binned_classes, grouped
from harness.metrics.confusion import confusion_counts
from harness.metrics.decision import confidences, predicted_classes, top_hits
from harness.metrics.fine import FineTable, bins_of_a_class
from harness.metrics.halves import half_of
from harness.metrics.losses import LOSSES, impossible_examples
from harness.metrics.pieces import pieces
from harness.metrics.ranking import FineBins
from harness.statistics.moments import Moments

VERSION = 1
"""Of the arrays that a tally is kept as."""

# What two tallies must share to add up.
SHAPE = ("classes", "fine", "seed")
# Numbers and arrays
COUNTS = ("total", "confusion", "top_2", "impossible")
# Several arrays each
PARTS: Mapping[str, type[BinnedConfidence | BinnedClasses | Groups | FineTable]] = {
    "bins": BinnedConfidence,
    "by_class": BinnedClasses,
    "groups": Groups,
    "confidence_table": FineTable,
    "gold_table": FineTable,
    "class_table": FineTable,
}


class Tally:
    """Batches are added in any order, and tallies of other batches with `+`: the result is that of one pass.

    Counts are the same to the last digit, sums within rounding. An example that is added twice counts twice.

    >>> first, second = Tally(2, fine=False), Tally(2, fine=False)
    >>> first.add(np.array([[0.75, 0.25]]), np.array([0]), first=0)
    >>> second.add(np.array([[0.5, 0.5]]), np.array([1]), first=1)
    >>> (first + second).confusion
    array([[1, 0],
           [1, 0]])
    """

    def __init__(self, classes: int, *, fine: bool = True, seed: int = 0) -> None:
        """Of nothing so far.

        Args:
            classes: K.
            fine: Whether to fill the fine bins, from which come metrics that need an order: 14 MB for 5 classes.
            seed: Of the halves.
        """
        self.classes = classes
        self.fine = fine
        self.seed = seed % 2**64
        self.total = 0
        """Examples."""
        self.confusion = np.zeros((classes, classes), dtype=np.int64)
        self.top_2 = 0
        """Examples whose gold label is among the two most probable classes."""
        rows, labels = np.zeros((0, classes)), np.zeros(0, dtype=np.int64)
        self.bins = binned(np.zeros(0), labels > 0)
        self.by_class = binned_classes(rows, labels)
        self.groups = grouped(rows, labels, labels, np.zeros(0))
        self.losses = {name: Moments(0, 0.0, 0.0) for name in LOSSES}
        """By the name of their mean."""
        self.impossible = 0
        """Examples whose gold label has a probability of 0."""
        self.gap = Moments(0, 0.0, 0.0)
        """Of the confidence less 1 where the prediction is right, less 0 where it is wrong."""
        self.confidence_table = FineTable.empty(2 if fine else 0)
        self.gold_table = FineTable.empty(2 if fine else 0)
        self.class_table = FineTable.empty(classes if fine else 0, bins_of_a_class(classes))

    @property
    def confidence_fine(self) -> tuple[FineBins, ...]:
        """Of each half (`half_of`), by confidence, the examples that are predicted right; none if not `fine`."""
        return self.confidence_table.rows()

    @property
    def gold_fine(self) -> tuple[FineBins, ...]:
        """Of each half, by the probability of the gold label, all examples; none if not `fine`."""
        return self.gold_table.rows()

    @property
    def class_fine(self) -> tuple[FineBins, ...]:
        """Of each class, by its probability, the examples that are labelled so; none if not `fine`.

        From 101 classes on there are fewer bins than 2¹⁶; their number is the length of the arrays.
        """
        return self.class_table.rows()

    # What comes in is told to a person where it is wrong, and not to a type checker.
    def add(self, probabilities: np.ndarray, gold: np.ndarray, first: int) -> None:
        """Count a batch in; one without examples changes nothing.

        Args:
            probabilities: (n, K) float32, rows that sum to 1.
            gold: (n,) integers, the index of the labelled class.
            first: Index in the whole set of the batch's first example; the others follow it. The halves
                depend on it, so that they do not depend on the batches.

        Raises:
            PredictionsError: Arrays that cannot be scored, which leave the tally as it was.
        """
        check_batch(probabilities, gold, first, self.classes)
        for rows in pieces(*probabilities.shape):
            self._count_in(probabilities[rows], gold[rows].astype(np.int64), first + rows.start)

    def _count_in(self, probabilities: Probabilities, gold: Gold, first: int) -> None:
        predicted, confidence = predicted_classes(probabilities), confidences(probabilities)
        right = predicted == gold
        self.total += len(gold)
        self.confusion += confusion_counts(gold, predicted, self.classes)
        self.top_2 += top_hits(probabilities, gold)
        self.bins += binned(confidence, right)
        self.by_class += binned_classes(probabilities, gold)
        self.groups += grouped(probabilities, gold, predicted, confidence)
        for name, losses in LOSSES.items():
            self.losses[name] += Moments.of(losses(probabilities, gold))
        self.impossible += impossible_examples(probabilities, gold)
        self.gap += Moments.of(confidence - right)
        if self.fine:
            half = half_of(np.arange(first, first + len(gold)), self.seed)
            of_gold = probabilities[np.arange(len(gold)), gold].astype(np.float64)
            self.confidence_table.count_in(half, confidence, right)
            self.gold_table.count_in(half, of_gold, np.ones(len(gold), dtype=bool))
            self._count_in_classes(probabilities, gold)

    def _count_in_classes(self, probabilities: Probabilities, gold: Gold) -> None:
        # Class by class, so that what is written to at once is one row, which stays in the processor's cache.
        row = np.repeat(np.arange(self.classes), len(gold))
        event = (gold == np.arange(self.classes)[:, None]).ravel()
        self.class_table.count_in(row, probabilities.T.astype(np.float64).ravel(), event)

    def __add__(self, other: Tally) -> Tally:
        """Of the examples of both.

        Raises:
            PredictionsError: Another number of classes, fine bins in one of them alone, or another seed.
        """
        for name in SHAPE:
            mine, others = getattr(self, name), getattr(other, name)
            if mine != others:
                raise PredictionsError(
                    "tallies do not add up",
                    where=f"{name} is {mine} in one and {others} in the other",
                    expected=f"tallies with the same {', '.join(SHAPE)}",
                    remedy="tally all batches with the same settings",
                )
        both = Tally(self.classes, fine=self.fine, seed=self.seed)
        for name in (*COUNTS, *PARTS, "gap"):
            setattr(both, name, getattr(self, name) + getattr(other, name))
        both.losses = {name: moments + other.losses[name] for name, moments in self.losses.items()}
        return both

    def to_arrays(self) -> dict[str, np.ndarray]:
        """Plain arrays by name, as `numpy.savez` writes them; they share the tally's memory."""
        moments = [*self.losses.values(), self.gap]
        return {
            "version": np.array(VERSION),
            "classes": np.array(self.classes),
            "fine": np.array(self.fine),
            "seed": np.array(self.seed, dtype=np.uint64),
            **{name: np.asarray(getattr(self, name)) for name in COUNTS},
            **{
                f"{part}_{field.name}": getattr(getattr(self, part), field.name)
                for part, kind in PARTS.items()
                for field in fields(kind)
            },
            "moments": np.array([[each.mean, each.squares] for each in moments]),
        }

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, np.ndarray]) -> Tally:
        """What `to_arrays` gave, copied.

        Raises:
            PredictionsError: Of another version; an array that is missing, or of another shape or kind.
        """
        for name in ("version", *SHAPE):
            if name not in arrays:
                raise _unreadable(f"array {name!r}: missing", "the arrays of a tally")
        if arrays["version"] != VERSION:
            raise _unreadable(f"version {arrays['version']}", f"version {VERSION}")
        tally = cls(int(arrays["classes"]), fine=bool(arrays["fine"]), seed=int(arrays["seed"]))
        given = {name: _like(like, arrays, name) for name, like in tally.to_arrays().items()}
        tally.total, tally.top_2, tally.impossible = (int(given[name]) for name in ("total", "top_2", "impossible"))
        tally.confusion = given["confusion"]
        for part, kind in PARTS.items():
            setattr(tally, part, kind(*(given[f"{part}_{field.name}"] for field in fields(kind))))
        *losses, tally.gap = (Moments(tally.total, mean, squares) for mean, squares in given["moments"].tolist())
        tally.losses = dict(zip(LOSSES, losses, strict=True))
        return tally


def _like(like: np.ndarray, arrays: Mapping[str, np.ndarray], name: str) -> np.ndarray:
    """A copy of the array, which must look as the one of an empty tally: groups alone may be more."""
    given = arrays.get(name)
    rows = slice(1, None) if name.startswith("groups") else slice(None)
    if given is None or given.dtype != like.dtype or (given.ndim, *given.shape[rows]) != (like.ndim, *like.shape[rows]):
        found = "missing" if given is None else f"{given.dtype} of shape {given.shape}"
        raise _unreadable(f"array {name!r}: {found}", f"{like.dtype} of shape {like.shape}")
    return given.copy()


def _unreadable(where: str, expected: str) -> PredictionsError:
    return PredictionsError(
        "arrays are no tally of this version", where=where, expected=expected, remedy="tally the batches anew"
    )
