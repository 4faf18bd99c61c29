"""The folder of a baseline: found by name, read or refused with the reason, removed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harness import runs
from harness.errors import BaselineError, UsageError
from harness.options import nearest
from harness.runs.folder import slug

if TYPE_CHECKING:
    from harness.records.baselines import BaselineEvaluation, BaselineRecord

RECORD = "baseline.json"
PREDICTIONS = "predictions"


@dataclass(frozen=True)
class Baseline:
    """A baseline on disk."""

    folder: Path
    record: BaselineRecord

    def predictions(self, one: BaselineEvaluation) -> runs.PredictionTable:
        """What the classifier of an evaluation predicted.

        Raises:
            BaselineError: The file is not there, or is not the one that was promoted.
            RunError: The file cannot be read as predictions.
        """
        path = self.folder / one.predictions
        try:
            with path.open("rb") as file:
                found = hashlib.file_digest(file, "sha256").hexdigest()
        except OSError as error:
            raise BaselineError(
                f"the predictions of the baseline {self.record.name!r} cannot be read: {error.strerror}",
                where=str(path),
                remedy=RESTORE.format(name=self.record.name),
            ) from None
        if found != one.predictions_sha256:
            raise BaselineError(
                f"the predictions of the baseline {self.record.name!r} are not those that were promoted",
                where=f"{path}, SHA-256 {found[:16]}…",
                expected=f"SHA-256 {one.predictions_sha256[:16]}…",
                remedy=RESTORE.format(name=self.record.name),
            )
        return runs.read_predictions(path)


RESTORE = "restore the folder (git checkout, git lfs pull), or `harness baseline promote latest --name {name}`"


def folder_beside(output: Path) -> Path:
    """The folder of baselines that belongs to a runs folder.

    >>> folder_beside(Path("reports/runs")).as_posix(), folder_beside(Path("elsewhere")).as_posix()
    ('reports/baselines', 'elsewhere/baselines')
    """
    return (output.parent if output.name == "runs" else output) / "baselines"


def check_name(name: str) -> None:
    """Nothing, for a name that can be a folder on every system.

    Raises:
        UsageError: It cannot.
    """
    if not name or slug(name) != name:
        raise UsageError(
            f"a baseline cannot be named {name!r}",
            where="the name of the baseline",
            expected="up to 80 letters a–z and A–Z, digits, dots, dashes and underscores, no dot or dash at an end",
            remedy=f"name it {slug(name)!r}" if name else "give it a name, such as main",
        )


def names(baselines: Path) -> list[str]:
    """The baselines in a folder, by name; none where there is no such folder."""
    return sorted(path.parent.name for path in baselines.glob(f"*/{RECORD}")) if baselines.is_dir() else []


def existing(name: str, baselines: Path) -> Path:
    """The folder of a baseline that is there, whether or not it can be read.

    Raises:
        UsageError: No baseline can have the name.
        BaselineError: There is no such baseline; says which there are.
    """
    check_name(name)
    if (baselines / name / RECORD).is_file():
        return baselines / name
    known = names(baselines)
    raise BaselineError(
        f"there is no baseline {name!r}",
        where=str(baselines),
        expected=", ".join(known) or "no baseline yet",
        remedy=f"{nearest(name, known)}make it with `harness baseline promote latest --name {name}`",
    )


def find(name: str, baselines: Path) -> Baseline:
    """The baseline of that name.

    Args:
        name: Of its folder.
        baselines: The folder of all, see `folder_beside`.

    Raises:
        UsageError: No baseline can have the name.
        BaselineError: There is no such baseline, it has another schema version, or its record is damaged.
    """
    from pydantic import ValidationError

    from harness.records.baselines import BaselineRecord

    path = existing(name, baselines) / RECORD
    document = _document(path)
    _check_version(name, document, path)
    try:
        return Baseline(path.parent, BaselineRecord.model_validate(document))
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"]) or "the whole"
        raise _damaged(
            name, f"{RECORD} does not fit its schema: {first['msg']}", f"{path}, {place} ({error.error_count()} in all)"
        ) from None


def listed(baselines: Path) -> dict[str, Baseline | BaselineError]:
    """Every baseline by name, or the reason why it cannot be read."""
    found: dict[str, Baseline | BaselineError] = {}
    for name in names(baselines):
        try:
            found[name] = find(name, baselines)
        except BaselineError as error:
            found[name] = error
    return found


def remove(name: str, baselines: Path) -> Path:
    """Remove a baseline, also one that cannot be read; what else lies in its folder stays.

    Returns:
        The folder.

    Raises:
        UsageError: No baseline can have the name.
        BaselineError: There is no such baseline, or its files cannot be removed.
    """
    folder = existing(name, baselines)
    try:
        # First, so that a removal cut short leaves no baseline without its predictions.
        (folder / RECORD).unlink()
        remove_predictions(folder, kept=())
    except OSError as error:
        raise BaselineError(
            f"the baseline {name!r} cannot be removed: {error.strerror}",
            where=str(folder),
            remedy="check the permissions of the folder, or remove it by hand",
        ) from None
    with suppress(OSError):  # something else lies there
        folder.rmdir()
    return folder


def remove_predictions(folder: Path, kept: Iterable[str]) -> None:
    """Remove the Parquet files of a baseline's folder but those in `kept`, paths relative to it."""
    for path in (folder / PREDICTIONS).glob("*.parquet"):
        if path.relative_to(folder).as_posix() not in kept:
            path.unlink()
    with suppress(OSError):  # not empty, or not there
        (folder / PREDICTIONS).rmdir()


def _document(path: Path) -> dict[str, Any]:
    name = path.parent.name
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise BaselineError(
            f"{RECORD} cannot be read: {error.strerror}", where=str(path), remedy="check the file's permissions"
        ) from None
    except UnicodeDecodeError:
        raise _damaged(name, f"{RECORD} is no JSON: it is not UTF-8", str(path)) from None
    except json.JSONDecodeError as error:
        raise _damaged(name, f"{RECORD} is no JSON: {error.msg} in line {error.lineno}", str(path)) from None
    if not isinstance(document, dict):
        raise _damaged(name, f"{RECORD} is no JSON: it holds no object", str(path))
    return document


def _check_version(name: str, document: dict[str, Any], path: Path) -> None:
    from harness.records.baselines import BASELINE_VERSION

    version = document.get("schema_version")
    if version == BASELINE_VERSION:
        return
    newer = isinstance(version, int) and version > BASELINE_VERSION
    raise BaselineError(
        f"the baseline {name!r} has schema version {version}" if version else f"{RECORD} has no schema version",
        where=str(path),
        expected=f"schema version {BASELINE_VERSION}, of this harness",
        remedy="pip install --upgrade review-harness"
        if newer
        else f"`harness baseline remove {name}`, then `harness baseline promote latest --name {name}`",
    )


def _damaged(name: str, message: str, where: str) -> BaselineError:
    return BaselineError(message, where=where, remedy=RESTORE.format(name=name))
