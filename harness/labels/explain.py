"""What a match says of itself: one line that shows it, warnings, and suggestions for what did not match."""

from __future__ import annotations

import difflib
import itertools
import math
from collections.abc import Iterator, Mapping, Sequence

from harness.labels.draft import Draft
from harness.labels.places import Place
from harness.labels.scheme import POSITIVE, canonical, whole_number
from harness.labels.wording import LONG, Sides, listed, shown, span


def how_of(draft: Draft, classes: Sequence[str]) -> str:
    """One line: which label is which class, and where probabilities go that have no label.

    `labels 1…5 are the classes 1 star … 5 stars (1-based)`
    """
    parts = [_labels(draft), _sums(draft, classes), _neutral(draft, classes)]
    return "; ".join(part for part in parts if part)


def _labels(draft: Draft) -> str:
    by_class: dict[int, list[str]] = {}
    for label in draft.readings:
        if label in draft.gold_of:
            by_class.setdefault(draft.gold_of[label], []).append(label)
    golds = sorted(by_class)
    if all(canonical(label) == canonical(draft.classes[gold]) for label, gold in draft.gold_of.items()):
        return "labels are matched with the classes by name"
    first = [by_class[gold][0] for gold in golds]
    one_to_one = all(len({canonical(label) for label in by_class[gold]}) == 1 for gold in golds)
    numbers = [number for label in first if (number := whole_number(label)) is not None]
    if one_to_one and len(numbers) == len(golds) > 1:
        names, texts = [draft.classes[gold] for gold in golds], [str(number) for number in numbers]
        if all(a + 1 == b for a, b in [*itertools.pairwise(numbers), *itertools.pairwise(golds)]):
            said = f"labels {span(texts, '…')} are the classes {span(names)}"
        else:
            said = f"labels {listed(texts)} are the classes {listed(names)}"
    else:
        groups = [
            listed([shown(label) for label in by_class[gold]], last=" and ", limit=4)
            + (" is " if len(by_class[gold]) == 1 else " are ")
            + draft.classes[gold]
            for gold in golds
        ]
        said = f"label{'s' if len(by_class[golds[0]]) > 1 else ''} {listed(groups, limit=8)}"
    return said + _counting(draft)


def _counting(draft: Draft) -> str:
    """What the numbers count, where there are numbers."""
    scheme, said = draft.scheme, ""
    kinds = {draft.readings[label].kind for label in draft.gold_of}
    if "number" in kinds and draft.numbers is not None:
        said = f" ({draft.numbers.reason})"
    if kinds & {"number", "position"} and not scheme.sentimental and scheme.kind != "numbered":
        said += ", by position in id2label"
    if kinds & {"number", "stars"} and scheme.kind == "opaque":
        said += ": the names say nothing of their meaning"
    return said


def _sums(draft: Draft, classes: Sequence[str]) -> str:
    """Which probabilities are summed."""
    by_id = dict(zip(classes, draft.targets, strict=True))
    sources = [[name for name in draft.scheme.names if by_id[name] == (i,)] for i in range(len(draft.classes))]
    if all(len(names) < 2 for names in sources):
        return ""
    sums = [f"{' + '.join(names)} for {draft.classes[i]}" for i, names in enumerate(sources)]
    return f"probabilities are summed: {listed(sums)}"


def _neutral(draft: Draft, classes: Sequence[str]) -> str:
    """Where the probability of the middle class goes."""
    for name, to in zip(classes, draft.targets, strict=True):
        if not to:
            return f"{name} is left out and the rest rescaled (--neutral drop)"
        if len(to) == 2:
            return f"{name} counts half to each (--neutral split)"
    return ""


def warnings_of(draft: Draft, absent: Sequence[str], sides: Sides) -> Iterator[str]:
    """What a person should know about a match that holds. `absent`: keys of the label map that the set lacks."""
    counts = sides.labels
    if draft.unknown:
        total = sum(counts[label] for label in draft.unknown)
        each = [f"{shown(label)} ({counts[label]:,})" for label in draft.unknown]
        yield f"{_reviews(total)} left out whose labels fit no class (--on-bad-row skip): {listed(each)}"
    if draft.middle:
        total = sum(counts[label] for label in draft.middle)
        names = listed([shown(label) for label in draft.middle], last=" or ")
        neither = listed(draft.classes, last=" nor ")
        yield f"{_reviews(total)} left out with the label {names}, which is neither {neither} (--neutral drop)"
    if len(set(draft.gold_of.values())) == 1:
        name = draft.classes[next(iter(draft.gold_of.values()))]
        yield f"every review is labelled {name}: accuracy here is the recall of that one class"
    kinds = {draft.readings[label].kind for label in draft.gold_of}
    numbered = "number" in kinds and draft.numbers is not None and draft.numbers.count == 2
    if draft.scheme.kind == "polarity" and draft.scheme.reordered and numbered:
        yield (
            f"id2label has {draft.scheme.names[1]} first, but the smaller number is read as {draft.scheme.names[0]}, "
            "as is usual in data sets; --label-map says otherwise"
        )
    if absent:
        names = listed([repr(label) for label in absent], last=" and ")
        yield f"the label map names {names}, which the review set does not have"


def _reviews(count: int) -> str:
    return "1 review is" if count == 1 else f"{count:,} reviews are"


def suggestions(draft: Draft) -> Mapping[str, str]:
    """Up to three unknown labels with a class that each could be, as an example of a label map.

    Where nothing tells what a label means the example says CLASS, which no map accepts: a guess could be
    pasted and believed.
    """
    return {label: _likely(label, draft) for label in draft.unknown[:3] if len(label) <= LONG}


def _likely(label: str, draft: Draft) -> str:
    if draft.scheme.sentimental:
        star = _nearest_star(label)
        place = None if star is None else Place(5, star).on(len(draft.classes))
        if place is not None:
            return draft.classes[place]
    by_fold = {name.casefold(): name for name in draft.classes}
    near = difflib.get_close_matches(label.casefold(), list(by_fold), n=1, cutoff=0.5)
    if near:
        return by_fold[near[0]]
    reading = draft.readings[label]
    if reading.kind == "sentiment":
        return draft.classes[-1 if reading == POSITIVE else 0]
    return "CLASS"


def _nearest_star(label: str) -> int | None:
    """Index of the star next to a fraction such as 3.5, halves upwards; None for what is no number."""
    try:
        number = float(label.replace(",", "."))
    except ValueError:
        return None
    return min(5, max(1, math.floor(number + 0.5))) - 1 if math.isfinite(number) else None
