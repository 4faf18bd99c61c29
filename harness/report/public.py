"""A page and a table travel: they name files, never the folders of the machine they lay in."""

from __future__ import annotations

import re
from typing import Any

_WHOLE = re.compile(r"(?:~|[A-Za-z]:)?[/\\].*[^/\\]", re.DOTALL)
# Not after a letter, a digit, a colon or a slash: hub names, fractions and URLs are no folders.
_FOLDERS = re.compile(r"""(?<![\w:/\\.<])(?:~|[A-Za-z]:)?[/\\](?:[^\s/\\'"`<>|,;:]+[/\\])+""")


def without_folders(text: str) -> str:
    r"""The text with the folders of absolute paths left out.

    >>> without_folders("/home/ann lee/models/stars"), without_folders("org/model@main")
    ('stars', 'org/model@main')
    >>> without_folders("read '/srv/data/shop.csv', 5,000 rows")
    "read 'shop.csv', 5,000 rows"
    """
    if _WHOLE.fullmatch(text) and "\n" not in text and not re.search(r"[<>]", text):
        return re.split(r"[/\\]", text)[-1]
    return _FOLDERS.sub("", text)


def values(value: Any) -> str:
    """A setting's value as one line.

    >>> values([8, 32]), values(True), values("float32")
    ('8, 32', 'yes', 'float32')
    """
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (list, tuple)):
        return ", ".join(values(each) for each in value)
    if isinstance(value, dict):
        return ", ".join(f"{key}={values(each)}" for key, each in value.items())
    return without_folders(str(value))


def printable(text: str) -> str:
    r"""The text without control characters, so that a label cannot move the cursor or colour a terminal.

    >>> printable("bad\x1b[31m label\n")
    'bad?[31m label?'
    """
    return "".join(char if char.isprintable() else "?" for char in without_folders(text))
