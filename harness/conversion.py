"""A checkpoint's pickled weights as safetensors, once: `python -m harness.conversion SOURCE [FOLDER]`.

SOURCE is a local folder or a hub id; FOLDER receives the converted checkpoint (a local folder is
its own by default). The pickle is read weights-only: it can hold tensors, and run nothing.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from harness import checkpoint
from harness.errors import ClassifierError, HarnessError, UsageError
from harness.files import replacing

if TYPE_CHECKING:
    import torch


def convert(source: str, folder: Path | None = None) -> Path:
    """Write `model.safetensors` for a checkpoint whose weights are a pickle; returns that file.

    Args:
        source: Local folder, or hub id with `@revision` if wanted.
        folder: Receives the weights, with the checkpoint's other files; the source's own folder by default.

    Raises:
        UsageError: A hub id without a folder to write to.
        ClassifierError: No such checkpoint, nothing to convert, or a pickle that is more than tensors.
    """
    found = checkpoint.find(source, allow_pickle=True)
    if not found.pickled:
        raise ClassifierError(
            "the checkpoint has safetensors already", where=source, remedy=f"use it as it is: --model {source}"
        )
    if found.revision and folder is None:
        raise UsageError(
            "a checkpoint of the hub is converted into a folder of your own",
            where=source,
            remedy=f"name one: python -m harness.conversion {source} FOLDER",
        )
    target = folder or found.folder
    target.mkdir(parents=True, exist_ok=True)
    if target.resolve() != found.folder.resolve():
        for file in found.folder.iterdir():
            if file.is_file() and file.suffix in (".json", ".txt", ".model", ".codes", ".py"):
                shutil.copy(file, target / file.name)
        (target / checkpoint.PICKLES[1]).unlink(missing_ok=True)
    weights: dict[str, torch.Tensor] = {}
    for file in found.weights:
        weights |= read_pickle(file, source)
    path = target / checkpoint.SAFETENSORS[0]
    _write(weights, path)
    return path


def read_pickle(file: Path, given: str) -> Mapping[str, torch.Tensor]:
    """The parameters of a pickled state dict, read weights-only.

    Raises:
        ClassifierError: The file is broken, or holds more than named tensors.
    """
    import torch

    try:
        weights = torch.load(file, map_location="cpu", weights_only=True)
    except Exception as error:  # whatever a broken or hostile file makes of the unpickler
        raise ClassifierError(
            f"{file.name} cannot be read weights-only: it is broken, or holds more than tensors",
            where=given,
            remedy="ask its maker for safetensors",
        ) from error
    if not isinstance(weights, Mapping) or not all(isinstance(value, torch.Tensor) for value in weights.values()):
        raise ClassifierError(
            f"{file.name} is no state dict",
            where=given,
            expected="tensors by parameter name",
            remedy="save it with save_pretrained of transformers",
        )
    return weights


def _write(weights: Mapping[str, torch.Tensor], path: Path) -> None:
    from safetensors.torch import save_file

    # Tied parameters share memory, which safetensors does not hold: each gets its own copy.
    owned = {name: tensor.detach().clone().contiguous() for name, tensor in weights.items()}
    with replacing(path) as temporary:
        save_file(owned, temporary, metadata={"format": "pt"})


def main(arguments: Sequence[str]) -> int:
    """The command; returns its exit code."""
    if not 1 <= len(arguments) <= 2 or arguments[0].startswith("-"):
        print("usage: python -m harness.conversion SOURCE [FOLDER]", file=sys.stderr)
        return UsageError.exit_code
    try:
        path = convert(arguments[0], Path(arguments[1]) if len(arguments) == 2 else None)
    except HarnessError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    print(f"{path}: {path.stat().st_size:,} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
