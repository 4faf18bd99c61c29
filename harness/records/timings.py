"""Rounds of the stages, and what the machine can do at most to compare them with."""

from __future__ import annotations

from typing import Literal

from harness.records.base import Record

Step = Literal["tokenize", "place", "forward", "softmax", "classify"]
"""The three stages in their order, the copy between the first two, and the whole of them."""
Role = Literal["case", "control", "plain"]


class Timing(Record):
    """Rounds of one stage at one batch size and sequence length. Every round is kept."""

    id: str
    """Unique in the run."""
    cell: str = ""
    """Timings of one cell were measured in turn, each once a cycle in random order: round i of all of
    them belongs together. Empty in runs that measured one after another."""
    role: Role = "case"
    """`control` is a case measured once more in its cell: what differs between the two is the machine's
    noise. `plain` is the bare call of the `tokenizers` library on the same texts."""
    classifier: str
    review_set: str = ""
    stage: Step
    """`place` pads the token ids and copies them to the device; `classify` is everything, end to end."""
    batch_size: int
    seq_len: int
    tokens: int
    """Tokens in the batch, without padding."""
    padded_tokens: int
    device: str
    dtype: str
    threads: int
    seconds: tuple[float, ...]
    """Of one call, one value a round, in the order measured; by the clock on the wall."""
    iterations: int
    """Calls in a round."""
    device_seconds: tuple[float, ...] = ()
    """Of one call by the device's own clock (CUDA events), one value a round; empty on a CPU."""
    flops: int | None = None
    """Floating-point operations of one call, of its matrix products and attention; None where it has none."""
    bytes: int | None = None
    """The least that one call must read and write in memory; None where that is not known."""
    resident_before_bytes: int | None = None
    """Resident memory of the process before a call."""
    resident_peak_bytes: int | None = None
    """The most that was resident during it; None where the system does not tell."""
    device_peak_bytes: int | None = None
    """The most that was allocated on the device during a call; None on a CPU."""


class Peak(Record):
    """The fastest matrix product of this machine at a dtype, measured in the process of the run."""

    device: str
    dtype: str
    threads: int
    size: int
    """Rows and columns of the square matrices of the fastest product."""
    flops_per_s: float
    """2 size³ ÷ the fastest round."""


class Bandwidth(Record):
    """The fastest copy within a device's memory, measured in the process of the run."""

    device: str
    threads: int
    copied_bytes: int
    """Size of the array that was copied."""
    bytes_per_s: float
    """Read and written: 2 copied_bytes ÷ the fastest round."""
