"""The hub's newer form of results: a file in `.eval_results/`, for a data set that is a benchmark there.

It holds one value for each task of a benchmark, so that a benchmark must say what its value is. The
harness gives the accuracy. See https://huggingface.co/docs/hub/eval-results.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harness.errors import NothingMeasured, UsageError
from harness.report import numbers
from harness.report.card import readme, results
from harness.report.card.data_set import DataSet
from harness.report.card.subject import Subject
from harness.report.numbers import counted
from harness.runs.folder import slug

if TYPE_CHECKING:
    from huggingface_hub import EvalResultEntry

    from harness.records import Run

FOLDER = ".eval_results"
_OPTION = "option --benchmark-task"
_FIELDS = {"dataset_id", "task_id", "value", "dataset_revision", "date", "source_url", "source_name", "notes"}


@dataclass(frozen=True)
class Beside:
    """A file of results beside the README, as it is to be."""

    path: Path
    content: str
    before: str | None

    def write(self) -> bool:
        """Whether there was anything to write; it is then written.

        Raises:
            UsageError: It cannot be written.
        """
        if self.content == self.before:
            return False
        readme.write(self.path, self.content)
        return True


def entry(run: Run, subject: Subject, task: str, source_url: str | None) -> EvalResultEntry:
    """The accuracy of the one evaluation, as a result of that task.

    Raises:
        NothingMeasured: The accuracy is not defined.
        UsageError: Several evaluations, a review set that is not on the hub, or an installed
            huggingface_hub that does not know this form.
    """
    made = _entry_class()
    if len(subject.evaluations) > 1:
        raise UsageError(
            f"a task of a benchmark has one result, not {len(subject.evaluations)}",
            where=f"{_OPTION} {task}",
            expected="one of " + ", ".join(one.id for one in subject.evaluations),
            remedy="choose it with --evaluation ID",
        )
    (one,) = subject.evaluations
    data_set = DataSet.of(subject.review_sets[one.review_set])
    if data_set.home != "hub":
        raise UsageError(
            f"{data_set.name!r} is no benchmark: it has no id on the hub",
            where=f"{_OPTION} {task}",
            expected="an evaluation of a data set of the hub, owner/name:split",
            remedy="leave the option out; the results are in the model-index all the same",
        )
    accuracy = one.metrics.get("accuracy")
    if accuracy is None or accuracy.value is None:
        raise NothingMeasured(
            "nothing measured: the accuracy is not defined",
            where=one.id,
            remedy="evaluate on labelled reviews of every class",
        )
    interval = numbers.interval("accuracy", accuracy)
    told = f", {100 * subject.confidence:g} % interval {interval}" if interval else ""
    return made(
        dataset_id=data_set.type,
        task_id=task,
        value=results.rounded(accuracy.value),
        dataset_revision=data_set.revision,
        date=run.finished,
        source_url=source_url,
        source_name=results.SOURCE if source_url else None,
        notes=f"accuracy as a share{told}, {counted(one.counts.evaluated, 'review')},"
        f" review-harness {run.environment.harness}",
    )


def updated(folder: Path, found: EvalResultEntry) -> Beside:
    """The file of that benchmark and task with the result in it; what else it holds stays.

    Raises:
        UsageError: The file that is there cannot be read.
    """
    import yaml  # type: ignore[import-untyped]
    from huggingface_hub import eval_result_entries_to_yaml

    path = folder / FOLDER / f"{slug(f'{found.dataset_id} {found.task_id}')}.yaml"
    before = readme.read(path)
    entries = _entries(before, path)
    (ours,) = eval_result_entries_to_yaml([found])
    if ours in entries:
        return Beside(path, before or "", before)
    places = [place for place, each in enumerate(entries) if _same(each, ours)]
    kept = [each for each in entries if not _same(each, ours)]
    kept.insert(places[0] if places else len(kept), ours)
    return Beside(path, yaml.safe_dump(kept, sort_keys=False, allow_unicode=True), before)


def _entry_class() -> type[EvalResultEntry]:
    import huggingface_hub

    try:
        from huggingface_hub import EvalResultEntry
    except ImportError:
        known: set[str] = set()
    else:
        known = {field.name for field in dataclasses.fields(EvalResultEntry)}
    if known >= _FIELDS:
        return EvalResultEntry
    raise UsageError(
        f"huggingface_hub {huggingface_hub.__version__} does not know results of benchmarks",
        where=_OPTION,
        remedy="pip install --upgrade huggingface_hub; or leave the option out, for the model-index alone",
    )


def _entries(content: str | None, path: Path) -> list[dict[str, Any]]:
    import yaml

    try:
        found = yaml.safe_load(content or "")
    except yaml.YAMLError as error:
        raise _unreadable(path, f": {' '.join(str(error).split())}") from None
    if found is None:
        return []
    if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
        raise _unreadable(path, "")
    return found


def _unreadable(path: Path, reason: str) -> UsageError:
    return UsageError(
        f"the results of the benchmark cannot be read{reason}",
        where=str(path),
        expected="a list of results in YAML",
        remedy="correct the file, or remove it; nothing was written",
    )


def _same(each: dict[str, Any], ours: dict[str, Any]) -> bool:
    """Whether it is an earlier result of ours; one with a proof is not."""
    there = each.get("dataset")
    if not isinstance(there, dict) or "verifyToken" in each:
        return False
    return all(there.get(name) == ours["dataset"].get(name) for name in ("id", "task_id", "revision"))
