"""The machine and the libraries of a run, without a user name, a host name or a path."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

from harness import __version__

if TYPE_CHECKING:
    from harness.records import Environment

PACKAGES = (
    "torch",
    "transformers",
    "tokenizers",
    "safetensors",
    "huggingface_hub",
    "datasets",
    "numpy",
    "scipy",
    "scikit-learn",
    "statsmodels",
    "pyarrow",
    "pydantic",
    "pytest",
    "pytest-benchmark",
)
"""Whose versions can move a figure or a time."""


def environment(load_before: float | None = None) -> Environment:
    """What a run records about where it was made.

    torch is asked only where it is imported already: asking costs seconds, and a session that
    never loaded a classifier has no use for the answer.

    Args:
        load_before: Load average before the work, see `load_average`.
    """
    import psutil  # type: ignore[import-untyped]

    from harness.records import Environment

    return Environment(
        harness=__version__,
        python=platform.python_version(),
        platform=platform.platform(),
        processor=processor(),
        cores=cores(),
        threads=threads(),
        memory_bytes=psutil.virtual_memory().total,
        accelerators=accelerators(),
        packages=versions(PACKAGES),
        load_before=load_before,
    )


def load_average() -> float | None:
    """Processes that wanted a core in the last minute; None where the system does not tell (Windows)."""
    return os.getloadavg()[0] if hasattr(os, "getloadavg") else None


def versions(packages: tuple[str, ...]) -> dict[str, str]:
    """Installed version by package; what is not installed is left out."""
    found = {}
    for package in packages:
        try:
            found[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            continue
    return found


def cores() -> int:
    """Cores this process may use: its affinity where the system has one, else all."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def threads() -> int:
    """Threads that one torch operation uses."""
    if "torch" in sys.modules:
        return int(sys.modules["torch"].get_num_threads())
    asked = os.environ.get("OMP_NUM_THREADS", "")
    return int(asked) if asked.isdecimal() and int(asked) > 0 else cores()


def processor(cpuinfo: Path = Path("/proc/cpuinfo")) -> str:
    """The processor's name as its maker gives it, else the architecture."""
    if cpuinfo.is_file():
        for line in cpuinfo.read_text(encoding="utf-8", errors="replace").splitlines():
            if line.startswith("model name"):
                return " ".join(line.partition(":")[2].split())
    if sys.platform == "darwin":
        asked = subprocess.run(["/usr/sbin/sysctl", "-n", "machdep.cpu.brand_string"], capture_output=True, text=True)
        if asked.stdout.strip():
            return asked.stdout.strip()
    return platform.processor() or platform.machine() or "unknown"


def accelerators(driver: Path = Path("/proc/driver/nvidia/gpus")) -> tuple[str, ...]:
    """Names of the accelerators: from torch where it is imported, else from the NVIDIA driver's own list."""
    if "torch" in sys.modules:
        return _accelerators_of_torch()
    files = [path.read_text(encoding="utf-8", errors="replace") for path in sorted(driver.glob("*/information"))]
    lines = [line for text in files for line in text.splitlines()]
    return tuple(line.partition(":")[2].strip() for line in lines if line.startswith("Model:"))


def _accelerators_of_torch() -> tuple[str, ...]:
    import torch

    if torch.cuda.is_available():
        return tuple(torch.cuda.get_device_name(index) for index in range(torch.cuda.device_count()))
    return ("Apple GPU (mps)",) if torch.backends.mps.is_available() else ()
