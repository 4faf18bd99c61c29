"""The documentation is true: fresh, complete, and its links lead somewhere."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from harness.cli import cli
from harness.options import declared

ROOT = Path(__file__).parents[1]
PAGES = [
    *sorted((ROOT / "docs").glob("*.md")),
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    ROOT / "reports/README.md",
]


def test_the_reference_page_is_what_the_declarations_say(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(ROOT / "tools"))
    import reference

    assert reference.PAGE.read_text(encoding="utf-8") == reference.page(), "run python tools/reference.py"
    sys.modules.pop("reference")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_relative_links_lead_to_files(page: Path) -> None:
    targets = re.findall(r"\]\((?!https?:|#)([^)#]+)", page.read_text(encoding="utf-8"))

    assert [target for target in targets if not (page.parent / target).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_commands_and_options_in_the_pages_exist(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    commands = set(re.findall(r"^\s*(?:\$ )?(?:[A-Z_]+=\S+ )*harness ([a-z-]+)", text, re.MULTILINE))
    flags = {
        flag for line in text.splitlines() if "harness " in line for flag in re.findall(r"(?<!\S)(--[a-z-]+)", line)
    }
    known = {option.flag for option in declared().values()} | {option.pytest_flag for option in declared().values()}
    known |= {name for command in cli.commands.values() for parameter in command.params for name in parameter.opts}

    assert commands <= set(cli.commands)
    assert {flag for flag in flags if flag not in known | {"--help", "--version"}} == set()


def test_every_metric_of_an_evaluation_is_in_the_words() -> None:
    import numpy as np

    from harness.evaluation import evaluate

    probabilities = np.array([[0.7, 0.2, 0.1], [0.2, 0.6, 0.2], [0.1, 0.1, 0.8], [0.5, 0.3, 0.2]], dtype=np.float32)
    measured = evaluate(probabilities, np.array([0, 1, 2, 1]), ("a", "b", "c"), ordinal=True, resamples=50)
    words = (ROOT / "docs/words.md").read_text(encoding="utf-8")

    assert [name for name in measured.metrics if f"| `{name}` |" not in words] == []
