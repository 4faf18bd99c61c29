from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from harness.report.bars import Bar, has_blocks

SHARES = st.floats(0, 1)


def shown(bar: Bar, encoding: str) -> str:
    """What a terminal of that encoding gets; what it cannot write is an error."""
    file = io.TextIOWrapper(io.BytesIO(), encoding=encoding, errors="strict")
    Console(file=file, width=80, force_terminal=False).print(bar)
    file.flush()
    file.seek(0)
    return file.read().rstrip("\n")


class TestBar:
    @pytest.mark.parametrize(
        ("share", "drawn"), [(0, "        "), (0.5, "████    "), (0.55, "████▍   "), (1, "████████")]
    )
    def test_is_filled_to_an_eighth_of_a_character(self, share, drawn):
        assert Bar(share, 8).drawn() == drawn

    def test_hardly_anything_is_not_nothing_and_nearly_all_not_all(self):
        assert Bar(0.0001, 8).drawn() == "▏       "
        assert Bar(0.9999, 8).drawn() == "███████▉"
        assert Bar(0.0001, 8).drawn(blocks=False) == "#       "
        assert Bar(0.9999, 8).drawn(blocks=False) == "####### "

    @given(SHARES, st.none() | SHARES, st.integers(2, 40), st.booleans(), st.booleans())
    def test_is_as_wide_for_every_share_and_mark(self, share, mark, cells, framed, blocks):
        assert len(Bar(share, cells, mark, framed).drawn(blocks=blocks)) == cells + 2 * framed

    @given(SHARES, SHARES)
    def test_a_larger_share_is_never_a_shorter_bar(self, one, other):
        first, last = (Bar(share, 20).drawn(blocks=False).count("#") for share in sorted((one, other)))

        assert first <= last

    @pytest.mark.parametrize(
        ("right", "says", "drawn"),
        [
            (0.5, 0.75, "▕████  │ ▏"),  # says more than it is
            (0.75, 0.5, "▕████│█  ▏"),  # says less
            (1, 1, "▕███████│▏"),
            (0, 0, "▕│       ▏"),
        ],
    )
    def test_mark_is_a_stroke_beyond_the_bar_or_in_it(self, right, says, drawn):
        assert Bar(right, 8, mark=says, framed=True).drawn() == drawn

    def test_terminal_that_has_the_blocks_gets_them(self):
        assert shown(Bar(0.55, 8, mark=0.9, framed=True), "utf-8") == "▕████▍  │▏"

    @pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252", "cp437"])
    def test_terminal_without_them_gets_ascii(self, encoding):
        assert shown(Bar(0.55, 8, mark=0.9, framed=True), encoding) == "[####   |]"


class TestHasBlocks:
    def test_an_encoding_that_python_does_not_know_has_none(self):
        assert not has_blocks("no-such-encoding")
