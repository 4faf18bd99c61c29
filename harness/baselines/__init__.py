"""Baselines: runs that were promoted, to be committed and compared with.

<baselines>/<name>/
    baseline.json                                 the record, see `harness.records.baselines`
    predictions/<evaluation id>-<digits>.parquet  id, gold, logits, probabilities, tokens, cut; no texts

folder     found by name, read, removed
matching   which part of a baseline an evaluation is compared with, and its predictions row for row
standing   what speaks for the baseline that stands where another is to be put
promotion  a run becomes a baseline, unless the one that stands there is better
"""

from __future__ import annotations

from harness.baselines.folder import Baseline, existing, find, folder_beside, listed, names, remove
from harness.baselines.matching import match, paired
from harness.baselines.promotion import promote

__all__ = ["Baseline", "existing", "find", "folder_beside", "listed", "match", "names", "paired", "promote", "remove"]
