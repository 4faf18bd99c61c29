"""Clocks that wait for the device."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import pytest

from harness.timing import SynchronisedTimer, timer_for


class QueuedDevice:
    """Takes work at once and does it later, as a GPU does."""

    def __init__(self) -> None:
        self._work: list[threading.Thread] = []

    def launch(self, seconds: float) -> None:
        thread = threading.Thread(target=time.sleep, args=(seconds,))
        thread.start()
        self._work.append(thread)

    def synchronise(self) -> None:
        while self._work:
            self._work.pop().join()


def timed(timer: Callable[[], float], work: Callable[[], None]) -> float:
    start = timer()
    work()
    return timer() - start


class TestSynchronisedTimer:
    def test_a_clock_that_does_not_wait_would_have_lied(self):
        device, work = QueuedDevice(), 0.05
        lied = timed(time.perf_counter, lambda: device.launch(work))
        device.synchronise()
        told = timed(SynchronisedTimer(device.synchronise, "queued"), lambda: device.launch(work))

        assert lied < work <= told

    def test_work_from_before_the_round_is_not_counted(self):
        device = QueuedDevice()
        timer = SynchronisedTimer(device.synchronise, "queued")
        device.launch(0.2)

        assert timed(timer, lambda: None) < 0.2

    def test_has_the_name_that_pytest_benchmark_stores(self):
        assert SynchronisedTimer(lambda: None, "synchronised(cuda:1)").__name__ == "synchronised(cuda:1)"


class TestTimerFor:
    def test_the_cpu_needs_none(self):
        assert timer_for("cpu") is None

    def test_a_gpu_is_waited_for_by_its_own_number(self, monkeypatch):
        torch = pytest.importorskip("torch")
        waited: list[str] = []
        monkeypatch.setattr(torch.cuda, "synchronize", waited.append)

        timer = timer_for("cuda:1")
        assert timer is not None
        timer()

        assert waited == ["cuda:1"]
        assert timer.__name__ == "synchronised(cuda:1)"

    def test_apples_device_is_waited_for(self, monkeypatch):
        torch = pytest.importorskip("torch")
        waited: list[bool] = []
        monkeypatch.setattr(torch.mps, "synchronize", lambda: waited.append(True))

        timer = timer_for("mps")
        assert timer is not None
        timer()

        assert waited == [True]

    def test_a_device_without_a_clock_is_refused(self):
        with pytest.raises(ValueError, match="no clock is known for the device 'xla'"):
            timer_for("xla")
