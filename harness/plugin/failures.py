"""An error of the harness is shown as its message: what, where, expected, remedy. No traceback."""

from __future__ import annotations

from collections.abc import Generator

import pytest

from harness import options
from harness.errors import HarnessError


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    error = call.excinfo
    if error is not None and isinstance(error.value, HarnessError) and not item.config.getoption("fulltrace"):
        shown = error.value.rewritten(options.under_pytest)
        report.longrepr = pytest.ExceptionInfo.from_exc_info((type(shown), shown, error.tb)).getrepr(
            style="value", chain=False
        )
    return report
