"""Which columns hold probabilities, and which logits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from shlex import quote

import pyarrow as pa

from harness.errors import PredictionsError, UsageError
from harness.labels.scheme import canonical
from harness.labels.wording import listed
from harness.reviews.vocabulary import spelled
from harness.scores.names import LOGITS, OF_CLASS, PROBABILITIES, TABLES, UNSAID, Kind
from harness.scores.numbers import is_number
from harness.scores.prefixes import numeric, prefixed
from harness.scores.raw import Raw
from harness.scores.source import Source, like_classes, option_for_classes


@dataclass(frozen=True)
class Found:
    """The numbers of a file, by what they are."""

    probabilities: Source | None = None
    logits: Source | None = None
    unsaid: Source | None = None
    """Probabilities or logits, which their rows have to tell; None where one of the others is there."""
    notes: tuple[str, ...] = ()


def find(raw: Raw, label: str, labels: Sequence[str], classes: Sequence[str] | None, kind: Kind) -> Found:
    """The columns of probabilities and logits: by the usual names, by `p_<class>`, or by the classes' own names.

    Args:
        raw: The file.
        label: The column of the gold labels, which is none of them.
        labels: The different labels in it.
        classes: Names that the user gives.
        kind: What the user says that the numbers are.

    Raises:
        PredictionsError: There are none, one class alone, or several that are as good.
        UsageError: A class that the user names has no column.
    """
    _check(classes, raw)
    free = [name for name in raw.columns if name != label]
    probabilities = _full(raw, free, PROBABILITIES, "p", classes)
    logits = _full(raw, free, LOGITS, "logit", classes)
    unsaid = None
    if not probabilities and not logits:
        by_name = _by_name(raw, free, labels, classes)
        probabilities, logits = _single(raw, free, PROBABILITIES), _single(raw, free, LOGITS)
        others = [_full(raw, free, UNSAID, "", classes), by_name, _single(raw, free, UNSAID)]
        candidates = [source for source in (probabilities or logits, *others) if source]
        if classes is not None and by_name:
            probabilities, logits, candidates = None, None, [by_name]
        candidates = candidates or prefixed(raw, free, labels, classes)
        if not candidates:
            table = _full(raw, free, TABLES, "", classes)
            candidates = [table] if table else []
        if len(candidates) > 1:
            classes_option = "" if by_name is None else option_for_classes(by_name.classes or ())
            named = f"name the classes, to take their columns, with {classes_option}, or " if classes_option else ""
            raise _ambiguous(raw, candidates, named)
        if not candidates:
            raise _nothing(raw, free, labels) if classes is None else _classless(raw, classes, free)
        unsaid = None if probabilities or logits else candidates[0]
    elif kind != "auto":
        unsaid = _full(raw, free, UNSAID, "", classes)
    return _as_asked(raw, Found(probabilities, logits, unsaid), kind)


def _as_asked(raw: Raw, found: Found, kind: Kind) -> Found:
    """The same, with what `kind` says of numbers that do not say it themselves, or say something else."""
    if kind == "auto":
        return found
    if kind == "probabilities" and found.probabilities:
        return Found(probabilities=found.probabilities, logits=found.logits)
    if kind == "logits" and found.logits:
        return Found(logits=found.logits)
    other = found.unsaid or found.probabilities or found.logits
    assert other is not None, "find raises where there is nothing"
    notes = (f"{raw.listed(other.columns)} hold{'s' if len(other.columns) == 1 else ''} {kind}, as --values says",)
    return Found(probabilities=other, notes=notes) if kind == "probabilities" else Found(logits=other, notes=notes)


def _check(classes: Sequence[str] | None, raw: Raw) -> None:
    if classes is not None and len({canonical(name) for name in classes}) < max(len(classes), 2):
        raise UsageError(
            f"--classes names {listed([repr(name) for name in classes]) or 'none'}",
            where=str(raw.path), expected="two classes or more, each once", remedy="correct --classes",
        )  # fmt: skip


def _full(
    raw: Raw, free: Sequence[str], usual: frozenset[str], prefix: str, classes: Sequence[str] | None
) -> Source | None:
    """A column of lists with a usual name, or columns that a prefix holds together."""
    lists = [name for name in free if spelled(name) in usual and pa.types.is_nested(raw.columns[name].type)]
    sources = [Source((name,)) for name in lists]
    families: dict[str, dict[str, str]] = {}
    for name in free if prefix else ():
        parts = OF_CLASS.fullmatch(name)
        if parts and parts[1].lower().startswith(prefix):
            families.setdefault(parts[1].lower(), {})[name] = parts[2].strip()
    sources += [source for family in families.values() if (source := _of_classes(raw, family, classes))]
    if len(sources) > 1:
        raise _ambiguous(raw, sources)
    return sources[0] if sources else None


def _single(raw: Raw, free: Sequence[str], usual: frozenset[str]) -> Source | None:
    """A column of one number a row with a usual name."""
    sources = [
        Source((name,)) for name in free if spelled(name) in usual and not pa.types.is_nested(raw.columns[name].type)
    ]
    if len(sources) > 1:
        raise _ambiguous(raw, sources)
    return sources[0] if sources else None


def _by_name(raw: Raw, free: Sequence[str], labels: Sequence[str], classes: Sequence[str] | None) -> Source | None:
    """Columns of numbers with the names of classes: the user's, those of labels, or such as `3 stars` and `neutral`."""
    numbers = [name for name in free if raw.untyped or is_number(raw.columns[name].type)]
    named = numbers if classes is not None else like_classes(numbers, labels)
    return _of_classes(raw, dict(zip(named, named, strict=True)), classes)


def _of_classes(raw: Raw, family: Mapping[str, str], classes: Sequence[str] | None) -> Source | None:
    """Columns (name -> class): those of the classes that the user names, in that order, else all; at least two."""
    if classes is None:
        return Source(tuple(family), tuple(family.values())) if len(family) > 1 else None
    by_class = {canonical(of): name for name, of in family.items()}
    missing = [name for name in classes if canonical(name) not in by_class]
    if len(missing) == len(classes):
        return None
    if missing:
        raise _classless(raw, missing, list(family))
    return Source(tuple(by_class[canonical(name)] for name in classes), tuple(classes))


def _classless(raw: Raw, missing: Sequence[str], among: Sequence[str]) -> UsageError:
    return UsageError(
        f"no {raw.word} is of the class {missing[0]!r}",
        where=str(raw.path),
        expected=f"one of {raw.listed(among)} for each class",
        remedy="correct --classes",
    )


def _ambiguous(raw: Raw, sources: Sequence[Source], also: str = "") -> PredictionsError:
    shown = " or ".join(raw.listed(source.columns) for source in sources)
    return raw.error(
        f"it is not clear which {raw.word}s are to be scored: {shown}",
        expected="probabilities once, and logits once at most",
        remedy=f"{also}leave the others out of the file",
    )


def _nothing(raw: Raw, free: Sequence[str], labels: Sequence[str]) -> PredictionsError:
    single = [name for name in free if OF_CLASS.fullmatch(name)] or like_classes(free, labels)
    if len(single) == 1:
        return raw.error(
            f"{single[0]!r} is of one class, and no {raw.word} is of another",
            expected=f"one {raw.word} for each class",
            remedy="add the others; where there are two classes and this is the second, call it probability",
        )
    columns = numeric(raw, free)
    option = option_for_classes(columns) if len(columns) > 1 else ""
    command = f"harness score {quote(raw.path.name)} {option}" if option else ""
    shapes = f"probabilities or logits with a number for each class, or {raw.word}s p_<class> or logit_<class>"
    return raw.error(
        "there are no probabilities and no logits",
        expected="\n".join([shapes, f"the file has {raw.listed()}", *raw.reasons()]),
        remedy=f"rename them so, or name the {raw.word}s of the classes, as in\n{command}"
        if command
        else f"rename them so; {raw.word}s with the bare names of the classes are found by --classes",
    )
