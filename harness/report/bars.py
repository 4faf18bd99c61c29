"""A share as a bar of characters: of blocks, or of ASCII where the terminal's encoding has no blocks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from rich.console import Console, ConsoleOptions
from rich.measure import Measurement
from rich.text import Text

BLOCKS = " ▏▎▍▌▋▊▉█"
"""A cell that is filled from the left by so many eighths."""
ALL_SIGNS = BLOCKS + "▕│"


@dataclass(frozen=True)
class Bar:
    """A share of `cells` characters; only 0 is empty and only 1 is full, whatever rounding says."""

    share: float
    cells: int
    mark: float | None = None
    """Another share, drawn as a stroke over the bar."""
    framed: bool = False
    """Whether both ends are drawn, one character each."""

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterator[Text]:
        yield Text(self.drawn(blocks=has_blocks(options.encoding)), no_wrap=True)

    def __rich_measure__(self, console: Console, options: ConsoleOptions) -> Measurement:
        width = self.cells + 2 * self.framed
        return Measurement(width, width)

    def drawn(self, *, blocks: bool = True) -> str:
        """The bar as one line, as wide for every share.

        >>> Bar(0.88, 16, mark=0.97, framed=True).drawn()
        '▕██████████████▏│▏'
        >>> Bar(0.88, 16, mark=0.97, framed=True).drawn(blocks=False)
        '[############## |]'
        """
        steps = len(BLOCKS) - 1 if blocks else 1
        filled = round(self.share * self.cells * steps)
        if self.share > 0:
            filled = max(filled, 1)
        if self.share < 1:
            filled = min(filled, self.cells * steps - 1)
        whole, part = divmod(filled, steps)
        text = ("█" if blocks else "#") * whole + (BLOCKS[part] if part else "")
        text = text.ljust(self.cells)
        if self.mark is not None:
            place = min(int(self.mark * self.cells), self.cells - 1)
            text = text[:place] + ("│" if blocks else "|") + text[place + 1 :]
        if self.framed:
            return f"▕{text}▏" if blocks else f"[{text}]"
        return text


@cache
def has_blocks(encoding: str) -> bool:
    """Whether every sign of a bar can be written in an encoding.

    >>> has_blocks("utf-8"), has_blocks("cp437"), has_blocks("ascii")
    (True, False, False)
    """
    try:
        ALL_SIGNS.encode(encoding)
    except (UnicodeEncodeError, LookupError):
        return False
    return True
