"""Short names of classifiers and review sets, for test ids and files."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from pathlib import PurePath

FILE_ENDINGS = (".gz", ".csv", ".tsv", ".jsonl", ".json", ".parquet")


def short_names(names: Sequence[str]) -> list[str]:
    """A name in ASCII for each classifier or review set: short, readable, and unique where the names are.

    >>> short_names(["builtin", "checkpoints/bert-tiny", "nlptown/bert-base@abc123"])
    ['builtin', 'bert-tiny', 'bert-base.abc123']
    >>> short_names(["marc/en.test.csv.gz", "marc/de.test.csv.gz", "SetFit/amazon:de/test"])
    ['en.test', 'de.test', 'amazon.de.test']
    >>> short_names(["before/model", "after/model"])
    ['before.model', 'after.model']
    """
    found: list[str] = []
    # One folder more for each try tells most names apart; a number does the rest.
    for parts in (1, 2, 3):
        found = [short_name(name, parts) for name in names]
        if len(set(found)) == len(found):
            return found
    return [f"{each}.{place}" for place, each in enumerate(found, start=1)]


def short_name(name: str, parts: int = 1) -> str:
    """The last `parts` folders of a name, with what follows a `:` or `@`, in letters that `pytest -k` understands."""
    path, mark, rest = name, "", ""
    # At least two characters before a colon: a drive letter is no hub name.
    if found := re.match(r"^(..+?)([:@])(.*)$", name):
        path, mark, rest = found.groups()
    shown = ".".join(PurePath(path.replace("\\", "/")).parts[-parts:])
    while shown.lower().endswith(FILE_ENDINGS):
        shown = shown[: shown.rindex(".")]
    text = f"{shown}.{rest.replace('/', '.')}" if mark else shown
    text = unicodedata.normalize("NFKD", text.replace("ß", "ss"))
    letters = "".join(c for c in text if not unicodedata.combining(c))
    return re.sub(r"[^A-Za-z0-9._]+", "-", letters).strip("-._")[-60:].strip("-._") or "unnamed"


def alike(name: str, known: Sequence[str]) -> str | None:
    """The known name that is meant: the same, or the only one that differs by capitals alone.

    >>> alike("product", ["Product", "Language"]), alike("id", ["ID", "Id"]), alike("Id", ["ID", "Id"])
    ('Product', None, 'Id')
    """
    if name in known:
        return name
    found = [each for each in known if each.casefold() == name.casefold()]
    return found[0] if len(found) == 1 else None
