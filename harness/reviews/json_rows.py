"""JSON Lines, and a `.json` file that holds one array: one object a review."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any

from harness.errors import ReviewSetError
from harness.reviews import faults
from harness.reviews.encodings import Content, has_stray
from harness.reviews.faults import Fault, Faults
from harness.reviews.raw import RawTable

_SPACE = re.compile(r"[ \t\r\n]*")
_LINE_END = re.compile("\r\n|\r|\n")
_ESCAPED_PAIR = re.compile(rb"\\u\x00{0,3}[dD]")
"""An escaped surrogate, also in UTF-16 and UTF-32: only rows of such a file are searched for halves of pairs."""


class _TwiceNamed(ValueError):
    """A field stands twice in an object, so that one of its values would be lost."""


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _TwiceNamed("a field is named twice")
    return found


def _no_number(name: str) -> Any:
    raise ValueError(f"{name} is no JSON")


_DECODER = json.JSONDecoder(object_pairs_hook=_object, parse_constant=_no_number)


def read(content: Content, kind: str, location: str) -> RawTable:
    """Take a JSONL file, or a JSON file with one array of objects, apart.

    Raises:
        ReviewSetError: One JSON value that is no array of objects, or a cut array.
    """
    if kind == "json":
        text = content.text()
        start = _end_of_space(text, 0)
        if text[start : start + 1] == "[":
            return _table(_elements(text, start, location), content, "array")
        _refuse_one_object(text, start, location)
    return _table(_lines(content), content, "lines")


def _lines(content: Content) -> Iterator[tuple[int, Any, Fault | None, str]]:
    """Line, value, fault and its detail of each line that is not empty."""
    decode = _DECODER.decode
    for number, line in enumerate(content.lines(), start=1):
        if line.isspace():
            continue
        try:
            yield number, decode(line.rstrip("\r\n")), None, ""
        except (ValueError, RecursionError) as error:
            if content.stray and has_stray(line):
                yield number, None, faults.BYTES, ""
            else:
                yield number, None, faults.NOT_JSON, f"row {number}: {_reason(error)}"


def _reason(error: Exception) -> str:
    if isinstance(error, json.JSONDecodeError):
        return f"{error.msg}, character {error.colno}"
    return "nested too deeply" if isinstance(error, RecursionError) else str(error)


def _elements(text: str, start: int, location: str) -> Iterator[tuple[int, Any, Fault | None, str]]:
    """Line, value and no fault of each element of an array, one after the other, so that lines can be counted."""
    place = _end_of_space(text, start + 1)
    line = 1 + len(_LINE_END.findall(text, 0, place))
    if text[place : place + 1] == "]":
        return
    while True:
        try:
            value, end = _DECODER.raw_decode(text, place)
        except (ValueError, RecursionError) as error:
            raise _broken(location, line, _reason(error)) from None
        yield line, value, None, ""
        end = _end_of_space(text, end)
        mark = text[end : end + 1]
        if mark == "]":
            if text[end + 1 :].strip():
                raise _broken(location, line, "text after the end of the array")
            return
        if mark != ",":
            raise _broken(location, line, "the array does not end" if not mark else "no comma between two objects")
        following = _end_of_space(text, end + 1)
        line += len(_LINE_END.findall(text, place, following))
        place = following


def _broken(location: str, line: int, reason: str) -> ReviewSetError:
    return ReviewSetError(
        f"the file is not valid JSON: {reason}",
        where=f"{location}, in what begins in row {line}",
        expected="one array of objects, or one object a line",
        remedy="fetch the file again, as it may be cut short, or correct it",
    )


def _refuse_one_object(text: str, start: int, location: str) -> None:
    """Raise where the whole file is one object over several lines."""
    if text[start : start + 1] != "{":
        return
    try:
        value, end = _DECODER.raw_decode(text, start)
    except (ValueError, RecursionError):
        return
    lists = [name for name, inner in value.items() if isinstance(inner, list)]
    if text[end:].strip() or not ("\n" in text[start:end] or lists):
        return
    raise ReviewSetError(
        "the file is one JSON object, not a list of reviews"
        + (f"; lists stand in {', '.join(map(repr, lists))}" * bool(lists)),
        where=location,
        expected="one array of objects, or one object a line",
        remedy="write the list of reviews itself, one object a line, as JSONL",
    )


def _table(found: Iterable[tuple[int, Any, Fault | None, str]], content: Content, layout: str) -> RawTable:
    rows: list[int] = []
    objects: list[dict[str, Any]] = []
    bad = Faults()
    search = content.stray or _ESCAPED_PAIR.search(content.data) is not None
    for number, value, fault, detail in found:
        if fault is not None:
            bad.add(fault, [number], detail=detail)
        elif not isinstance(value, dict):
            bad.add(faults.NOT_OBJECT, [number], detail=f"row {number}: {_kind(value)}")
        elif search and has_stray(json.dumps(value, ensure_ascii=False)):
            bad.add(faults.BYTES if content.stray else faults.HALF_PAIR, [number])
        else:
            rows.append(number)
            objects.append(value)
    names = list(dict.fromkeys(name for each in objects for name in each))
    hint = ""
    if layout == "lines" and not objects:
        hint = "no line is a JSON object: give the file the ending of its format, such as .csv"
    return RawTable({name: [each.get(name) for each in objects] for name in names}, rows, bad, hint=hint)


def _kind(value: object) -> str:
    names = {list: "an array", str: "a string", bool: "true or false", int: "a number", float: "a number"}
    return names.get(type(value), "null")


def _end_of_space(text: str, place: int) -> int:
    found = _SPACE.match(text, place)
    assert found is not None
    return found.end()
