"""Which label is which class, by the same contract as between a review set and a classifier."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from harness.errors import PredictionsError
from harness.labels.scheme import canonical, scheme_of, whole_number
from harness.labels.wording import listed, natural, shown, span
from harness.reviews.vocabulary import spelled
from harness.scores import contract, counting
from harness.scores.gold import Labels
from harness.scores.names import SCALES
from harness.scores.raw import Raw
from harness.scores.values import Parts

_SCALES = ("stars", "sentiment", "numbered")
_TRUTH = {"false": 0, "true": 1}


@dataclass(frozen=True, eq=False)
class Fit:
    """The classes of a score file, and the gold label of each row among them."""

    classes: tuple[str, ...]
    """From worst to best on a scale, otherwise in the order of the columns."""
    order: tuple[int, ...]
    """For each class, its column."""
    ordinal: bool
    gold: np.ndarray
    """(N,) int64, indices into `classes`."""
    notes: tuple[str, ...] = ()

    def order_notes(self, parts: Parts, ordinal: bool | None) -> tuple[str, ...]:
        """What was decided about the order of the classes; `ordinal` is what the user says of it."""
        notes = []
        if parts.second:
            notes.append(f"{parts.columns[0]!r} is of the second class, {self.classes[self.order.index(1)]}")
        if self.order != tuple(range(parts.width)):
            notes.append(f"the columns are put in order: {listed(self.classes)}")
        if self.ordinal and ordinal is None:
            notes.append(f"the classes are steps of a scale: {span(self.classes)}")
        # Two classes have no steps between them.
        elif ordinal is None and parts.width > 2:
            notes.append("the classes have no order: give --ordinal if they are steps of a scale")
        return tuple(notes)


def fit(
    raw: Raw, label: str, labels: Labels, parts: Parts, *, label_base: int | None, label_map: Mapping[str, str] | None
) -> Fit:
    """Find the class of every label.

    Raises:
        PredictionsError: Labels that fit no class, numbers that can be read in two ways, labels that are
            coarser than the classes, or nothing that says which column is which class.
        UsageError: A label map that names no class.
    """
    _refuse_unlike(raw, label, labels, parts)
    _refuse_repeated(raw, parts.classes or ())
    unsaid = label_base is None and label_map is None
    if unsaid and label == raw.indices and pa.types.is_integer(raw.columns[label].type):
        return _indexed(raw, label, labels, parts)
    names = parts.classes or _polarity(labels, parts)
    if unsaid and names is not None and (named := _named(label, labels, names)):
        return named
    numbers = {text: _number(text, parts.width) for text in labels.texts}
    counts = [number is not None for number in numbers.values()]
    may_count = any(counts) if names is None else all(counts) and scheme_of(names).kind == "opaque"
    if may_count and label_map is None:
        base, note = counting.base_of(raw, label, labels, numbers, parts.width, label_base)
        return _counted(label, labels, numbers, names, base, note, parts)
    if names is None and label_map is None:
        raise _nameless(raw, label, labels, parts)
    names = names or tuple(str(number) for number in range(parts.width))
    found = contract.match_labels(raw, label, labels, names, label_base=label_base, label_map=label_map)
    gold_of = {text: found.gold_of[text] for text in labels.texts}
    order = tuple(found.projection.argmax(axis=0).tolist())
    return Fit(found.classes, order, found.ordinal, _gold(labels, gold_of), _said(gold_of, found.classes))


def _named(label: str, labels: Labels, names: tuple[str, ...]) -> Fit | None:
    """Labels that are the names of classes, all of them; None where one is not."""
    scheme = scheme_of(names)
    by_name = {canonical(name): place for place, name in enumerate(scheme.names)}
    if not all(canonical(text) in by_name for text in labels.texts):
        return None
    gold = _gold(labels, {text: by_name[canonical(text)] for text in labels.texts})
    notes: tuple[str, ...] = ()
    # They would also count the columns, and most often to the same end; a person may know that it is another.
    if any(whole_number(text) is not None for text in labels.texts):
        example = min(labels.texts, key=natural)
        name = scheme.names[by_name[canonical(example)]]
        notes = (f"the gold labels are taken for names of the classes: {example} is the class {name!r}",)
    scale = scheme.kind in _SCALES or (scheme.kind == "opaque" and spelled(label) in SCALES)
    return Fit(scheme.names, scheme.order, scale and len(names) > 2, gold, notes)


def _gold(labels: Labels, class_of: Mapping[str, int | None]) -> np.ndarray:
    gold: np.ndarray = np.array([class_of[text] for text in labels.texts], np.int64)[labels.codes]
    return gold


def _number(text: str, width: int) -> int | None:
    """The number that a label is; where there are two classes, false is 0 and true 1."""
    return _TRUTH.get(canonical(text), whole_number(text)) if width == 2 else whole_number(text)


def _polarity(labels: Labels, parts: Parts) -> tuple[str, ...] | None:
    """Negative and positive as the labels call them, where one number a row is that of the positive class."""
    scheme = scheme_of(labels.texts)
    return scheme.names if parts.second and scheme.kind == "polarity" else None


def _indexed(raw: Raw, label: str, labels: Labels, parts: Parts) -> Fit:
    """Gold labels that are known to be indices of the classes that the file names for probabilities."""
    if parts.probabilities is None and raw.logit_classes != raw.classes:
        raise raw.error(
            f"the logits are of other classes than the gold labels: {listed(raw.logit_classes or ())}",
            expected=f"logits of {listed(raw.classes or ())}",
            remedy="score the probabilities, without --values logits",
        )
    numbers = {text: whole_number(text) for text in labels.texts}
    counting.base_of(raw, label, labels, numbers, parts.width, 0)
    names = parts.classes or ()
    scheme = scheme_of(names)
    place_of = {column: place for place, column in enumerate(scheme.order)}
    gold_of = {text: place_of[number] for text, number in numbers.items() if number is not None}
    return Fit(scheme.names, scheme.order, scheme.kind in _SCALES and len(names) > 2, _gold(labels, gold_of))


def _counted(
    label: str,
    labels: Labels,
    numbers: Mapping[str, int | None],
    names: tuple[str, ...] | None,
    base: int,
    note: str,
    parts: Parts,
) -> Fit:
    """Labels that count the columns, which have no names or such as LABEL_0."""
    classes = names or tuple(str(base + place) for place in range(parts.width))
    notes = [note] if names else [note, f"the classes have no names: they are called {span(classes)}"]
    scheme = scheme_of(classes) if names else None
    return Fit(
        classes=scheme.names if scheme else classes,
        order=scheme.order if scheme else tuple(range(parts.width)),
        # Names that are 1 … K are a scale in every format; bare ids from 0 are one where their column says it.
        ordinal=(spelled(label) in SCALES or (names is None and base == 1)) and parts.width > 2,
        gold=_gold(labels, {text: number - base for text, number in numbers.items() if number is not None}),
        notes=tuple(notes),
    )


def _said(gold_of: Mapping[str, int | None], classes: Sequence[str]) -> tuple[str, ...]:
    """Which label is which class, where their names are not the same."""
    pairs = {text: classes[gold] for text, gold in gold_of.items() if gold is not None}
    if all(canonical(text) == canonical(name) for text, name in pairs.items()):
        return ()
    said = listed([f"{shown(text)} is {pairs[text]}" for text in sorted(pairs, key=natural)], limit=8)
    return (f"gold labels: {said}",)


def _refuse_repeated(raw: Raw, names: Sequence[str]) -> None:
    seen: dict[str, str] = {}
    for name in names:
        first = seen.setdefault(canonical(name), name)
        if first != name or names.count(name) > 1:
            raise raw.error(
                f"two classes have one name: {first!r} and {name!r}",
                expected="a name of its own for each class", remedy=f"rename the {raw.word} of one of them",
            )  # fmt: skip


def _refuse_unlike(raw: Raw, label: str, labels: Labels, parts: Parts) -> None:
    """Raise where a column has so many different values that it can hardly be one of labels."""
    different = len(labels.texts)
    if different > 1000 + 10 * parts.width:
        raise raw.error(
            f"there are {different:,} different gold labels, and {parts.width:,} classes", column=label,
            expected="the name or the number of a class in each row", remedy="name another --label-column",
        )  # fmt: skip


def _nameless(raw: Raw, label: str, labels: Labels, parts: Parts) -> PredictionsError:
    names = listed([shown(text) for text in sorted(labels.texts, key=natural)])
    return raw.error(
        f"nothing says which of the {parts.width} numbers of a row is which class", column=label,
        expected=f"names of the classes in the order of the numbers; the gold labels are {names}",
        remedy="name them with --classes, or in the file in an array 'classes'" if raw.word == "array" else
        "name them with --classes, or write a column p_<class> for each",
    )  # fmt: skip
