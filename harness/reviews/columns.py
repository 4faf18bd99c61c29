"""Which column is the text, which the label, which the id: by name, and never by a look at some values."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from harness.errors import ReviewSetError, UsageError
from harness.reviews.options import NO_IDS, ReviewOptions
from harness.reviews.raw import RawTable
from harness.reviews.vocabulary import ID, LABEL, TEXT, spelled

_SHOWN = 30
_OPTION = {"text": "--text-column", "label": "--label-column", "id": "--id-column", "title": "--title-column"}


@dataclass(frozen=True)
class Chosen:
    """The columns of a review set, by their names in the file."""

    text: str
    label: str
    title: str | None
    id: str | None


def choose(raw: RawTable, options: ReviewOptions, location: str) -> Chosen:
    """Find the columns that were not named, and check those that were.

    A name that was given is taken as it stands in the file; else without regard to case and signs;
    else, in CSV, as a number from 1. A field within objects is `outer.inner`.

    Raises:
        ReviewSetError: No column fits, two fit equally well, or the column that was named is not there.
        UsageError: One column named for two roles.
    """
    given = {
        role: _named(name, role, raw, location)
        for role, name in (
            ("text", options.text_column),
            ("label", options.label_column),
            ("title", options.title_column),
            ("id", None if options.id_column == NO_IDS and NO_IDS not in raw.columns else options.id_column),
        )
        if name is not None
    }
    _distinct(given, location)
    taken = set(given.values())
    text = given.get("text") or _find("text", TEXT, raw, taken, location)
    taken.add(text)
    label = given.get("label") or _find("label", LABEL, raw, taken, location, text=text)
    taken.add(label)
    identity = given.get("id")
    if options.id_column is None:
        identity = _find_id(raw, taken, location)
    return Chosen(text, label, given.get("title"), identity)


def _named(name: str, role: str, raw: RawTable, location: str) -> str:
    if name in raw.columns:
        return name
    same = [each for each in raw.columns if spelled(each) == spelled(name) and spelled(name)]
    if len(same) == 1:
        return same[0]
    if len(same) > 1:
        raise _ambiguous(role, same, location)
    if raw.by_number and name.isdecimal() and 1 <= int(name) <= len(raw.columns):
        return list(raw.columns)[int(name) - 1]
    if name in _inner_names(raw):
        return name
    near = difflib.get_close_matches(name, list(raw.columns), n=1)
    raise ReviewSetError(
        f"there is no column {name!r} for the {role}",
        where=location,
        expected=_listed(raw),
        remedy=f"did you mean {_OPTION[role]} {_shell(near[0])}?" if near else f"name one of them with {_OPTION[role]}",
    )


def _distinct(given: dict[str, str], location: str) -> None:
    roles: dict[str, str] = {}
    for role, name in given.items():
        if name in roles:
            raise UsageError(
                f"column {name!r} cannot be both the {roles[name]} and the {role}",
                where=location, remedy=f"name another column with {_OPTION[roles[name]]} or {_OPTION[role]}",
            )  # fmt: skip
        roles[name] = role


def _find(
    role: str, ranks: Sequence[frozenset[str]], raw: RawTable, taken: set[str], location: str, *, text: str = ""
) -> str:
    """The column whose name is of the best rank; in a file whose text is found first, what is left is the label."""
    for found in _candidates(ranks, raw, taken):
        if len(found) == 1:
            return found[0]
        raise _ambiguous(role, found, location)
    hint = raw.hint or f"name the column with {_OPTION[role]}"
    others = f" (the text is {text!r})" if text else ""
    raise ReviewSetError(
        f"no column has a name that is known for the {role}{others}" if raw.columns else "there is no review in it",
        where=location,
        expected=_listed(raw),
        remedy=hint,
    )


def _candidates(ranks: Sequence[frozenset[str]], raw: RawTable, taken: set[str]) -> list[list[str]]:
    """Columns whose name is known, by rank; ranks without one left out. Objects are no texts and no labels."""
    free = [name for name in raw.columns if name not in taken and not _fields(raw, name)]
    return [found for rank in ranks if (found := [name for name in free if spelled(_base(name, raw)) in rank])]


def _base(name: str, raw: RawTable) -> str:
    """A repeated name without the number that tells it apart, so that both columns of it are candidates."""
    base, mark, number = name.rpartition(" (")
    return base if raw.by_number and mark and number.rstrip(")").isdecimal() else name


def _find_id(raw: RawTable, taken: set[str], location: str) -> str | None:
    """A column of ids by its name; none where no name fits or the column is empty."""
    for found in _candidates(ID, raw, taken):
        filled = [name for name in found if any(value not in (None, "") for value in raw.values(name))]
        if len(filled) > 1:
            raise _ambiguous("id", filled, location)
        if filled:
            return filled[0]
    return None


def _ambiguous(role: str, names: Sequence[str], location: str) -> ReviewSetError:
    count = {2: "two", 3: "three", 4: "four"}.get(len(names), str(len(names)))
    listed = ", ".join(map(repr, names[:-1])) + f" and {names[-1]!r}"
    return ReviewSetError(
        f"{count} columns fit equally well as the {role}: {listed}",
        where=location,
        expected="one of them",
        remedy="name it: " + " or ".join(f"{_OPTION[role]} {_shell(name)}" for name in names),
    )


def _shell(name: str) -> str:
    return name if name.replace("_", "").replace("-", "").replace(".", "").isalnum() else f"'{name}'"


def _listed(raw: RawTable) -> str:
    """The columns that are there, shortened, those within objects too."""
    names = [*raw.columns, *_inner_names(raw)]
    listed = ", ".join(repr(name if len(name) <= 60 else name[:57] + "…") for name in names[:_SHOWN])
    return f"one of the columns: {listed}{', …' if len(names) > _SHOWN else ''}" if names else "columns with names"


def _inner_names(raw: RawTable) -> list[str]:
    """`outer.inner` for each field of the objects in a column."""
    return [f"{name}.{inner}" for name in raw.columns for inner in _fields(raw, name)]


def _fields(raw: RawTable, name: str) -> list[str]:
    """Fields of the objects in a column, told by its type or its first value; none where it holds no objects."""
    column = raw.columns[name]
    if isinstance(column, list):
        first: Any = next((value for value in column if value is not None), None)
        return list(first) if isinstance(first, dict) else []
    kind = column.type
    return [kind.field(place).name for place in range(kind.num_fields)] if str(kind).startswith("struct") else []


def values(raw: RawTable, name: str) -> list[Any]:
    """The values of a column, or of a field within the objects of one."""
    if name in raw.columns:
        return raw.values(name)
    outer, _, inner = name.partition(".")
    while outer not in raw.columns:
        # A column may have dots in its own name.
        more, _, inner = inner.partition(".")
        outer = f"{outer}.{more}"
    return [value.get(inner) if isinstance(value, dict) else None for value in raw.values(outer)]
