"""From columns to labelled reviews: every row is one, or is named."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from harness.errors import ReviewSetError
from harness.reviews import canonical, faults
from harness.reviews.columns import Chosen, values
from harness.reviews.faults import Faults
from harness.reviews.identity import made_ids
from harness.reviews.options import ReviewOptions
from harness.reviews.raw import RawTable
from harness.reviews.titles import joined

_UNSEEN = "".join(filter(str.isspace, map(chr, range(0x3001)))) + "\u200b\u200c\u200d\u200e\u200f\u2060\ufeff\u00ad\0"
"""White space, and characters that show nothing though they are none."""


@dataclass(frozen=True)
class Rows:
    """The reviews of a set, and where the other rows went."""

    ids: list[str]
    texts: list[str]
    labels: list[str]
    numbers: list[int]
    places: list[int]
    """Place of each among the rows of the table it came from."""
    read: int
    skipped_reasons: dict[str, int]
    notes: tuple[str, ...]


def labelled_reviews(raw: RawTable, chosen: Chosen, options: ReviewOptions, location: str) -> Rows:
    """Check every row; the bad ones end in one error, or are left out and counted.

    A row that is bad for two reasons counts for the first: text, title, label, id.

    Raises:
        ReviewSetError: Bad rows (unless they are skipped), or no review left.
    """
    found = raw.faults
    texts = values(raw, chosen.text)
    good = list(range(len(texts)))

    def leave_out(fault: faults.Fault, column: str, is_bad: Callable[[int], bool], detail: str = "") -> None:
        nonlocal good
        bad = {place for place in good if is_bad(place)}
        if bad:
            found.add(fault, [raw.rows[place] for place in sorted(bad)], column=column, detail=detail)
            good = [place for place in good if place not in bad]

    leave_out(faults.NOT_TEXT, chosen.text, lambda i: not isinstance(texts[i], str) and not _is_missing(texts[i]))
    if chosen.title is not None:
        titles = values(raw, chosen.title)
        leave_out(faults.NOT_TITLE, chosen.title, lambda i: not (isinstance(titles[i], str) or _is_missing(titles[i])))
        bad_title = set(range(len(texts))).difference(good)
        texts = [
            text if place in bad_title else _with_title(title, text)
            for place, (title, text) in enumerate(zip(titles, texts, strict=True))
        ]
    leave_out(faults.NO_TEXT, chosen.text, lambda i: not isinstance(texts[i], str) or is_blank(texts[i]))
    raw_labels = values(raw, chosen.label)
    leave_out(faults.NOT_LABEL, chosen.label, lambda i: isinstance(raw_labels[i], (list, dict)))
    labels = canonical.texts_of(raw_labels)
    leave_out(faults.NO_LABEL, chosen.label, lambda i: labels[i] is None)
    ids: Sequence[str | None] = []
    if chosen.id is not None:
        ids = canonical.texts_of(values(raw, chosen.id))
        leave_out(faults.NO_ID, chosen.id, lambda i: ids[i] is None)
        again, detail = _repeated(ids, good, raw.rows)
        leave_out(faults.REPEATED_ID, chosen.id, again.__contains__, detail)
    return _settle(raw, good, texts, labels, ids, options, location)


def _settle(
    raw: RawTable,
    good: list[int],
    texts: list[Any],
    labels: list[str | None],
    ids: Sequence[str | None],
    options: ReviewOptions,
    location: str,
) -> Rows:
    found = raw.faults
    if len(found) and (options.on_bad_row == "error" or not good):
        raise found.error(location) if options.on_bad_row == "error" else _none_left(found, location)
    if not good:
        raise ReviewSetError("there is no review in it", where=location, expected="labelled reviews",
                             remedy="fetch or write the file again")  # fmt: skip
    kept_texts = [str(texts[place]) for place in good]
    return Rows(
        ids=[str(ids[place]) for place in good] if ids else made_ids(kept_texts),
        texts=kept_texts,
        labels=[str(labels[place]) for place in good],
        numbers=[raw.rows[place] for place in good],
        places=good,
        read=len(raw.rows) + sum(found.reasons().values()) - (len(raw.rows) - len(good)),
        skipped_reasons=found.reasons(),
        notes=tuple(found.notes()),
    )


def _none_left(found: Faults, location: str) -> ReviewSetError:
    error = found.error(location)
    return ReviewSetError(
        f"no review is left: {error.message}", where=error.where, expected=error.expected,
        remedy="correct the file, or name other columns",
    )  # fmt: skip


def _with_title(title: Any, text: Any) -> str:
    return joined(title if isinstance(title, str) else None, text if isinstance(text, str) else "")


def _is_missing(value: Any) -> bool:
    return value is None or (isinstance(value, float) and math.isnan(value))


def is_blank(text: str) -> bool:
    """Whether a text shows nothing.

    >>> is_blank(" \\n\\u200b"), is_blank("NA"), is_blank("👍")
    (True, False, False)
    """
    return not text.strip(_UNSEEN)


def _repeated(ids: Sequence[str | None], good: list[int], rows: Sequence[int]) -> tuple[set[int], str]:
    """Places whose id stands earlier, and the first such id with its rows."""
    first: dict[str | None, int] = {}
    again: set[int] = set()
    detail = ""
    for place in good:
        earlier = first.setdefault(ids[place], place)
        if earlier != place:
            detail = detail or f"{ids[place]!r} in rows {rows[earlier]} and {rows[place]}"
            again.add(place)
    return again, detail
