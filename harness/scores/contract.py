"""The label contract of review sets and classifiers, put to a score file."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import numpy as np

from harness.errors import LabelError, PredictionsError, UsageError
from harness.labels import LabelMatch, match
from harness.labels.numbering import bases
from harness.labels.scheme import canonical, scheme_of, whole_number
from harness.labels.wording import listed, natural, option_for_map, shown
from harness.scores.gold import Labels
from harness.scores.raw import Raw

_WORDS = (
    (" of the classifier", ""),
    (" with --on-bad-row skip", ""),
    ("\n(the names of the classes do not tell: `harness predict` shows which is which)", ""),
    ("positions in id2label", "positions among the columns"),
)
"""What the contract says of reviews and classifiers, and how it is said of a score file."""
_SKIP = re.compile(r"or give --label-base \d and --on-bad-row skip, which leaves the rows out")


def match_labels(
    raw: Raw,
    label: str,
    labels: Labels,
    names: Sequence[str],
    *,
    label_base: int | None,
    label_map: Mapping[str, str] | None,
) -> LabelMatch:
    """The match of labels with the names of the columns, in which each column stays a class of its own.

    Raises:
        PredictionsError: Labels that fit no class, that can be read in two ways, or that are coarser than the classes.
        UsageError: A label map that names no class.
    """
    if label_base is None and label_map is None:
        _refuse_two_orders(raw, label, labels, names)
    where = raw.where(column=label)
    counts = dict(labels.counts())
    scheme = scheme_of(names)
    if scheme.kind == "sentiment" and not {canonical(text) for text in counts} >= {canonical(scheme.names[1])}:
        # Without a neutral label the contract would leave the neutral class out: here it is scored all the same.
        counts[scheme.names[1]] = 0
    try:
        found = match(
            counts,
            names,
            label_map=label_map,
            label_base=label_base,
            neutral="drop",
            where=where,
            rows_of=lambda text: raw.number(labels.places(text)) if text in labels.texts else [],
        )
    except LabelError as error:
        raise _reworded(error, raw, labels, names, where) from None
    if found.left_out:
        raise raw.error(
            f"label {listed([shown(text) for text in found.left_out], last=' and ')} is neither {' nor '.join(names)}",
            column=label, rows=np.concatenate([labels.places(text) for text in found.left_out]),
            expected=_sides(labels, names), remedy="leave these rows out, or say which class it is with --label-map",
        )  # fmt: skip
    if len(found.classes) < len(names):
        raise raw.error(
            f"the gold labels are coarser than the {len(names)} classes", column=label,
            expected=_sides(labels, names), remedy=f"sum the columns to those of {listed(found.classes, last=' and ')}",
        )  # fmt: skip
    return found


def _refuse_two_orders(raw: Raw, label: str, labels: Labels, names: Sequence[str]) -> None:
    """Raise where numbers may count the steps of a scale or the columns, and these have another order."""
    scheme = scheme_of(names)
    numbers = {number for text in labels.texts if (number := whole_number(text)) is not None}
    base = 0 if 0 in numbers else 1
    steps = scheme.kind in ("stars", "sentiment", "polarity", "numbered")
    counts_words = scheme.kind == "polarity" or base == 0
    if not (numbers and steps and scheme.reordered and counts_words and base in bases(numbers, len(names))):
        return
    by_column = option_for_map({str(number): names[number - base] for number in sorted(numbers)})
    texts = listed([str(number) for number in sorted(numbers)], last=" and ")
    raise raw.error(
        f"label{'s' if len(numbers) > 1 else ''} {texts} can be read in two ways",
        column=label,
        expected=_sides(labels, names),
        remedy=f"give --label-base {base} if they count from {scheme.names[0]!r} to {scheme.names[-1]!r},\n"
        f"or {by_column} if they count the columns",
    )


def _reworded(
    error: LabelError, raw: Raw, labels: Labels, names: Sequence[str], where: str
) -> PredictionsError | UsageError:
    """An error of the contract in the words of a score file."""

    def reword(text: str) -> str:
        for old, new in _WORDS:
            text = text.replace(old, new)
        return _SKIP.sub("or leave the rows out", text)

    message, remedy = reword(error.message), reword(error.remedy)
    if not error.where.startswith(where):
        return UsageError(message, where=error.where, expected=reword(error.expected), remedy=remedy)
    rows = error.where.removeprefix(where)
    said = where + (raw.counted(rows) if rows else "")
    return PredictionsError(message, where=said, expected=_sides(labels, names), remedy=remedy)


def _sides(labels: Labels, names: Sequence[str]) -> str:
    """Two lines: the classes, and the labels with their counts."""
    counts = labels.counts()
    counted = [f"{shown(text)} ({counts[text]:,})" for text in sorted(counts, key=natural)]
    return f"one of the classes {listed(names)}\nthe gold labels are {listed(counted)}"
