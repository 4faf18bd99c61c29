"""What a source holds before anything is known of its columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from harness.reviews.faults import Faults

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True)
class RawTable:
    """Columns as the source has them, and the number of each row in it."""

    columns: Mapping[str, list[Any] | pa.ChunkedArray]
    """Name -> values, all as long as `rows`."""
    rows: Sequence[int]
    """Line on which the row begins, as an editor shows it; the row's number from 1 where there are no lines."""
    faults: Faults = field(default_factory=Faults)
    """Rows that could not be taken apart; they are not among `rows`."""
    notes: tuple[str, ...] = ()
    by_number: bool = False
    """Columns can be named by number too, from 1 (CSV and TSV)."""
    class_names: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """Column of class numbers -> the classes' names (a `ClassLabel` of the datasets library)."""
    hint: str = ""
    """What the file seems to be instead, said when no column fits."""

    def values(self, name: str) -> list[Any]:
        """The values of a column as Python objects, class numbers as names; `None` where there is none."""
        column = self.columns[name]
        values: list[Any] = column if isinstance(column, list) else column.to_pylist()
        if classes := self.class_names.get(name):
            return [classes[v] if v is not None and 0 <= v < len(classes) else None for v in values]
        return values
