"""Sets of the datasets library: a folder that `save_to_disk` wrote, or a name on the hub."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harness.errors import ReviewSetError
from harness.reviews.arrow_tables import of_table
from harness.reviews.files import kind_of_name
from harness.reviews.raw import RawTable
from harness.reviews.sources import Hub, Saved

if TYPE_CHECKING:
    from datasets import Dataset

Load = Callable[..., Any]
"""`datasets.load_dataset`, or what stands for it in a test."""


def read_saved(source: Saved, location: str) -> RawTable:
    """Read a folder that `Dataset.save_to_disk` or `DatasetDict.save_to_disk` wrote.

    Raises:
        ReviewSetError: A folder of another kind, a split that is not there, or none named among several.
    """
    folder, split = source.folder, source.split
    if (folder / "dataset_dict.json").is_file():
        inner = _choose_split(sorted(p.parent.name for p in folder.glob("*/state.json")), split, source, location)
        folder = folder / inner
    elif not (folder / "state.json").is_file():
        raise _no_saved_set(folder, location)
    elif split is not None:
        raise ReviewSetError(
            f"the folder holds one data set without splits, so there is no {split!r}",
            where=location, remedy=f"name the folder alone: {source.folder}",
        )  # fmt: skip
    from datasets import load_from_disk

    try:
        return of_dataset(load_from_disk(str(folder)))
    except Exception as error:
        # The library lets errors of every kind through: a missing shard, a broken stream, an older layout.
        raise ReviewSetError(
            f"the saved data set cannot be read: {_first_line(error)}",
            where=location, remedy="save it again with Dataset.save_to_disk, or copy the whole folder again",
        ) from error  # fmt: skip


def _choose_split(splits: list[str], split: str | None, source: Saved, location: str) -> str:
    if split is None and len(splits) == 1:
        return splits[0]
    if split in splits:
        assert split is not None
        return split
    raise ReviewSetError(
        f"there is no split {split!r}" if split is not None else f"the folder holds {len(splits)} splits",
        where=location,
        expected="one of " + ", ".join(splits),
        remedy="name it: " + " or ".join(f"{source.folder}:{each}" for each in splits[:4]),
    )


def _no_saved_set(folder: Path, location: str) -> ReviewSetError:
    files = sorted(path for path in folder.rglob("*") if path.is_file() and kind_of_name(path))
    files = [path for path in files if path.name not in ("dataset_info.json", "state.json")]
    saved = sorted(path.parent for path in folder.glob("*/state.json"))
    near = [*saved, *files][:4]
    return ReviewSetError(
        "the folder is no saved data set",
        where=location,
        expected="a folder that Dataset.save_to_disk wrote, or a file",
        remedy="name one of its files: " + " or ".join(map(str, near)) if near else "name a file of reviews",
    )


def read_hub(source: Hub, location: str, load: Load | None = None) -> RawTable:
    """Read a set from the hub, or from the local cache of the datasets library where it is offline.

    Args:
        source: Name, configuration, split and revision.
        location: The name as the user gave it, for errors.
        load: In place of `datasets.load_dataset`.

    Raises:
        ReviewSetError: Anything that kept the set from being loaded, in one line. Nothing else is read instead.
    """
    if source.split is None:
        raise ReviewSetError(
            f"the data set needs a split: {location} names none",
            where=location,
            expected="a file, or a hub name as name:split or name:config/split",
            remedy=f"name it, such as {location.rstrip(':')}:test; a file needs its ending, such as reviews.csv",
        )
    load = load or _load_dataset()
    with _kept_log() as said:
        try:
            found = load(source.name, source.config, split=source.split, revision=source.revision)
        except Exception as error:
            # The library raises some twenty kinds, of its own and of what it stands on.
            raise _not_loaded(source, error, location) from error
    raw = of_dataset(found)
    if not any("latest cached" in line for line in said):
        return raw
    if source.revision is not None:
        # The library takes whatever revision it fetched last, so the one asked for may be another.
        raise ReviewSetError(
            f"the hub was not reached, and the local cache does not say whether it holds revision {source.revision!r}",
            where=location,
            remedy="connect to the network, or leave out the revision to take what was fetched last",
        )
    config = found.info.config_name
    which = f"configuration {config!r}, " if config else ""
    return replace(raw, notes=(f"the hub was not reached: {which}as it was fetched last",))


@contextmanager
def _kept_log() -> Iterator[list[str]]:
    """What the libraries log meanwhile, kept from the terminal: every failed try would be a line of its own."""
    said: list[str] = []
    handler = logging.Handler()
    handler.emit = lambda record: said.append(record.getMessage())  # type: ignore[method-assign]
    loggers = [logging.getLogger(name) for name in ("datasets", "huggingface_hub")]
    before = [list(logger.handlers) for logger in loggers]
    for logger in loggers:
        logger.handlers[:] = [handler]
    try:
        yield said
    finally:
        for logger, handlers in zip(loggers, before, strict=True):
            logger.handlers[:] = handlers


def _load_dataset() -> Load:
    from datasets import load_dataset

    load: Load = load_dataset
    return load


def _not_loaded(source: Hub, error: Exception, location: str) -> ReviewSetError:
    kind, text = type(error).__name__, _first_line(error)
    configs = next((line.strip() for line in str(error).splitlines()[1:] if "onfig" in line), "")
    remedy = "check the name; a private or gated set needs `hf auth login`"
    if kind in ("ConnectionError", "OfflineModeIsEnabled", "ConnectError", "ConnectTimeout", "ReadTimeout"):
        remedy = "connect to the network, or fetch the set once where there is one; HF_HUB_OFFLINE=1 keeps to the cache"
    elif "onfig" in text or "split" in text.lower():
        remedy = "name another: name:config/split"
    elif "script" in text:
        remedy = "sets with a loading script are no longer run: convert it to Parquet (its refs/convert/parquet branch)"
    return ReviewSetError(
        f"the data set {source.name!r} cannot be loaded: {text}",
        where=location, expected=configs, remedy=remedy,
    )  # fmt: skip


def _first_line(error: Exception) -> str:
    lines = str(error).strip().splitlines()
    return lines[0] if lines else type(error).__name__


def of_dataset(dataset: Dataset) -> RawTable:
    """The table of a data set, selections and orders applied, with the names of its classes."""
    from datasets import ClassLabel

    names = {name: feature.names for name, feature in dataset.features.items() if isinstance(feature, ClassLabel)}
    table = dataset.with_format("arrow")[:]
    return of_table(table, names)
