"""Archives of numpy arrays, without pickles."""

from __future__ import annotations

import zipfile
import zlib
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.lib import format as npy

from harness.errors import PredictionsError
from harness.reviews.vocabulary import spelled
from harness.scores.names import CLASSES, GOLD, WHOLE_ROWS
from harness.scores.raw import Raw

PICKLE = "an array of Python objects, which only a pickle could hold"


def read(path: Path) -> Raw:
    """Arrays of one axis as columns, and those of two axes that are named as probabilities, logits or scores.

    Raises:
        PredictionsError: The file is no archive of arrays, or is damaged.
    """
    if not zipfile.is_zipfile(path):
        raise PredictionsError(
            "the file is no .npz archive, or is cut short",
            where=str(path),
            expected="an archive as np.savez writes it",
            remedy="save it again with np.savez('predictions.npz', gold=gold, probabilities=probabilities)",
        )
    columns: dict[str, pa.ChunkedArray] = {}
    left_out: dict[str, str] = {}
    classes = None
    name = ""
    try:
        with zipfile.ZipFile(path) as members, np.load(path, allow_pickle=False) as archive:
            for name in archive.files:
                reason = _unfit(members, name)
                if reason:
                    left_out[name] = reason
                elif spelled(name) in CLASSES:
                    classes = tuple(str(each) for each in _texts(archive[name]).tolist())
                else:
                    columns[name] = pa.chunked_array([_column(archive[name], name)])
    except (zipfile.BadZipFile, zlib.error, EOFError, ValueError, NotImplementedError, RuntimeError) as error:
        raise PredictionsError(
            f"the archive is damaged: {str(error).splitlines()[0]}",
            where=f"{path}, array {name!r}" if name else str(path),
            remedy="write or fetch it again",
        ) from None
    return Raw(path, columns, word="array", classes=classes, left_out=left_out)


def _unfit(members: zipfile.ZipFile, name: str) -> str:
    """Why an array is no column; by its header, since what is left out may be large."""
    if f"{name}.npy" not in members.namelist():
        return "no array"
    with members.open(f"{name}.npy") as stream:
        # Version 3 differs from 2 in the encoding of field names alone.
        header = npy.read_array_header_1_0 if npy.read_magic(stream) == (1, 0) else npy.read_array_header_2_0
        shape, _, dtype = header(stream)
    if dtype.hasobject:
        return PICKLE
    rows_of_one = len(shape) == 2 and shape[1] == 1
    whole_rows = len(shape) == 2 and shape[1] > 0 and _of_rows(name)
    if len(shape) != 1 and not rows_of_one and not whole_rows:
        return f"an array of shape {shape}"
    return "" if dtype.kind in "biufUS" else f"an array of dtype {dtype}"


def _of_rows(name: str) -> bool:
    """Whether an array may hold several numbers a row; gold labels may be one-hot, which a person is told."""
    return spelled(name) in WHOLE_ROWS or any(spelled(name) in rank for rank in GOLD)


def _column(array: np.ndarray, name: str) -> pa.Array:
    if array.dtype.kind == "f" and array.dtype.itemsize > 8:
        array = array.astype(np.float64)
    # Arrow knows no other byte order than the machine's.
    array = (
        _texts(array).astype(array.dtype.newbyteorder("="), copy=False) if array.dtype.kind != "S" else _texts(array)
    )
    if array.ndim == 1 or (array.shape[1] == 1 and spelled(name) not in WHOLE_ROWS):
        return pa.array(array.ravel())
    return pa.FixedSizeListArray.from_arrays(pa.array(array.ravel()), array.shape[1])


def _texts(array: np.ndarray) -> np.ndarray:
    return np.char.decode(array, "utf-8") if array.dtype.kind == "S" else array
