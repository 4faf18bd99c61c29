"""A run's own folder: started or gone on with, written, finished. One process at a time."""

from __future__ import annotations

import html
import json
import re
import shutil
import time
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from filelock import FileLock, Timeout

from harness import files
from harness.errors import RunError

if TYPE_CHECKING:
    from harness.records import Run

TIME = "%Y%m%dT%H%M%SZ"


class RunFolder:
    """The folder of one invocation, locked while the process lives. Made by `start`."""

    def __init__(self, path: Path, lock: FileLock, *, resumed: bool) -> None:
        self.path = path
        self.resumed = resumed
        """An interrupted run of the same request is gone on with."""
        self._lock = lock
        self._run: Run | None = None
        self._clock = time.perf_counter()

    @property
    def id(self) -> str:
        """The folder's name: UTC time and name of the run."""
        return self.path.name

    @classmethod
    def reserve(cls, output: Path, name: str, request: str) -> Path:
        """The folder that `start` would take now. Nothing is created or locked.

        For a process that must tell others where the run will be before it is known whether there
        is one; the path is handed to `start` as `at`.
        """
        wanted = _digest(request)
        for path in _candidates(output, wanted):
            with suppress(Timeout, OSError), _locked(path):
                if _open_to(path, wanted):
                    return path
        return next(path for path in _fresh(output, name) if not path.exists())

    @classmethod
    def start(cls, output: Path, name: str, request: str, *, at: Path | None = None) -> RunFolder:
        """Go on with the newest unfinished run of the same request, or make a new folder.

        Args:
            output: The runs folder; made where it does not exist.
            name: For a person; part of the folder's name.
            request: What was asked. Only its digest is kept, so it may name paths.
            at: A folder from `reserve`, which other processes may have filled already.

        Raises:
            RunError: The folder cannot be written, or `at` belongs to another process.
        """
        try:
            if at is not None:
                return cls._at(at, name, request)
            return cls._resume(output, request) or cls._create(output, name, request)
        except OSError as error:
            raise _cannot_write(output, error) from None

    @classmethod
    def _at(cls, path: Path, name: str, request: str) -> RunFolder:
        path.mkdir(parents=True, exist_ok=True)
        try:
            lock = _acquire(path)
        except Timeout:
            raise RunError(
                "another process works on the same run",
                where=str(path),
                remedy="wait until it ends, or give this run another --name",
            ) from None
        resumed = (path / "request.json").is_file()
        folder = cls(path, lock, resumed=resumed)
        if not resumed:
            folder._write_request(name, request)
        return folder

    @classmethod
    def _resume(cls, output: Path, request: str) -> RunFolder | None:
        wanted = _digest(request)
        for path in _candidates(output, wanted):
            try:
                lock = _acquire(path)
            except (Timeout, OSError):
                continue  # at work, or in a folder that is not ours to write
            # Asked again: the process that held the lock a moment ago may have finished the run.
            if _open_to(path, wanted):
                return cls(path, lock, resumed=True)
            lock.release()
        return None

    @classmethod
    def _create(cls, output: Path, name: str, request: str) -> RunFolder:
        output.mkdir(parents=True, exist_ok=True)
        for path in _fresh(output, name):
            try:
                path.mkdir()
            except FileExistsError:
                continue  # a run of the same name within the same second
            folder = cls(path, _acquire(path), resumed=False)
            folder._write_request(name, request)
            return folder
        raise AssertionError("names do not run out")

    def _write_request(self, name: str, request: str) -> None:
        started = datetime.now(UTC).isoformat(timespec="milliseconds")
        content = {"name": name, "started": started, "request": _digest(request)}
        files.write_text(self.path / "request.json", json.dumps(content, indent=2, ensure_ascii=False) + "\n")

    def write(self, run: Run) -> None:
        """Write `run.json`, whole or not at all.

        Raises:
            RunError: The folder cannot be written.
        """
        rewrite(self.path, run)
        self._run = run

    def finish(self) -> None:
        """Mark the run finished, remove its shards, point `latest.html` at it, and let the folder go.

        `write` comes first; where the run it wrote is not finished yet, it is written again as such.

        Raises:
            RunError: The folder cannot be written.
        """
        assert self._run is not None, "finish() comes after write()"
        if self._run.status != "finished":
            ended = datetime.now(UTC).isoformat(timespec="seconds")
            seconds = round(time.perf_counter() - self._clock, 3)
            self.write(self._run.model_copy(update={"status": "finished", "finished": ended, "seconds": seconds}))
        for shards in (self.path / "predictions").glob("*.shards"):
            shutil.rmtree(shards, ignore_errors=True)
        try:
            _point_latest_at(self.path)
        except OSError as error:
            raise _cannot_write(self.path, error) from None
        self.release()
        with suppress(OSError):
            (self.path / ".lock").unlink()

    def release(self) -> None:
        """Let the folder go as it is; an unfinished run can be gone on with from here."""
        self._lock.release()


def rewrite(path: Path, run: Run) -> None:
    """Replace the record of a finished run, whole or not at all.

    Raises:
        RunError: The folder cannot be written.
    """
    try:
        files.write_text(path / "run.json", run.model_dump_json(indent=2) + "\n")
    except OSError as error:
        raise _cannot_write(path, error) from None


def slug(name: str) -> str:
    """A name as part of a file name: ASCII letters, digits, dots, dashes and underscores.

    >>> slug("nlptown/bert-base on Größe 5.csv")
    'nlptown-bert-base-on-Grosse-5.csv'
    """
    folded = unicodedata.normalize("NFKD", name.replace("ß", "ss"))
    plain = folded.encode("ascii", "ignore").decode()
    return re.sub(r"[^A-Za-z0-9._-]+", "-", plain).strip("-.")[:80] or "run"


def order(path: Path) -> tuple[str, str, str]:
    """Sorts runs from oldest to newest by when they were started, to the millisecond, and then by name."""
    return (path.name.partition("-")[0], str(_json(path / "request.json").get("started", "")), path.name)


def is_finished(path: Path) -> bool:
    """Whether a run folder holds a finished run."""
    return _json(path / "run.json").get("status") == "finished"


def _candidates(output: Path, wanted: str) -> list[Path]:
    """Run folders of a request that are not finished, newest first."""
    if not output.is_dir():
        return []
    found = [path for path in output.iterdir() if _open_to(path, wanted)]
    return sorted(found, key=order, reverse=True)


def _open_to(path: Path, wanted: str) -> bool:
    return _json(path / "request.json").get("request") == wanted and not is_finished(path)


def _fresh(output: Path, name: str) -> Iterator[Path]:
    """Names for a new run, from the plain one on."""
    base = f"{datetime.now(UTC).strftime(TIME)}-{slug(name)}"
    yield output / base
    number = 2
    while True:
        yield output / f"{base}-{number}"
        number += 1


def _acquire(path: Path) -> FileLock:
    lock = FileLock(path / ".lock", timeout=0)
    lock.acquire()
    return lock


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    lock = _acquire(path)
    try:
        yield
    finally:
        lock.release()


def _digest(request: str) -> str:
    return sha256(request.encode()).hexdigest()


def _json(path: Path) -> dict[str, object]:
    """A small JSON object; empty where there is none that can be read."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta http-equiv="refresh" content="0; url={link}">
<title>The newest run</title>
<p>The newest run is <a href="{link}">{name}</a>.</p>
</html>
"""


def _point_latest_at(run: Path) -> None:
    """A page beside the runs folder that leads to the run: a link would not survive a zip, nor Windows."""
    output = run.parent
    beside = output.parent if output.name == "runs" else output
    target = run / ("report.html" if (run / "report.html").is_file() else "run.json")
    link = html.escape(quote(target.relative_to(beside).as_posix()))
    files.write_text(beside / "latest.html", PAGE.format(link=link, name=html.escape(run.name)))


def _cannot_write(path: Path, error: OSError) -> RunError:
    return RunError(
        f"the run folder cannot be written: {error.strerror or error}",
        where=str(path),
        remedy="name a folder that can be written with --output",
    )
