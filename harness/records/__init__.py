"""What a run leaves on disk: `run.json`, as frozen pydantic models with a schema version.

Everything that a report, a gate or a script reads about a run is here, and nothing in here needs
a model, a review set or torch to be read again.
"""

from __future__ import annotations

from harness.records.base import Metric, Record, Share
from harness.records.comparisons import Comparison, Difference, Flips, SliceDifference
from harness.records.evaluations import Counts, Evaluation, LabelMatchRecord, StageSeconds
from harness.records.figures import (
    Calibrated,
    ClassMetrics,
    Figures,
    ReliabilityBin,
    Score,
    Selective,
    Slice,
    SliceColumn,
    Threshold,
)
from harness.records.pairs import PairedRounds, TimedSide
from harness.records.profiles import Operator, OperatorShapes, Profile
from harness.records.references import Reference
from harness.records.run import SCHEMA_VERSION, AcceleratorState, Environment, Run
from harness.records.scenarios import ScenarioName, ScenarioRecord, Trial
from harness.records.subjects import ClassifierRecord, ReviewSetRecord
from harness.records.timings import Bandwidth, Peak, Role, Step, Timing
from harness.records.verdicts import FlippedReview, Outcome, SliceVerdict, Verdict

__all__ = [
    "SCHEMA_VERSION",
    "AcceleratorState",
    "Bandwidth",
    "Calibrated",
    "ClassMetrics",
    "ClassifierRecord",
    "Comparison",
    "Counts",
    "Difference",
    "Environment",
    "Evaluation",
    "Figures",
    "FlippedReview",
    "Flips",
    "LabelMatchRecord",
    "Metric",
    "Operator",
    "OperatorShapes",
    "Outcome",
    "PairedRounds",
    "Peak",
    "Profile",
    "Record",
    "Reference",
    "ReliabilityBin",
    "ReviewSetRecord",
    "Role",
    "Run",
    "ScenarioName",
    "ScenarioRecord",
    "Score",
    "Selective",
    "Share",
    "Slice",
    "SliceColumn",
    "SliceDifference",
    "SliceVerdict",
    "StageSeconds",
    "Step",
    "Threshold",
    "TimedSide",
    "Timing",
    "Trial",
    "Verdict",
]
