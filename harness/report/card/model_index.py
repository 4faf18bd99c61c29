"""The `model-index` of a card: results put in, those of the same task, data set and metric replaced."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, TypeGuard

from harness.errors import UsageError
from harness.report.public import printable

if TYPE_CHECKING:
    from huggingface_hub import EvalResult

Index = list[dict[str, Any]]


def check(found: object, where: str) -> Index:
    """What a README has as its index, if that is one.

    Raises:
        UsageError: It has another form than the hub's.
    """
    if found is None:
        return []
    if not _is_index(found):
        raise UsageError(
            "the model-index of the card cannot be read",
            where=where,
            expected="a list of models, each with a list of results, each of these with a list of metrics",
            remedy="correct it, or take it out; nothing was written",
        )
    return found


def _is_index(found: object) -> TypeGuard[Index]:
    if not _are_objects(found):
        return False
    results = [entry.get("results") or [] for entry in found]
    return all(_are_objects(each) and all(_are_objects(block.get("metrics")) for block in each) for each in results)


def _are_objects(found: object) -> TypeGuard[list[dict[str, Any]]]:
    return isinstance(found, list) and all(isinstance(each, dict) for each in found)


def merged(index: Index, name: str, found: Sequence[EvalResult]) -> tuple[Index, list[str]]:
    """The index with the results in it, and what changed in words.

    Args:
        index: As it was; empty where there was none.
        name: Of the classifier. A card of one model keeps the name that it has there.
        found: Results of one classifier.
    """
    from huggingface_hub.repocard_data import eval_results_to_model_index

    entry: dict[str, Any] = _entry_of(index, name) or {"name": printable(name), "results": []}
    (ours,) = eval_results_to_model_index(str(entry.get("name")), list(found))
    changes: list[str] = []
    blocks = list(entry.get("results") or [])
    for block in ours["results"]:
        changes += _changes(blocks, block)
        blocks = _put(blocks, block)
    changed = {**entry, "results": blocks}
    if not any(each is entry for each in index):
        return [*index, changed], changes
    return [changed if each is entry else each for each in index], changes


def _entry_of(index: Index, name: str) -> dict[str, Any] | None:
    if len(index) == 1:
        return index[0]
    return next((entry for entry in index if entry.get("name") == printable(name)), None)


def _put(blocks: Sequence[dict[str, Any]], ours: dict[str, Any]) -> list[dict[str, Any]]:
    """Where the first replaced metric was, or at the end.

    A block of its own, and never a part of one that is there: source and arguments of that are not ours.
    """
    kept: list[dict[str, Any]] = []
    place: int | None = None
    for block in blocks:
        left = _without(block, ours)
        if left or not block["metrics"]:
            kept.append({**block, "metrics": left} if len(left) < len(block["metrics"]) else block)
        if place is None and len(left) < len(block["metrics"]):
            place = len(kept)
    place = len(kept) if place is None else place
    return [*kept[:place], ours, *kept[place:]]


def _without(block: dict[str, Any], ours: dict[str, Any]) -> list[dict[str, Any]]:
    """The metrics of a block that are no earlier ones of ours. What the hub has verified is its own."""
    if _subject(block) != _subject(ours):
        return list(block["metrics"])
    replaced = [_metric(metric) for metric in ours["metrics"]]
    return [metric for metric in block["metrics"] if metric.get("verified") or _metric(metric) not in replaced]


def _changes(blocks: Sequence[dict[str, Any]], ours: dict[str, Any]) -> list[str]:
    before = {
        _metric(metric): metric.get("value")
        for block in blocks
        if _subject(block) == _subject(ours)
        for metric in block["metrics"]
        if not metric.get("verified")
    }
    lines = []
    for metric in ours["metrics"]:
        key, value = _metric(metric), metric["value"]
        label = " ".join(key).strip()
        if key not in before:
            lines.append(f"new      {label} {value} on {ours['dataset']['name']}")
        elif before[key] != value:
            was = printable(str(before[key]))
            lines.append(f"changed  {label} {was} to {value} on {ours['dataset']['name']}")
    return lines


def _subject(block: dict[str, Any]) -> tuple[Any, ...]:
    """Task and data set, as the hub tells results apart."""
    task, data_set = (block[name] if isinstance(block.get(name), dict) else {} for name in ("task", "dataset"))
    return task.get("type"), *(data_set.get(name) for name in ("type", "config", "split", "revision"))


def _metric(metric: dict[str, Any]) -> tuple[str, str]:
    return str(metric.get("type")), str(metric.get("config") or "")
