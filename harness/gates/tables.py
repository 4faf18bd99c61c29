"""The table of one metric, stage or scenario in a settings file: its rules, those of its slices, and the reason."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from harness.errors import UsageError
from harness.gates.limits import check
from harness.gates.rules import Rule, placed
from harness.options import nearest
from harness.records.verdicts import Kind

KINDS: Mapping[str, Kind] = {
    "min": "floor",
    "max": "ceiling",
    "max_drop": "max_drop",
    "no_worse": "no_worse",
    "max_slowdown": "max_slowdown",
}
"""What each key of a table asks for."""

Found = dict[tuple[Kind, str, str | None, str | None], Rule | None]
"""Rule by scope, in the order of the file; None: `no_worse = false`, which takes such a rule back."""


@dataclass(frozen=True)
class Place:
    """A table of a file."""

    file: str
    keys: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.file}, {self.table}"

    @property
    def table(self) -> str:
        """The table's heading."""
        return "[" + ".".join(_written(key) for key in self.keys) + "]"

    def __truediv__(self, key: str) -> Place:
        return replace(self, keys=(*self.keys, key))


@dataclass(frozen=True)
class _Scope:
    subject: str
    column: str | None = None
    value: str | None = None


def rules_of(subject: str, table: Mapping[str, object], place: Place) -> Found:
    """The rules of the table of a metric, a stage or a scenario, and of its slices.

    Raises:
        UsageError: A key that is not known or given twice, a value of the wrong kind, no rule at all, or a rule
            that nothing could follow.
    """
    keys = spelt(table, (*KINDS, "reason", "slices"), place)
    found = _rules(_Scope(subject), table, keys, place, "")
    if "slices" in keys:
        within = place / keys["slices"]
        for column, values in _tables(table[keys["slices"]], within).items():
            for value, inner in _tables(values, within / column).items():
                here = within / column / value
                rows = _table(inner, here)
                inner_keys = spelt(rows, (*KINDS, "reason"), here)
                found |= _rules(_Scope(subject, column, value), rows, inner_keys, here, _reason(table, keys, place))
    return found


def spelt(table: Mapping[str, object], known: tuple[str, ...], place: Place) -> dict[str, str]:
    """Known key -> the key as the table spells it: `max_drop` may be `max-drop`.

    Raises:
        UsageError: A key that is not known, or that stands there in both spellings.
    """
    keys: dict[str, str] = {}
    for key, value in table.items():
        name = key.replace("-", "_")
        if name not in known:
            slice_ = "slices" in known and isinstance(value, dict)
            meant = (place / "slices" / key / "VALUE").table
            raise UsageError(
                f"unknown key {key!r}",
                where=str(place),
                expected=", ".join(known),
                remedy=f"{nearest(name, known)}correct or remove the key"
                + (f"; a slice is written {meant}" if slice_ else ""),
            )
        if name in keys:
            raise UsageError(
                f"{keys[name]!r} and {key!r} are the same key", where=str(place), remedy="leave one of them out"
            )
        keys[name] = key
    return keys


def number(value: object, key: str, place: Place) -> float:
    """A number from TOML.

    Raises:
        UsageError: It is none.
    """
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise wrong(value, key, place, "a number")
    try:
        return float(value)
    except OverflowError:
        raise wrong(value, key, place, "a number") from None


def wrong(value: object, key: str, place: Place, expected: str) -> UsageError:
    """That a key cannot have this value."""
    return UsageError(f"{key} cannot be {value!r}", where=str(place), expected=expected, remedy="correct the value")


def _rules(scope: _Scope, table: Mapping[str, object], keys: Mapping[str, str], place: Place, outer: str) -> Found:
    """`outer` is the reason where the table has none of its own."""
    reason = _reason(table, keys, place) or outer
    found: Found = {}
    # In the order of the file, whatever that of the keys is here.
    for key, kind in ((key, KINDS[key]) for key in keys if key in KINDS):
        value = table[keys[key]]
        if kind == "no_worse" and not isinstance(value, bool):
            raise wrong(value, keys[key], place, "true or false")
        limit = 0.0 if kind == "no_worse" else number(value, keys[key], place)
        rule = Rule(kind, scope.subject, limit, scope.column, scope.value, reason, str(place))
        try:
            check(rule)
        except UsageError as error:
            raise placed(error, str(place)) from None
        found[rule.scope] = None if value is False else rule
    if not found and "slices" not in keys:
        raise UsageError(
            "the table has no rule",
            where=str(place),
            expected=", ".join(KINDS),
            remedy="add one of them, or remove the table",
        )
    return found


def _reason(table: Mapping[str, object], keys: Mapping[str, str], place: Place) -> str:
    value = table[keys["reason"]] if "reason" in keys else ""
    if not isinstance(value, str):
        raise wrong(value, "reason", place, "a text")
    return value


def _tables(value: object, place: Place) -> dict[str, object]:
    """A table that is there to hold others."""
    found = _table(value, place)
    if not found:
        raise UsageError(
            "the table has no slice", where=str(place), expected="slices.COLUMN.VALUE", remedy="remove the table"
        )
    return found


def _table(value: object, place: Place) -> dict[str, object]:
    if not isinstance(value, dict):
        raise UsageError(
            f"{place.keys[-1]} is no table: {value!r}",
            where=str(replace(place, keys=place.keys[:-1])),
            expected="slices.COLUMN.VALUE, and min, max, max_drop or no_worse in it",
            remedy="write a table such as [….accuracy.slices.language.de]",
        )
    return value


def _written(key: str) -> str:
    """A key as TOML has it: bare, or in quotes."""
    return key if re.fullmatch("[A-Za-z0-9_-]+", key) else json.dumps(key, ensure_ascii=False)
