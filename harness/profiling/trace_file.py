"""The trace of a profile as a file: what Perfetto opens, and nothing about the machine that it was made on."""

from __future__ import annotations

import errno
import gzip
import json
import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NoReturn

from harness import files
from harness.errors import RunError
from harness.report.public import without_folders


def write(export: Callable[[str], object], path: Path) -> None:
    """Write a trace of torch's profiler without the name of the machine and the folders on it.

    Args:
        export: Writes the trace, as JSON, to a file of that name.
        path: The file, compressed where its name ends in `.gz`.

    Raises:
        RunError: It cannot be written.
    """
    with tempfile.TemporaryDirectory() as folder:
        raw = Path(folder) / "trace.json"
        export(str(raw))
        content = json.loads(raw.read_text(encoding="utf-8"))
    content.pop("host_name", None)
    content["traceName"] = path.name
    data = json.dumps(_public(content), separators=(",", ":")).encode()
    try:
        with files.replacing(path) as temporary:
            # Without the time and the name of the temporary file, which gzip would put into its head.
            temporary.write_bytes(gzip.compress(data, mtime=0) if path.suffix == ".gz" else data)
    except OSError as error:
        _not_writable(path, error)


def check_writable(path: Path) -> None:
    """Make the folder of a trace, and see that a file can be written there.

    Raises:
        RunError: It cannot.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.is_dir():
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        with tempfile.TemporaryFile(dir=path.parent):
            pass
    except OSError as error:
        _not_writable(path, error)


def _not_writable(path: Path, error: OSError) -> NoReturn:
    raise RunError(
        f"the trace cannot be written: {error.strerror}",
        where=str(path),
        remedy="name another file with -o, or another folder with --output",
    ) from None


@contextmanager
def without_marks() -> Iterator[None]:
    """Leaves out the marks that torch's profiler writes on stderr when it starts and stops, as `USDT:…`.

    Its own setting (KINETO_LOG_LEVEL) hides errors sooner than these.
    """
    with tempfile.TemporaryFile() as kept:
        sys.stderr.flush()
        stderr = os.dup(2)
        os.dup2(kept.fileno(), 2)
        try:
            yield
        finally:
            os.dup2(stderr, 2)
            kept.seek(0)
            for line in kept:
                if not line.startswith(b"USDT:"):
                    os.write(stderr, line)
            os.close(stderr)


def _public(value: Any) -> Any:
    """The same JSON value, where no text has a folder of this machine."""
    if isinstance(value, str):
        return without_folders(value)
    if isinstance(value, list):
        return [_public(each) for each in value]
    if isinstance(value, dict):
        return {key: _public(each) for key, each in value.items()}
    return value
