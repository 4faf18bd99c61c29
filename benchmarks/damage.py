"""A damaged copy of a classifier, for a gate to find.

    python benchmarks/damage.py --noise 0.05 --to damaged
    python benchmarks/damage.py --head 5.0 --to damaged
    harness evaluate --model ./damaged --against builtin --gate 'accuracy-drop<=0.01'

`--noise` adds to every matrix Gaussian noise of that share of the matrix's own standard deviation. `--head` zeroes
what one attention head passes on: its columns of the layer's output projection.
"""

from __future__ import annotations

import argparse
import json
import shutil
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file

from harness import checkpoint

WEIGHTS = "model.safetensors"


def noisy(weights: dict[str, torch.Tensor], share: float, seed: int) -> dict[str, torch.Tensor]:
    """The weights, each matrix with noise of `share` of its own standard deviation."""
    generator = torch.Generator().manual_seed(seed)
    made = {}
    for name, tensor in weights.items():
        if tensor.ndim < 2:
            made[name] = tensor
            continue
        exact = tensor.float()
        noise = torch.randn(exact.shape, generator=generator) * exact.std() * share
        made[name] = (exact + noise).to(tensor.dtype)
    return made


def without_head(weights: dict[str, torch.Tensor], layer: int, head: int, heads: int) -> dict[str, torch.Tensor]:
    """The weights, with one head's columns of the output projection at zero."""
    [name] = [each for each in weights if each.endswith(f"layer.{layer}.attention.output.dense.weight")]
    made = dict(weights)
    projection = made[name].clone()
    wide = projection.shape[1] // heads
    projection[:, head * wide : (head + 1) * wide] = 0
    made[name] = projection
    return made


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", help="a checkpoint folder (default: the built-in classifier)")
    parser.add_argument("--to", type=Path, required=True, help="folder of the copy")
    damage = parser.add_mutually_exclusive_group(required=True)
    damage.add_argument("--noise", type=float, help="share of each matrix's standard deviation, such as 0.05")
    damage.add_argument("--head", help="layer and head, counted from 0, such as 5.0")
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    source = Path(given.model) if given.model else checkpoint.BUILTIN_FOLDER
    weights = load_file(source / WEIGHTS)
    if given.noise is not None:
        weights = noisy(weights, given.noise, given.seed)
    else:
        layer, head = map(int, given.head.split("."))
        heads = json.loads((source / "config.json").read_text(encoding="utf-8"))["num_attention_heads"]
        weights = without_head(weights, layer, head, heads)
    shutil.copytree(source, given.to)
    save_file(weights, given.to / WEIGHTS, metadata={"format": "pt"})
    print(given.to)


if __name__ == "__main__":
    main()
