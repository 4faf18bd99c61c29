from __future__ import annotations

import io

import pytest
from rich.console import Console
from support import sample_run

from harness.report import signs, terminal


def written(text: str, encoding: str) -> str:
    stream = io.TextIOWrapper(io.BytesIO(), encoding=encoding, errors="strict", newline="\n")
    signs.degrade(stream)
    stream.write(text)
    stream.seek(0)
    return stream.read()


@pytest.fixture(scope="module")
def run():
    return sample_run.sample(reviews=200, timings=False).run


class TestDegrade:
    @pytest.mark.parametrize(
        ("encoding", "shown"),
        [("utf-8", "1–2 · −3 ×4 好"), ("cp1252", "1–2 · -3 ×4 ?"), ("ascii", "1-2 | -3 x4 ?")],
    )
    def test_sign_that_the_encoding_lacks_is_the_nearest_that_it_has(self, encoding, shown):
        assert written("1–2 · −3 ×4 好", encoding) == shown

    def test_every_nearest_sign_is_ascii(self):
        assert all(sign.isascii() for sign in signs.NEAREST.values())

    @pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252", "cp437"])
    def test_tables_of_a_run_read_well_in_any_encoding(self, run, encoding):
        stream = io.TextIOWrapper(io.BytesIO(), encoding=encoding, errors="strict", newline="\n")
        signs.degrade(stream)
        terminal.tables(run, Console(file=stream, width=80, force_terminal=False, legacy_windows=False))
        stream.flush()
        stream.seek(0)
        text = stream.read()

        assert "?" not in text
        assert "[#" in text
        assert max(map(len, text.splitlines())) <= 80

    def test_stream_in_memory_stays_as_it_is(self):
        stream = io.StringIO()
        signs.degrade(stream)
        stream.write("–")

        assert stream.getvalue() == "–"

    def test_bytes_that_cannot_be_read_stay_an_error(self):
        signs.degrade(io.StringIO())

        with pytest.raises(UnicodeDecodeError):
            b"\xff".decode("ascii", signs.ERRORS)
