"""Both sides of the label contract in words: for the line that shows a match, and for its errors."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from harness.errors import LabelError, first_rows
from harness.labels.scheme import canonical, whole_number

SHOWN = 12
"""Labels or classes that a sentence lists before it says how many there are."""
LONG = 40
"""Characters of a label that are shown."""


def natural(label: str) -> tuple[int, int, str, str]:
    """Sort key: numbers by value, then names; the same whatever order the labels came in."""
    number = whole_number(label)
    return (0, number, "", label) if number is not None else (1, 0, canonical(label), label)


def shown(label: str) -> str:
    """`5` for a number, `'neg'` for a name; a long one is shortened."""
    if whole_number(label) is not None:
        return label
    return repr(label if len(label) <= LONG else label[: LONG - 1] + "…")


def listed(words: Sequence[str], last: str = ", ", limit: int = SHOWN) -> str:
    """`a, b and c` with `last=" and "`; beyond the limit, the first ones and how many there are."""
    if len(words) > limit:
        return ", ".join(words[:limit]) + f", … ({len(words):,} in all)"
    return last.join([", ".join(words[:-1]), words[-1]]) if len(words) > 1 else "".join(words)


def span(words: Sequence[str], join: str = " … ") -> str:
    """`1 star … 5 stars`: the ends of a scale of at least three."""
    return join.join([words[0], words[-1]]) if len(words) > 2 else ", ".join(words)


def option_for_map(pairs: Mapping[str, str]) -> str:
    """The `--label-map` that says these pairs, as a shell takes it; for odd labels, the JSON that a file needs."""
    texts = [*pairs, *pairs.values()]
    if any(mark in text for text in texts for mark in ",='\n") or not all(texts):
        import json

        return f"--label-map labels.json with {json.dumps(dict(pairs), ensure_ascii=False)}"
    return "--label-map '" + ",".join(f"{label}={name}" for label, name in pairs.items()) + "'"


@dataclass(frozen=True)
class Sides:
    """The labels of a set and the classes of a classifier, and errors that show both."""

    labels: Mapping[str, int]
    classes: tuple[str, ...]
    where: str
    rows_of: Callable[[str], Sequence[int]]

    def both(self) -> str:
        """Two lines: the classes, and the labels with their counts."""
        counted = [f"{shown(label)} ({self.labels[label]:,})" for label in sorted(self.labels, key=natural)]
        return f"one of the classes {listed(self.classes)}\nthe set has the labels {listed(counted)}"

    def error(self, message: str, remedy: str, rows_with: Iterable[str] = ()) -> LabelError:
        """An error with both sides, and the rows of some labels."""
        rows = sorted(row for label in rows_with for row in self.rows_of(label))
        where = ", ".join(filter(None, [self.where, first_rows(rows) if rows else ""]))
        return LabelError(message, where=where, expected=self.both(), remedy=remedy)

    def unknown(self, labels: Sequence[str], suggestions: Mapping[str, str], hint: str = "") -> LabelError:
        """Labels that fit no class, with their rows and an example of a map."""
        labels = sorted(labels, key=natural)
        one = len(labels) == 1
        names = listed([shown(label) for label in labels], last=" and ")
        remedy = (
            "correct the rows, leave them out with --on-bad-row skip,\n"
            f"or say which class {'the label is' if one else 'the labels are'}"
        )
        if suggestions:
            remedy += f", for example {option_for_map(suggestions)}"
        # Dozens of labels that fit nothing are most often no labels: a text or an id was taken for them.
        if len(labels) > 2 * SHOWN:
            remedy = f"name the column that holds the labels with --label-column;\nor {remedy}"
        message = f"label{'' if one else 's'} {names} {'fits' if one else 'fit'} no class of the classifier"
        return self.error(message, remedy + hint, labels)
