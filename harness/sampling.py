"""How the reviews of a set were drawn, as `--cluster-by` and `--stratify-by` say: what intervals depend on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.errors import ReviewSetError, UsageError, first_rows
from harness.names import alike
from harness.options import nearest
from harness.statistics.design import Design

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa

    from harness.options import Settings

LABEL = "label"


def design_of(settings: Settings, columns: pa.Table, gold: np.ndarray, where: str) -> Design:
    """The sampling design of the reviews.

    Args:
        settings: `cluster_by` and `stratify_by`.
        columns: (N) rows, the kept columns.
        gold: (N,) integers, the classes of the reviews' labels.
        where: The review set, for errors.

    Raises:
        UsageError: Both options at once, or a column that is not there.
        ReviewSetError: A review without a value in the column.
    """
    if settings.cluster_by and settings.stratify_by:
        raise UsageError(
            "clusters and strata cannot go together",
            where=f"options --cluster-by {settings.cluster_by} and --stratify-by {settings.stratify_by}",
            remedy="give the one that says how the reviews were drawn",
        )
    if settings.cluster_by:
        column = _column(columns, settings.cluster_by, "--cluster-by", where)
        return Design.of("clustered", _values(columns, column, "--cluster-by", where), column)
    if settings.stratify_by == LABEL and LABEL not in columns.column_names:
        return Design.of("stratified", gold, column=LABEL)
    if settings.stratify_by:
        column = _column(columns, settings.stratify_by, "--stratify-by", where)
        return Design.of("stratified", _values(columns, column, "--stratify-by", where), column)
    return Design.independent()


def _column(columns: pa.Table, name: str, option: str, where: str) -> str:
    """The column that is meant."""
    found = alike(name, columns.column_names)
    if found is not None:
        return found
    known = [*columns.column_names, *((LABEL,) if option == "--stratify-by" else ())]
    raise UsageError(
        f"there is no column {name!r}",
        where=f"option {option} {name}; {where}",
        expected=", ".join(known) or "a file with other columns too",
        remedy=f"{nearest(name, known)}name a column of the review set",
    )


def _values(columns: pa.Table, name: str, option: str, where: str) -> np.ndarray:
    """(N,) int64 codes of the column's values."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    values = columns[name].combine_chunks()
    if pa.types.is_nested(values.type):
        raise UsageError(
            f"column {name!r} holds several values a review",
            where=f"option {option} {name}; {where}",
            expected="one value for each review",
            remedy="name another column",
        )
    if pa.types.is_dictionary(values.type):
        values = values.dictionary_decode()
    absent = pc.is_null(values, nan_is_null=True)
    if pa.types.is_string(values.type) or pa.types.is_large_string(values.type):
        # What a CSV file leaves empty would be one large cluster.
        absent = pc.or_(absent, pc.fill_null(pc.equal(values, ""), True))
    missing = np.flatnonzero(absent.to_numpy(zero_copy_only=False)).tolist()
    if missing:
        raise ReviewSetError(
            f"reviews without a value in column {name!r}",
            where=f"{where}, {first_rows(missing)}, counted from 0 among the evaluated reviews",
            expected=f"a value for each review, since {option} counts them",
            remedy="fill the column in, or leave the option out",
        )
    codes: np.ndarray = values.dictionary_encode().indices.to_numpy(zero_copy_only=False).astype(np.int64)
    return codes
