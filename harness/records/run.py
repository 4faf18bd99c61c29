"""One invocation: what `run.json` holds."""

from __future__ import annotations

from typing import Any, Literal

from harness.records.base import Record
from harness.records.evaluations import Evaluation
from harness.records.pairs import PairedRounds
from harness.records.references import Reference
from harness.records.scenarios import ScenarioRecord
from harness.records.subjects import ClassifierRecord, ReviewSetRecord
from harness.records.timings import Bandwidth, Peak, Timing
from harness.records.verdicts import Verdict

SCHEMA_VERSION = 3
"""Older runs open too. Those of version 1 have no slices, no calibrated figures and no selective prediction;
those of version 2 no cells of timings, no peaks and no scenarios."""


class AcceleratorState(Record):
    """Clocks and throttling of a GPU, as its driver tells; None for what it does not."""

    name: str
    driver: str | None = None
    clock_mhz: float | None = None
    """Of the multiprocessors, now."""
    clock_limit_mhz: float | None = None
    memory_clock_mhz: float | None = None
    temperature_c: float | None = None
    power_w: float | None = None
    power_limit_w: float | None = None
    throttled: tuple[str, ...] | None = None
    """Why the clock is held down; empty where it is not."""


class Environment(Record):
    """The machine and the libraries of a run. No user name, no path."""

    harness: str
    python: str
    platform: str
    processor: str
    cores: int
    threads: int
    memory_bytes: int
    accelerators: tuple[str, ...] = ()
    packages: dict[str, str]
    load_before: float | None = None
    """Processes that wanted a core in the last minute, before the work."""
    load_after: float | None = None
    affinity: tuple[int, ...] | None = None
    """Cores that this process may run on; None where the system does not tell."""
    cpu_limit: float | None = None
    """Cores that the control group grants; None where there is no limit or it cannot be read."""
    memory_limit_bytes: int | None = None
    """Memory that the control group grants."""
    governor: str | None = None
    """How the system chooses clock rates: `performance`, `powersave` …; None where it does not tell."""
    accelerator_states: tuple[AcceleratorState, ...] = ()
    """After the work."""


class Run(Record):
    """One invocation: what `run.json` holds."""

    schema_version: int = SCHEMA_VERSION
    id: str
    name: str
    status: Literal["unfinished", "finished", "interrupted"]
    started: str
    """ISO 8601, UTC."""
    finished: str | None = None
    seconds: float | None = None
    command: str
    """`evaluate` or `pytest`."""
    settings: dict[str, Any]
    """Every option that differs from its default."""
    environment: Environment
    classifiers: tuple[ClassifierRecord, ...] = ()
    review_sets: tuple[ReviewSetRecord, ...] = ()
    evaluations: tuple[Evaluation, ...] = ()
    timings: tuple[Timing, ...] = ()
    peaks: tuple[Peak, ...] = ()
    bandwidths: tuple[Bandwidth, ...] = ()
    scenarios: tuple[ScenarioRecord, ...] = ()
    paired: tuple[PairedRounds, ...] = ()
    """Candidate and reference in pairs, for latency verdicts."""
    references: tuple[Reference, ...] = ()
    """What evaluations were compared with."""
    verdicts: tuple[Verdict, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def confidence(self) -> float:
        """Level of the intervals, as it was asked for; 0.95 where it was not."""
        return float(self.settings.get("confidence", 0.95))
