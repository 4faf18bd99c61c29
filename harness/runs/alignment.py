"""Two sets of predictions of the same reviews, brought into one order of rows and classes; or what they differ in."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from harness.runs.tables import PredictionTable


@dataclass(frozen=True)
class Misfit:
    """Why two sets of predictions cannot be paired."""

    what: str
    """`reviews`, `classes` or `gold labels`."""
    sides: str
    """What either side has."""


def aligned(table: PredictionTable, like: PredictionTable) -> PredictionTable | Misfit:
    """The predictions row for row and class for class as those of `like`.

    Args:
        table: N rows, E classes, in any order.
        like: N rows, E classes, whose order is taken.

    Returns:
        N rows, probabilities and gold in the order of E classes of `like`; logits stay those of the table's own
        classifier. A `Misfit` where reviews, classes or gold labels are not the same.
    """
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    places = pc.index_in(pa.array(like.ids, pa.string()), value_set=pa.array(table.ids, pa.string()))
    if len(table.ids) != len(like.ids) or places.null_count or len(pc.unique(places)) != len(places):
        return Misfit("reviews", f"{len(table.ids):,} and {len(like.ids):,} reviews")
    if sorted(table.classes) != sorted(like.classes):
        return Misfit("classes", f"{', '.join(table.classes)} and {', '.join(like.classes)}")
    rows = places.to_numpy().astype(np.int64)
    order = [table.classes.index(name) for name in like.classes]
    found = replace(
        table,
        ids=list(like.ids),
        gold=np.argsort(order)[table.gold[rows]].astype(np.int32),
        logits=table.logits[rows],
        probabilities=table.probabilities[rows][:, order],
        tokens=table.tokens[rows],
        cut=table.cut[rows],
        classes=like.classes,
    )
    differing = np.flatnonzero(found.gold != like.gold).tolist()
    if differing:
        return Misfit("gold labels", f"review {like.ids[differing[0]]!r} ({len(differing):,} such in all)")
    return found
