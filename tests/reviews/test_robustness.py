"""Whatever stands in a file, reading it ends in reviews or in an error for a person."""

from __future__ import annotations

import gzip
import io

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.review_files import written

from harness.errors import HarnessError
from harness.reviews import ReviewOptions, ReviewSet, read

CSV = 'id,text,label\na,"good, ""very""\nso",5\nb,schön,4\nc,bad,1\n'.encode()
JSONL = '{"text": "good", "label": 5}\n{"text": "schön", "label": 4, "tags": ["x", null]}\n'.encode()


def parquet() -> bytes:
    file = io.BytesIO()
    pq.write_table(pa.table({"text": ["good", "schön"], "label": [5, 4], "tags": [["x"], None]}), file)
    return file.getvalue()


FILES = {
    "r.csv": CSV,
    "r.tsv": CSV.replace(b",", b"\t"),
    "r.csv.gz": gzip.compress(CSV, mtime=0),
    "u.csv": CSV.decode().encode("utf-16"),
    "r.jsonl": JSONL,
    "r.json": b"[" + JSONL.strip().replace(b"\n", b",\n") + b"]",
    "r.parquet": parquet(),
}
PIECES = st.one_of(
    st.sampled_from([b'"', b"\r", b"\n", b"\0", b",", b"\t", b"{", b"[", b"\xff", b"\xef\xbb\xbf", b"\\ud83d", b"NaN"]),
    st.binary(min_size=1, max_size=3),
)


@pytest.mark.parametrize("on_bad_row", ["error", "skip"])
@pytest.mark.parametrize("name", FILES)
@given(data=st.data())
def test_a_damaged_file_is_read_or_refused_and_every_row_is_counted(
    tmp_path_factory: pytest.TempPathFactory, name: str, on_bad_row: str, data: st.DataObject
):
    content = FILES[name]
    start = data.draw(st.integers(0, len(content)))
    stop = data.draw(st.one_of(st.just(start), st.integers(start, min(start + 3, len(content))), st.just(len(content))))
    damaged = content[:start] + data.draw(st.one_of(st.just(b""), PIECES)) + content[stop:]
    source = written(tmp_path_factory.mktemp("damaged"), name, damaged)

    found: ReviewSet | HarnessError
    try:
        found = read(source, ReviewOptions(on_bad_row=on_bad_row))  # type: ignore[arg-type]
    except HarnessError as error:
        found = error

    if isinstance(found, HarnessError):
        assert found.message
        assert found.where
        assert found.remedy
        assert str(found).encode()  # it can be printed, whatever stood in the file
    else:
        assert len(found) == found.read - sum(found.skipped_reasons.values()) > 0
        assert all(text.strip() for text in found.texts())
        found.table.validate(full=True)
