"""The pieces of a Markdown document: parts that can be left out, tables, lists, and what is folded."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

RULES = {"l": "---", "r": "---:"}


@dataclass(frozen=True)
class Part:
    """A piece of the document that stands or is left out as a whole."""

    name: str
    """What it is called where it is left out, as Markdown."""
    body: str
    """Markdown, without a blank line at its ends."""


def table(sides: str, head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table.

    Args:
        sides: A letter for each column: `l` for text, `r` for numbers.
        head: Headings, as Markdown.
        rows: Cells, as Markdown; escaped, where they are data.

    >>> print(table("lr", ["rule", "reviews"], [["accuracy", "1,410"]]))
    | rule | reviews |
    | --- | ---: |
    | accuracy | 1,410 |
    """
    return "\n".join(_row(cells) for cells in (head, [RULES[side] for side in sides], *rows))


def bullets(lines: Iterable[str]) -> str:
    """A list.

    Args:
        lines: Markdown; escaped, where they are data.
    """
    return "\n".join(f"- {line}" for line in lines)


def folded(title: str, body: str) -> str:
    """What is shown when a reader asks for it.

    Args:
        title: HTML; escaped, where it is data.
        body: Markdown.
    """
    return f"<details>\n<summary>{title}</summary>\n\n{body}\n\n</details>"


def _row(cells: Sequence[str]) -> str:
    assert not any("|" in cell or "\n" in cell for cell in cells), "what is data is escaped"
    return f"| {' | '.join(cells)} |"
