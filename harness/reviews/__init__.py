"""Labelled reviews from where people keep them: the front door is `read`.

locate the source          sources
bytes, unpacked            files
bytes -> text              encodings
text -> columns            delimited (on sniffing, csv_rows), json_rows, arrow_tables, hub
which column is what       columns (by vocabulary)
columns -> reviews         rows (with titles, canonical, faults), kept
ids and fingerprints       identity
what looks odd             observations
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from harness.reviews.options import ReviewOptions

if TYPE_CHECKING:
    import pyarrow as pa

    from harness.reviews.columns import Chosen
    from harness.reviews.raw import RawTable
    from harness.reviews.review_set import ReviewSet
    from harness.reviews.rows import Rows
    from harness.reviews.sources import Source

__all__ = ["ReviewOptions", "ReviewSet", "read"]

_OWN = ("id", "text", "label", "row")


def __getattr__(name: str) -> Any:
    # pyarrow comes with ReviewSet, and whoever only names the options should not wait for it.
    if name == "ReviewSet":
        from harness.reviews.review_set import ReviewSet

        return ReviewSet
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def read(source: str, options: ReviewOptions) -> ReviewSet:
    """Read labelled reviews, or say which file, rows and column keep them from being read, and what to do.

    Args:
        source: `builtin`; a CSV, TSV, JSONL or JSON file, each also packed with gzip; a Parquet
            file; a folder that `Dataset.save_to_disk` wrote, with `:split` where it has several; or
            a data set of the hub as `name:split` or `name:config/split`, `name@revision:…`.
        options: What the source does not say of itself. The built-in set says everything.

    Raises:
        ReviewSetError: The source cannot be found, or read as labelled reviews.
        UsageError: One column named for two roles.
    """
    from harness.reviews import columns, rows, sources

    place = sources.locate(source)
    notes: list[str] = []
    if isinstance(place, sources.Builtin):
        options, notes = _builtin_options(options)
    raw = _raw(place, options, source)
    if not raw.rows and len(raw.faults):
        raise _nothing_readable(raw, source)
    chosen = columns.choose(raw, options, source)
    found = rows.labelled_reviews(raw, chosen, options, source)
    return _review_set(source, sources.shown(place, source), raw, chosen, found, [*notes, *raw.notes, *found.notes])


def _builtin_options(given: ReviewOptions) -> tuple[ReviewOptions, list[str]]:
    """The built-in set's own columns: options that are meant for other sets of a run do not change it."""
    own = ReviewOptions(text_column="text", label_column="stars", id_column="id")
    unused = given != ReviewOptions(on_bad_row=given.on_bad_row)
    return own, ["its columns are known: the options for columns and files are for other sets"] if unused else []


def _raw(place: Source, options: ReviewOptions, location: str) -> RawTable:
    from dataclasses import replace

    from harness.reviews import arrow_tables, delimited, encodings, files, hub, json_rows, sources

    if isinstance(place, sources.Saved):
        return hub.read_saved(place, location)
    if isinstance(place, sources.Hub):
        return hub.read_hub(place, location)
    path = sources.BUILTIN if isinstance(place, sources.Builtin) else place.path
    kind, data, notes = files.read_bytes(path, location)
    if kind == "parquet":
        raw = arrow_tables.read_parquet(data, location)
    else:
        content = encodings.decode(data, options.encoding, location)
        notes = (*notes, *content.notes)
        is_json = kind in ("json", "jsonl")
        raw = json_rows.read(content, kind, location) if is_json else delimited.read(content, kind, options, location)
    return replace(raw, notes=(*notes, *raw.notes))


def _nothing_readable(raw: RawTable, location: str) -> Exception:
    from harness.errors import ReviewSetError

    error = raw.faults.error(location)
    remedy = raw.hint or error.remedy.split("; or ")[0]
    return ReviewSetError(error.message, where=error.where, expected=error.expected, remedy=remedy)


def _review_set(source: str, name: str, raw: RawTable, chosen: Chosen, found: Rows, notes: list[str]) -> ReviewSet:
    import pyarrow as pa

    from harness.names import short_name
    from harness.reviews.identity import repeated
    from harness.reviews.observations import observations
    from harness.reviews.review_set import ReviewSet
    from harness.reviews.strings import fingerprint, integer_column, string_column

    own = {
        "id": string_column(found.ids),
        "text": string_column(found.texts),
        "label": string_column(found.labels),
        "row": integer_column(found.numbers),
    }
    kept, kept_notes = _kept(raw, chosen, found.places)
    if chosen.title is not None:
        notes.append(f"the title (column {chosen.title!r}) stands before the text")
    if chosen.id is not None and chosen.id != "id":
        notes.append(f"ids from column {chosen.id!r}")
    again = repeated(found.texts)
    return ReviewSet(
        id=short_name(source),
        name=name,
        source=name,
        table=pa.table({**own, **kept}),
        text_column=chosen.text,
        title_column=chosen.title,
        label_column=chosen.label,
        kept=tuple(kept),
        fingerprint=fingerprint(own["id"], own["text"], own["label"]),
        texts_fingerprint=fingerprint(own["text"]),
        read=found.read,
        skipped_reasons=found.skipped_reasons,
        repeated_texts=again,
        location=source,
        notes=(*notes, *kept_notes, *observations(own["text"], own["row"], again)),
    )


def _kept(raw: RawTable, chosen: Chosen, places: list[int]) -> tuple[dict[str, pa.ChunkedArray], list[str]]:
    """The other columns, of the rows that are reviews."""
    from harness.reviews.kept import kept_column
    from harness.reviews.strings import integer_column

    kept: dict[str, pa.ChunkedArray] = {}
    notes = []
    for name, column in raw.columns.items():
        if name in (chosen.text, chosen.label, chosen.title, chosen.id):
            continue
        # A name that the table needs itself, or that is kept already, gets a number.
        free = name
        number = 2
        while free in _OWN or free in kept:
            free, number = f"{name}_{number}", number + 1
        if free != name:
            notes.append(f"column {name!r} is kept as {free!r}")
        values = raw.values(name) if isinstance(column, list) or name in raw.class_names else column
        arrow = kept_column(values)
        if arrow is None:
            notes.append(f"column {name!r} holds bytes and is not kept")
        else:
            kept[free] = arrow if len(places) == len(raw.rows) else arrow.take(integer_column(places))
    return kept, notes
