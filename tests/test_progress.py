from __future__ import annotations

import io

import pytest

from harness.progress import Bar, Silent, progress, rate


class Terminal(io.StringIO):
    """Takes what would go to a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def _plain_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "120")
    monkeypatch.delenv("TTY_INTERACTIVE", raising=False)


class TestProgress:
    def test_a_terminal_sees_reviews_rate_and_time_left(self) -> None:
        """Done and total, reviews/s, time left, and the title."""
        terminal = Terminal()

        with progress("builtin-reviews", 2000, stream=terminal) as shown:
            shown.advance(500)
            shown.advance(700)

        text = terminal.getvalue()
        assert "builtin-reviews" in text
        assert "1,200/2,000 reviews" in text
        assert "reviews/s" in text
        assert "left" in text

    def test_what_nobody_knows_beforehand_is_not_shown(self) -> None:
        """Reviews of a scenario, as many as there are until it ends; cells of timings have no rate of reviews."""
        terminal = Terminal()

        with progress("server", None, stream=terminal) as shown:
            shown.advance(120)
        with progress("stage timings", 20, noun="cases", stream=terminal) as shown:
            shown.advance(5)

        text = terminal.getvalue()
        assert "120 reviews" in text
        assert "5/20 cases" in text
        assert "120/" not in text

    def test_resumed_reviews_are_done_and_no_part_of_the_rate(self) -> None:
        """The bar starts where the killed run stopped; the speed is this process's own."""
        terminal = Terminal()

        with progress("builtin-reviews", 2000, stream=terminal) as shown:
            shown.resume(1500)
            shown.advance(100)
            assert isinstance(shown, Bar)
            (task,) = shown._bar.tasks
            assert task.completed == 1600
            assert task.speed is None

        assert "1,600/2,000 reviews" in terminal.getvalue()

    def test_a_file_or_a_pipe_sees_nothing(self) -> None:
        """A log of a build server is no place for a bar."""
        pipe = io.StringIO()

        with progress("builtin-reviews", 2000, stream=pipe) as shown:
            shown.resume(10)
            shown.advance(500)

        assert isinstance(shown, Silent)
        assert pipe.getvalue() == ""

    def test_it_can_be_switched_off(self) -> None:
        """As for `--format json`."""
        terminal = Terminal()

        with progress("builtin-reviews", 2000, enabled=False, stream=terminal) as shown:
            shown.advance(500)

        assert terminal.getvalue() == ""

    def test_reused_predictions_draw_nothing(self) -> None:
        """Nothing was advanced, so there is nothing to see."""
        terminal = Terminal()

        with progress("builtin-reviews", 2000, stream=terminal):
            pass

        assert terminal.getvalue() == ""


class TestRate:
    def test_small_rates_have_a_decimal(self) -> None:
        """7 reviews/s and 7.4 are apart by 6 %."""
        assert [rate(1204.3), rate(10.0), rate(7.25), rate(None)] == [
            "1,204 reviews/s", "10 reviews/s", "7.2 reviews/s", "– reviews/s",
        ]  # fmt: skip
