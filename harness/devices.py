"""Where `forward` runs: from what was asked to a device that is there."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from harness.environment import processor
from harness.errors import UsageError

if TYPE_CHECKING:
    import torch

TOKEN_BUDGETS = {"cpu": 1_024, "mps": 4_096, "cuda": 16_384}
"""Padded tokens in one forward pass where none are asked for.

cpu: measured. A BERT-base is as fast with 1,024 as with 4,096; a small one is fastest with 512 to 2,048.
cuda: reckoned. A few hundred reviews a pass keep the kernels busy; the widest activation of a BERT-large
(4,096 × float32) is then 256 MiB, which leaves room on a card of 8 GiB. mps: between the two.
"""


def resolve(asked: str) -> torch.device:
    """The device of that name: `auto`, `cpu`, `cuda`, `cuda:N` or `mps`.

    `auto` is the first of cuda, mps and cpu that is there.

    Raises:
        UsageError: A name that is none of these, or a device that is not there.
    """
    import torch

    found = available()
    if asked == "auto":
        return torch.device(found[0])
    if not re.fullmatch(r"cpu|cuda(:\d+)?|mps", asked):
        raise UsageError(
            f"device cannot be {asked!r}",
            where=f"option --device {asked}",
            expected="auto, cpu, cuda, cuda:N or mps",
            remedy="correct the option, or leave it out",
        )
    name = numbered(asked)
    if name not in found:
        raise UsageError(
            f"device {asked} is not there",
            where=f"option --device {asked}",
            expected=f"one of those that are: {', '.join(found)}",
            remedy="use one of these, or --device auto"
            if len(found) > 1 or asked == "mps"
            else "use --device cpu; where there is an NVIDIA GPU, check its driver and that torch is built for CUDA",
        )
    return torch.device(name)


def numbered(name: str) -> str:
    """The device's name as `available` has it: the first CUDA device where none is named.

    >>> numbered("cuda"), numbered("cuda:1"), numbered("cpu")
    ('cuda:0', 'cuda:1', 'cpu')
    """
    return "cuda:0" if name == "cuda" else name


def available() -> list[str]:
    """The devices of this machine, the one that `auto` takes first."""
    import torch

    accelerators = [f"cuda:{index}" for index in range(torch.cuda.device_count())] if torch.cuda.is_available() else []
    if torch.backends.mps.is_available():
        accelerators.append("mps")
    return [*accelerators, "cpu"]


def name_of(device: torch.device) -> str:
    """The device's name as its maker gives it."""
    import torch

    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    return "Apple GPU (mps)" if device.type == "mps" else processor()


def token_budget(device: torch.device) -> int:
    """The token budget of this kind of device, see `TOKEN_BUDGETS`."""
    return TOKEN_BUDGETS[device.type]
