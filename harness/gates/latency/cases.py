"""What both sides are timed on: a stage at one size, or a scenario over the reviews of one round."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:
    import numpy as np

    from harness.records import ScenarioName, Step


@dataclass(frozen=True)
class StageCase:
    """A stage on one batch of texts: a round is as many calls as take long enough."""

    stage: Step
    seq_len: int
    """Tokens that were asked for when the texts were chosen."""
    texts: tuple[str, ...]

    protocol: ClassVar[int] = 1
    """The least that a worker must speak to measure it."""

    @property
    def subject(self) -> str:
        """What rules call it."""
        return self.stage

    @property
    def id(self) -> str:
        return f"{self.stage}.{len(self.texts)}x{self.seq_len}"

    def question(self) -> dict[str, Any]:
        """How a worker is asked to prepare it."""
        asked = {"case": self.id, "stage": self.stage, "seq_len": self.seq_len, "texts": list(self.texts)}
        return {"prepare": asked}

    def conditions(self, generator: np.random.Generator) -> dict[str, Any]:
        """What a worker is told of a round beside its calls; both sides of a pair are told the same."""
        return {}

    def described(self) -> dict[str, Any]:
        """Its fields of a `PairedRounds`."""
        return {"stage": self.stage, "batch_size": len(self.texts), "seq_len": self.seq_len}


@dataclass(frozen=True)
class ScenarioCase:
    """A scenario: a round is all of the reviews once, see `harness.gates.latency.scenario`."""

    scenario: ScenarioName
    texts: tuple[str, ...]
    """Reviews of a round, in the order in which they are asked for."""
    rate: float | None = None
    """Server: arrivals in a second."""

    protocol: ClassVar[int] = 2

    @property
    def subject(self) -> str:
        """What rules call it."""
        return self.scenario

    @property
    def id(self) -> str:
        return f"{self.scenario}.{len(self.texts)}"

    def question(self) -> dict[str, Any]:
        """How a worker is asked to prepare it."""
        return {"scenario": {"case": self.id, "name": self.scenario, "texts": list(self.texts), "rate": self.rate}}

    def conditions(self, generator: np.random.Generator) -> dict[str, Any]:
        """Of the server its arrivals, drawn anew for each pair: how well one schedule is met is chance.

        They are drawn here, since another version of numpy may draw others.
        """
        if self.rate is None:
            return {}
        from harness.timing.scenarios import draws

        gaps = draws.gaps(int(generator.integers(2**32)))
        return {"scheduled": draws.arrivals(gaps, self.rate, 0.0, len(self.texts)).tolist()}

    def described(self) -> dict[str, Any]:
        """Its fields of a `PairedRounds`."""
        return {"scenario": self.scenario, "reviews": len(self.texts), "rate": self.rate}


Case = StageCase | ScenarioCase
