"""Small score files, and what reading them says."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from harness.errors import HarnessError
from harness.scores import Scores, read_scores

Content: TypeAlias = str | bytes | Mapping[str, Any] | pa.Table
"""Text or bytes as they are, arrays of an archive, or a table of a Parquet file."""


def written(folder: Path, name: str, content: Content) -> Path:
    path = folder / name
    if isinstance(content, pa.Table):
        pq.write_table(content, path)
    elif isinstance(content, str | bytes):
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    else:
        np.savez(path, allow_pickle=True, **content)
    return path


def reading(folder: Path, name: str, content: Content, **options: Any) -> Scores:
    return read_scores(written(folder, name, content), **options)


def refusal(folder: Path, name: str, content: Content, **options: Any) -> str:
    """The error that reading the file ends in, with the file's name alone."""
    path = written(folder, name, content)
    return refused(path, **options)


def refused(path: Path, error: type[HarnessError] = HarnessError, /, **options: Any) -> str:
    with pytest.raises(error) as caught:
        read_scores(path, **options)
    return str(caught.value).replace(f"{path.parent}/", "")
