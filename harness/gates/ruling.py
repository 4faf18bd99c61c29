"""What one rule comes to on the evidence: the part of a verdict that its judges fill in."""

from __future__ import annotations

from dataclasses import dataclass

from harness.records import Metric
from harness.records.verdicts import Outcome


@dataclass(frozen=True)
class Ruling:
    """The fields are those of `harness.records.Verdict` with the same names."""

    outcome: Outcome
    sentence: str
    candidate: Metric | None = None
    reference: Metric | None = None
    difference: Metric | None = None
    examples: int | None = None
    needed: int | None = None
    identical: bool = False
    by_value: bool = False
    """Judged without an interval: no field of a verdict, since its sentence says so."""
