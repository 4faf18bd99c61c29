"""Where the numbers of a file are, and what names their columns have."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from shlex import quote

from harness.labels.scheme import canonical
from harness.labels.scheme import read as meaning


@dataclass(frozen=True)
class Source:
    """Where the numbers of N rows are."""

    columns: tuple[str, ...]
    """One column of lists; one of numbers, where two classes need no more; or one for each class."""
    classes: tuple[str, ...] | None = None
    """Of columns for each class: their names."""


def like_classes(names: Sequence[str], labels: Sequence[str]) -> list[str]:
    """Names that are those of labels, or that only a class has, such as `3 stars` and `neutral`."""
    known = {canonical(label) for label in labels}
    return [name for name in names if canonical(name) in known or meaning(name).kind not in ("name", "truth")]


def option_for_classes(names: Sequence[str]) -> str:
    """The `--classes` that says these names, as a shell takes it; nothing where a name holds a comma.

    >>> option_for_classes(["1 star", "2 stars"])
    "--classes '1 star,2 stars'"
    """
    return "" if any("," in name for name in names) else f"--classes {quote(','.join(names))}"
