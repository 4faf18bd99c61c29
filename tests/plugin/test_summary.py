"""The end of a session: the record is written, whatever ended it, and the terminal says where."""

from __future__ import annotations

import signal
import subprocess
import sys
import time

import pytest
from support.rule_classifier import FORWARD


class TestTerminalSummary:
    def test_is_absent_where_nothing_was_measured(self, project):
        project.write(test_own="def test_own(): pass")

        project.run().stdout.no_fnmatch_line("*= harness =*")

    def test_is_the_last_thing_before_the_counts(self, project):
        project.write(test_own="def test_own(metrics): pass")
        result = project.run()

        [folder] = project.runs
        assert result.outlines[-3:-1] == [
            f"run folder  reports/runs/{folder.name}",
            f"page        reports/runs/{folder.name}/report.html",
        ]

    def test_has_no_colours_where_the_terminal_takes_none(self, project):
        project.write(test_own="def test_own(metrics): pass")

        assert "\x1b" not in project.run().stdout.str()
        assert "\x1b" in project.run("--color=yes").stdout.str()


class TestSessionFinish:
    def test_the_same_session_again_is_a_run_of_its_own_from_the_cache(self, project):
        project.write(test_own="def test_own(metrics): pass")
        project.run()
        project.run()

        assert len(project.runs) == 2

    def test_an_interrupted_session_leaves_what_is_there(self, project):
        project.write(
            test_own="""
            def test_a(metrics): pass
            def test_b(metrics): raise KeyboardInterrupt
            def test_c(metrics): pass
            """
        )
        result = project.run(apart=True)

        assert result.ret == pytest.ExitCode.INTERRUPTED
        assert project.record["status"] == "interrupted"
        assert [each["id"] for each in project.record["evaluations"]] == ["right-reviews"]
        result.stdout.fnmatch_lines(["run folder  reports/runs/*"])

    def test_ctrl_c_in_the_middle_of_an_evaluation_is_no_crash(self, project):
        project.write(test_own="def test_a(metrics): pass")
        command = [sys.executable, "-m", "pytest", "--model", "slow"]
        started = subprocess.Popen(
            command, cwd=project.path, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        deadline = time.monotonic() + 60
        while not (project.path / FORWARD).exists() and time.monotonic() < deadline:
            time.sleep(0.05)
        started.send_signal(signal.SIGINT)
        shown, _ = started.communicate(timeout=60)

        assert started.returncode == pytest.ExitCode.INTERRUPTED, shown
        assert "INTERNALERROR" not in shown
        assert project.record["status"] == "interrupted"
        assert project.record["evaluations"] == []

    def test_a_run_that_cannot_be_written_is_said_and_is_no_success(self, project):
        (project.path / "reports").write_text("a file where the folder should be")
        project.write(test_own="def test_own(metrics): pass")
        result = project.run()

        assert result.ret != 0
        result.stdout.no_fnmatch_line("*INTERNALERROR*")
        result.stdout.no_fnmatch_line("*Traceback*")

    def test_a_disk_that_fills_up_at_the_end_is_said_and_is_no_success(self, project):
        project.write(
            test_own="""
            from harness.report import page

            def fail(*_): raise OSError(28, "No space left on device")
            page.write = fail

            def test_own(metrics): pass
            """
        )
        result = project.run(apart=True)

        assert result.ret == pytest.ExitCode.INTERNAL_ERROR
        result.stdout.fnmatch_lines(["the run could not be written: No space left on device", "*remedy*make room*"])
        result.stdout.no_fnmatch_line("*Traceback*")
