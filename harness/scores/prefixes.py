"""Columns of classes whose prefix does not say what their numbers are: their rows have to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pyarrow as pa
import pyarrow.compute as pc

from harness.labels.scheme import canonical
from harness.scores.names import UNSAID_OF_CLASS
from harness.scores.numbers import is_number
from harness.scores.raw import Raw
from harness.scores.source import Source, like_classes

_NUMBER = r"^\s*[+-]?(\d+([.,]\d*)?|[.,]\d+)([eE][+-]?\d+)?\s*$"
_ENOUGH = 100
"""Labels beyond which columns are not compared with each of them."""


def prefixed(raw: Raw, free: Sequence[str], labels: Sequence[str], classes: Sequence[str] | None) -> list[Source]:
    """`class_<name>`, `score_<name>` and `pred_<name>`; else whatever stands before the names of all classes alike.

    Args:
        raw: The file.
        free: Columns that may be taken.
        labels: The different gold labels; where no class is named, they are the classes that are looked for.
        classes: Names that the user gives.
    """
    columns = numeric(raw, free)
    wanted = list(labels if classes is None else classes)
    found = _usual(columns, wanted, classes is not None) or _common(columns, wanted)
    return found if classes is not None else [_as_in_the_file(raw, source) for source in found]


def _as_in_the_file(raw: Raw, source: Source) -> Source:
    """The same columns in the order of the file, since labels come in any order."""
    class_of = dict(zip(source.columns, source.classes or (), strict=True))
    columns = tuple(name for name in raw.columns if name in class_of)
    return Source(columns, tuple(class_of[name] for name in columns))


def numeric(raw: Raw, free: Sequence[str]) -> list[str]:
    """Columns of one number a row; where everything is text, of texts of numbers alone."""
    return [name for name in free if _is_numeric(raw, raw.columns[name])]


def _is_numeric(raw: Raw, column: pa.ChunkedArray) -> bool:
    if not raw.untyped:
        return is_number(column.type)
    return bool(len(column) and pc.all(pc.match_substring_regex(column, _NUMBER)).as_py())


def _usual(columns: Sequence[str], wanted: Sequence[str], exact: bool) -> list[Source]:
    families: dict[str, dict[str, str]] = {}
    for name in columns:
        parts = UNSAID_OF_CLASS.fullmatch(name)
        if parts:
            families.setdefault(parts[1].lower(), {})[name] = parts[2].strip()
    found = []
    for family in families.values():
        if exact:
            found += _exactly(family, wanted)
        elif len(family) > 1 and _are_classes(list(family.values()), wanted):
            found.append(Source(tuple(family), tuple(family.values())))
    return found


def _are_classes(names: Sequence[str], labels: Sequence[str]) -> bool:
    """Whether every label is one of the names, or every name is one that only a class has."""
    known = {canonical(name) for name in names}
    return all(canonical(label) in known for label in labels) or like_classes(names, labels) == list(names)


def _common(columns: Sequence[str], wanted: Sequence[str]) -> list[Source]:
    if not 2 <= len(wanted) <= _ENOUGH:
        return []
    # The longest class first names few prefixes: each column that ends with it has one.
    first = max(wanted, key=len)
    prefixes = dict.fromkeys(
        name[: len(name) - length].lower()
        for name in columns
        for length in range(1, len(name))
        if canonical(name[-length:]) == canonical(first)
    )
    found = []
    for prefix in prefixes:
        family = {name: name[len(prefix) :] for name in columns if name.lower().startswith(prefix)}
        found += _exactly(family, wanted)
    # `p-a` is of the class a after `p-`, and of `-a` after `p`: both are the same columns.
    return list({source.columns: source for source in found}.values())


def _exactly(family: Mapping[str, str], wanted: Sequence[str]) -> list[Source]:
    """The columns of the classes, where each has one."""
    by_class: dict[str, list[str]] = {}
    for name, of in family.items():
        by_class.setdefault(canonical(of), []).append(name)
    columns = [by_class.get(canonical(name), []) for name in wanted]
    if len(wanted) < 2 or not all(len(each) == 1 for each in columns):
        return []
    return [Source(tuple(each[0] for each in columns), tuple(wanted))]
