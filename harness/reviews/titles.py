"""A title and its text as one text."""

from __future__ import annotations

_ENDS = ".!?…:;,。！？"
_CLOSING = "\"'”’»)]"


def joined(title: str | None, text: str) -> str:
    """The title, a full stop where it has no end of its own, a space, and the text.

    An empty title leaves the text as it is, and an empty text the title.

    >>> joined("Great value", "Works well.")
    'Great value. Works well.'
    >>> joined("Really?!", "Broke after a day.")
    'Really?! Broke after a day.'
    >>> joined("", "No title."), joined("No text", "")
    ('No title.', 'No text')
    """
    title = (title or "").strip()
    if not title:
        return text
    if not text.strip():
        return title
    ended = title.rstrip(_CLOSING)[-1:] in tuple(_ENDS) or text.lstrip()[:1] in tuple(_ENDS)
    return f"{title}{' ' if ended else '. '}{text.lstrip()}"
