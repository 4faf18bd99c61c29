"""The accelerators of a machine: their names, and clocks and throttling as the driver tells.

A GPU that is hot or at its power limit lowers its clock, and then the same work takes longer. The
driver says so through `nvidia-smi`. Starting it takes a moment, so it is asked only where a run
used a GPU, and never when this module is imported.
"""

from __future__ import annotations

import csv
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from harness.records.run import AcceleratorState

Ask = Callable[[Sequence[str]], str | None]
"""Names of fields to what `nvidia-smi` prints, one line a GPU; None where there is no answer."""

FIELDS = {
    "name": "name",
    "driver": "driver_version",
    "clock_mhz": "clocks.sm",
    "clock_limit_mhz": "clocks.max.sm",
    "memory_clock_mhz": "clocks.mem",
    "temperature_c": "temperature.gpu",
    "power_w": "power.draw",
    "power_limit_w": "power.limit",
}
"""Name in the record -> name in the query (`nvidia-smi --help-query-gpu`)."""

REASONS = (("clocks_event_reasons.active",), ("clocks_throttle_reasons.active",), ())
"""The mask of reasons under its name of today (driver 535) and under the older one, and a driver without it."""

THROTTLING = {
    0x4: "software power cap",
    0x8: "hardware slowdown",
    0x10: "sync boost",
    0x20: "software thermal slowdown",
    0x40: "hardware thermal slowdown",
    0x80: "hardware power brake",
}
"""Bits of the mask (NVML API reference, NvmlClocksEventReasons) that say: the clock is lower than was asked
for. They come and go with power, heat and the other GPUs of a group, so they can move a time between rounds."""

SETTINGS = {0x1: "GPU idle", 0x2: "applications clocks setting", 0x100: "display clock setting"}
"""Bits that are no throttling: nothing runs, or somebody chose the clock, and then it holds for every round."""

PATIENCE = 5.0
"""Seconds that `nvidia-smi` may take: a driver that hangs does not hold up a run."""


def names(driver: Path = Path("/proc/driver/nvidia/gpus")) -> tuple[str, ...]:
    """Names of the accelerators: from torch where it is imported, else from the NVIDIA driver's own list."""
    if "torch" in sys.modules:
        return _names_of_torch()
    files = [path.read_text(encoding="utf-8", errors="replace") for path in sorted(driver.glob("*/information"))]
    lines = [line for text in files for line in text.splitlines()]
    return tuple(line.partition(":")[2].strip() for line in lines if line.startswith("Model:"))


def nvidia_smi(fields: Sequence[str], patience: float = PATIENCE) -> str | None:
    """What `nvidia-smi` prints for these fields: one line a GPU, commas between the values, no units.

    An error of the driver is text too, printed in the place of the values.

    Args:
        fields: As `nvidia-smi --help-query-gpu` names them.
        patience: Seconds after which it is ended.

    Returns:
        `None` where there is no such command, it cannot be started, or it does not end in time.
    """
    command = shutil.which("nvidia-smi")
    if command is None:
        return None
    query = [command, f"--query-gpu={','.join(fields)}", "--format=csv,noheader,nounits"]
    try:
        # Names of fields are all that is given, and no shell reads them.
        told = subprocess.run(  # noqa: S603
            query, capture_output=True, encoding="utf-8", errors="replace", timeout=patience
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return told.stdout


def states(ask: Ask = nvidia_smi) -> tuple[AcceleratorState, ...]:
    """Clocks, heat, power and throttling of the NVIDIA GPUs at this moment, in the driver's order.

    These are all the GPUs that the driver shows, whether or not this process uses them. The clock of
    an idle GPU is low and its reasons say nothing: ask while it works, or right after.

    Args:
        ask: What is asked; `nvidia_smi` but for tests.

    Returns:
        One state a GPU: megahertz, degrees Celsius and watts, each `None` where the driver does not
        tell. `throttled` is left at its default where the driver tells no reasons. Empty where there
        is no driver or it does not answer.
    """
    for reasons in REASONS:
        told = ask((*FIELDS.values(), *reasons))
        if told is None:
            return ()
        if "not a valid field" not in told:
            rows = csv.reader(told.splitlines(), skipinitialspace=True)
            # A message of the driver stands in the place of values and has no columns.
            return tuple(_state(row) for row in rows if len(row) == len(FIELDS) + len(reasons))
    return ()


def throttled(mask: int) -> tuple[str, ...]:
    """Why the clock is held down, lowest bit first; idle and chosen clocks are left out.

    A bit that no documentation known here names is told by its number: it may hold the clock down.

    >>> throttled(0x1 | 0x4 | 0x400)
    ('software power cap', 'reason 0x400')
    """
    bits = (1 << place for place in range(mask.bit_length()))
    return tuple(THROTTLING.get(bit, f"reason {bit:#x}") for bit in bits if mask & bit and bit not in SETTINGS)


def _state(row: Sequence[str]) -> AcceleratorState:
    from harness.records.run import AcceleratorState

    values = dict(zip(FIELDS, row, strict=False))
    reasons = row[len(FIELDS) :]
    known = [throttled(int(mask, 16)) for mask in reasons if re.fullmatch(r"0x[0-9a-fA-F]+", mask)]
    state: dict[str, object] = {name: _number(value) for name, value in values.items()}
    state["name"] = values["name"]
    # `535.129.03` is no number, and what stands in brackets is no version.
    state["driver"] = values["driver"] if re.match(r"\d", values["driver"]) else None
    return AcceleratorState.model_validate(state | ({"throttled": known[0]} if known else {}))


def _number(text: str) -> float | None:
    """What is no number is the driver's way to tell nothing: `[N/A]`, `[Not Supported]`, `[Unknown Error]`."""
    return float(text) if re.fullmatch(r"\d+(\.\d+)?", text) else None


def _names_of_torch() -> tuple[str, ...]:
    import torch

    if torch.cuda.is_available():
        return tuple(torch.cuda.get_device_name(index) for index in range(torch.cuda.device_count()))
    return ("Apple GPU (mps)",) if torch.backends.mps.is_available() else ()
