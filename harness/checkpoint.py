"""Where a classifier's files are, and whether they may be loaded: before anything heavy happens."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from harness import hub
from harness.errors import ClassifierError, UsageError

BUILTIN = "builtin"
BUILTIN_FOLDER = Path(__file__).parent / "builtin" / "stars-mini"

SAFETENSORS = ("model.safetensors", "model.safetensors.index.json")
PICKLES = ("pytorch_model.bin", "pytorch_model.bin.index.json")
"""One file, or the index of several."""


@dataclass(frozen=True)
class Checkpoint:
    """The files of a sequence classifier, found and admitted."""

    name: str
    """For records: `builtin`, a folder's own name, or the hub id."""
    given: str
    """As the user gave it, for errors."""
    folder: Path
    revision: str | None
    """Commit of a hub checkpoint."""
    config: Mapping[str, Any]
    """`config.json`."""
    weights: tuple[Path, ...]
    pickled: bool
    """The weights are a pickle, to be read weights-only."""
    timing_only: ClassVar[bool] = False
    """Its predictions mean nothing, see harness.shapes."""

    @property
    def id(self) -> str:
        """Readable, and fit for file names: `builtin`, `nlptown-bert-base…@abc1234`, `shape-tiny`."""
        slug = re.sub(r"[^\w.-]+", "-", self.name).strip("-.") or "checkpoint"
        return f"{slug}@{self.revision[:7]}" if self.revision else slug

    def weights_sha256(self) -> str:
        """SHA-256 over the bytes of the weights; all of them are read."""
        return sha256(self.weights)


def find(name: str, *, allow_pickle: bool = False, trust_remote_code: bool = False) -> Checkpoint:
    """The checkpoint of that name: `builtin`, a local folder, or a hub id with `@revision` if wanted.

    A folder goes before a hub id of the same name. Nothing is ever put in the place of what was
    asked for.

    Raises:
        UsageError: An empty name.
        ClassifierError: No such checkpoint; a file is missing or broken; the weights are a pickle
            and `allow_pickle` is not set; the head gives no distribution over classes.
    """
    if not name.strip():
        raise UsageError("the classifier has no name", where="option --model", remedy="name one, or leave it out")
    folder = BUILTIN_FOLDER if name == BUILTIN else Path(name).expanduser()
    if name == BUILTIN and not folder.is_dir():
        raise ClassifierError(
            "the built-in classifier is not in this installation",
            where=str(folder),
            remedy="install review-harness again, or name a checkpoint with --model",
        )
    if not folder.is_dir():
        return _from_hub(name, allow_pickle=allow_pickle, trust_remote_code=trust_remote_code)
    shown = BUILTIN if name == BUILTIN else folder.resolve().name
    return _admitted(folder, name=shown, given=name, allow_pickle=allow_pickle)


def sha256(files: Iterable[Path], *, names: bool = False) -> str:
    """SHA-256 over the bytes of the files in the order of their names, and over their names if wanted.

    Of one file without its name it is what `sha256sum` prints.
    """
    digest = hashlib.sha256()
    for file in sorted(files, key=lambda path: path.name):
        if names:
            digest.update(f"{file.name}\0{file.stat().st_size}\0".encode())
        with file.open("rb") as stream:
            while block := stream.read(1 << 20):
                digest.update(block)
    return digest.hexdigest()


def config_sha256(config: Mapping[str, Any]) -> str:
    """SHA-256 of what in a configuration can move a logit: not the names of the classes, nor where it came from."""
    aside = ("id2label", "label2id", "_name_or_path", "name_or_path", "transformers_version")
    kept = {key: value for key, value in config.items() if key not in aside}
    return hashlib.sha256(json.dumps(kept, sort_keys=True).encode()).hexdigest()


# ── where it is ──


def _from_hub(name: str, *, allow_pickle: bool, trust_remote_code: bool) -> Checkpoint:
    if Path(name).expanduser().exists():
        raise ClassifierError(
            "a checkpoint is a folder, and this is a file",
            where=name,
            expected="a folder with config.json, safetensors weights and tokenizer files",
            remedy="give the folder that the file is in",
        )
    if name.startswith((".", "/", "~")) or "\\" in name or name.partition("@")[0].count("/") > 1:
        raise ClassifierError(f"there is no folder {name}", where=f"--model {name}", remedy="correct the path")
    if not hub.is_id(name):
        raise ClassifierError(
            f"{name!r} is neither a checkpoint folder nor a hub id",
            where=f"--model {name}",
            expected="builtin, a folder, or a hub id such as owner/name or owner/name@revision",
            remedy="correct the name",
        )
    folder = _snapshot(name, allow_pickle=allow_pickle, trust_remote_code=trust_remote_code)
    repository = name.partition("@")[0]
    return _admitted(folder, name=repository, given=name, allow_pickle=allow_pickle, revision=folder.name)


def _snapshot(name: str, *, allow_pickle: bool, trust_remote_code: bool) -> Path:
    """The snapshot folder with small files and weights; pickles are fetched only where they may be loaded."""
    folder = hub.download(name, [*hub.SMALL_FILES, SAFETENSORS[0]], code=trust_remote_code)
    pinned = f"{name.partition('@')[0]}@{folder.name}"
    single, index = SAFETENSORS
    if not _has(folder, SAFETENSORS) and allow_pickle:
        hub.download(pinned, [*hub.SMALL_FILES, PICKLES[0]], code=trust_remote_code)
        single, index = PICKLES
    if (folder / index).is_file() and not (folder / single).is_file():
        hub.download(pinned, sorted(_shards(folder / index, name)), code=trust_remote_code)
    return folder


# ── whether it may be loaded ──


def _admitted(folder: Path, *, name: str, given: str, allow_pickle: bool, revision: str | None = None) -> Checkpoint:
    config = _config(folder, given)
    _check_head(config, given)
    weights, pickled = _weights(folder, given, allow_pickle=allow_pickle, revision=revision)
    return Checkpoint(name, given, folder, revision, config, weights, pickled)


def _config(folder: Path, given: str) -> Mapping[str, Any]:
    path = folder / "config.json"
    if not path.is_file():
        raise ClassifierError(
            "the checkpoint has no config.json",
            where=given,
            expected="a folder as save_pretrained of transformers writes it",
            remedy="give the folder that config.json is in",
        )
    try:
        config = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ClassifierError(
            f"config.json is not valid JSON: {error}", where=given, remedy="correct or restore the file"
        ) from None
    if not isinstance(config, dict):
        raise ClassifierError("config.json holds no object", where=given, remedy="correct or restore the file")
    if (folder / "adapter_config.json").is_file():
        raise ClassifierError(
            "the checkpoint is an adapter, not a whole classifier",
            where=given,
            remedy="merge it into its base (merge_and_unload of peft), save that, and give its folder",
        )
    return config


def _check_head(config: Mapping[str, Any], given: str) -> None:
    """The head must give one distribution over named classes."""
    names = config.get("id2label")
    problem = config.get("problem_type")
    outputs = config.get("num_labels", len(names) if isinstance(names, dict) else None)
    if problem == "multi_label_classification":
        raise ClassifierError(
            "the checkpoint has a multi-label head: every class is a yes or no of its own",
            where=f"{given}, config.json: problem_type",
            expected="one class for each review, probabilities that sum to 1 (single_label_classification)",
            remedy="use a single-label checkpoint; if this one is, correct problem_type in its config.json",
        )
    if problem == "regression" or outputs == 1:
        raise ClassifierError(
            "the checkpoint has a regression head: one score, and no probability for each class",
            where=f"{given}, config.json: {'problem_type' if problem == 'regression' else 'one label'}",
            expected="two logits or more, one for each class",
            remedy="train or export it with one logit for each class (5 for stars, 2 for positive and negative)",
        )
    if names is not None:
        _check_names(names, outputs, f"{given}, config.json: id2label")


def _check_names(names: object, outputs: object, where: str) -> None:
    numbers = [str(number) for number in range(len(names))] if isinstance(names, dict) else []
    if not isinstance(names, dict) or sorted(names) != sorted(numbers):
        shown = ", ".join(map(str, names)) if isinstance(names, dict) else type(names).__name__
        raise ClassifierError(
            f"id2label does not number its classes from 0: {shown}",
            where=where,
            expected='{"0": first class, "1": second class, …}',
            remedy="correct id2label in config.json",
        )
    if outputs != len(names):
        raise ClassifierError(
            f"id2label names {len(names)} classes and num_labels is {outputs}",
            where=where,
            remedy="correct config.json: one name for each row of the classification head",
        )
    repeated = sorted({str(name) for name in names.values() if list(names.values()).count(name) > 1})
    if repeated:
        raise ClassifierError(
            f"id2label gives several classes the name {', '.join(map(repr, repeated))}",
            where=where,
            remedy="give each class its own name in config.json",
        )


def _weights(folder: Path, given: str, *, allow_pickle: bool, revision: str | None) -> tuple[tuple[Path, ...], bool]:
    for (single, index), pickled in ((SAFETENSORS, False), (PICKLES, True)):
        if pickled and not allow_pickle:
            break
        if (folder / single).is_file():
            return (folder / single,), pickled
        if (folder / index).is_file():
            return _complete(folder, _shards(folder / index, given), given), pickled
    present = {path.name for path in folder.iterdir()}
    if revision:
        present |= set(hub.files_of(given, revision))
    if present & set(PICKLES) and not allow_pickle:
        raise _refused_pickle(given, revision)
    others = sorted(name for name in present if name.endswith((".h5", ".msgpack", ".onnx", ".bin", ".safetensors")))
    raise ClassifierError(
        "the checkpoint has no weights that can be loaded" + (f", only {', '.join(others)}" if others else ""),
        where=given,
        expected="model.safetensors, or model.safetensors.index.json with its shards",
        remedy="save it with save_pretrained of transformers"
        + ("; offline, check that the local cache has them" if revision else ""),
    )


def _shards(index: Path, given: str) -> set[str]:
    try:
        shards = set(json.loads(index.read_text(encoding="utf-8"))["weight_map"].values())
    except (ValueError, KeyError, AttributeError, TypeError):
        shards = set()
    if not shards or any(not isinstance(shard, str) or Path(shard).name != shard for shard in shards):
        raise ClassifierError(
            f"{index.name} does not say which files hold the weights",
            where=given,
            expected='{"weight_map": {parameter: file}}',
            remedy="restore the file",
        )
    return shards


def _complete(folder: Path, shards: set[str], given: str) -> tuple[Path, ...]:
    missing = sorted(shard for shard in shards if not (folder / shard).is_file())
    if missing:
        raise ClassifierError(
            f"{len(missing)} of {len(shards)} weight files are missing: {', '.join(missing[:3])}",
            where=given,
            remedy="copy or fetch the checkpoint again",
        )
    return tuple(folder / shard for shard in sorted(shards))


def _has(folder: Path, names: Iterable[str]) -> bool:
    return any((folder / name).is_file() for name in names)


def _refused_pickle(given: str, revision: str | None) -> ClassifierError:
    target = f" {re.sub(r'[^A-Za-z0-9_.-]+', '-', given)}-safetensors" if revision else ""
    source = given if re.fullmatch(r"[\w@%+=:,./-]+", given) else f"'{given}'"
    command = f"python -m harness.conversion {source}{target}"
    then = f", then --model {target.strip()}" if target else ""
    return ClassifierError(
        "the checkpoint's weights are a pickle, which can run code when it is loaded",
        where=given,
        expected="safetensors",
        remedy=f"convert it once: {command}{then}\nor load it weights-only with --allow-pickle",
    )
