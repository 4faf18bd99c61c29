"""The label map: what the user says about labels that do not speak for themselves."""

from __future__ import annotations

import difflib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from harness.errors import LabelError, UsageError
from harness.labels.scheme import NEUTRAL, SENTIMENTS, Reading, Scheme, canonical, read
from harness.labels.wording import listed

_WHERE = "option --label-map"
_EXPECTED = '\'5=POSITIVE,1=NEGATIVE\', or the path of a JSON file with {"5": "POSITIVE", "1": "NEGATIVE"}'


def read_label_map(text: str) -> dict[str, str]:
    """The pairs of `'5=POSITIVE,1=NEGATIVE'`, or of the JSON file at that path: set label -> class.

    Labels that hold a comma or an equals sign need the file.

    Raises:
        UsageError: A pair that is none, a label named twice, or a file that is no JSON object of texts.
    """
    is_file = text.strip().casefold().endswith(".json") or ("=" not in text and Path(text).is_file())
    pairs = _pairs_of_file(Path(text.strip())) if is_file else [_pair(part) for part in text.split(",") if part.strip()]
    if not pairs:
        raise _wrong("the label map is empty", where=str(Path(text)) if is_file else _WHERE)
    chosen: dict[str, str] = {}
    seen: dict[str, str] = {}
    for label, name in pairs:
        first = seen.setdefault(canonical(label), label)
        if first != label or label in chosen:
            both = repr(label) if first == label else f"{first!r} and {label!r}"
            raise _wrong(f"the label map names {both} twice", remedy="keep one of them: they are the same label")
        chosen[label] = name
    return chosen


def _pair(part: str) -> tuple[str, str]:
    label, equals, name = (piece.strip() for piece in part.partition("="))
    if not equals or not label or not name or "=" in name:
        raise _wrong(f"{part.strip()!r} is no pair of a label and a class")
    return label, name


def _pairs_of_file(path: Path) -> list[tuple[str, str]]:
    def keep_pairs(pairs: list[tuple[str, Any]]) -> list[tuple[str, Any]]:
        return pairs

    try:
        # As pairs: a dict would silently keep the last of two equal labels.
        document = json.loads(path.read_text(encoding="utf-8-sig"), object_pairs_hook=keep_pairs)
    except FileNotFoundError:
        raise _wrong(f"there is no file {path.name}", where=str(path), remedy="correct the path") from None
    except OSError as error:
        raise _wrong(f"{path.name} cannot be read: {error.strerror}", where=str(path)) from None
    except ValueError as error:  # broken JSON, or not UTF-8
        raise _wrong(f"{path.name} is not valid JSON: {error}", where=str(path)) from None
    is_object = isinstance(document, list) and all(isinstance(pair, tuple) for pair in document)
    if not is_object:
        raise _wrong(f"{path.name} is no JSON object", where=str(path))
    for label, name in document:
        if isinstance(name, bool) or not isinstance(name, str | int) or not str(name).strip():
            raise _wrong(f"the class of label {label!r} is no text", where=str(path))
    return [(label.strip(), str(name).strip()) for label, name in document]


def _wrong(message: str, where: str = _WHERE, remedy: str = "correct the map") -> UsageError:
    return UsageError(message, where=where, expected=_EXPECTED, remedy=remedy)


def targets(label_map: Mapping[str, str], classes: Sequence[str], scheme: Scheme) -> dict[str, Reading]:
    """What each label of the map means for this classifier, by the label's canonical form.

    A target is the name of a class, in any case; where the classes are sentiments or stars, also
    negative, neutral, positive or a number of stars from 1 to 5; where there are two classes of
    another kind, also neutral: the label stands for neither.

    Raises:
        LabelError: A target that is none of these.
    """
    by_name = {canonical(name): i for i, name in enumerate(classes)}
    return {canonical(label): _target(label, name, by_name, classes, scheme) for label, name in label_map.items()}


def _target(label: str, name: str, by_name: Mapping[str, int], classes: Sequence[str], scheme: Scheme) -> Reading:
    if canonical(name) in by_name:
        return Reading("class", by_name[canonical(name)])
    reading = read(name)
    if reading.kind in ("sentiment", "very") and scheme.sentimental:
        return reading
    if reading == NEUTRAL and len(classes) == 2:
        return Reading("middle", 0)
    if reading.kind in ("stars", "number") and scheme.sentimental and 1 <= reading.value <= 5:
        return Reading("stars", reading.value)
    words = SENTIMENTS if scheme.sentimental else ()
    raise LabelError(
        f"the label map sends {label!r} to {name!r}, which is no class of the classifier",
        where=_WHERE,
        expected=f"one of the classes {listed(classes)}"
        + (f"\nor {listed(words)}, or a number of stars from 1 to 5" if words else ""),
        remedy=f"{_nearest(name, [*classes, *words])}correct the map",
    )


def _nearest(name: str, known: Sequence[str]) -> str:
    """`did you mean 'POSITIVE'? ` where a known name is near in any case, else nothing."""
    by_fold = {word.casefold(): word for word in reversed(known)}
    found = difflib.get_close_matches(name.casefold(), list(by_fold), n=1)
    return f"did you mean {by_fold[found[0]]!r}? " if found else ""
