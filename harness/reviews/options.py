"""What the user says about a review set: the part of `Settings` that is about reading."""

from __future__ import annotations

import codecs
import difflib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from harness.errors import UsageError

if TYPE_CHECKING:
    from harness.options import Settings

DELIMITERS = {"tab": "\t", "\\t": "\t", "comma": ",", "semicolon": ";", "pipe": "|", "space": " "}
"""Names for a delimiter that is hard to type in a shell."""

NO_IDS = "none"
"""`--id-column none`: ids are made from the texts, even where a column of ids is found."""

COMMON_ENCODINGS = ("utf-8", "cp1252", "latin-1", "utf-16", "cp1250", "cp1251", "mac_roman", "shift_jis", "gb18030")


@dataclass(frozen=True)
class ReviewOptions:
    """How a review set is read. `None` means: found out, and said in the set's notes."""

    text_column: str | None = None
    title_column: str | None = None
    label_column: str | None = None
    id_column: str | None = None
    encoding: str | None = None
    delimiter: str | None = None
    """One character."""
    no_header: bool = False
    on_bad_row: Literal["error", "skip"] = "error"

    def __post_init__(self) -> None:
        """Raises UsageError: an unknown encoding, or a delimiter of several characters."""
        if self.encoding is not None:
            _check_encoding(self.encoding)
        if self.delimiter is not None:
            object.__setattr__(self, "delimiter", _delimiter(self.delimiter))

    @classmethod
    def of(cls, settings: Settings) -> ReviewOptions:
        """The reading options among the settings of a run.

        Raises:
            UsageError: An unknown encoding, or a delimiter of several characters.
        """
        return cls(
            text_column=settings.text_column,
            title_column=settings.title_column,
            label_column=settings.label_column,
            id_column=settings.id_column,
            encoding=settings.encoding,
            delimiter=settings.delimiter,
            no_header=settings.no_header,
            on_bad_row=settings.on_bad_row,
        )


def _check_encoding(name: str) -> None:
    try:
        known = codecs.lookup(name)._is_text_encoding
    except (LookupError, ValueError):
        known = False
    if not known:
        near = difflib.get_close_matches(name.lower(), COMMON_ENCODINGS, n=1)
        raise UsageError(
            f"there is no text encoding {name!r}",
            where="option --encoding",
            expected="a name that Python knows, such as " + ", ".join(COMMON_ENCODINGS[:4]),
            remedy=f"did you mean {near[0]}?" if near else "correct the name, or leave it out for UTF-8",
        )


def _delimiter(given: str) -> str:
    character = DELIMITERS.get(given.lower(), given)
    if len(character) != 1 or character in '"\r\n\0':
        raise UsageError(
            f"the delimiter cannot be {given!r}",
            where="option --delimiter",
            expected="one character, or one of " + ", ".join(DELIMITERS),
            remedy="correct it, or leave it out: it is then read off the first rows",
        )
    return character
