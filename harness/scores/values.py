"""The numbers of a score file as probabilities and logits, one column a class."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from harness.errors import UsageError
from harness.labels.scheme import canonical
from harness.labels.wording import listed
from harness.metrics.validity import SUM_TOLERANCE
from harness.scores.matrix import Found
from harness.scores.names import Kind
from harness.scores.numbers import has_decimal_commas, numbers_of
from harness.scores.raw import Raw
from harness.scores.source import Source
from harness.scores.sums import no_probabilities, refuse_others, unrounded

_ROWS_AT_ONCE = 65_536


@dataclass(frozen=True, eq=False)
class Parts:
    """The numbers of N rows and K classes: probabilities, logits, or both."""

    probabilities: np.ndarray | None
    """(N, K) float32 or float64."""
    logits: np.ndarray | None
    """(N, K) float32 or float64, of the same classes."""
    width: int
    """K."""
    classes: tuple[str, ...] | None
    """K names in the order of the columns; None where nothing names them."""
    columns: tuple[str, ...]
    """The columns of the file that they were read from."""
    second: bool
    """The file has one number a row, of the second of two classes."""
    notes: tuple[str, ...]

    def ordered(self, order: Sequence[int]) -> Parts:
        """The same with its columns in another order."""
        if list(order) == list(range(self.width)):
            return self
        probabilities, logits = (
            None if each is None else np.ascontiguousarray(each[:, list(order)])
            for each in (self.probabilities, self.logits)
        )
        classes = None if self.classes is None else tuple(self.classes[column] for column in order)
        return replace(self, probabilities=probabilities, logits=logits, classes=classes)


def parts_of(raw: Raw, label: str, found: Found, classes: Sequence[str] | None, kind: Kind) -> Parts:
    """Read the columns that were found.

    Raises:
        PredictionsError: Numbers that are missing or no numbers, another number of rows than of labels,
            rows that leave open whether they are probabilities or logits, or probabilities that do not sum to 1.
        UsageError: More or fewer classes named than there are columns.
    """
    source = found.probabilities or found.unsaid or found.logits
    assert source is not None, "find raises where there is nothing"
    values = _read(raw, label, source)
    second = values.ndim == 1
    is_logits = source is found.logits
    notes = [*found.notes]
    rounded: tuple[str, ...] = ()
    if not is_logits and not second:
        values, rounded = unrounded(values)
    if source is found.unsaid:
        notes.append(_told(raw, source, values))
    notes += rounded
    values = _table(values, is_logits=is_logits)
    if not is_logits:
        refuse_others(raw, source.columns, values)
    elif kind == "logits" and not second and not no_probabilities(values).any():
        notes.append("the numbers look like probabilities and were taken as logits, as --values says")
    if has_decimal_commas(raw, source.columns):
        notes.append("the commas within numbers are read as decimal points")
    own = source.classes or (is_logits and raw.logit_classes) or raw.classes
    if source.classes and classes is None:
        notes.append("the classes are named by their columns")
    beside, columns = None, source.columns
    if found.logits and not is_logits:
        beside, doubt = _beside(raw, label, found.logits, own or None, values.shape[1])
        columns = (*columns, *found.logits.columns)
        notes += doubt
    return Parts(
        probabilities=None if is_logits else values,
        logits=values if is_logits else beside,
        width=values.shape[1],
        classes=_names(raw, source, own or None, classes, values.shape[1]),
        columns=columns,
        second=second,
        notes=tuple(notes),
    )


def probabilities_of(parts: Parts) -> tuple[np.ndarray, tuple[str, ...]]:
    """(N, K) as given, or the softmax of the logits, and a note that says so."""
    if parts.probabilities is not None:
        return parts.probabilities, ()
    from scipy.special import softmax

    assert parts.logits is not None
    found = np.empty(parts.logits.shape, np.float32)
    # In pieces, so that the float64 copy stays small beside the logits.
    for start in range(0, len(found), _ROWS_AT_ONCE):
        rows = slice(start, start + _ROWS_AT_ONCE)
        found[rows] = softmax(parts.logits[rows].astype(np.float64), axis=1)
    return found, ("logits were given: probabilities are their softmax",)


def _read(raw: Raw, label: str, source: Source) -> np.ndarray:
    """(N, K), or (N,) for the second of two classes."""
    values = numbers_of(raw, source.columns)
    labels = len(raw.columns[label])
    if len(values) != labels:
        raise raw.error(
            f"{len(values):,} rows in {source.columns[0]!r}, and {labels:,} gold labels in {label!r}",
            expected="one gold label for each row",
            remedy="take both from the same examples, in the same order",
        )
    return values


def _table(values: np.ndarray, *, is_logits: bool) -> np.ndarray:
    """(N, K); one number a row is of the second of two classes, and the first has what is left."""
    if values.ndim == 2:
        return values
    return np.column_stack([np.zeros_like(values) if is_logits else 1 - values, values])


def _told(raw: Raw, source: Source, values: np.ndarray) -> str:
    """A note that rows were found to be probabilities; raises where they do not show it."""
    shown = raw.listed(source.columns)
    verb = "are" if len(source.columns) > 1 else "is"
    if values.ndim == 1:
        raise raw.error(
            f"the name {shown} does not say whether the numbers are probabilities or logits",
            expected="probabilities or logits of the second of two classes",
            remedy="give --values probabilities or --values logits",
        )
    wrong = no_probabilities(values)
    if wrong.any():
        raise raw.error(
            f"it is not clear whether {shown} {verb} probabilities or logits: not every row sums to 1",
            rows=np.flatnonzero(wrong),
            expected=f"probabilities, none negative, that sum to 1 within {SUM_TOLERANCE:g}, or a name that says it",
            remedy="give --values logits if they are logits; if they are probabilities, correct the rows,\n"
            "or name the classes with --classes if one is missing here",
        )
    return f"{shown} {verb} taken for probabilities: every row sums to 1"


def _names(
    raw: Raw, source: Source, own: tuple[str, ...] | None, given: Sequence[str] | None, width: int
) -> tuple[str, ...] | None:
    """The names of the classes: the user's, else those of the columns, else the file's."""
    names = own if given is None else tuple(given)
    if names is None or len(names) == width:
        return names
    if given is not None:
        raise UsageError(
            f"--classes names {len(names)} classes, and {source.columns[0]!r} is of {width}",
            where=str(raw.path),
            expected=f"{width} names, in the order of the numbers",
            remedy="correct --classes",
        )
    raise raw.error(
        f"the file names {len(names)} classes, and {source.columns[0]!r} is of {width}",
        expected=f"one of the classes for each number: {listed(names)}",
        remedy="write the file again with as many names as numbers",
    )


def _beside(
    raw: Raw, label: str, source: Source, names: tuple[str, ...] | None, width: int
) -> tuple[np.ndarray | None, tuple[str, ...]]:
    """The logits beside probabilities in the order of their classes; None and a note where they have others."""
    logits = _table(_read(raw, label, source), is_logits=True)
    own = source.classes or raw.logit_classes or raw.classes
    if own is None and names is None and logits.shape[1] == width:
        return logits, ()
    places = {canonical(name): place for place, name in enumerate(own or ())}
    wanted = [canonical(name) for name in names or ()]
    if not wanted or set(wanted) != set(places) or logits.shape[1] != len(wanted):
        return None, ("the logits are left out: their classes are not known to be those of the probabilities",)
    order = [places[name] for name in wanted]
    return np.ascontiguousarray(logits[:, order]), ()
