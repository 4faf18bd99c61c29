"""How a table, a heading and a warning look in a terminal."""

from __future__ import annotations

from rich import box
from rich.table import Table
from rich.text import Text


def heading(text: str) -> Text:
    return Text(f"\n{text}", style="bold")


def warning(text: str) -> Text:
    """A line that stands out without colour too."""
    return Text.assemble((" WARNING ", "bold reverse yellow"), " ", text)


def plain_table(*columns: str, left: int = 1) -> Table:
    """A table of text columns (the first `left`) and right-aligned numbers, with one rule under its head."""
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 1, 0, 0))
    for place, name in enumerate(columns):
        is_text = place < left
        table.add_column(name, justify="left" if is_text else "right", overflow="fold", no_wrap=not is_text)
    return table
