"""Verdicts as annotations of a job on GitHub: one line each, in which no text can begin another command."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.gated import NOTHING, PASSED, UNDECIDED, run_of, verdict

from harness.report import annotations

from .nasty import NASTY


def unescaped(data: str) -> str:
    """As the runner reads a message (actions/runner, ActionCommand.cs)."""
    return data.replace("%0D", "\r").replace("%0A", "\n").replace("%25", "%")


class TestCommands:
    def test_a_fail_is_an_error_and_inconclusive_a_warning(self):
        lines = list(annotations.commands(run_of(PASSED, UNDECIDED, verdict())))

        assert lines == [
            "::error title=fail%3A accuracy-drop<=0.01::accuracy fell by 2.1 points (90 %25 interval −2.9 to −1.3), "
            "more than 1.0 points (builtin on shop against main)",
            "::warning title=inconclusive%3A macro_f1-drop<=0.01::macro f1 changed by −0.004: "
            "about 3,400 reviews would decide it (builtin on shop against main)",
        ]

    def test_what_measured_nothing_is_an_error_under_its_own_word(self):
        (line,) = annotations.commands(run_of(NOTHING))

        assert line.startswith("::error title=measured nothing%3A accuracy@language=xx>=0.4::no review of ")

    def test_a_pass_and_a_run_without_a_gate_say_nothing(self):
        assert list(annotations.commands(run_of(PASSED))) == []
        assert list(annotations.commands(run_of())) == []

    def test_inconclusive_is_an_error_where_it_fails_the_build(self):
        (line,) = annotations.commands(run_of(UNDECIDED, settings={"inconclusive": "fail"}))

        assert line.startswith("::error title=inconclusive%3A ")

    def test_of_more_than_github_shows_the_last_line_counts_the_others(self):
        many = [verdict(rule=f"accuracy>={k}") for k in range(12)]
        lines = list(annotations.commands(run_of(*many, NOTHING)))

        assert len(lines) == annotations.MOST
        assert lines[-1] == "::error title=more verdicts::not shown here: 3 fail · 1 measured nothing"

    @pytest.mark.parametrize("data", NASTY)
    def test_data_stays_in_its_place(self, data):
        (line,) = annotations.commands(run_of(verdict(rule=data, sentence=data, classifier=data, baseline=data)))

        assert line.startswith("::error title=fail%3A ")
        assert len(line.splitlines()) == 1
        assert line.isprintable()


class TestCommand:
    @given(st.text(), st.text())
    def test_is_one_line_with_one_title_and_one_message(self, title, message):
        line = annotations.command("error", title, message)
        found = re.fullmatch(r"::error title=(?P<title>[^,:]*)::(?P<message>.*)", line)

        assert found
        assert line.isprintable()
        assert len(unescaped(found["message"])) <= annotations.LONGEST

    def test_a_percent_sign_is_escaped_first(self):
        assert annotations.command("warning", "50%, so: half", "%0A::error::x") == (
            "::warning title=50%25%2C so%3A half::%250A::error::x"
        )


class TestWanted:
    @pytest.mark.parametrize(("value", "expected"), [("true", True), ("false", False), ("", False), (None, False)])
    def test_only_in_a_job_on_github(self, value, expected):
        assert annotations.wanted({} if value is None else {"GITHUB_ACTIONS": value}) is expected
