"""The machine and the libraries of a run, without a user name, a host name or a path."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from collections.abc import Sequence
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

from harness import __version__, accelerators, control_groups

if TYPE_CHECKING:
    from harness.records import Environment
    from harness.records.run import AcceleratorState

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


def environment(load_before: float | None = None, accelerator_states: tuple[AcceleratorState, ...] = ()) -> Environment:
    """What a run records about where it was made, read at its end: the load after the work is that of now.

    torch is asked only where it is imported already: asking costs seconds, and a session that
    never loaded a classifier has no use for the answer.

    Args:
        load_before: Load average before the work, see `load_average`.
        accelerator_states: Of a run that used a GPU, see `accelerators.states`.
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
        accelerators=accelerators.names(),
        packages=versions(PACKAGES),
        load_before=load_before,
        load_after=load_average(),
        affinity=affinity(),
        cpu_limit=control_groups.cpu_limit(),
        memory_limit_bytes=control_groups.memory_limit(),
        governor=governor(affinity()),
        accelerator_states=accelerator_states,
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


def affinity() -> tuple[int, ...] | None:
    """Numbers of the cores this process may run on; None where the system has no affinity (macOS, Windows)."""
    return tuple(sorted(os.sched_getaffinity(0))) if hasattr(os, "sched_getaffinity") else None


def cores() -> int:
    """Cores this process may use: its affinity where the system has one, else all."""
    allowed = affinity()
    return len(allowed) if allowed is not None else os.cpu_count() or 1


def governor(allowed: Sequence[int] | None, system: Path = Path("/")) -> str | None:
    """How the system chooses the clock rates of these cores.

    Args:
        allowed: Numbers of the cores, see `affinity`.
        system: The root folder, which has `sys/devices/system/cpu` (kernel documentation, `admin-guide/pm/cpufreq`).

    Returns:
        One word, such as `performance`; `mixed: performance, powersave` where cores differ. `None` where
        the system does not tell, as in most virtual machines.
    """
    folder = system / "sys/devices/system/cpu"
    told = {_told(folder / f"cpu{core}/cpufreq/scaling_governor") for core in allowed or ()}
    words = sorted(word for word in told if word)
    return f"mixed: {', '.join(words)}" if len(words) > 1 else next(iter(words), None)


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


def _told(file: Path) -> str | None:
    """The text of a file that the system may not have, or may not show to this process."""
    try:
        return file.read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return None
