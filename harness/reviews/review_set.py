"""Labelled texts, checked and ready: what an evaluation is about."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from harness.records import ReviewSetRecord


@dataclass(frozen=True)
class ReviewSet:
    """A review set in the order of its source."""

    id: str
    """Short name for files and test ids."""
    name: str
    source: str
    """What it was read from, without the folders of the machine."""
    table: pa.Table
    """`id`, `text`, `label`: string; `row`: int64, the line that an editor shows, or the row's number from 1 in
    Parquet and `datasets`; then the kept columns, as texts, numbers, or lists of these."""
    text_column: str
    title_column: str | None
    label_column: str
    kept: tuple[str, ...]
    """Columns of the table beyond the first four."""
    fingerprint: str
    """SHA-256 of ids, texts and labels in their order."""
    texts_fingerprint: str
    """SHA-256 of the texts in their order: what predictions depend on."""
    read: int
    """Rows that the source holds."""
    skipped_reasons: Mapping[str, int]
    """Why rows were left out, with their numbers. Empty unless `--on-bad-row skip`."""
    repeated_texts: int
    """Reviews whose text stands earlier in the set too."""
    location: str
    """Path or name as the user gave it, for errors."""
    notes: tuple[str, ...]
    """What was decided for the user, a line each."""

    def __len__(self) -> int:
        return int(self.table.num_rows)

    def texts(self) -> list[str]:
        """The texts, as the classifier gets them."""
        found: list[str] = self.table["text"].to_pylist()
        return found

    def labels(self) -> dict[str, int]:
        """Distinct label -> reviews that have it, in the order of first appearance."""
        counted = self.table["label"].value_counts()
        return {each["values"]: each["counts"] for each in counted.to_pylist()}

    def rows_of(self, label: str) -> list[int]:
        """Row numbers of the reviews with a label."""
        rows: list[int] = self.table["row"].filter(pc.equal(self.table["label"], label)).to_pylist()
        return rows

    def record(self) -> ReviewSetRecord:
        """What a run says of the set."""
        return ReviewSetRecord(
            id=self.id,
            name=self.name,
            source=self.source,
            text_column=self.text_column,
            title_column=self.title_column,
            label_column=self.label_column,
            columns=self.kept,
            reviews=len(self),
            fingerprint=self.fingerprint,
            notes=self.notes,
        )
