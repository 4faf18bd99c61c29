"""What a terminal shows, without a terminal."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from rich.console import Console, RenderableType


def printed(thing: Any, show: Callable[[Any, Console], None], width: int = 80) -> str:
    """What a terminal of that width shows, without colour."""
    console = Console(width=width, no_color=True, force_terminal=False, record=True, quiet=False, file=_Nowhere())
    show(thing, console)
    return console.export_text()


def coloured(thing: Any, show: Callable[[Any, Console], None], width: int = 80) -> str:
    """The text of what a terminal with every colour shows."""
    console = Console(width=width, force_terminal=True, color_system="truecolor", record=True, file=_Nowhere())
    show(thing, console)
    return console.export_text()


def drawn(part: RenderableType, width: int = 80) -> list[str]:
    """The lines of one table, without the space at their ends."""
    text = printed(part, lambda part, console: console.print(part), width)
    return [line.rstrip() for line in text.splitlines()]


class _Nowhere:
    def write(self, text: str) -> int:
        return len(text)

    def flush(self) -> None:
        pass
