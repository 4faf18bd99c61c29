"""Text from data as Markdown that says just that: no markup, link, mention or reference comes out of a review.

What Markdown reads is written as an entity. GitHub and GitLab look for `@name`, `#1` and the like in what is rendered,
where an entity is the sign again: a zero-width space behind the sign keeps them out of prose, and they look into no
code.
"""

from __future__ import annotations

import re

from harness.report.public import printable

ZERO_WIDTH = "&#8203;"
ELLIPSIS = "…"
LONGEST = 400
"""Characters of a sentence."""
LONGEST_NAME = 80

_MARKUP = re.compile(r"[\\`*_{}\[\]<>|~$#@!\"^&]")
_NAMED = {"<": "&lt;", ">": "&gt;", "&": "&amp;", '"': "&quot;"}
_BLOCK = re.compile(r"^(?:[-+=]|\d+[.)])")
"""What begins a list or underlines a heading, where it begins a line."""
_REFERENCES = re.compile(
    r"[@#!~$%^&:](?=[\w/\"])"  # @name, #1, !1, ~label, %milestone, $snippet, &epic, :emoji:, https://
    r"|www(?=\.)"
    r"|gh(?=-\d)"
    r"|[0-9a-f]{6}(?=[0-9a-f]+(?!\w))",  # a commit, which has seven digits or more
    re.IGNORECASE,
)
_LINKS = re.compile(r":(?=//)|www(?=\.)|@(?=[\w-]+\.)", re.IGNORECASE)
"""What a parser of Markdown makes a link of, in code that is written as an element too."""


def text(data: str, longest: int = LONGEST) -> str:
    r"""A sentence that may hold anything, for prose.

    >>> text("**bold** <b> [x](y) a|b")
    '&#42;&#42;bold&#42;&#42; &lt;b&gt; &#91;x&#93;(y) a&#124;b'
    >>> text("thanks @anna, see #12")
    'thanks &#64;&#8203;anna, see &#35;&#8203;12'
    """
    return _BLOCK.sub(_first_encoded, _inert(shortened(data, longest), _REFERENCES))


def code(data: str, longest: int = LONGEST_NAME) -> str:
    """A name, an id or a text of a review, as it is: what is in code is neither a mention nor a reference.

    An element and not backticks, since a table ends a cell at a bar within these.

    >>> code("accuracy-drop@language=de<=0.01")
    '<code>accuracy-drop&#64;language=de&lt;=0.01</code>'
    """
    return f"<code>{_inert(shortened(data, longest), _LINKS)}</code>"


def shortened(data: str, longest: int) -> str:
    r"""One line without control characters, of so many characters at most.

    >>> shortened("a\n  long\tstory", 8)
    'a long…'
    """
    # What is cut off later need not be looked through: a review may have a million characters.
    line = printable(" ".join(data[: 20 * longest].split()))
    return line if len(line) <= longest else line[: longest - 1].rstrip() + ELLIPSIS


def _inert(line: str, apart: re.Pattern[str]) -> str:
    # No printable text holds a NUL, so that one can hold the place of what is put in.
    return _MARKUP.sub(_encoded, apart.sub(r"\g<0>" + "\0", line)).replace("\0", ZERO_WIDTH)


def _encoded(found: re.Match[str]) -> str:
    return _NAMED.get(found[0]) or f"&#{ord(found[0])};"


def _first_encoded(found: re.Match[str]) -> str:
    """`-` as an entity; `1.` with its dot as one."""
    return f"{found[0][:-1]}&#{ord(found[0][-1])};"
