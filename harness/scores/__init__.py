"""Score files: gold labels with probabilities or logits, from any model of any kind.

Read in this order: `raw` (what any file holds), `npz`, `parquet` and `delimited` (how it is taken
apart), `names`, `gold`, `source`, `prefixes` and `matrix` (which column is what), `numbers`, `sums` and
`values` (what they hold), `classes` (which label is which class), `predicted` and `rest` (all else).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from harness.scores.names import Kind

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa

__all__ = ["Kind", "Scores", "read_scores"]


@dataclass(frozen=True, eq=False)
class Scores:
    """What a score file holds: N examples, K classes."""

    probabilities: np.ndarray
    """(N, K) float32 or float64, as given, or float64 where rounded rows were scaled to sum to 1; where only
    logits were given, their softmax in float32."""
    logits: np.ndarray | None
    """(N, K) float32 or float64, of the same classes; None where the file has none."""
    gold: np.ndarray
    """(N,) int64, indices into `classes`."""
    classes: tuple[str, ...]
    """K names: from worst to best on a scale, otherwise as the file has them."""
    ordinal: bool
    """The classes are steps of a scale."""
    ids: list[str] | None
    """N ids; None where the file has none."""
    columns: pa.Table | None
    """(N) rows, the columns that are none of the above; None where there are none."""
    source: str
    """Name of the file, without its folder."""
    notes: tuple[str, ...]
    """What was taken for what, one line each."""


def read_scores(
    path: str | Path,
    *,
    classes: Sequence[str] | None = None,
    ordinal: bool | None = None,
    kind: Kind = "auto",
    label_column: str | None = None,
    label_base: Literal[0, 1] | None = None,
    label_map: Mapping[str, str] | None = None,
) -> Scores:
    """Read gold labels with probabilities or logits from an `.npz`, `.parquet`, `.csv` or `.tsv` file.

    Args:
        path: The file; its ending tells the format.
        classes: Names of the classes: of a table's columns in their order, or of the columns to take.
        ordinal: Whether the classes are steps of a scale; None where their names have to say it.
        kind: What the numbers are; `auto` where the names of the columns, or the rows, have to say it.
        label_column: Column of the gold labels; None finds it by the usual names.
        label_base: Number of the first class, 0 or 1, where the labels do not prove it.
        label_map: Label -> class, as `harness.labels.match` takes it.

    Raises:
        PredictionsError: The file cannot be read, or its columns, labels and classes do not fit together.
        UsageError: An option that does not fit the file.
        NothingMeasured: There is no row.
    """
    from harness.scores.classes import fit
    from harness.scores.files import read
    from harness.scores.gold import coded, gold_column
    from harness.scores.matrix import find
    from harness.scores.predicted import predicted
    from harness.scores.rest import rest
    from harness.scores.values import parts_of, probabilities_of

    raw = read(Path(path))
    label, other_labels = gold_column(raw, label_column)
    labels = coded(raw, label)
    found = find(raw, label, labels.texts, classes, kind)
    parts = parts_of(raw, label, found, classes, kind)
    fitted = fit(raw, label, labels, parts, label_base=label_base, label_map=label_map)
    ordered = parts.ordered(fitted.order)
    probabilities, softmax = probabilities_of(ordered)
    chosen, chosen_notes = predicted(raw, {label, *parts.columns}, labels, fitted, probabilities)
    ids, columns, left_out = rest(raw, {label, *parts.columns, *chosen}, len(labels.codes))
    return Scores(
        probabilities=probabilities,
        logits=ordered.logits,
        gold=fitted.gold,
        classes=fitted.classes,
        ordinal=fitted.ordinal if ordinal is None else ordinal,
        ids=ids,
        columns=columns,
        source=raw.path.name,
        notes=(
            *raw.notes,
            *other_labels,
            *parts.notes,
            *softmax,
            *fitted.notes,
            *fitted.order_notes(parts, ordinal),
            *chosen_notes,
            *left_out,
        ),
    )
