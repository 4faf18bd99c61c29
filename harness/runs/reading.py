"""Runs from disk: found by name, read, or refused with the reason."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harness.errors import RunError
from harness.options import nearest
from harness.runs.folder import is_finished, order

if TYPE_CHECKING:
    from harness.records import Run

SHOWN = 5


def find(name: Path | str, output: Path) -> Path:
    """The folder of a run.

    Args:
        name: A run folder, its `run.json`, the id of a run in `output`, or `latest` for the newest
            finished one there.
        output: The runs folder.

    Raises:
        RunError: There is no such run; says which there are.
    """
    if str(name) == "latest":
        return _latest(output)
    for path in (Path(name), output / name):
        if path.name == "run.json" and path.is_file():
            return path.parent
        if path.is_dir() and any((path / file).is_file() for file in ("run.json", "request.json")):
            return path
    if Path(name).is_dir():
        raise RunError(
            "the folder holds no run.json",
            where=str(name),
            remedy="name a run folder, as `harness evaluate` and `pytest suites/` write one",
        )
    known = [path.name for path in _runs(output)]
    raise RunError(
        f"there is no run {str(name)!r}",
        where=str(output),
        expected=_listed(known),
        remedy=f"{nearest(str(name), known)}name a run folder, the id of a run in --output, or latest",
    )


def read(name: Path | str, output: Path, *, unfinished: bool = False) -> Run:
    """The record of a run, see `find` for its name.

    Args:
        name: Which run.
        output: The runs folder.
        unfinished: Also read a run that was interrupted: it holds the evaluations that were finished.

    Raises:
        RunError: There is no such run, it is not finished, a newer harness wrote it, or its
            `run.json` is damaged.
    """
    from pydantic import ValidationError

    from harness.records import Run

    path = find(name, output) / "run.json"
    document = _document(path)
    _check_version(document, path)
    if document.get("status") != "finished" and not unfinished:
        raise _unfinished(path.parent)
    try:
        return Run.model_validate(document)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"]) or "the whole"
        raise RunError(
            f"run.json does not fit its schema: {first['msg']}",
            where=f"{path}, {place} ({error.error_count()} such in all)",
            remedy="make the run again; a run.json is not meant to be edited",
        ) from None


def _document(path: Path) -> dict[str, Any]:
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise _unfinished(path.parent) from None
    except OSError as error:
        raise RunError(
            f"run.json cannot be read: {error.strerror}", where=str(path), remedy="check the file's permissions"
        ) from None
    except UnicodeDecodeError:
        raise _no_json(path, "it is not UTF-8") from None
    except json.JSONDecodeError as error:
        raise _no_json(path, f"{error.msg} in line {error.lineno}") from None
    if not isinstance(document, dict):
        raise _no_json(path, "it holds no object")
    return document


def _no_json(path: Path, reason: str) -> RunError:
    return RunError(f"run.json is no JSON: {reason}", where=str(path), remedy="restore the file, or make the run again")


def _check_version(document: dict[str, Any], path: Path) -> None:
    from harness.records import SCHEMA_VERSION

    version = document.get("schema_version")
    if not isinstance(version, int):
        raise RunError(
            "run.json has no schema version",
            where=str(path),
            expected=f"schema_version, a whole number up to {SCHEMA_VERSION}",
            remedy="name a run folder of this harness",
        )
    if version > SCHEMA_VERSION:
        raise RunError(
            f"a newer harness wrote this run: schema version {version}",
            where=str(path),
            expected=f"schema version {SCHEMA_VERSION} or older",
            remedy="pip install --upgrade review-harness",
        )


def _unfinished(folder: Path) -> RunError:
    return RunError(
        "the run is not finished",
        where=str(folder),
        remedy="give the same command again: it goes on where the run stopped",
    )


def _latest(output: Path) -> Path:
    runs = _runs(output)
    for path in runs:
        if is_finished(path):
            return path
    raise RunError(
        f"there is no finished run: {len(runs)} unfinished" if runs else "there is no run",
        where=str(output),
        remedy="make one with `harness evaluate` or `pytest suites/`, or name its folder with --output",
    )


def _runs(output: Path) -> list[Path]:
    """The run folders in a runs folder, newest first."""
    if not output.is_dir():
        return []
    found = [path for path in output.iterdir() if (path / "run.json").is_file() or (path / "request.json").is_file()]
    return sorted(found, key=order, reverse=True)


def _listed(known: list[str]) -> str:
    more = f" and {len(known) - SHOWN} older" if len(known) > SHOWN else ""
    return ", ".join(known[:SHOWN]) + more if known else "no run yet"
