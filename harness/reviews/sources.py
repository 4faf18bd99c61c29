"""What `--dataset` names: the built-in set, a file, a folder of the datasets library, or a name on the hub."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from harness.errors import ReviewSetError
from harness.reviews.files import kind_of_name, missing

BUILTIN = Path(__file__).parents[1] / "builtin" / "reviews" / "reviews.jsonl"
_HUB = re.compile(
    r"(?P<name>[A-Za-z0-9][\w.-]*(/[\w.-]+)?)(@(?P<revision>[^:]+))?(:((?P<config>[^/]+)/)?(?P<split>[^/]+))?:?"
)


@dataclass(frozen=True)
class Builtin:
    """The reviews that ship."""


@dataclass(frozen=True)
class File:
    path: Path


@dataclass(frozen=True)
class Saved:
    """A folder, and the split of it that was named."""

    folder: Path
    split: str | None = None


@dataclass(frozen=True)
class Hub:
    name: str
    config: str | None = None
    split: str | None = None
    revision: str | None = None


Source = Builtin | File | Saved | Hub


def locate(source: str) -> Source:
    """Tell what a source is. What exists on disk comes before the hub.

    >>> locate("SetFit/amazon_reviews_multi_en:default/test")
    Hub(name='SetFit/amazon_reviews_multi_en', config='default', split='test', revision=None)

    Raises:
        ReviewSetError: A file or folder that does not exist, with near names.
    """
    if source == "builtin":
        return Builtin()
    if not source.strip():
        raise ReviewSetError("the name of the review set is empty", remedy="name a file, a hub data set, or builtin")
    path = Path(source).expanduser()
    if path.is_dir():
        return Saved(path)
    if path.exists():
        return File(path)
    head, _, tail = source.rpartition(":")
    named = Path(head).expanduser()
    if head and named.is_dir():
        return Saved(named, tail)
    if head and named.is_file():
        raise ReviewSetError(f"a file has no split {tail!r}", where=source, remedy=f"name the file alone: {head}")
    found = _HUB.fullmatch(source)
    if head and kind_of_name(named):
        raise missing(named, source)
    if found is None or source.startswith((".", "/", "~")) or kind_of_name(path):
        raise missing(path, source)
    if found["split"] is None and (found["name"].count("/") == 0 or path.parent.is_dir()):
        # Without a split it cannot be loaded from the hub, so a mistyped file or folder is as likely.
        raise missing(path, source, also=f"(a data set of the hub needs its split: {source.rstrip(':')}:test)")
    return Hub(found["name"], found["config"], found["split"], found["revision"])


def shown(place: Source, source: str) -> str:
    """The source for a record: without the folders of the machine.

    >>> shown(File(Path("/home/me/reviews.csv")), "~/reviews.csv")
    'reviews.csv'
    """
    if isinstance(place, File):
        return place.path.name
    if isinstance(place, Saved):
        return place.folder.resolve().name + (f":{place.split}" if place.split else "")
    return source
