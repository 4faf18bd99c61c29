"""The end of a session: the run record is written, and a short table says what was measured and where it is."""

from __future__ import annotations

import io
import os
from pathlib import Path

import pytest

from harness.plugin.desk import desk, is_worker
from harness.plugin.xdist import gather, hand_over


# After the controller of pytest-xdist has seen its workers off.
@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    config = session.config
    at = desk(config)
    if is_worker(config):
        hand_over(config)
        return
    gather(config)
    at.close("interrupted" if _stopped_early(session, exitstatus) else "finished")
    if at.error is not None and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.INTERNAL_ERROR


def _stopped_early(session: pytest.Session, exitstatus: int) -> bool:
    """Whether tests may be left that did not run: interrupted, an internal error, or `-x`."""
    broken = exitstatus in (pytest.ExitCode.INTERRUPTED, pytest.ExitCode.INTERNAL_ERROR)
    return bool(broken or session.shouldfail or session.shouldstop)


@pytest.hookimpl(trylast=True)
def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    at = desk(config)
    if at.error is not None:
        terminalreporter.section("harness", red=True)
        terminalreporter.write_line(str(at.error), red=True)
    if at.run is None:
        return
    from rich.console import Console

    from harness.report import terminal

    writer = config.get_terminal_writer()
    shown = io.StringIO()
    console = Console(
        file=shown, width=writer.fullwidth, force_terminal=writer.hasmarkup, no_color=not writer.hasmarkup
    )
    terminal.summary(at.run, console, confusion=not at.run.timings)
    terminalreporter.section("harness")
    terminalreporter.write(shown.getvalue().strip("\n") + "\n\n")
    if folder := at.session.folder:
        terminalreporter.write_line(f"run folder  {_near(folder)}")
        terminalreporter.write_line(f"page        {_near(folder / 'report.html')}")


def _near(path: Path) -> str:
    """The path as one would type it here."""
    shown = os.path.relpath(path)
    return str(path) if shown.startswith("..") else shown
