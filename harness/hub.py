"""Checkpoints of the Hugging Face hub: the needed files, in the cache that all its libraries share."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from harness.errors import ClassifierError
from harness.options import nearest

SMALL_FILES = ("*.json", "*.txt", "*.model", "*.codes")
"""Configuration, vocabularies and merges, and the index of sharded weights."""


def is_id(name: str) -> bool:
    """Whether the hub could have a checkpoint of that name: `owner/name` or `name`, then `@revision` if any.

    >>> is_id("nlptown/bert-base-multilingual-uncased-sentiment@main"), is_id("my checkpoint"), is_id("a/b/c")
    (True, False, False)
    """
    return re.fullmatch(r"(\w[\w.-]*/)?\w[\w.-]*(@[\w./-]+)?", name, flags=re.ASCII) is not None


def download(name: str, wanted: Sequence[str], *, code: bool = False) -> Path:
    """The snapshot folder of a checkpoint, with the wanted files where the checkpoint has them.

    What lies in the local cache is not fetched again. Where the hub cannot be reached, or
    `HF_HUB_OFFLINE` is set, the cached snapshot is used; the folder's name is its commit either way.

    Args:
        name: Hub id, with `@revision` if wanted.
        wanted: Glob patterns of the files, in the checkpoint's top folder.
        code: Python files too, from all folders.

    Raises:
        ClassifierError: The checkpoint or the revision does not exist, needs a login, or cannot be fetched.
    """
    from huggingface_hub import snapshot_download

    repository, _, revision = name.partition("@")
    patterns = [*wanted, "*.py"] if code else list(wanted)
    # `*` of these patterns matches folders too: onnx/config.json and the like are of no use here.
    others = [] if code else ["*/*"]
    with _progress_on_a_terminal():
        try:
            folder = snapshot_download(
                repository, revision=revision or None, allow_patterns=patterns, ignore_patterns=others
            )
        except Exception as error:  # whatever network, proxy, disk and hub can come up with, as one line
            raise _explained(error, name, repository, revision) from error
    return Path(folder)


def files_of(name: str, commit: str) -> list[str]:
    """The files of a checkpoint on the hub; empty where the hub cannot be asked."""
    from huggingface_hub import HfApi

    try:
        return list(HfApi().list_repo_files(name.partition("@")[0], revision=commit))
    except Exception:  # the answer only makes an error message more exact
        return []


@contextmanager
def _progress_on_a_terminal() -> Iterator[None]:
    from huggingface_hub.utils.tqdm import are_progress_bars_disabled, disable_progress_bars, enable_progress_bars

    if sys.stderr.isatty() or are_progress_bars_disabled():
        yield
        return
    disable_progress_bars()
    try:
        yield
    finally:
        enable_progress_bars()


def _explained(error: Exception, name: str, repository: str, revision: str) -> ClassifierError:
    from huggingface_hub import errors

    def because(message: str, remedy: str) -> ClassifierError:
        return ClassifierError(message, where=f"--model {name}", remedy=remedy)

    local = "give the folder of a local checkpoint"
    meant = nearest(repository, ["builtin"])
    if isinstance(error, errors.RevisionNotFoundError):
        return because(f"{repository} has no revision {revision!r} on the hub", "correct the part after @")
    if isinstance(error, errors.GatedRepoError):
        return because(
            f"{repository} asks for its licence to be accepted",
            "accept it on its page of the hub and log in with `hf auth login`",
        )
    if isinstance(error, errors.RepositoryNotFoundError):
        return because(
            f"the hub has no checkpoint {repository}, or it is private",
            f"{meant}correct the name, log in with `hf auth login`, or {local}",
        )
    if isinstance(error, errors.HFValidationError):
        return because(f"{repository!r} is neither a checkpoint folder nor a hub id", f"{meant}correct the name")
    # The hub's library wraps what happened; the innermost error says it.
    inner: BaseException = error
    while inner.__cause__ is not None:
        inner = inner.__cause__
    if isinstance(inner, errors.OfflineModeIsEnabled):
        return because(
            f"{name} is not in the local cache, and HF_HUB_OFFLINE forbids to fetch it",
            f"{meant}unset HF_HUB_OFFLINE, or {local}",
        )
    reason = " ".join(str(inner).split()) or type(inner).__name__
    return because(
        f"{name} is not a local folder and cannot be fetched from the hub: {reason}",
        f"{meant}check the name and the network, or {local}; with HF_HUB_OFFLINE=1 only the local cache is used",
    )
