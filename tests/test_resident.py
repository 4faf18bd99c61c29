"""Peak resident memory: of a block's own duration, however short the peak and whatever stands within."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import numpy as np
import pytest
import torch

from harness import resident
from harness.resident import tensor_bytes, watched

MIB = 1 << 20
ROOM = 12 * MIB
"""What the counters and the rest of the process may add or hide."""


def allocated(size: int) -> np.ndarray:
    """That many bytes, each page of them touched."""
    return np.ones(size, dtype=np.uint8)


@pytest.fixture
def kernel_mark() -> None:
    """Skips where the kernel's mark cannot be set back."""
    with watched() as watch:
        pass
    if watch.method != "high-water mark":
        pytest.skip("this system has no high-water mark that can be set back")


class Told:
    """A folder that tells of a process what a test writes into it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        (path / "clear_refs").touch()

    def now(self, *, mark: int, resident: int) -> None:
        (self.path / "status").write_text(
            f"Name:\tpython\nVmHWM:\t{mark:>8} kB\nVmRSS:\t{resident:>8} kB\nThreads:\t3\n"
        )


@pytest.fixture
def told(tmp_path: Path) -> Told:
    return Told(tmp_path)


class TestWatched:
    def test_sees_memory_that_was_given_back_within_the_block(self, kernel_mark):
        with watched() as watch:
            allocated(64 * MIB)

        assert watch.peak - watch.before == pytest.approx(64 * MIB, abs=ROOM)

    def test_begins_anew_after_a_higher_peak(self, kernel_mark):
        allocated(128 * MIB)

        with watched() as watch:
            allocated(32 * MIB)

        assert watch.peak - watch.before == pytest.approx(32 * MIB, abs=ROOM)

    def test_has_no_peak_before_the_block_has_ended(self):
        with watched() as watch:
            assert (watch.peak, watch.before > MIB) == (None, True)
        assert watch.peak >= watch.before

    def test_has_the_peak_of_a_block_that_raises(self, kernel_mark):
        watches = []

        def fail() -> None:
            with watched() as watch:
                watches.append(watch)
                allocated(32 * MIB)
                raise InterruptedError

        with pytest.raises(InterruptedError):
            fail()
        [watch] = watches
        assert watch.peak - watch.before == pytest.approx(32 * MIB, abs=ROOM)

    def test_an_inner_block_takes_nothing_from_the_outer_one(self, kernel_mark):
        with watched() as outer:
            allocated(96 * MIB)
            with watched() as inner:
                allocated(32 * MIB)

        assert outer.peak - outer.before == pytest.approx(96 * MIB, abs=ROOM)
        assert inner.peak - inner.before == pytest.approx(32 * MIB, abs=ROOM)

    def test_the_peak_of_an_inner_block_is_one_of_the_outer_one(self, kernel_mark):
        with watched() as outer:
            with watched():
                allocated(64 * MIB)
            with watched() as last:
                pass

        assert outer.peak - outer.before == pytest.approx(64 * MIB, abs=ROOM)
        assert last.peak - last.before < ROOM

    def test_blocks_may_overlap(self, kernel_mark):
        first, second = watched(), watched()
        one = first.__enter__()
        allocated(64 * MIB)
        two = second.__enter__()
        first.__exit__(None, None, None)
        allocated(32 * MIB)
        second.__exit__(None, None, None)

        assert one.peak - one.before == pytest.approx(64 * MIB, abs=ROOM)
        assert two.peak - two.before == pytest.approx(32 * MIB, abs=ROOM)

    @pytest.mark.skipif(sys.platform != "linux", reason="malloc_trim is of glibc")
    def test_memory_that_was_freed_before_hides_no_peak(self, kernel_mark):
        # Too small to be mapped each on its own, and the last one keeps the heap from shrinking by itself.
        *freed, kept = [allocated(80_000) for _ in range(1_000)]
        del freed

        with watched() as watch:
            again = [allocated(80_000) for _ in range(500)]

        assert watch.peak - watch.before == pytest.approx(sum(map(len, again)), abs=ROOM)
        assert len(kept) == 80_000

    def test_leaves_nothing_open(self):
        with watched(), watched():
            pass

        assert resident._open == {}


class TestMark:
    def test_is_read_in_bytes(self, told):
        told.now(mark=100_000, resident=100_000)
        with watched(told.path) as watch:
            told.now(mark=300_000, resident=120_000)

        assert (watch.method, watch.before, watch.peak) == ("high-water mark", 100_000 * 1024, 300_000 * 1024)

    def test_is_set_back_by_writing_5(self, told):
        told.now(mark=100_000, resident=100_000)
        with watched(told.path):
            assert (told.path / "clear_refs").read_text() == "5"

    def test_that_was_not_set_back_is_not_used(self, told):
        told.now(mark=300_000, resident=100_000)
        with watched(told.path) as watch:
            pass

        assert watch.method == "sampled every 5 ms"

    @pytest.mark.parametrize("missing", ["clear_refs", "status"])
    def test_that_is_not_there_is_not_used(self, told, missing):
        told.now(mark=100_000, resident=100_000)
        (told.path / missing).unlink()
        with watched(told.path) as watch:
            pass

        assert watch.method == "sampled every 5 ms"
        assert not (told.path / missing).exists()

    def test_of_a_system_that_tells_no_mark_is_not_used(self, told):
        (told.path / "status").write_text("Name:\tpython\nVmRSS:\t100000 kB\n")
        with watched(told.path) as watch:
            pass

        assert watch.method == "sampled every 5 ms"


class TestSampling:
    def test_sees_memory_that_stays_for_some_looks(self, tmp_path):
        with watched(tmp_path) as watch:
            held = allocated(64 * MIB)
            time.sleep(50 * resident.INTERVAL)
            del held

        assert watch.peak - watch.before == pytest.approx(64 * MIB, abs=ROOM)

    def test_sees_what_is_there_at_the_end(self, tmp_path):
        with watched(tmp_path) as watch:
            held = allocated(64 * MIB)

        assert watch.peak - watch.before == pytest.approx(len(held), abs=ROOM)


class TestTensorBytes:
    def test_counts_parameters_and_buffers_by_their_dtype(self):
        model = torch.nn.Linear(10, 4, bias=False, dtype=torch.bfloat16)
        model.register_buffer("places", torch.arange(3), persistent=False)

        assert tensor_bytes(model) == 10 * 4 * 2 + 3 * 8

    def test_counts_tied_weights_once(self):
        model = torch.nn.Sequential(torch.nn.Embedding(7, 4), torch.nn.Linear(4, 7, bias=False))
        model[1].weight = torch.nn.Parameter(model[0].weight.data)

        assert tensor_bytes(model) == 7 * 4 * 4
