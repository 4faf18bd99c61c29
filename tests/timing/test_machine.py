"""What the machine can do at most."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from time import perf_counter

import pytest
import torch

from harness import environment
from harness.records.timings import Bandwidth, Peak
from harness.timing import machine


class Clock:
    """Stands still until work moves it on."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


class Device:
    """Multiplies matrices of a size at a rate, and notes what it was asked."""

    def __init__(self, clock: Clock, rates: Callable[[int], float]) -> None:
        self.clock, self.rates = clock, rates
        self.asked: list[int] = []

    def product(self, size: int) -> Callable[[], None]:
        def call() -> None:
            self.asked.append(size)
            self.clock.now += 2 * size**3 / self.rates(size)

        return call


def taking(clock: Clock, *seconds: float) -> Callable[[], None]:
    """A call that takes the seconds given, one after the other, and the last of them from then on."""
    left = list(seconds)

    def call() -> None:
        clock.now += left.pop(0) if len(left) > 1 else left[0]

    return call


def tensors() -> set[int]:
    """Those that Python knows of, by their addresses."""
    return {each.data_ptr() for each in gc.get_objects() if type(each) is torch.Tensor and each.device.type == "cpu"}


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Short measurements, and none that is remembered beyond the test."""
    monkeypatch.setattr(machine, "PEAK_BUDGET", 0.1)
    monkeypatch.setattr(machine, "BANDWIDTH_BUDGET", 0.05)
    monkeypatch.setattr(machine, "COPIED_BYTES", 2**26)
    for remembered in (machine._matmul_peak, machine._bandwidth):
        remembered.cache_clear()
    yield
    for remembered in (machine._matmul_peak, machine._bandwidth):
        remembered.cache_clear()


@pytest.fixture
def another_thread() -> Iterator[None]:
    """One more than the tests have."""
    before = torch.get_num_threads()
    torch.set_num_threads(before + 1)
    yield
    torch.set_num_threads(before)


class TestFastest:
    def test_the_fastest_round_counts_and_not_the_first_or_the_mean(self, clock):
        assert machine.fastest({4: taking(clock, 5.0, 1.0, 3.0)}, clock, budget=8) == {4: 1.0}

    def test_the_calls_take_turns(self, clock):
        device = Device(clock, lambda size: 1.0)
        calls = {size: device.product(size) for size in (1, 2)}

        machine.fastest(calls, clock, budget=50)

        assert device.asked == [1, 2, 1, 2, 1, 2]

    def test_each_call_has_three_rounds_even_over_the_budget(self, clock):
        machine.fastest({1: taking(clock, 1.0)}, clock, budget=1.5)

        assert clock.now == 3.0

    def test_rounds_go_on_until_the_budget_is_gone(self, clock):
        machine.fastest({1: taking(clock, 1.0)}, clock, budget=10)

        assert clock.now == 10.0

    def test_what_is_spent_already_is_gone(self, clock):
        machine.fastest({1: taking(clock, 1.0)}, clock, budget=10, spent=5)

        assert clock.now == 5.0

    def test_a_round_as_long_as_the_budget_is_the_last(self, clock):
        assert machine.fastest({1: taking(clock, 2.0)}, clock, budget=2) == {1: 2.0}
        assert clock.now == 2.0


class TestFastestProduct:
    def test_the_size_that_does_most_in_a_second_wins_though_a_smaller_one_is_sooner_done(self, clock):
        device = Device(clock, lambda size: {256: 1e9, 512: 4e9, 1024: 3e9}[size])

        size, seconds = machine.fastest_product(device.product, (256, 512, 1024), clock, budget=100)

        assert (size, seconds) == (512, pytest.approx(2 * 512**3 / 4e9))

    def test_every_size_is_warmed_up_before_its_rounds(self, clock):
        cold = {size: taking(clock, 50.0, 0.1 * size) for size in (1, 2)}

        size, seconds = machine.fastest_product(cold.__getitem__, (1, 2), clock, budget=1_000)

        assert (size, seconds) == (2, pytest.approx(0.2))

    def test_a_size_that_would_not_fit_the_budget_is_not_tried(self, clock):
        device = Device(clock, lambda size: 3e9)

        machine.fastest_product(device.product, machine.SIZES, clock, budget=1.0)

        assert set(device.asked) == {256, 512}
        assert clock.now == pytest.approx(1.0, abs=0.2)

    def test_a_product_that_slows_down_with_its_size_ends_soon_all_the_same(self, clock):
        device = Device(clock, lambda size: 3e9 if size == 256 else 3e8)

        size, _ = machine.fastest_product(device.product, machine.SIZES, clock, budget=1.0)

        assert size == 256
        assert device.asked.count(512) == 2, "warm-up and probe: its rounds no longer fit"

    def test_what_the_very_first_call_loads_is_no_part_of_the_budget(self, clock):
        first = {1: taking(clock, 50.0, 0.1), 2: taking(clock, 0.4)}

        size, _ = machine.fastest_product(first.__getitem__, (1, 2), clock, budget=10)

        assert size == 2
        assert clock.now == pytest.approx(60, abs=0.5)

    def test_the_smallest_is_measured_whatever_it_takes(self, clock):
        device = Device(clock, lambda size: 1e6)

        size, seconds = machine.fastest_product(device.product, machine.SIZES, clock, budget=1.0)

        assert (size, seconds) == (256, pytest.approx(2 * 256**3 / 1e6))
        assert device.asked == [256] * 3, "warm-up, probe and one round"

    def test_a_fast_device_is_tried_with_every_size(self, clock):
        device = Device(clock, lambda size: 1e15)

        machine.fastest_product(device.product, machine.SIZES, clock, budget=0.1)

        assert set(device.asked) == set(machine.SIZES)


class TestMatmulPeak:
    def test_is_no_less_than_a_product_that_the_test_times_itself(self, monkeypatch):
        monkeypatch.setattr(machine, "PEAK_BUDGET", 1.0)
        size = 512
        call = machine.product(size, "cpu", "float32")
        call()
        started = perf_counter()
        call()
        own = 2 * size**3 / (perf_counter() - started)

        peak = machine.matmul_peak("cpu", "float32")

        assert peak == Peak(
            device="cpu",
            dtype="float32",
            threads=environment.threads(),
            size=peak.size,
            flops_per_s=peak.flops_per_s,
        )
        assert peak.size in machine.SIZES
        assert peak.flops_per_s > 0.3 * own

    def test_is_measured_once_in_a_process(self):
        assert machine.matmul_peak("cpu", "float32") is machine.matmul_peak("cpu", "float32")

    @pytest.mark.parametrize("dtype", ["bfloat16", "float16"])
    def test_other_dtypes_have_their_own(self, dtype: str):
        peak = machine.matmul_peak("cpu", dtype)

        assert peak.dtype == dtype
        assert peak.flops_per_s > 0

    def test_another_number_of_threads_is_measured_anew(self, request):
        one = machine.matmul_peak("cpu", "float32")
        request.getfixturevalue("another_thread")

        assert machine.matmul_peak("cpu", "float32").threads == one.threads + 1

    def test_little_memory_takes_small_matrices(self, monkeypatch):
        monkeypatch.setattr(machine, "free_bytes", lambda device: 3 * 256 * 256 * 4 * machine.SHARE_OF_MEMORY)

        assert machine._matmul_peak.__wrapped__("cpu", "float32", 1).size == 256

    def test_leaves_no_matrix_behind(self):
        before = tensors()

        machine._matmul_peak.__wrapped__("cpu", "float32", 1)

        assert tensors() <= before

    def test_multiplies_the_matrices_that_it_says(self):
        out = machine.product(64, "cpu", "bfloat16")()

        assert isinstance(out, torch.Tensor)
        assert (out.shape, out.dtype) == ((64, 64), torch.bfloat16)
        assert out.float().std() == pytest.approx(8, rel=0.2), "√64, of products of normal numbers"

    @pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no CUDA device")
    def test_of_a_gpu_is_no_less_than_a_product_that_the_test_times_itself(self):
        call = machine.product(4096, "cuda:0", "bfloat16")
        call()
        torch.cuda.synchronize()
        started = perf_counter()
        call()
        torch.cuda.synchronize()
        own = 2 * 4096**3 / (perf_counter() - started)

        assert machine.matmul_peak("cuda:0", "bfloat16").flops_per_s > 0.3 * own


class TestBandwidth:
    def test_is_no_less_than_a_copy_that_the_test_times_itself(self):
        size = 64 * 2**20
        call = machine.copying(size, "cpu")
        call()
        started = perf_counter()
        call()
        own = 2 * size / (perf_counter() - started)

        found = machine.bandwidth("cpu")

        assert found == Bandwidth(
            device="cpu",
            threads=environment.threads(),
            copied_bytes=found.copied_bytes,
            bytes_per_s=found.bytes_per_s,
        )
        assert found.bytes_per_s > 0.3 * own

    def test_is_measured_once_in_a_process(self):
        assert machine.bandwidth("cpu") is machine.bandwidth("cpu")

    def test_counts_each_byte_as_read_and_written(self, clock, monkeypatch):
        monkeypatch.setattr(machine, "free_bytes", lambda device: 2**40)
        monkeypatch.setattr(machine, "copying", lambda size, device: taking(clock, 9.0, 0.02, 0.0125, 0.02))
        monkeypatch.setattr(machine, "perf_counter", clock)

        found = machine._bandwidth.__wrapped__("cpu", 3)

        assert (found.copied_bytes, found.threads) == (2**26, 3)
        assert found.bytes_per_s == pytest.approx(2 * 2**26 / 0.0125)

    @pytest.mark.parametrize(("free", "copied"), [(2**40, 2**26), (2**28, 2**25), (0, 2**20)])
    def test_little_memory_takes_a_small_array(self, clock, monkeypatch, free: int, copied: int):
        monkeypatch.setattr(machine, "free_bytes", lambda device: free)
        monkeypatch.setattr(machine, "copying", lambda size, device: taking(clock, 1.0))
        monkeypatch.setattr(machine, "perf_counter", clock)

        assert machine._bandwidth.__wrapped__("cpu", 1).copied_bytes == copied

    def test_copies_memory_that_was_written(self):
        target = machine.copying(4096, "cpu")()

        assert isinstance(target, torch.Tensor)
        assert target.nbytes == 4096
        assert bool((target == 1).all())

    def test_leaves_no_array_behind(self, monkeypatch):
        monkeypatch.setattr(machine, "free_bytes", lambda device: 0)

        before = tensors()

        machine._bandwidth.__wrapped__("cpu", 1)

        assert tensors() <= before


class TestFreeBytes:
    def test_is_what_the_machine_has_left(self, monkeypatch):
        monkeypatch.setattr(machine, "memory_limit", lambda: None)

        assert machine.free_bytes("cpu") > 0

    def test_a_limit_of_the_container_holds(self, monkeypatch):
        monkeypatch.setattr(machine, "memory_limit", lambda: 1)

        assert machine.free_bytes("cpu") == 0

    def test_a_gpu_is_asked_itself(self, monkeypatch):
        monkeypatch.setattr(torch.cuda, "mem_get_info", lambda device: (123, 456))

        assert machine.free_bytes("cuda:1") == 123


class TestRelease:
    @pytest.mark.parametrize(("device", "kept"), [("cuda:0", "cuda"), ("mps", "mps")])
    def test_an_accelerator_gets_its_memory_back(self, monkeypatch, device: str, kept: str):
        emptied: list[str] = []
        monkeypatch.setattr(getattr(torch, kept), "empty_cache", lambda: emptied.append(kept))

        machine._release(device)

        assert emptied == [kept]
