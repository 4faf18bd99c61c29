"""What one timing handles in a second, and what share of the machine's best that is. By medians."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from harness.records import Bandwidth, Peak, Timing
from harness.rounds.medians import median_of


@dataclass(frozen=True)
class Rates:
    """None is a rate that this timing does not have."""

    reviews_per_s: float | None
    tokens_per_s: float | None
    """Without padding; None for softmax, which sees no tokens."""
    flops_per_s: float | None
    """Floating-point operations; None where the stage has no matrix product or none were counted."""
    bytes_per_s: float | None
    """The least that must be read and written; None where that is not known."""
    padding_share: float | None
    """Of the padded tokens of the batch; None where there is no token."""
    device_share: float | None
    """Time by the device's own clock ÷ time by the clock on the wall. The gap to 1 is spent launching
    kernels and waiting for them; None on a CPU."""


def rates(timing: Timing) -> Rates:
    """The rates of one timing, which has at least one round."""
    seconds = median_of(timing)
    return Rates(
        reviews_per_s=_each_second(timing.batch_size, seconds),
        tokens_per_s=None if timing.stage == "softmax" else _each_second(timing.tokens, seconds),
        flops_per_s=_each_second(timing.flops, seconds),
        bytes_per_s=_each_second(timing.bytes, seconds),
        padding_share=1 - timing.tokens / timing.padded_tokens if timing.padded_tokens else None,
        device_share=float(np.median(timing.device_seconds)) / seconds if timing.device_seconds and seconds else None,
    )


def peak_share(timing: Timing, peaks: Iterable[Peak]) -> float | None:
    """Achieved FLOP/s ÷ those of the fastest matrix product on the same device, dtype and threads.

    None where the stage has no FLOPs, or the run no such peak.
    """
    fitting = (
        each.flops_per_s
        for each in peaks
        if (each.device, each.dtype, each.threads) == (timing.device, timing.dtype, timing.threads)
    )
    return _share(rates(timing).flops_per_s, fitting)


def bandwidth_share(timing: Timing, bandwidths: Iterable[Bandwidth]) -> float | None:
    """The least bytes/s that the stage must move ÷ those of the fastest copy on the same device and threads.

    Above 1 where the batch stays in the cache, which is faster than memory. None where the bytes are
    not known, or the run has no such bandwidth.
    """
    fitting = (
        each.bytes_per_s for each in bandwidths if (each.device, each.threads) == (timing.device, timing.threads)
    )
    return _share(rates(timing).bytes_per_s, fitting)


def _each_second(amount: int | None, seconds: float) -> float | None:
    return None if amount is None or not seconds else amount / seconds


def _share(achieved: float | None, most: Iterable[float]) -> float | None:
    best = max(most, default=None)
    return None if achieved is None or not best else achieved / best
