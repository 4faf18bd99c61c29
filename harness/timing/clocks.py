"""Clocks that wait for the device, the device's own clock, and the most memory that was in use on it.

A call to a GPU returns when its work is queued, not when it is done. A round that is timed without
waiting measures the queue, so the clock itself waits: once before it reads the start and once
before it reads the end. That is the time on the wall.

The device's own clock (CUDA events) tells how long the device needed. Where a batch is small, the
device is done with each kernel before the host has launched the next, and waits. Such a batch is
launch-bound: a faster GPU would not help it. Two events around the calls do not show that by
themselves: the device waits between them too, so they tell almost the time on the wall. It shows
when the device is held until everything is queued: then it never waits, and what the time on the
wall has more is the host's.
"""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter
from typing import Any, Protocol

CYCLES_PER_SECOND = 3e9
"""No GPU's clock is much faster. One of 2 GHz is held 1.5 times as long as it is meant to be."""

LEAST_HOLD = 2e-4
"""Seconds that a hold lasts beside the calls themselves: queueing it and two events takes the host some too."""

HOLDS = (1, 4)
"""The lengths of hold that are tried, in times of the calls: the host is sometimes interrupted."""


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

    Raises:
        ValueError: Another device.
    """
    kind = _kind(device)
    if kind == "cpu":
        return None
    import torch

    if kind == "mps":
        return SynchronisedTimer(torch.mps.synchronize, "synchronised(mps)")
    return SynchronisedTimer(lambda: torch.cuda.synchronize(device), f"synchronised({device})")


class Event(Protocol):
    """What is used of `torch.cuda.Event`: a mark in the queue that notes when the device passes it."""

    def record(self, stream: Any) -> None: ...

    def query(self) -> bool: ...

    def synchronize(self) -> None: ...

    def elapsed_time(self, end_event: Any) -> float: ...


class DeviceStopwatch:
    """Seconds by the device's own clock, between two events on the stream of the calls.

    `start` and `stop` put an event into the queue and do not wait. Once a clock that waits has been
    read, `seconds` tells the time between them, the device's own waiting for the host included.
    `busy_seconds` is a round of its own and tells the time without that waiting.

    Args:
        event: Makes an event that notes the time.
        stream: The queue in which the calls put their work now.
        spin: Puts work into that queue that takes so many of the device's cycles and does nothing.
    """

    def __init__(self, event: Callable[[], Event], stream: Callable[[], Any], spin: Callable[[int], None]) -> None:
        self._start, self._stop = event(), event()
        self._stream = stream
        self._spin = spin

    def start(self) -> None:
        """Before the calls."""
        self._start.record(self._stream())

    def stop(self) -> None:
        """After the calls."""
        self._stop.record(self._stream())

    def seconds(self) -> float:
        """From `start` to `stop`, of all the calls between them.

        The device must have passed both: torch raises otherwise. The resolution is about half a
        microsecond (CUDA runtime API, `cudaEventElapsedTime`, which tells milliseconds).
        """
        return self._start.elapsed_time(self._stop) / 1000

    def busy_seconds(self, calls: Callable[[], object], wall_seconds: float) -> float | None:
        """Seconds that the device needs for the calls when it never waits for the host.

        The device is held, so that the calls are queued before it begins with them. A round on the
        wall less this is what the host adds: a launch-bound batch has most of its time there.

        Args:
            calls: One round, run once or twice; on the wall it takes longer than otherwise.
            wall_seconds: What a round takes on the wall, from rounds before.

        Returns:
            `None` where the device was at work before all calls were queued, so that it may have
            waited: calls that themselves wait for the device, such as those that fetch a result, or
            more kernels than the queue takes.
        """
        for times in HOLDS:
            self._spin(int((wall_seconds * times + LEAST_HOLD) * CYCLES_PER_SECOND))
            self.start()
            calls()
            held = not self._start.query()
            self.stop()
            self._stop.synchronize()
            if held:
                return self.seconds()
        return None


def stopwatch_for(device: str) -> DeviceStopwatch | None:
    """A stopwatch of a CUDA device; `None` for `cpu`, which is the host, and for `mps`.

    Args:
        device: As in `timer_for`.

    Raises:
        ValueError: Another device.
    """
    if _kind(device) != "cuda":
        return None
    import torch

    def spin(cycles: int) -> None:
        with torch.cuda.device(device):
            torch.cuda._sleep(cycles)  # type: ignore[no-untyped-call]

    return DeviceStopwatch(
        event=lambda: torch.cuda.Event(enable_timing=True),  # type: ignore[no-untyped-call]
        # An event would go to the stream of the current device, which may be another one.
        stream=lambda: torch.cuda.current_stream(device),
        spin=spin,
    )


def reset_device_peak(device: str) -> None:
    """Makes `device_peak` count from what is allocated now; nothing on a CPU or `mps`.

    Args:
        device: As in `timer_for`. A CUDA device must have been used before.

    Raises:
        ValueError: Another device.
    """
    if _kind(device) == "cuda":
        import torch

        torch.cuda.reset_peak_memory_stats(device)


def device_peak(device: str) -> int | None:
    """The most bytes that tensors had on the device since `reset_device_peak`, the weights included.

    What torch keeps in reserve and what CUDA itself takes is not in it. `None` on a CPU, and on
    `mps`, which keeps no such count.

    Args:
        device: As in `timer_for`.

    Raises:
        ValueError: Another device.
    """
    if _kind(device) != "cuda":
        return None
    import torch

    return int(torch.cuda.max_memory_allocated(device))


def _kind(device: str) -> str:
    kind = device.partition(":")[0]
    if kind not in ("cpu", "cuda", "mps"):
        raise ValueError(f"no clock is known for the device {device!r}")
    return kind
