"""Texts that try to be Markdown, a mention, a reference, a link or a workflow command; and those of `injections`."""

from __future__ import annotations

from .injections import INJECTIONS

REFERENCES = (
    "@octocat", "@org/team", "mail me@example.com", "#1", "org/repo#12", "GH-7", "gh-7", "!3", "~bug", '~"two words"',
    "%4", "$5", "&6", ":tada:", "https://github.com/org/repo/issues/1", "http://example.com", "www.example.com",
    "ftp://example.com", "4f2a1c9d4f2a1c9d4f2a1c9d4f2a1c9d4f2a1c9d",
)  # fmt: skip
MARKDOWN = (
    "**bold**", "_a_", "~~gone~~", "`code`", "``` fence", "[x](https://example.com)", "![x](https://example.com/a.png)",
    "[x]: https://example.com", "<https://example.com>", "a|b", "a\\|b", "a\\\\|b", "| --- |", "# heading", "> quote",
    "- item", "+ item", "1. one", "2) two", "- [ ] task", "---", "===", "***", "[^1]", "$x$", "$$x$$", "&lt;b&gt;",
    "<!-- x -->", "</details>", "</code>", "a\n\n# heading", "a\r\n| b | c |", "\\", "\\`", "::error::x", "##[error]x",
    "<details><summary>x",
)  # fmt: skip
NASTY = (*INJECTIONS, *REFERENCES, *MARKDOWN)
