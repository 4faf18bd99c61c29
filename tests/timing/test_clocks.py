"""Clocks that wait for the device, the device's own clock and its memory."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import pytest

from harness.timing import SynchronisedTimer, timer_for
from harness.timing.clocks import DeviceStopwatch, device_peak, reset_device_peak, stopwatch_for


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


class ImaginedGpu:
    """A host and a device whose clocks are numbers: a launch costs the host, and its kernel the device."""

    def __init__(self, rate: float = 2e9) -> None:
        self.rate = rate
        self.host = 0.0
        """Seconds: the time on the wall."""
        self.done = 0.0
        """When the device has done what is queued."""

    def launch(self, cost: float, kernel: float) -> None:
        self.host += cost
        self.done = max(self.done, self.host) + kernel

    def spin(self, cycles: int) -> None:
        self.done = max(self.done, self.host) + cycles / self.rate

    def synchronise(self) -> None:
        self.host = max(self.host, self.done)

    def stopwatch(self) -> DeviceStopwatch:
        return DeviceStopwatch(event=lambda: ImaginedEvent(self), stream=lambda: "stream", spin=self.spin)

    def wall(self, calls: Callable[[], object]) -> float:
        self.synchronise()
        start = self.host
        calls()
        self.synchronise()
        return self.host - start


class ImaginedEvent:
    def __init__(self, gpu: ImaginedGpu) -> None:
        self._gpu = gpu
        self.passed = 0.0

    def record(self, stream: object) -> None:
        assert stream == "stream"
        self.passed = max(self._gpu.done, self._gpu.host)

    def query(self) -> bool:
        return self._gpu.host >= self.passed

    def synchronize(self) -> None:
        self._gpu.host = max(self._gpu.host, self.passed)

    def elapsed_time(self, end_event: ImaginedEvent) -> float:
        """Milliseconds, as torch's."""
        return (end_event.passed - self.passed) * 1000


def timed(timer: Callable[[], float], work: Callable[[], None]) -> float:
    start = timer()
    work()
    return timer() - start


@pytest.fixture
def cuda() -> str:
    torch = pytest.importorskip("torch")
    if not torch.cuda.is_available():
        pytest.skip("this machine has no CUDA device")
    return "cuda"


class TestSynchronisedTimer:
    def test_a_clock_that_does_not_wait_would_have_lied(self):
        device, work = QueuedDevice(), 0.2
        lied = timed(time.perf_counter, lambda: device.launch(work))
        device.synchronise()
        told = timed(SynchronisedTimer(device.synchronise, "queued"), lambda: device.launch(work))

        assert lied < work / 2
        assert told >= work

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


class TestDeviceStopwatch:
    @staticmethod
    def batch(gpu: ImaginedGpu, cost: float, kernel: float) -> Callable[[], None]:
        """A hundred kernels, one after another."""

        def calls() -> None:
            for _ in range(100):
                gpu.launch(cost, kernel)

        return calls

    def test_starting_and_stopping_does_not_wait(self):
        gpu = ImaginedGpu()
        watch = gpu.stopwatch()
        watch.start()
        gpu.launch(1e-5, kernel=3.0)
        watch.stop()

        assert gpu.host == 1e-5

    def test_a_round_is_told_in_seconds(self):
        gpu = ImaginedGpu()
        watch = gpu.stopwatch()
        watch.start()
        gpu.launch(0.0, kernel=3.0)
        watch.stop()
        gpu.synchronise()

        assert watch.seconds() == pytest.approx(3.0)

    def test_work_queued_before_is_not_counted(self):
        gpu = ImaginedGpu()
        watch = gpu.stopwatch()
        gpu.launch(0.0, kernel=5.0)
        watch.start()
        gpu.launch(0.0, kernel=3.0)
        watch.stop()

        assert watch.seconds() == pytest.approx(3.0)

    def test_a_launch_bound_batch_shows_as_the_gap_between_device_and_wall(self):
        gpu = ImaginedGpu()
        calls = self.batch(gpu, cost=1e-5, kernel=2e-6)
        wall = gpu.wall(calls)
        busy = gpu.stopwatch().busy_seconds(calls, wall)

        assert wall == pytest.approx(100 * 1e-5 + 2e-6)
        assert busy == pytest.approx(100 * 2e-6)

    def test_two_events_alone_would_hide_a_launch_bound_batch(self):
        """The device waits for launches between them, so they tell the time on the wall."""
        gpu = ImaginedGpu()
        calls = self.batch(gpu, cost=1e-5, kernel=2e-6)
        watch = gpu.stopwatch()

        def watched() -> None:
            watch.start()
            calls()
            watch.stop()

        wall = gpu.wall(watched)

        assert watch.seconds() == pytest.approx(wall)

    def test_a_batch_that_keeps_the_device_busy_has_almost_no_gap(self):
        gpu = ImaginedGpu()
        calls = self.batch(gpu, cost=1e-6, kernel=1e-4)
        wall = gpu.wall(calls)
        busy = gpu.stopwatch().busy_seconds(calls, wall)

        assert busy == pytest.approx(wall, rel=0.01)

    @pytest.mark.parametrize("slower", [3.0, 8.0])
    def test_a_host_that_was_interrupted_is_held_longer_or_told_as_unknown(self, slower):
        """Three times as slow as the rounds before fits the second hold; eight times fits none."""
        gpu = ImaginedGpu(rate=3e9)
        calls = self.batch(gpu, cost=slower * 1e-4, kernel=2e-6)
        busy = gpu.stopwatch().busy_seconds(calls, wall_seconds=1e-2)

        assert busy == (pytest.approx(100 * 2e-6) if slower == 3.0 else None)

    def test_calls_that_wait_for_the_device_themselves_are_told_as_unknown(self):
        gpu = ImaginedGpu()

        def fetching() -> None:
            gpu.launch(1e-5, kernel=2e-6)
            gpu.synchronise()

        assert gpu.stopwatch().busy_seconds(fetching, wall_seconds=1e-4) is None


class TestStopwatchFor:
    @pytest.mark.parametrize("device", ["cpu", "mps"])
    def test_a_device_without_events_has_none(self, device):
        assert stopwatch_for(device) is None

    def test_a_device_that_is_not_known_is_refused(self):
        with pytest.raises(ValueError, match="no clock is known for the device 'xla'"):
            stopwatch_for("xla")

    def test_events_go_to_the_stream_of_the_device_that_was_named(self, monkeypatch):
        torch = pytest.importorskip("torch")
        recorded: list[object] = []

        class Event:
            def __init__(self, enable_timing: bool) -> None:
                assert enable_timing

            def record(self, stream: object) -> None:
                recorded.append(stream)

        monkeypatch.setattr(torch.cuda, "Event", Event)
        monkeypatch.setattr(torch.cuda, "current_stream", lambda device: f"stream of {device}")

        watch = stopwatch_for("cuda:1")
        assert watch is not None
        watch.start()
        watch.stop()

        assert recorded == ["stream of cuda:1", "stream of cuda:1"]

    def test_a_real_device_is_never_busy_for_longer_than_the_wall(self, cuda):
        import torch

        watch, timer = stopwatch_for(cuda), timer_for(cuda)
        assert watch is not None and timer is not None
        values = torch.ones(16, device=cuda)

        def calls() -> None:
            for _ in range(200):
                torch.add(values, 1.0)

        calls()
        wall = min(timed(timer, calls) for _ in range(5))
        busy = watch.busy_seconds(calls, wall)

        assert busy is not None
        assert 0 < busy < wall

    def test_a_clock_that_does_not_wait_lies_on_a_real_device(self, cuda):
        import torch

        timer = timer_for(cuda)
        assert timer is not None
        values = torch.ones((4096, 4096), device=cuda)

        def calls() -> None:
            for _ in range(20):
                torch.mm(values, values)

        calls()
        torch.cuda.synchronize()
        lied = timed(time.perf_counter, calls)
        told = timed(timer, calls)

        assert lied < told / 2


class TestDevicePeak:
    @pytest.mark.parametrize("device", ["cpu", "mps"])
    def test_it_is_unknown_where_nothing_counts_it(self, device):
        reset_device_peak(device)

        assert device_peak(device) is None

    @pytest.mark.parametrize("ask", [device_peak, reset_device_peak])
    def test_a_device_that_is_not_known_is_refused(self, ask):
        with pytest.raises(ValueError, match="no clock is known for the device 'xla'"):
            ask("xla")

    def test_it_is_asked_of_the_device_that_was_named(self, monkeypatch):
        torch = pytest.importorskip("torch")
        reset: list[str] = []
        monkeypatch.setattr(torch.cuda, "reset_peak_memory_stats", reset.append)
        monkeypatch.setattr(torch.cuda, "max_memory_allocated", {"cuda:1": 4096}.__getitem__)

        reset_device_peak("cuda:1")

        assert reset == ["cuda:1"]
        assert device_peak("cuda:1") == 4096

    def test_a_tensor_that_is_gone_still_counts_on_a_real_device(self, cuda):
        import torch

        kept = torch.zeros(1, device=cuda)
        reset_device_peak(cuda)
        before = device_peak(cuda)
        torch.zeros(2**20, dtype=torch.uint8, device=kept.device)

        assert before is not None
        assert device_peak(cuda) >= before + 2**20
