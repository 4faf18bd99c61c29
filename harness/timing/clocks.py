"""Clocks that wait for the device.

A call to a GPU returns when its work is queued, not when it is done. A round that is timed without
waiting measures the queue, so the clock itself waits: once before it reads the start and once
before it reads the end.
"""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter


class SynchronisedTimer:
    """Seconds of `time.perf_counter`, read after everything queued on the device is done.

    Given to pytest-benchmark as the `timer` of its marker, so that both ends of every round wait.
    """

    def __init__(self, wait: Callable[[], None], name: str) -> None:
        self._wait = wait
        # pytest-benchmark prints and stores a timer by its `__name__`.
        self.__name__ = name

    def __call__(self) -> float:
        self._wait()
        return perf_counter()


def timer_for(device: str) -> SynchronisedTimer | None:
    """The timer of rounds on a device; `None` for the CPU, whose calls return when they are done.

    Args:
        device: As in `ClassifierRecord.device`: `cpu`, `cuda`, `cuda:N` or `mps`.
    """
    kind = device.partition(":")[0]
    if kind == "cpu":
        return None
    import torch

    if kind == "cuda":
        return SynchronisedTimer(lambda: torch.cuda.synchronize(device), f"synchronised({device})")
    if kind == "mps":
        return SynchronisedTimer(torch.mps.synchronize, "synchronised(mps)")
    raise ValueError(f"no clock is known for the device {device!r}")
