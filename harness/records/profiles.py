"""Where the time of one stage goes, operator by operator: what `harness profile` measures."""

from __future__ import annotations

from harness.records.base import Record
from harness.records.timings import Step


class OperatorShapes(Record):
    """Those calls of an operator whose inputs had the same shapes."""

    shapes: tuple[tuple[int, ...], ...]
    """Of its input tensors, in their order; inputs that are no tensors, or lists of them, are left out."""
    calls: int
    """In all rounds."""
    self_seconds: float
    """In all rounds."""
    device_self_seconds: float | None = None
    """In all rounds; None where the device is the CPU."""


class Operator(Record):
    """One operator of torch, over all rounds. Self time is its own: what the operators that it calls take is theirs."""

    name: str
    calls: int
    """In all rounds."""
    self_seconds: float
    """On the host, in all rounds."""
    device_self_seconds: float | None = None
    """Of the kernels that it launched itself, in all rounds; None where torch's profiler does not see the device."""
    shapes: tuple[OperatorShapes, ...]
    """The same by the shapes of its inputs, those that cost most first."""


class Profile(Record):
    """Rounds of one stage under torch's profiler. The profiler slows them: this is no timing.

    On the CPU the self seconds of the operators and `outside_seconds` add up to the profiled rounds.
    Where kernels ran on a device, so do their device self seconds and `device_idle_seconds`, unless
    kernels ran at the same time.
    """

    classifier: str
    """Its id."""
    review_set: str
    """Id of the set that the texts come from."""
    stage: Step
    batch_size: int
    seq_len: int
    """Tokens that were asked for."""
    tokens: int
    """Tokens in the batch, without padding."""
    padded_tokens: int
    device: str
    dtype: str
    threads: int
    seconds: tuple[float, ...]
    """Of each round without the profiler, half of them before those with it and half after. Wall clock."""
    profiled_seconds: tuple[float, ...]
    """Of each round under the profiler, as it stands in the trace."""
    operators: tuple[Operator, ...]
    """Those that cost most first: by device time where kernels ran on the device, else by host time."""
    outside_seconds: float
    """Of the profiled rounds on the host, outside torch's operators: Python, tokenizers, waiting for a device."""
    device_idle_seconds: float | None = None
    """Of the profiled rounds, while no operator's kernel ran on the device; None where none ran at all."""
    trace: str
    """The file that was written for Perfetto, as it was named."""
