"""The `harness` command, called within the test's own process."""

from __future__ import annotations

import pytest

from harness.cli import main


def exit_code(*arguments: str) -> int:
    """What the command ends with, where it does not just return."""
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    return int(caught.value.code or 0)
