"""Rounds of two classifiers in pairs, from pairs of fresh processes: the evidence of a latency verdict."""

from __future__ import annotations

from harness.records.base import Record
from harness.records.timings import Step


class TimedSide(Record):
    """One of the two, where and with what it ran."""

    classifier: str
    """Its name, as given."""
    device: str
    dtype: str
    python: str
    """Implementation and version of its interpreter: `CPython 3.12.4`."""
    versions: dict[str, str]
    """Of the harness and of the packages that can move a time, in its own environment."""
    tokens: int
    """Tokens in the batch, without padding."""
    padded_tokens: int
    seconds: tuple[tuple[float, ...], ...]
    """Of one call, one row a process, in the order measured. Row p, place i of both sides is one pair."""


class PairedRounds(Record):
    """One stage at one batch size and sequence length: every round of both sides is kept."""

    id: str
    """Stage and size: `forward.8x32`."""
    stage: Step
    batch_size: int
    seq_len: int
    iterations: int
    """Calls in a round, the same on both sides."""
    threads: int
    """Threads that one torch operation used, in every process."""
    looks: int
    """That were planned, each with one process pair more: the level of a verdict is divided among them."""
    seed: int
    """Of the orders."""
    candidate_first: tuple[tuple[bool, ...], ...]
    """Which of a pair was measured first, in the shape of `seconds`."""
    candidate: TimedSide
    reference: TimedSide
