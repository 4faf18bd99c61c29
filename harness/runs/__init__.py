"""The run folder: one invocation on disk, readable in an editor and by a script.

<output>/<UTC time>-<name>/
    request.json                          what was asked, as a digest: the same request goes on here
    run.json                              the record, see `harness.records`
    predictions/<evaluation id>.parquet   id, gold, logits, probabilities, tokens, cut
    predictions/<evaluation id>.shards/   while the evaluation runs
    reviews/<review set id>.parquet       id, text, and the columns kept for slices
    references/<evaluation id>.….parquet  predictions that an evaluation was compared with
    latencies/<scenario id>.parquet       every query of a scenario
    benchmark.json                        pytest-benchmark's own record
    report.html                           the page
"""

from __future__ import annotations

from harness.runs.alignment import Misfit, aligned
from harness.runs.folder import RunFolder, rewrite
from harness.runs.latencies import LatencyTable, read_latencies, write_latencies
from harness.runs.reading import find, read
from harness.runs.tables import PredictionTable, read_predictions, read_reviews, write_predictions, write_reviews

__all__ = [
    "LatencyTable",
    "Misfit",
    "PredictionTable",
    "RunFolder",
    "aligned",
    "find",
    "read",
    "read_latencies",
    "read_predictions",
    "read_reviews",
    "rewrite",
    "write_latencies",
    "write_predictions",
    "write_reviews",
]
