"""All that metric rules are judged by: predictions of one or two classifiers, and the slices of the reviews.

Each figure is made when a rule first asks for it, at the level that the rule is judged at, and kept: rules of the
same slice and level share one evaluation and one comparison.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from harness import evaluation
from harness.errors import NothingMeasured
from harness.gates.pairing import Side, paired_probabilities
from harness.metrics import paired, predicted_classes
from harness.metrics.difference import Difference, of_shares
from harness.names import alike
from harness.records import Metric
from harness.slicing import LENGTH, LENGTH_NAME, Column
from harness.statistics.design import Design

SHOWN_VALUES = 6


@dataclass(frozen=True)
class Section:
    """All reviews, or those of one slice."""

    column: str = ""
    """Empty for all reviews."""
    value: str = ""
    rows: np.ndarray | None = None
    """(n,) int64, ascending, of the candidate's table; None for all."""

    def of(self, values: np.ndarray) -> np.ndarray:
        """The rows of the section, of an array with one row a review."""
        return values if self.rows is None else values[self.rows]

    @property
    def key(self) -> tuple[str, str]:
        return self.column, self.value

    @property
    def said(self) -> str:
        """What follows the name of a metric in a sentence.

        >>> Section("language", "de").said
        ' of language=de'
        """
        return f" of {self.column}={self.value}" if self.column else ""


@dataclass(frozen=True, eq=False)
class Evidence:
    """One classifier's predictions of one review set, and the baseline's of the same."""

    candidate: Side
    baseline: Side | None
    design: Design
    """How the N reviews were drawn, in the candidate's order."""
    ordinal: bool
    """Whether the order of the classes means something."""
    columns: Sequence[Column] = ()
    """Slices; rows are those of the candidate's table."""
    resamples: int = 2000
    seed: int = 0
    """Of the bootstrap."""

    @cached_property
    def baseline_probabilities(self) -> np.ndarray:
        """(N, E) floats in the candidate's order.

        Raises:
            NothingMeasured: There is no baseline.
            PredictionsError: It is not of the same reviews.
        """
        if self.baseline is None:
            raise NothingMeasured("there is no baseline to compare with", remedy="name one with --baseline")
        return paired_probabilities(self.candidate, self.baseline)

    @cached_property
    def predicted(self) -> tuple[np.ndarray, np.ndarray]:
        """Of candidate and baseline: (N,) integers each, places in the classes."""
        return predicted_classes(self.candidate.table.probabilities), predicted_classes(self.baseline_probabilities)

    def right(self, section: Section) -> tuple[np.ndarray, np.ndarray]:
        """Whether candidate and baseline predict the gold label of each review of the section: (n,) bool each."""
        gold = section.of(self.candidate.table.gold)
        candidate, baseline = (section.of(side) == gold for side in self.predicted)
        return candidate, baseline

    def identical(self, section: Section) -> bool:
        """Whether both predict the same class of every review of the section."""
        candidate, baseline = self.predicted
        return bool(np.array_equal(section.of(candidate), section.of(baseline)))

    def reviews(self, section: Section) -> int:
        """How many there are in the section."""
        return len(section.of(self.candidate.table.gold))

    def section(self, column: str | None, value: str | None) -> Section:
        """The reviews that a rule is about; without a column, all.

        Raises:
            NothingMeasured: There is no such column, or no review has the value.
        """
        if not self.candidate.table.ids:
            raise NothingMeasured("no review was evaluated", remedy="evaluate at least one review")
        if column is None:
            return Section()
        found = self._column(column)
        for part in found.parts:
            if part.value == value:
                return Section(found.name, part.value, part.rows)
        empty = f"no review of the slice {found.name}={value} was evaluated"
        if not found.parts:
            raise NothingMeasured(f"{empty}: the column has {found.values:,} values, too many for slices")
        listed = ", ".join(part.value for part in found.parts[:SHOWN_VALUES])
        more = ", …" if len(found.parts) > SHOWN_VALUES else ""
        raise NothingMeasured(f"{empty}: the column has {listed}{more}")

    def value(self, subject: str, section: Section, alpha: float) -> Metric:
        """A metric of the candidate, with the interval at 1 - 2 `alpha`."""
        key = *section.key, alpha
        if key not in self._values:
            table = self.candidate.table
            self._values[key] = evaluation.evaluate(
                section.of(table.probabilities),
                section.of(table.gold),
                table.classes,
                ordinal=self.ordinal,
                design=self._design(section),
                confidence=1 - 2 * alpha,
                resamples=self.resamples,
                seed=self.seed,
            ).metrics
        return self._values[key][subject]

    def difference(self, subject: str, section: Section, alpha: float) -> Difference:
        """A metric's difference, candidate less baseline, with the interval at 1 - 2 `alpha`.

        `subject` is a metric of which a paired difference is known (`harness.metrics.scales`).

        Raises:
            NothingMeasured: There is no baseline.
            PredictionsError: It is not of the same reviews.
        """
        if subject == "accuracy" and not self.identical(section):
            # The same figure as below, without those of thirty other metrics: there may be a hundred slices.
            return of_shares(*self.right(section), self._design(section), 1 - 2 * alpha)
        key = *section.key, alpha
        if key not in self._differences:
            self._differences[key] = paired.compare(
                section.of(self.candidate.table.probabilities),
                section.of(self.baseline_probabilities),
                section.of(self.candidate.table.gold),
                ordinal=self.ordinal,
                confidence=1 - 2 * alpha,
                resamples=self.resamples,
                seed=self.seed,
                design=self._design(section),
            ).differences
        return self._differences[key][subject]

    @cached_property
    def _values(self) -> dict[tuple[str, str, float], Mapping[str, Metric]]:
        return {}

    @cached_property
    def _differences(self) -> dict[tuple[str, str, float], Mapping[str, Difference]]:
        return {}

    def _design(self, section: Section) -> Design:
        return self.design if section.rows is None else self.design.of_rows(section.rows)

    def _column(self, name: str) -> Column:
        known = {column.name: column for column in self.columns}
        meant = alike(name, list(known))
        if meant is None and name == LENGTH and LENGTH_NAME in known:
            meant = LENGTH_NAME
        if meant is None:
            there = ", ".join(known) or "none"
            raise NothingMeasured(f"there is no column {name!r} to take a slice from; the columns are: {there}")
        return known[meant]
