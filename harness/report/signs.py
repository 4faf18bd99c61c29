"""What a terminal's encoding lacks, as the nearest sign that it has: a dash as a hyphen, and not as an error."""

from __future__ import annotations

import codecs
from typing import TextIO

NEAREST = {
    "–": "-", "—": "-", "−": "-", "─": "-", "·": "|", "•": "*", "…": "...", "×": "x", "÷": "/", "→": "->", "µ": "u",
    "≥": ">=", "≤": "<=", "±": "+-", "’": "'", "“": '"', "”": '"', "█": "#", "│": "|",
}  # fmt: skip
ERRORS = "harness-nearest"


def degrade(stream: TextIO) -> None:
    """Let a stream write what its encoding lacks as the nearest sign, or as `?` where there is none.

    A stream that cannot be told so (one in memory, say) stays as it is.
    """
    codecs.register_error(ERRORS, _nearest)
    reconfigure = getattr(stream, "reconfigure", None)
    if reconfigure is not None:
        reconfigure(errors=ERRORS)


def _nearest(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    lacking = error.object[error.start : error.end]
    return "".join(NEAREST.get(sign, "?") for sign in lacking), error.end
