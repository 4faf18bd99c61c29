"""Write docs/reference.md from the declared options and the commands: `python tools/reference.py`."""

from __future__ import annotations

from itertools import groupby
from pathlib import Path

import click

from harness.cli import cli
from harness.options import Option, declared

PAGE = Path(__file__).parents[1] / "docs" / "reference.md"

HEAD = """# Reference

Written by `python tools/reference.py` from the declarations in `harness/options.py` and `harness/cli.py`.

## Where a setting comes from

The first that is given: the option; the environment variable; the pytest ini option `harness_<name>`;
`harness.toml`; `[tool.harness]` in `pyproject.toml`. Under pytest every option but `--model` and `--dataset` begins
with `--harness-`. A setting `max-length` is `--max-length`, `--harness-max-length`, `HARNESS_MAX_LENGTH`,
`harness_max_length` in pytest's ini, and `max-length = 256` in TOML.

Exit codes of `harness`: 0 fine · 2 wrong use or bad input · 3 measured nothing · 130 interrupted. Under pytest they
are pytest's own.
"""


def page() -> str:
    """The whole page, as it ought to be in docs/reference.md."""
    parts = [HEAD, "## Options\n"]
    ordered = sorted(declared().values(), key=lambda option: option.group)
    for group, found in groupby(ordered, key=lambda option: option.group):
        parts.append(f"### {group.capitalize()}\n")
        parts.append("| option | under pytest | values | default | meaning |\n| --- | --- | --- | --- | --- |")
        parts += [_row(option) for option in found]
        parts.append("")
    parts.append("## Commands\n")
    for name, command in sorted(cli.commands.items()):
        parent = click.Context(cli, info_name="harness", **cli.context_settings)
        context = click.Context(command, info_name=name, parent=parent)
        parts.append(f"### `harness {name}`\n\n```text\n{command.get_help(context).rstrip()}\n```\n")
    return "\n".join(parts)


def _row(option: Option) -> str:
    values = " · ".join(option.choices) or {"flag": "on or off"}.get(option.kind, option.metavar or option.kind)
    default = option.default
    if isinstance(default, tuple):
        default = ",".join(map(str, default))
    shown = "" if default is None or default is False or default == "" else f"`{default}`"
    unit = f" [{option.unit}]" if option.unit else ""
    return f"| `{option.flag}` | `{option.pytest_flag}` | {values} | {shown} | {option.help}{unit} |"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    print(PAGE.name, "written")
