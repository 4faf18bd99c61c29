"""The label contract: how a review set's labels and a classifier's classes are matched.

Read in this order: `scheme` (what one text means), `numbering` (what whole numbers count),
`label_map` (what the user says), `match` (the contract), `permutation` (is it believable?).
"""

from __future__ import annotations

from harness.labels.label_map import read_label_map
from harness.labels.match import LabelMatch, match
from harness.labels.permutation import PermutationFinding, permutation_check

__all__ = ["LabelMatch", "PermutationFinding", "match", "permutation_check", "read_label_map"]
