"""A value of a file as the one text that it is known by."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable
from typing import Any


def texts_of(values: Iterable[Any]) -> list[str | None]:
    """Each value's text; computed once for each distinct value, since labels repeat.

    >>> texts_of([5, 4.0, True, " pos ", None, float("nan"), ""])
    ['5', '4.0', 'true', 'pos', None, None, None]
    """
    known: dict[tuple[type, Any], str | None] = {}
    found: list[str | None] = []
    for value in values:
        if value.__class__ is str:
            found.append(value.strip() or None)
            continue
        key = (value.__class__, value)
        try:
            found.append(known[key])
        except KeyError:
            found.append(known.setdefault(key, text_of(value)))
        except TypeError:  # a list or an object, which has no place in a dictionary
            found.append(text_of(value))
    return found


def text_of(value: Any) -> str | None:
    """Text without space around it; whole numbers as digits, floats with their point, truth in lower case.

    `None` for what is missing: null, not a number, empty or blank. "NA" and "None" are texts.
    """
    if isinstance(value, str):
        return value.strip() or None
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (list, dict)):
        return json.dumps(value, ensure_ascii=False, default=str)
    return str(value)
