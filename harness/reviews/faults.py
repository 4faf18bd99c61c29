"""Rows that are no labelled review: collected over the whole set, then said at once, or left out and counted."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from harness.errors import ReviewSetError, first_rows

SKIP = "leave the rows out with --on-bad-row skip"


@dataclass(frozen=True)
class Fault:
    """One kind of bad row."""

    reason: str
    """Its name in the counts of a run."""
    one: str
    """What is said of a single row."""
    many: str
    """What is said of several, after their number."""
    expected: str
    remedy: str

    def sentence(self, count: int) -> str:
        return self.one if count == 1 else f"{count:,} {self.many}"


RAGGED = Fault(
    "wrong number of columns",
    "a row has another number of columns than the first",
    "rows have another number of columns than the first",
    "as many columns as the first row has",
    "put texts that hold the delimiter or a line break in double quotes, or name the --delimiter",
)
QUOTE = Fault(
    "quotes that do not fit",
    "a row has text after a closing quote",
    "rows have text after a closing quote",
    'quotes around the whole field, and "" for a quote within',
    "correct the quotes of the rows",
)
UNCLOSED = Fault(
    "quote never closed",
    "the file ends within a quoted field",
    "quoted fields never end",
    "a closing quote for the one that opens in this row",
    "fetch the file again, as it may be cut short, or correct the row",
)
BYTES = Fault(
    "bytes that are no UTF-8",
    "a row holds bytes that are no UTF-8",
    "rows hold bytes that are no UTF-8",
    "UTF-8, as the other rows",
    "correct the characters of the rows",
)
HALF_PAIR = Fault(
    "half a character",
    "a row holds half a surrogate pair",
    "rows hold half a surrogate pair",
    "both halves of a character beyond \\uFFFF, such as \\ud83d\\ude00",
    "correct the characters of the rows, as their texts may be cut",
)
NUL = Fault(
    "NUL characters",
    "a row holds a NUL character",
    "rows hold NUL characters",
    "text without NUL characters",
    "remove them (tr -d '\\000'), as the file may be damaged",
)
NOT_JSON = Fault(
    "not valid JSON",
    "a row is not valid JSON",
    "rows are not valid JSON",
    "one JSON object a line (a missing number is null, not NaN)",
    "correct the rows",
)
NOT_OBJECT = Fault(
    "not a JSON object",
    "a row is not a JSON object",
    "rows are not JSON objects",
    'one JSON object a line, such as {"text": "…", "label": 5}',
    "correct the rows",
)
NO_TEXT = Fault("no text", "a row has no text", "rows have no text", "a text in each row", "correct the rows")
NOT_TEXT = Fault(
    "text is no string",
    "the text of a row is no string",
    "rows have a text that is no string",
    "a string in each row",
    "correct the rows, or name another --text-column",
)
NOT_TITLE = Fault(
    "title is no string",
    "the title of a row is no string",
    "rows have a title that is no string",
    "a string or nothing in each row",
    "correct the rows, or leave out --title-column",
)
NO_LABEL = Fault("no label", "a row has no label", "rows have no label", "a label in each row", "correct the rows")
NOT_LABEL = Fault(
    "label is no single value",
    "the label of a row is a list or an object",
    "rows have a label that is a list or an object",
    "one number or text in each row",
    "correct the rows, or name another --label-column",
)
NO_ID = Fault(
    "no id",
    "a row has no id",
    "rows have no id",
    "an id in each row, or in none",
    "correct the rows, name another --id-column, or make ids from the texts with --id-column none",
)
REPEATED_ID = Fault(
    "id stands earlier",
    "the id of a row stands in an earlier row",
    "rows have an id that stands in an earlier row",
    "each id once",
    "correct the ids, name another --id-column, or make ids from the texts with --id-column none",
)


class Faults:
    """The bad rows of one set, by kind."""

    def __init__(self) -> None:
        self._found: dict[Fault, list[int]] = {}
        self._columns: dict[Fault, str] = {}
        self._details: dict[Fault, str] = {}

    def add(self, fault: Fault, rows: Iterable[int], *, column: str = "", detail: str = "") -> None:
        """Note rows by their numbers; `detail` says more of the first of them."""
        rows = list(rows)
        if rows:
            self._found.setdefault(fault, []).extend(rows)
            self._columns[fault] = column
            if detail:
                self._details.setdefault(fault, detail)

    def __len__(self) -> int:
        return sum(len(rows) for rows in self._found.values())

    def reasons(self) -> dict[str, int]:
        """Reason -> rows."""
        return {fault.reason: len(rows) for fault, rows in self._found.items()}

    def notes(self) -> list[str]:
        """One line for each kind, for a set that is read without these rows."""
        return [f"left out for {fault.reason!r}: {first_rows(sorted(rows))}" for fault, rows in self._found.items()]

    def error(self, location: str) -> ReviewSetError:
        """All of them as one error; a kind each has a line where there are several."""
        kinds = [(fault, sorted(rows)) for fault, rows in self._found.items()]
        if len(kinds) == 1:
            fault, rows = kinds[0]
            return ReviewSetError(
                self._sentence(fault, rows),
                where=", ".join(part for part in (location, first_rows(rows), self._column(fault)) if part),
                expected=fault.expected,
                remedy=_either(fault.remedy, SKIP),
            )
        lines = [
            "; ".join(part for part in (self._sentence(fault, rows), self._column(fault), first_rows(rows)) if part)
            for fault, rows in kinds
        ]
        remedies = list(dict.fromkeys(fault.remedy for fault, _ in kinds))
        return ReviewSetError(
            f"{len(self):,} rows are no labelled reviews, for {len(kinds)} reasons",
            where="\n".join([location, *lines]),
            expected="\n".join(dict.fromkeys(fault.expected for fault, _ in kinds)),
            remedy="\n".join([*remedies, f"or {SKIP}"]),
        )

    def _sentence(self, fault: Fault, rows: Sequence[int]) -> str:
        detail = self._details.get(fault)
        return fault.sentence(len(rows)) + (f" ({detail})" if detail else "")

    def _column(self, fault: Fault) -> str:
        column = self._columns.get(fault)
        return f"column {column!r}" if column else ""


def _either(first: str, second: str) -> str:
    return f"{first}; or {second}"
