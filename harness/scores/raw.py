"""What any score file holds before it is known which column is what, and errors that name its rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pyarrow as pa

from harness.errors import PredictionsError, first_rows
from harness.labels.wording import listed

Numbers = Callable[[np.ndarray], list[int]]
"""(n,) places of rows, counted from 0 -> the numbers by which a person finds them."""


@dataclass(frozen=True)
class Raw:
    """Columns as the file has them. An array of (N, K) numbers is a column of lists."""

    path: Path
    columns: Mapping[str, pa.ChunkedArray]
    """Name -> values; all of one length, but for arrays of an `.npz`."""
    word: str = "column"
    """What a column is called in this kind of file."""
    number: Numbers = np.ndarray.tolist
    from_zero: bool = True
    """Rows are counted from 0; otherwise they are lines of a text, and `number` gives their first."""
    untyped: bool = False
    """Every column is text, though it may be text of numbers."""
    classes: tuple[str, ...] | None = None
    """Named by the file."""
    logit_classes: tuple[str, ...] | None = None
    """Named by the file, where logits may have classes of their own."""
    indices: str = ""
    """Column whose whole numbers are known to be indices into `classes`."""
    notes: tuple[str, ...] = ()
    left_out: Mapping[str, str] = field(default_factory=dict)
    """What cannot be a column: name -> why, in words."""
    decimal_commas: bool = False
    """Commas do not stand between columns, and may be those of decimals."""

    def rows(self, places: np.ndarray) -> str:
        """`line 3` or `lines 3, 8 (2 in all)` of a text; otherwise `row 1, counted from 0`."""
        return self.counted(first_rows(self.number(places)))

    def counted(self, rows: str) -> str:
        """What `first_rows` says, in the words of this kind of file."""
        rows = rows.replace(" (1 in all)", "")
        return f"{rows}, counted from 0" if self.from_zero else rows.replace("row", "line", 1)

    def reasons(self) -> list[str]:
        """`left out: 'when', an array of dtype datetime64[D]`, one for each."""
        return [f"left out: {name!r}, {reason}" for name, reason in self.left_out.items()]

    def where(self, *, column: str = "", rows: np.ndarray | None = None, detail: str = "") -> str:
        """The file, a column of it, and rows."""
        parts = [str(self.path), f"{self.word} {column!r}" if column else ""]
        return ", ".join(filter(None, [*parts, "" if rows is None else self.rows(rows), detail]))

    def error(
        self, message: str, *, column: str = "", rows: np.ndarray | None = None, expected: str = "", remedy: str = ""
    ) -> PredictionsError:
        """An error about this file."""
        return PredictionsError(message, where=self.where(column=column, rows=rows), expected=expected, remedy=remedy)

    def listed(self, names: Iterable[str] | None = None) -> str:
        """`'gold', 'p_neg', 'p_pos'`: names of columns, all of them unless some are given."""
        return listed([repr(name) for name in (self.columns if names is None else names)], limit=30)


def refuse_repeated(names: Sequence[str], path: Path) -> None:
    """Raise where two columns have one name."""
    name, count = Counter(names).most_common(1)[0] if names else ("", 0)
    if count > 1:
        raise PredictionsError(
            f"{count} columns have the name {name!r}", where=str(path), remedy="give each column a name of its own"
        )
