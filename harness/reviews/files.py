"""A file's bytes: unpacked where gzip packed them, and told by their first bytes rather than by the name."""

from __future__ import annotations

import difflib
import gzip
import zlib
from pathlib import Path

from harness.errors import ReviewSetError

TEXT_ENDINGS = {
    ".csv": "csv", ".tsv": "tsv", ".tab": "tsv", ".jsonl": "jsonl", ".ndjson": "jsonl", ".json": "json",
}  # fmt: skip
"""Ending -> format; each also with `.gz` after it."""
ENDINGS = "CSV, TSV, JSONL or JSON (each also .gz), or Parquet"

_FOREIGN = {
    b"PK\x03\x04": ("an Excel workbook or a zip archive", "unpack it, or save the sheet as CSV UTF-8"),
    b"\xd0\xcf\x11\xe0": ("an old Excel workbook", "save the sheet as CSV UTF-8"),
    b"BZh9": ("packed with bzip2", "unpack it with bunzip2"),
    b"\xfd7zXZ\x00": ("packed with xz", "unpack it with unxz"),
    b"\x28\xb5\x2f\xfd": ("packed with zstd", "unpack it with unzstd"),
    b"ARROW1": ("an Arrow file", "name the folder that Dataset.save_to_disk wrote, or save it as Parquet"),
    b"\xff\xff\xff\xff": ("an Arrow stream", "name the folder that Dataset.save_to_disk wrote, or save it as Parquet"),
    b"SQLite format 3\0": ("an SQLite database", "save the table as CSV"),
    b"version https://git-lfs": ("a Git LFS pointer, without the data", "fetch the file with git lfs pull"),
    b"%PDF-": ("a PDF document", "save the reviews as CSV UTF-8"),
}
_SHEETS = (".xlsx", ".xls", ".ods", ".numbers")


def kind_of_name(path: Path) -> str | None:
    """`csv`, `tsv`, `jsonl`, `json` or `parquet` by the name's ending, whatever its case; else `None`.

    >>> kind_of_name(Path("reviews.CSV.gz"))
    'csv'
    """
    name = path.name.lower()
    if name.endswith((".parquet", ".pq")):
        return "parquet"
    ending = Path(name.removesuffix(".gz")).suffix
    return TEXT_ENDINGS.get(ending)


def read_bytes(path: Path, location: str) -> tuple[str, bytes, tuple[str, ...]]:
    """The format of a file, its bytes (unpacked) and what is to be noted about it.

    Raises:
        ReviewSetError: A file that cannot be opened, is empty, is packed and cut short, or is of no known format.
    """
    kind = kind_of_name(path)
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ReviewSetError(
            f"the file cannot be read: {error.strerror}", where=location, remedy="check its permissions"
        ) from None
    notes: tuple[str, ...] = ()
    if data.startswith(b"\x1f\x8b"):
        if not path.name.lower().endswith(".gz"):
            notes = ("packed with gzip, though its name does not end in .gz",)
        data = _unpack(data, location)
    elif path.name.lower().endswith(".gz") and data:
        notes = ("not packed, though its name ends in .gz",)
    if data.startswith(b"PAR1"):
        if kind != "parquet":
            notes = (*notes, "a Parquet file, though its name says otherwise")
        return "parquet", data, notes
    _refuse(path, kind, data, location)
    assert kind is not None
    return kind, data, notes


def _unpack(data: bytes, location: str) -> bytes:
    try:
        return gzip.decompress(data)
    except EOFError:
        message = "the gzip file is cut short"
    except (gzip.BadGzipFile, zlib.error) as error:
        message = f"the gzip file is damaged: {error}"
    raise ReviewSetError(message, where=location, remedy="fetch or copy the file again (gzip -t checks it)")


def _refuse(path: Path, kind: str | None, data: bytes, location: str) -> None:
    """Raise where the bytes are no text of a known format."""
    if not data.strip():
        raise ReviewSetError(
            "the file is empty", where=location, expected="labelled reviews", remedy="fetch or write the file again"
        )
    for magic, (what, remedy) in _FOREIGN.items():
        if data.startswith(magic):
            raise ReviewSetError(f"the file is {what}", where=location, expected=ENDINGS, remedy=remedy)
    if data[:200].lstrip(b"\xef\xbb\xbf \r\n\t").lower().startswith((b"<!doctype html", b"<html", b"<?xml")):
        raise ReviewSetError(
            "the file is a web page or XML",
            where=location, expected=ENDINGS, remedy="download the file itself, not the page that shows it",
        )  # fmt: skip
    if kind == "parquet":
        raise ReviewSetError(
            "the file is no Parquet file: it does not begin with PAR1",
            where=location, expected="Parquet, whole", remedy="fetch it again, or give it the ending of its format",
        )  # fmt: skip
    if kind is None:
        raise ReviewSetError(
            f"the ending {path.suffix!r} names no format that is read" if path.suffix else "the file has no ending",
            where=location,
            expected=ENDINGS,
            remedy="save the sheet as CSV UTF-8" if path.suffix.lower() in _SHEETS
            else f"rename the file after its format, such as {path.name.split('.')[0]}.csv",
        )  # fmt: skip


def missing(path: Path, location: str, *, also: str = "") -> ReviewSetError:
    """The error for a file that does not exist, with the names of its neighbours that are near."""
    folder = path.parent
    if not folder.is_dir():
        return ReviewSetError(
            "there is no such file, nor the folder it should be in",
            where=location, remedy=" ".join(part for part in ("correct the path", also) if part),
        )  # fmt: skip
    neighbours = sorted(each.name for each in folder.iterdir() if each.is_dir() or kind_of_name(each))
    by_fold = {name.casefold(): name for name in neighbours}
    near = [by_fold[fold] for fold in difflib.get_close_matches(path.name.casefold(), by_fold, n=3, cutoff=0.5)]
    stem = path.name.split(".")[0].casefold()
    near += [name for name in neighbours if name.split(".")[0].casefold() == stem and name not in near]
    if near:
        remedy = "did you mean " + " or ".join(str(folder / name) for name in near[:3]) + "?"
    else:
        remedy = "correct the path"
    remedy = " ".join(part for part in (remedy, also) if part)
    return ReviewSetError("there is no such file", where=location, remedy=remedy)
