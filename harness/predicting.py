"""Texts in, labels with probabilities out: what `harness predict` reads and writes."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from harness.errors import ReviewSetError, UsageError, first_rows

if TYPE_CHECKING:
    import numpy as np

    from harness.classifier import Classifier
    from harness.options import Settings


def refuse_timing_only(classifier: Classifier) -> None:
    """Stop where the classifier has random weights.

    Raises:
        UsageError: It is a shape, made to be timed.
    """
    if classifier.record.timing_only:
        name = classifier.record.name
        raise UsageError(
            f"{name} has random weights: it can be timed, and what it predicts means nothing",
            where=f"option --model {name}",
            remedy="name a checkpoint, or builtin",
        )


def texts_of(arguments: Sequence[str], file: str | None, settings: Settings) -> list[str]:
    """The texts to classify: the arguments, or the lines of a file or of standard input.

    Raises:
        UsageError: Texts and a file together, or neither.
        ReviewSetError: A file that cannot be read, or a blank line.
    """
    if arguments and file is not None:
        raise UsageError("TEXT and --file cannot go together", where=f"option --file {file}", remedy="give one of them")
    if arguments:
        return _without_blanks(list(arguments), "the arguments", "text", settings)
    if file is None and sys.stdin.isatty():
        raise UsageError(
            "predict has no text", remedy='give one: harness predict "I really love this book", or --file F'
        )
    where = "standard input" if file in (None, "-") else str(file)
    return _without_blanks(_lines(file, where, settings), where, "line", settings)


def _lines(file: str | None, where: str, settings: Settings) -> list[str]:
    encoding = settings.encoding or "utf-8-sig"
    try:
        content = sys.stdin.buffer.read() if file in (None, "-") else Path(str(file)).read_bytes()
        lines = content.decode(encoding).replace("\r\n", "\n").replace("\r", "\n").split("\n")
    except OSError as error:
        raise ReviewSetError(
            f"the file cannot be read: {error.strerror}", where=where, remedy="correct --file"
        ) from None
    except LookupError:
        raise UsageError(
            f"unknown encoding {encoding!r}", where="option --encoding", expected="utf-8, cp1252, latin-1, …",
            remedy="name an encoding that Python knows",
        ) from None  # fmt: skip
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise ReviewSetError(
            f"byte 0x{content[error.start]:02x} is no {encoding.removesuffix('-sig')}", where=f"{where}, line {line}",
            remedy="name the file's encoding, for instance --encoding cp1252",
        ) from None  # fmt: skip
    return lines[:-1] if lines[-1] == "" else lines


def _without_blanks(texts: list[str], where: str, unit: str, settings: Settings) -> list[str]:
    blank = [number for number, text in enumerate(texts, 1) if not text.strip()]
    if blank and settings.on_bad_row == "error":
        raise ReviewSetError(
            f"a blank {unit} has nothing to classify",
            where=f"{where}, {first_rows(blank).replace('row', unit, 1)}",
            remedy=f"remove it, or leave blank {unit}s out with --on-bad-row skip",
        )
    kept = [text for text in texts if text.strip()]
    if blank:
        print(f"left out {len(blank):,} blank {unit}{'s' if len(blank) > 1 else ''} of {where}", file=sys.stderr)
    if not kept:
        raise ReviewSetError("there is no text to classify", where=where, remedy=f"give at least one {unit}")
    return kept


def cut_note(cut: np.ndarray, max_length: int) -> str:
    """One line for a person on the texts that were too long; cut: (N,) bool."""
    numbers = [int(place) + 1 for place in cut.nonzero()[0]]
    places = first_rows(numbers).replace("row", "text", 1)
    return f"longer than {max_length} tokens, so their end was not read: {places}"


def write(texts: Sequence[str], probabilities: np.ndarray, classes: Sequence[str], shape: str, out: TextIO) -> None:
    """Write each text with its probabilities, (N, K) float32, as text, JSON or CSV."""
    top = probabilities.argmax(axis=1)
    if shape == "json":
        objects = [
            {"text": text, "label": classes[best], "probabilities": dict(zip(classes, map(float, row), strict=True))}
            for text, best, row in zip(texts, top, probabilities, strict=True)
        ]
        out.write(json.dumps(objects, ensure_ascii=False, indent=2) + "\n")
    elif shape == "csv":
        table = csv.writer(out, lineterminator="\n")
        table.writerow(["text", "label", *classes])
        for text, best, row in zip(texts, top, probabilities, strict=True):
            table.writerow([text, classes[best], *(f"{p:.6f}" for p in row)])
    else:
        _write_text(texts, probabilities, classes, out)


def _write_text(texts: Sequence[str], probabilities: np.ndarray, classes: Sequence[str], out: TextIO) -> None:
    width = max(map(len, classes))
    for number, (text, row) in enumerate(zip(texts, probabilities, strict=True)):
        out.write(("\n" if number else "") + text + "\n")
        for index, (name, probability) in enumerate(zip(classes, row, strict=True)):
            mark = "◀" if index == int(row.argmax()) else ""
            bar = "█" * round(30 * float(probability))
            out.write(f"  {name:<{width}}  {probability:.4f}  {bar}{' ' if bar and mark else ''}{mark}".rstrip() + "\n")
