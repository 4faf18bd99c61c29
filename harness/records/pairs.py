"""Rounds of two classifiers in pairs, from pairs of fresh processes: the evidence of a latency verdict."""

from __future__ import annotations

from pydantic import model_validator

from harness.records.base import Record
from harness.records.scenarios import ScenarioName
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
    """Tokens of a stage's batch, or of all reviews of a scenario's round, without padding."""
    padded_tokens: int | None = None
    """Of a stage's batch; None of a scenario, whose batches come about as it runs."""
    seconds: tuple[tuple[float, ...], ...]
    """Of one call of a stage; of all reviews in the offline scenario; the mean latency of a review in the others, from
    its scheduled arrival. One row a process, in the order measured. Row p, place i of both sides is one pair."""


class PairedRounds(Record):
    """One stage at one batch size and sequence length, or one scenario: every round of both sides is kept."""

    id: str
    """Stage and size: `forward.8x32`; or scenario and reviews of a round: `single-stream.200`."""
    stage: Step | None = None
    batch_size: int | None = None
    """Of a stage."""
    seq_len: int | None = None
    """Of a stage."""
    scenario: ScenarioName | None = None
    reviews: int | None = None
    """Of a scenario: in one round, each once; the same ones on both sides, in all rounds."""
    rate: float | None = None
    """Of the server, which answers together what waits: arrivals in a second, Poisson, drawn anew for each pair."""
    iterations: int
    """Calls in a round, the same on both sides; of a scenario, times that all of its reviews are asked for."""
    threads: int
    """Threads that one torch operation used, in every process."""
    looks: int
    """That were planned, each with one process pair more: the level of a verdict is divided among them."""
    seed: int
    """Of the orders, of a scenario's reviews and of their arrivals."""
    candidate_first: tuple[tuple[bool, ...], ...]
    """Which of a pair was measured first, in the shape of `seconds`."""
    candidate: TimedSide
    reference: TimedSide

    @property
    def subject(self) -> str:
        """What rules call it: the stage or the scenario."""
        return self.stage or self.scenario or ""

    @model_validator(mode="after")
    def _is_of_one_kind(self) -> PairedRounds:
        stage, scenario = (self.stage, self.batch_size, self.seq_len), (self.scenario, self.reviews)
        assert (None not in stage) != (None not in scenario), "a stage and its size, or a scenario and its reviews"
        assert all(each is None for each in (stage if self.scenario else scenario)), "a stage or a scenario, not both"
        assert (self.rate is not None) == (self.scenario == "server"), "the server has a rate, and nothing else has"
        return self
