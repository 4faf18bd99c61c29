"""Memory in bytes: the most that was resident while a piece of work ran, and what a model holds.

On Linux the kernel keeps the mark itself. `VmHWM` of /proc/self/status is the high-water mark of the
process, and writing 5 to /proc/self/clear_refs sets it back to what is resident at that moment
(proc_pid_clear_refs(5), since Linux 4.0). The kernel raises the mark lazily, whenever memory is about to be
given back, and shows the larger of the mark and `VmRSS`: so no peak is missed, however short. Both are sums
of counters that each thread or CPU hands in in batches (proc_pid_status(5) calls them inaccurate for that):
on a small machine they are off by some hundred KiB, on one with a hundred CPUs by some MiB.

What was freed in the process and not given back to the system is resident too, and new memory that is taken
from it raises nothing. So glibc is asked to give it back before a block begins (malloc_trim(3)).

Elsewhere a thread looks every few milliseconds, and may miss what comes and goes between two looks, or
within a call that keeps Python's lock.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch

PROCESS = Path("/proc/self")
INTERVAL = 0.005
"""Seconds between two looks where there is no mark."""
NOISE = 4 << 20
"""Bytes that the mark may stand above what is resident right after it was set back; more, and it was not."""


@dataclass(eq=False)
class Watch:
    """What was resident in the whole process, all its threads and mapped files together."""

    method: str
    """How the peak is found: `high-water mark`, or `sampled every 5 ms`."""
    before: int
    """Bytes when the block began."""
    peak: int | None = None
    """The most bytes within the block; None until it has ended."""


@contextmanager
def watched(process: Path = PROCESS) -> Iterator[Watch]:
    """Watch how much memory is resident while the block runs.

    Blocks may stand within each other, follow each other and overlap in several threads: each has the peak of its
    own duration. A block that raises has its peak all the same. The block's memory comes fresh from the system,
    which costs it time: what is timed is better watched another time.

    Args:
        process: Where the kernel tells of this process; other than the default for tests only.
    """
    _give_back()
    watch = _begin(process)
    if watch is None:
        with _sampled() as sampled:
            yield sampled
        return
    try:
        yield watch
    finally:
        _end(watch, process)


def tensor_bytes(model: torch.nn.Module) -> int:
    """Bytes of the parameters and buffers as they lie in memory, on whatever device; tied weights count once."""
    tensors = [*model.parameters(), *model.buffers()]
    return sum({tensor.data_ptr(): tensor.nbytes for tensor in tensors}.values())


def _give_back() -> None:
    """Give freed memory back to the system, where the C library can."""
    import ctypes

    library = ctypes.CDLL(None) if os.name == "posix" else None
    trim = getattr(library, "malloc_trim", None)
    if trim is not None:
        trim(ctypes.c_size_t(0))


# ── by the kernel's mark ──

_lock = threading.Lock()
_open: dict[Watch, int] = {}
"""The blocks that run, each with its highest mark so far."""


def _begin(process: Path) -> Watch | None:
    """A watch on the mark; None where the mark cannot be read or set back."""
    with _lock:
        try:
            mark, _ = _status(process)
            _set_back(process)
            still, resident = _status(process)
        except (OSError, KeyError):
            return None
        # It may be set back now, and the blocks that run have need of it.
        _raise_open(mark)
        if still - resident > NOISE:
            return None
        watch = Watch("high-water mark", resident)
        _open[watch] = resident
        return watch


def _end(watch: Watch, process: Path) -> None:
    with _lock:
        _raise_open(_status(process)[0])
        watch.peak = _open.pop(watch)


def _raise_open(mark: int) -> None:
    for watch, highest in _open.items():
        _open[watch] = max(highest, mark)


def _set_back(process: Path) -> None:
    file = os.open(process / "clear_refs", os.O_WRONLY)
    try:
        os.write(file, b"5")
    finally:
        os.close(file)


def _status(process: Path) -> tuple[int, int]:
    """The high-water mark and what is resident now, in bytes, of one and the same moment."""
    lines = (process / "status").read_text(encoding="utf-8", errors="replace").splitlines()
    values = {name: value for name, _, value in (line.partition(":") for line in lines)}
    mark, resident = (1024 * int(values[name].split()[0]) for name in ("VmHWM", "VmRSS"))
    return mark, resident


# ── by looking ──


@contextmanager
def _sampled() -> Iterator[Watch]:
    import psutil  # type: ignore[import-untyped]

    process = psutil.Process()
    watch = Watch(f"sampled every {INTERVAL * 1000:.0f} ms", int(process.memory_info().rss))
    looks = [watch.before]
    over = threading.Event()

    def look() -> None:
        while not over.wait(INTERVAL):
            looks[0] = max(looks[0], int(process.memory_info().rss))

    thread = threading.Thread(target=look, name="resident memory", daemon=True)
    thread.start()
    try:
        yield watch
    finally:
        over.set()
        thread.join()
        watch.peak = max(looks[0], int(process.memory_info().rss))
