"""What the machine can do at most, measured in this process: the fastest matrix product and the fastest copy.

A stage's FLOP/s and bytes/s are shares of these. They are measured with the threads that the stages
have, once for each device, dtype and number of threads; a maker's data sheet knows neither the
clock of this minute nor the cores that a container was granted.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from math import inf
from time import perf_counter
from typing import TYPE_CHECKING

from harness import environment
from harness.control_groups import memory_limit
from harness.records.timings import Bandwidth, Peak
from harness.timing.clocks import timer_for

if TYPE_CHECKING:
    import torch

Clock = Callable[[], float]
"""Seconds. It waits for the device where that works on its own."""
Call = Callable[[], object]

SIZES = (256, 512, 1024, 2048, 4096, 8192)
"""Rows and columns of the products, smallest first: a CPU is fastest where they fit its caches, a GPU where
they fill it. Each is tried while the one before it says that it fits the budget."""
ROUNDS = 3
"""At least; the fastest counts, since whatever else the machine does can only add to a round."""
PEAK_BUDGET = 1.0
BANDWIDTH_BUDGET = 0.5
"""Seconds."""
COPIED_BYTES = 256 * 2**20
"""Four times the last-level cache or more on most machines, as STREAM's rules for a run ask for."""
SHARE_OF_MEMORY = 8
"""An array, or the three matrices of a product, take no more than one part in so many of the free memory."""


def matmul_peak(device: str, dtype: str) -> Peak:
    """The fastest `torch.mm` of square matrices: 2 size³ ÷ the fastest round of the best size.

    Measured at the first call, in about a second, and remembered. torch's settings hold as they
    are: float32 on CUDA is without TF32 unless somebody allowed it.

    Args:
        device: As in `ClassifierRecord.device`: `cpu`, `cuda:N` or `mps`.
        dtype: `float32`, `bfloat16` or `float16`.

    Raises:
        RuntimeError: torch multiplies no matrices of this dtype on this device.
    """
    return _matmul_peak(device, dtype, environment.threads())


def bandwidth(device: str) -> Bandwidth:
    """The fastest `copy_` of an array much larger than the caches, counted as 2 bytes moved for each byte copied.

    That is the kernel "copy" of STREAM and its way of counting (McCalpin 1995, "Memory bandwidth and
    machine balance in current high performance computers", IEEE TCCA Newsletter). Measured at the
    first call, in about half a second, and remembered.

    Args:
        device: As in `ClassifierRecord.device`: `cpu`, `cuda:N` or `mps`.
    """
    return _bandwidth(device, environment.threads())


def matmul_peak_now(device: str, dtype: str) -> Peak:
    """As `matmul_peak`, measured again: where the machine was busy the first time, the figure was too low."""
    peak: Peak = _matmul_peak.__wrapped__(device, dtype, environment.threads())
    return peak


@cache
def _matmul_peak(device: str, dtype: str, threads: int) -> Peak:
    free, clock = free_bytes(device), timer_for(device) or perf_counter
    sizes = [size for size in SIZES if 3 * size * size * _itemsize(dtype) * SHARE_OF_MEMORY <= free] or SIZES[:1]
    size, seconds = fastest_product(lambda size: product(size, device, dtype), sizes, clock, budget=PEAK_BUDGET)
    _release(device)
    return Peak(device=device, dtype=dtype, threads=threads, size=size, flops_per_s=2 * size**3 / seconds)


@cache
def _bandwidth(device: str, threads: int) -> Bandwidth:
    size = max(2**20, min(COPIED_BYTES, free_bytes(device) // SHARE_OF_MEMORY))
    copy, clock = copying(size, device), timer_for(device) or perf_counter
    copy()
    seconds = fastest({size: copy}, clock, budget=BANDWIDTH_BUDGET)[size]
    del copy
    _release(device)
    return Bandwidth(device=device, threads=threads, copied_bytes=size, bytes_per_s=2 * size / seconds)


def fastest_product(
    product: Callable[[int], Call], sizes: Sequence[int], clock: Clock, *, budget: float
) -> tuple[int, float]:
    """The size whose product does most in a second, and the seconds of its fastest round.

    Args:
        product: Gives the call that multiplies two matrices of a size.
        sizes: Smallest first. The first is measured whatever it takes. Another one is tried where the
            rate of the one before it says that it fits what is left of the budget, and is kept
            where it does.
        clock: Seconds.
        budget: Seconds for everything but the very first call, which also loads libraries.
    """
    calls = {sizes[0]: product(sizes[0])}
    calls[sizes[0]]()
    began = clock()

    def probe(size: int) -> dict[int, float]:
        # Of a short product many rounds, since another process may hold up any one of them.
        return fastest({size: calls[size]}, clock, budget=budget / 20, rounds=1)

    def fits(seconds: float) -> bool:
        return clock() - began + ROUNDS * sum(probed.values()) + seconds <= budget

    probed = probe(sizes[0])
    for size in sizes[1:]:
        last = max(probed)
        expected = probed[last] * (size / last) ** 3
        if not fits((2 + ROUNDS) * expected):
            break
        calls[size] = product(size)
        calls[size]()  # the first call of a size chooses and compiles its kernel
        probed |= probe(size)
        if not fits(0):
            del calls[size]
            break
    measured = fastest(calls, clock, budget=budget, spent=clock() - began)
    seconds = {size: min(measured[size], probed[size]) for size in calls}
    best = min(seconds, key=lambda size: seconds[size] / size**3)
    return best, seconds[best]


def fastest(
    calls: Mapping[int, Call], clock: Clock, *, budget: float, spent: float = 0, rounds: int = ROUNDS
) -> dict[int, float]:
    """Seconds of the fastest round of each call; round by round the calls take turns.

    Args:
        calls: By their size.
        clock: Seconds.
        budget: Seconds after which no cycle begins, unless there were fewer than `rounds`.
        spent: Seconds of the budget that are gone already.
        rounds: For each call, at least; but after a single one as long as the budget no cycle begins.
    """
    best = dict.fromkeys(calls, inf)
    began, cycles, longest = clock(), 0, 0.0
    while cycles < rounds or spent + clock() - began < budget:
        for size, call in calls.items():
            started = clock()
            call()
            seconds = clock() - started
            best[size] = min(best[size], seconds)
            longest = max(longest, seconds)
        cycles += 1
        if longest >= budget:
            break
    return best


def product(size: int, device: str, dtype: str) -> Call:
    """The product of two (size, size) matrices of normal numbers, into a third that is there already."""
    import torch

    generator = torch.Generator(device).manual_seed(0)
    kind = getattr(torch, dtype)
    left, right = (torch.randn(size, size, generator=generator, device=device).to(kind) for _ in range(2))
    out = torch.empty_like(left)
    return lambda: torch.mm(left, right, out=out)


def copying(size: int, device: str) -> Call:
    """The copy of an array of `size` bytes to another one on the same device."""
    import torch

    # Written with ones: zeros that were never written share one page of memory, which stays in the cache.
    source = torch.ones(size, dtype=torch.uint8, device=device)
    target = torch.empty_like(source)
    return lambda: target.copy_(source)


def free_bytes(device: str) -> int:
    """Memory that can be had on a device now: on a GPU as its driver tells, else as the system grants this process."""
    import psutil  # type: ignore[import-untyped]
    import torch

    if device.startswith("cuda"):
        return int(torch.cuda.mem_get_info(device)[0])
    available = int(psutil.virtual_memory().available)
    limit = memory_limit()
    return available if limit is None else max(0, min(available, limit - int(psutil.Process().memory_info().rss)))


def _itemsize(dtype: str) -> int:
    import torch

    kind: torch.dtype = getattr(torch, dtype)
    return kind.itemsize


def _release(device: str) -> None:
    """Hand back what torch keeps of freed memory on an accelerator."""
    import torch

    kind = device.partition(":")[0]
    if kind in ("cuda", "mps"):
        getattr(torch, kind).empty_cache()
