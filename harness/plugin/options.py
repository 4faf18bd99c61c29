"""The declared options under pytest: `--model`, `--dataset`, `--harness-*`, and the ini options `harness_*`."""

from __future__ import annotations

import argparse
from typing import Any

import pytest

from harness import options
from harness.errors import HarnessError
from harness.options import Option
from harness.plugin.desk import DESK, Desk, is_ours


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("harness", "evaluation of sequence classifiers (review-harness)")
    for opt in options.declared().values():
        try:
            group.addoption(opt.pytest_flag, **_arguments(opt))
        except (ValueError, argparse.ArgumentError):
            # Another plugin owns the short name; the prefixed one is ours in any case.
            group.addoption(f"--harness-{opt.key}", **_arguments(opt))
        kind: Any = "linelist" if opt.many else "bool" if opt.kind == "flag" else "string"
        parser.addini(opt.pytest_dest, _help(opt), type=kind, default=None)


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """A typing error on the command line stops the session here, before any collection."""
    for name, value in given(config).items():
        opt = options.declared()[name]
        try:
            opt.parse(value, f"option {opt.pytest_flag}")
        except HarnessError as error:
            raise pytest.UsageError(options.under_pytest(str(error))) from None
    config.stash[DESK] = Desk(config)


# Last, so that tests which `-k` deselects do not count.
@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Settings that cannot be followed stop the session before any work, but only one that runs tests of ours."""
    if any(is_ours(item) for item in items):
        try:
            _ = config.stash[DESK].settings
        except HarnessError as error:
            raise pytest.UsageError(options.under_pytest(str(error))) from None


def given(config: pytest.Config) -> dict[str, object]:
    """What the command line says, by field name."""
    values = {name: config.getoption(opt.pytest_dest) for name, opt in options.declared().items()}
    return {name: value for name, value in values.items() if value is not None}


def ini(config: pytest.Config) -> dict[str, object]:
    """What pytest's own settings file says, by field name."""
    values: dict[str, object] = {}
    for name, opt in options.declared().items():
        value = config.getini(opt.pytest_dest)
        if value is not None:
            # A line of a list may hold several values: `harness_seq_lens = 16,64`.
            values[name] = ",".join(value) if opt.commas else value
    return values


def _arguments(opt: Option) -> dict[str, Any]:
    arguments: dict[str, Any] = {"dest": opt.pytest_dest, "default": None, "help": _help(opt)}
    if opt.kind == "flag":
        return arguments | {"action": "store_const", "const": True}
    metavar = opt.metavar or ("{" + ",".join(opt.choices) + "}" if opt.choices else opt.kind.upper())
    # What has no commas is repeated.
    repeated = opt.many and not opt.commas
    return arguments | {"metavar": metavar, "action": "append" if repeated else "store"}


def _help(opt: Option) -> str:
    unit = f" [{opt.unit}]" if opt.unit else ""
    default = ""
    if opt.default not in (None, False, ()):
        default = " (default: " + (",".join(map(str, opt.default)) if opt.many else str(opt.default)) + ")"
    return (opt.help + unit + default).replace("%", "%%")
