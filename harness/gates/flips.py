"""Reviews that the candidate lost: the baseline predicts their label, and the candidate does not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from harness.records.verdicts import FlippedReview

if TYPE_CHECKING:
    from harness.gates.evidence import Evidence, Section


def lost(evidence: Evidence, section: Section, shown: int) -> tuple[FlippedReview, ...]:
    """The lost reviews of a section of which the candidate is the most sure, the surest first.

    Args:
        evidence: Of both.
        section: The reviews.
        shown: How many, at most.
    """
    table, of_baseline = evidence.candidate.table, evidence.baseline_probabilities
    candidate, baseline = evidence.right(section)
    rows = np.flatnonzero(baseline & ~candidate)
    rows = rows if section.rows is None else section.rows[rows]
    top = table.probabilities[rows].max(axis=1) if len(rows) else np.zeros(0)
    texts = evidence.candidate.texts or {}
    predicted, was = evidence.predicted
    return tuple(
        FlippedReview(
            id=table.ids[row],
            gold=table.classes[int(table.gold[row])],
            candidate=table.classes[int(predicted[row])],
            candidate_probability=float(table.probabilities[row].max()),
            baseline=table.classes[int(was[row])],
            baseline_probability=float(of_baseline[row].max()),
            text=texts.get(table.ids[row]),
        )
        for row in rows[np.argsort(-top, kind="stable")][:shown].tolist()
    )
