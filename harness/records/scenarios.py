"""A classifier under a load as a deployment has it, by the words and rules of MLPerf's LoadGen."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from harness.records.base import Metric, Record

ScenarioName = Literal["offline", "single-stream", "server"]


class Trial(Record):
    """The server scenario at one arrival rate."""

    rate: float
    """Arrivals in a second (Poisson)."""
    queries: int
    """Answered; fewer than were to come where the bound was lost beyond doubt before."""
    p99: Metric
    """Seconds from the scheduled arrival to the answer."""
    met: bool
    """p99 within the bound."""
    mean_batch: float
    """Reviews in a forward pass."""


class ScenarioRecord(Record):
    """One scenario of one classifier on the reviews of one set, at their real lengths. A query is one review."""

    id: str
    classifier: str
    review_set: str
    device: str
    dtype: str
    threads: int
    scenario: ScenarioName
    batching: bool | None = None
    """Server: whether queries that wait are answered together, up to the token budget."""
    queries: int
    """Answered: of the last trial within the bound in the server scenario."""
    seconds: float
    """From the first scheduled arrival to the last answer of these queries."""
    min_seconds: float
    min_queries: int
    seed: int
    """Of the order of the reviews and of the arrivals."""
    unmet: tuple[str, ...] = ()
    """Rules that the run did not meet, in words: each is a reason to distrust it."""
    reviews_per_s: float | None
    """None where no trial met the bound."""
    tokens_per_s: float | None
    latency: dict[Literal["p50", "p90", "p99"], Metric] = Field(default_factory=dict)
    """Seconds from the scheduled arrival to the answer; empty in the offline scenario, which has no latency."""
    mean_batch: float | None = None
    """Reviews in a forward pass."""
    rate: float | None = None
    """Server: arrivals in a second; where none was asked for, the highest whose p99 stays within the bound."""
    bound_seconds: float | None = None
    """Server: the latency bound."""
    trials: tuple[Trial, ...] = ()
    """Server: every rate that was tried, in order."""
    latencies: str = ""
    """File in the run folder with every query of the figures above; empty in the offline scenario."""
