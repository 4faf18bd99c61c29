"""What the system's control groups grant this process: cores and memory.

A container sees the whole machine and is held back all the same: a quota of two cores on sixteen
shows as long, irregular times. Linux keeps the limits in files, one folder for each group, and the
limits of a group's ancestors hold too. Both versions are read, since one machine may use both:
kernel documentation, `admin-guide/cgroup-v2` (`cpu.max`, `memory.max`), `scheduler/sched-bwc`
(`cpu.cfs_quota_us`) and `admin-guide/cgroup-v1/memory` (`memory.limit_in_bytes`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

SYSTEM = Path("/")

UNLIMITED = 2**62
"""Bytes. Version 1 writes no limit as the greatest whole number of pages under 2^63."""


def cpu_limit(system: Path = SYSTEM) -> float | None:
    """Cores that may be busy at once on average: the tightest quota ÷ period.

    Args:
        system: The root folder, which has `proc/self` and the mounted control groups below it.

    Returns:
        `None` where there is no limit or it cannot be read.
    """
    quotas = [_words(folder / "cpu.max") for folder in _folders("", system)]
    quotas += [
        _words(folder / "cpu.cfs_quota_us") + _words(folder / "cpu.cfs_period_us") for folder in _folders("cpu", system)
    ]
    # No limit is `max` in version 2 and -1 in version 1: neither is all digits.
    numbers = [tuple(map(int, words)) for words in quotas if len(words) == 2 and all(map(str.isdecimal, words))]
    return min((quota / period for quota, period in numbers if period), default=None)


def memory_limit(system: Path = SYSTEM) -> int | None:
    """Bytes that the process and its group may have resident: the tightest limit.

    Args:
        system: As in `cpu_limit`.

    Returns:
        `None` where there is no limit or it cannot be read.
    """
    words = [word for folder in _folders("", system) for word in _words(folder / "memory.max")]
    words += [word for folder in _folders("memory", system) for word in _words(folder / "memory.limit_in_bytes")]
    limits = [int(word) for word in words if word.isdecimal()]
    return min((limit for limit in limits if limit < UNLIMITED), default=None)


def _folders(controller: str, system: Path) -> Iterator[Path]:
    """Of the process's group and then of each ancestor that can be seen; the controller '' is version 2."""
    mount, group = _mount(controller, system), _group(controller, system)
    if mount is None or group is None:
        return
    top, point = mount
    below = group.relative_to(top) if group.is_relative_to(top) else PurePosixPath()
    # A process outside of its own name space has a group like `/../other`, which no folder here shows.
    parts = () if ".." in below.parts else below.parts
    for count in range(len(parts), -1, -1):
        yield point.joinpath(*parts[:count])


def _group(controller: str, system: Path) -> PurePosixPath | None:
    """Lines of /proc/self/cgroup are `number:controllers:path`; version 2 names no controller (cgroups(7))."""
    for line in _lines(system / "proc/self/cgroup"):
        _, controllers, path = line.split(":", 2)
        if controller in controllers.split(","):
            return PurePosixPath(path)
    return None


def _mount(controller: str, system: Path) -> tuple[PurePosixPath, Path] | None:
    """The group that is mounted and the folder where it is (/proc/self/mountinfo, proc(5))."""
    for line in _lines(system / "proc/self/mountinfo"):
        before, _, after = line.partition(" - ")
        kind, _, options = after.split(" ", 2)
        version_2 = kind == "cgroup2" and not controller
        if version_2 or (kind == "cgroup" and controller in options.split(",")):
            top, point = (_unescaped(text) for text in before.split(" ")[3:5])
            return PurePosixPath(top), system / point.lstrip("/")
    return None


def _unescaped(text: str) -> str:
    """Spaces and backslashes stand as octal numbers there: `\\040`, `\\134`."""
    return re.sub(r"\\([0-7]{3})", lambda found: chr(int(found[1], 8)), text)


def _words(file: Path) -> list[str]:
    return [word for line in _lines(file) for word in line.split()]


def _lines(file: Path) -> list[str]:
    """Of a file that the system may not have, or may not show to this process: none then."""
    try:
        return file.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return []
