"""A README with metadata: the part that holds the `model-index` is replaced, and all else stays as it is.

huggingface_hub reads the metadata and writes the index. It would write the rest anew as well, without
comments and with other quotes, so the lines of the index are exchanged here, and the outcome is read
again to see that nothing else has changed.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harness import files
from harness.errors import UsageError
from harness.report.card import model_index

if TYPE_CHECKING:
    from harness.report.card.model_index import Index

KEY = "model-index"
BYTE_ORDER_MARK = "\ufeff"
_INDEX = re.compile(rf"""["']?{KEY}["']?[ \t]*:""")
_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")


def read(path: Path) -> str | None:
    """The README with its line ends as they are; None where there is none.

    Raises:
        UsageError: It cannot be read, or is not UTF-8.
    """
    try:
        return path.read_bytes().decode("utf-8")
    except FileNotFoundError:
        return None
    except OSError as error:
        raise UsageError(
            f"the card cannot be read: {error.strerror}", where=str(path), remedy="name another with --to"
        ) from None
    except UnicodeDecodeError as error:
        raise UsageError(
            f"the card is not UTF-8: byte {error.start} does not fit",
            where=str(path),
            remedy="save it as UTF-8; nothing was written",
        ) from None


def write(path: Path, content: str) -> None:
    """The README, whole or not at all.

    Raises:
        UsageError: It cannot be written.
    """
    try:
        files.write_text(path, content)
    except OSError as error:
        raise UsageError(
            f"the card cannot be written: {error.strerror}", where=str(path), remedy="name another with --to"
        ) from None


def index_of(content: str, path: Path) -> Index:
    """The `model-index` of a README, empty where it has none.

    Raises:
        UsageError: Its metadata cannot be read.
    """
    return model_index.check(_metadata(content, path).get(KEY), str(path))


def with_index(content: str, index: Index, path: Path) -> tuple[str, bool]:
    """The README with that index, and whether all its metadata had to be written anew.

    Where its form is one that lines cannot be exchanged in (all in braces, say), huggingface_hub writes the
    metadata, without comments.

    Raises:
        UsageError: Its metadata cannot be read.
    """
    before = _metadata(content, path)
    if before.get(KEY) == index:
        return content, False
    wanted = {**before, KEY: index}
    edited = _exchanged(content, index)
    if _is(edited, wanted):
        return edited, False
    from huggingface_hub import RepoCard

    mark = BYTE_ORDER_MARK if content.startswith(BYTE_ORDER_MARK) else ""
    card = RepoCard(content.removeprefix(BYTE_ORDER_MARK))
    card.data[KEY] = index
    return mark + str(card), True


def with_body(content: str, change: Callable[[str], str]) -> str:
    """The README with what stands below its metadata changed."""
    body = _places(content)[2]
    return content[:body] + change(content[body:])


def line_break(content: str) -> str:
    r"""How the lines of a README end.

    >>> line_break("---\r\nlicense: mit\r\n---\r\n"), line_break("")
    ('\r\n', '\n')
    """
    return "\r\n" if "\r\n" in content else "\n"


def _exchanged(content: str, index: Index) -> str:
    from huggingface_hub import CardData

    end_of_line = line_break(content)
    data = CardData()
    data[KEY] = index
    written = data.to_yaml(line_break=end_of_line)
    start, end, body = _places(content)
    if start == body:
        return f"{content[:start]}---{end_of_line}{written}{end_of_line}---{end_of_line}{content[start:]}"
    before, after = _around(content[start:end])
    if before and not before.endswith(("\n", "\r")):
        before += end_of_line
    if after:
        after = end_of_line + after
    return content[:start] + before + written + after + content[end:]


def _around(metadata: str) -> tuple[str, str]:
    """The lines before the index and those after it; where there is none, all and nothing."""
    lines = _LINE.findall(metadata)
    first = next((place for place, line in enumerate(lines) if _INDEX.match(line)), len(lines))
    last = first + 1
    while last < len(lines) and (not lines[last].strip() or lines[last].startswith((" ", "\t", "-", "#"))):
        last += 1
    # What is said before the next key is said of that one.
    while last - 1 > first and (not lines[last - 1].strip() or lines[last - 1].startswith("#")):
        last -= 1
    return "".join(lines[:first]), "".join(lines[last:])


def _places(content: str) -> tuple[int, int, int]:
    """Where the metadata begins and ends, and where the text begins; three times the same where there is none."""
    # As the hub itself finds it.
    from huggingface_hub.repocard import REGEX_YAML_BLOCK

    mark = len(BYTE_ORDER_MARK) if content.startswith(BYTE_ORDER_MARK) else 0
    found = REGEX_YAML_BLOCK.search(content[mark:])
    if found is None:
        return mark, mark, mark
    return mark + found.start(2), mark + found.end(2), mark + found.end()


def _parsed(content: str) -> dict[str, Any]:
    from huggingface_hub import RepoCard

    start, _, body = _places(content)
    if start == body:
        return {}
    card: Any = RepoCard(content.removeprefix(BYTE_ORDER_MARK))
    found: dict[str, Any] = card.data.to_dict()
    return found


def _metadata(content: str, path: Path) -> dict[str, Any]:
    try:
        return _parsed(content)
    except _unreadable() as error:
        reason = " ".join(str(error).split())
        raise UsageError(
            f"the metadata of the card cannot be read: {reason}",
            where=str(path),
            expected="YAML between two lines of ---, as the hub takes it",
            remedy="correct it; nothing was written",
        ) from None


def _is(content: str, wanted: dict[str, Any]) -> bool:
    """Whether a README has that metadata."""
    try:
        return _parsed(content) == wanted
    except _unreadable():
        return False


def _unreadable() -> tuple[type[Exception], ...]:
    """What huggingface_hub raises on metadata: a key that is no text, for one, is a TypeError."""
    import yaml  # type: ignore[import-untyped]

    return yaml.YAMLError, ValueError, TypeError
