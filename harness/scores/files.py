"""A score file by its ending, or the reason why there is nothing to read."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path

from harness.errors import NothingMeasured, PredictionsError
from harness.options import nearest
from harness.scores import delimited, npz, parquet
from harness.scores.raw import Raw

ENDINGS = ".npz, .parquet, .csv or .tsv (the last two also with .gz)"
_READERS: Mapping[str, Callable[[Path], Raw]] = {
    ".npz": npz.read,
    ".parquet": parquet.read,
    ".pq": parquet.read,
    ".csv": lambda path: delimited.read(path, _content(path), ","),
    ".tsv": lambda path: delimited.read(path, _content(path), "\t"),
}
_JSON = (".json", ".jsonl", ".ndjson")
_SAVE = "np.savez('predictions.npz', gold=gold, probabilities=probabilities)"


def read(path: Path) -> Raw:
    """Take a score file apart.

    Raises:
        PredictionsError: There is no such file, its ending names no format that is read, or it is damaged.
        NothingMeasured: The file is empty.
    """
    ending = _ending(path)
    if not path.exists():
        raise _missing(path)
    if path.is_dir():
        raise PredictionsError("a folder is no score file", where=str(path), expected=ENDINGS, remedy="name one file")
    if ending not in _READERS:
        raise _unknown(path, ending)
    try:
        if not path.stat().st_size:
            raise NothingMeasured("the file is empty", where=str(path), remedy="write or fetch the file again")
        return _READERS[ending](path)
    except OSError as error:
        raise PredictionsError(
            f"the file cannot be read: {error.strerror or error}", where=str(path), remedy="check its permissions"
        ) from None


def _ending(path: Path) -> str:
    """In lower case; what stands before `.gz` where the format may be packed."""
    name = path.name.lower()
    inner = Path(name.removesuffix(".gz")).suffix
    return inner if inner in (".csv", ".tsv") else Path(name).suffix


def _missing(path: Path) -> PredictionsError:
    beside = [each.name for each in path.parent.iterdir()] if path.parent.is_dir() else []
    near = nearest(path.name, [name for name in beside if _ending(Path(name)) in _READERS])
    return PredictionsError("there is no such file", where=str(path), remedy=f"{near}correct the path")


def _unknown(path: Path, ending: str) -> PredictionsError:
    if ending == ".npy":
        return PredictionsError(
            "an .npy file holds one array, and a score needs two: gold labels and probabilities",
            where=str(path),
            expected=ENDINGS,
            remedy=f"save both with {_SAVE}",
        )
    if ending in _JSON:
        return PredictionsError(
            f"{ending} files are not read",
            where=str(path),
            expected=ENDINGS,
            remedy=f"write it as CSV: pandas.read_json('{path.name}', lines={ending != '.json'})"
            ".to_csv('predictions.csv', index=False)",
        )
    return PredictionsError(
        f"the ending {ending!r} names no format that is read" if ending else "the file has no ending",
        where=str(path),
        expected=ENDINGS,
        remedy=f"save the arrays with {_SAVE}, or a table as CSV or Parquet",
    )


def _content(path: Path) -> bytes:
    """The bytes of a file, unpacked where gzip packed them."""
    data = path.read_bytes()
    if not data.startswith(b"\x1f\x8b"):
        return data
    try:
        return gzip.decompress(data)
    except EOFError:
        reason = "it is cut short"
    except (gzip.BadGzipFile, zlib.error) as error:
        reason = str(error)
    raise PredictionsError(f"the gzip file is damaged: {reason}", where=str(path), remedy="write or fetch it again")
