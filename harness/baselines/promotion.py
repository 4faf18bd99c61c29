"""A run becomes a baseline: written whole or not at all, and not over a better one by accident."""

from __future__ import annotations

import hashlib
import re
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import TYPE_CHECKING

from harness import files, runs
from harness.baselines.folder import PREDICTIONS, RECORD, check_name, remove_predictions
from harness.baselines.standing import doubts_of
from harness.errors import BaselineError, UsageError

if TYPE_CHECKING:
    from harness.records import ClassifierRecord, Run
    from harness.records.baselines import BaselineClassifier, BaselineRecord
    from harness.runs import PredictionTable

DIGITS = 12
"""Of the SHA-256 of a Parquet file that stand in its name."""


def promote(run_path: Path, run: Run, name: str, baselines: Path, *, force: bool = False, reason: str = "") -> Path:
    """Make every evaluation of a run the baseline of that name. Timings are no part of it.

    The record names its predictions by their content and is written last, so that whenever the process
    is stopped, the folder holds the old baseline or the new one.

    Args:
        run_path: The run folder.
        run: Its record.
        name: Of the baseline: a plain word.
        baselines: The folder of all; made where it does not exist.
        force: Also where the baseline that stands there is better, or cannot be compared with.
        reason: Why, for the record; `force` needs one.

    Returns:
        The folder of the baseline.

    Raises:
        UsageError: No baseline can have the name, or `force` without a reason.
        BaselineError: The run is not finished or evaluated nothing, the baseline that stands there is better or
            cannot be compared with, or the folder cannot be written.
        RunError: The predictions of the run cannot be read.
    """
    reason = reason.strip()
    _check(run_path, run, name, force, reason)
    tables = {each.id: runs.read_predictions(run_path / each.predictions) for each in run.evaluations}
    doubts = doubts_of(run_path, run, tables, name, baselines)
    if doubts and not force:
        raise BaselineError(
            f"the baseline {name!r} is not replaced: {'; '.join(doubts)}",
            where=f"{baselines / name} and run {run.id}",
            expected="a run on the same reviews whose accuracy is not significantly worse (95 %)",
            remedy="keep the baseline, or replace it with --force and --reason TEXT, which its record keeps",
        )
    try:
        return _write(run, tables, name, baselines, reason, doubts)
    except OSError as error:
        raise BaselineError(
            f"the baseline cannot be written: {error.strerror or error}",
            where=str(baselines / name),
            remedy="make room, check the folder's permissions, or name another runs folder with --output",
        ) from None


def _check(run_path: Path, run: Run, name: str, force: bool, reason: str) -> None:
    check_name(name)
    if force and not reason:
        raise UsageError(
            "--force needs a reason",
            where="option --force without --reason",
            expected="--reason TEXT: why the baseline is replaced",
            remedy="say why; the record of the baseline keeps it",
        )
    if run.status != "finished":
        raise BaselineError(
            f"an {run.status} run cannot be promoted",
            where=str(run_path),
            expected="a finished run",
            remedy="give the same command again: it goes on where the run stopped",
        )
    if not run.evaluations:
        raise BaselineError(
            "the run evaluated nothing, so there is nothing to promote",
            where=str(run_path),
            expected="a run of `harness evaluate` or `pytest suites/` with an evaluation; times are no baseline",
            remedy="name another run, or make one without --timing-only",
        )


def _write(
    run: Run,
    tables: Mapping[str, PredictionTable],
    name: str,
    baselines: Path,
    reason: str,
    overruled: tuple[str, ...],
) -> Path:
    folder = baselines / name
    # Those of the baseline that stands there, until the new record does.
    kept = {path.relative_to(folder).as_posix() for path in (folder / PREDICTIONS).glob("*.parquet")}
    try:
        written = {key: _write_predictions(folder, key, table) for key, table in tables.items()}
        record = _record(run, name, written, reason, overruled)
        files.write_text(folder / RECORD, record.model_dump_json(indent=2) + "\n")
        kept = {path for path, _ in written.values()}
    finally:
        files.remove_temporaries(folder)
        files.remove_temporaries(folder / PREDICTIONS)
        remove_predictions(folder, kept)
        with suppress(OSError):  # not empty, or never made
            folder.rmdir()
    return folder


def _write_predictions(folder: Path, key: str, table: PredictionTable) -> tuple[str, str]:
    """Path relative to the folder, and SHA-256, of the predictions of an evaluation."""
    with tempfile.TemporaryDirectory() as elsewhere:
        whole = Path(elsewhere) / "predictions.parquet"
        runs.write_predictions(whole, **vars(table))
        content = whole.read_bytes()
    digest = hashlib.sha256(content).hexdigest()
    path = f"{PREDICTIONS}/{key}-{digest[:DIGITS]}.parquet"
    with files.replacing(folder / path) as temporary:
        temporary.write_bytes(content)
    return path, digest


def _record(
    run: Run, name: str, written: Mapping[str, tuple[str, str]], reason: str, overruled: tuple[str, ...]
) -> BaselineRecord:
    from harness.records.baselines import BaselineEvaluation, BaselineRecord

    classifiers = {each.classifier for each in run.evaluations}
    review_sets = {each.review_set for each in run.evaluations}
    return BaselineRecord(
        name=name,
        run=run.id,
        promoted=datetime.now(UTC).isoformat(timespec="seconds"),
        reason=reason,
        overruled=overruled,
        confidence=run.confidence,
        harness=run.environment.harness,
        python=run.environment.python,
        packages=run.environment.packages,
        classifiers=tuple(_classifier(each) for each in run.classifiers if each.id in classifiers),
        # A note is about how the file was read then, and may name folders.
        review_sets=tuple(each.model_copy(update={"notes": ()}) for each in run.review_sets if each.id in review_sets),
        evaluations=tuple(
            BaselineEvaluation(
                id=each.id,
                classifier=each.classifier,
                review_set=each.review_set,
                classes=each.label_match.classes,
                ordinal=each.label_match.ordinal,
                labels=each.label_match.labels,
                reviews=each.counts.evaluated,
                sampling=each.sampling,
                metrics=each.metrics,
                predictions=written[each.id][0],
                predictions_sha256=written[each.id][1],
            )
            for each in run.evaluations
        ),
    )


def _classifier(record: ClassifierRecord) -> BaselineClassifier:
    from harness.records.baselines import BaselineClassifier

    fields = {name: getattr(record, name) for name in BaselineClassifier.model_fields}
    return BaselineClassifier(**fields | {"name": _without_folders(record.name)})


def _without_folders(name: str) -> str:
    """The last part of an absolute path; any other name as it is.

    >>> _without_folders("/home/ann/stars"), _without_folders("org/model@main")
    ('stars', 'org/model@main')
    """
    absolute = PurePosixPath(name).is_absolute() or PureWindowsPath(name).is_absolute() or name.startswith("~")
    return re.split(r"[/\\]", name.rstrip("/\\"))[-1] if absolute else name
