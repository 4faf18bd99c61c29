"""JUnit files tell an inconclusive verdict from a plain skip: its `<skipped>` has a type of its own.

pytest gives every skip the type `pytest.skip` and no hook to say otherwise, so the file is put right when it is
written.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import pytest

from harness.plugin.desk import is_worker

TYPE = "harness.inconclusive"
PROPERTY = "harness.verdict"


# Around all others: pytest writes the file in this hook too.
@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> Iterator[None]:
    yield
    given = session.config.getoption("xmlpath", None)
    if not given or is_worker(session.config):
        return
    path = Path(os.path.expandvars(given)).expanduser()
    if path.is_file():
        _tell_apart(path)


def _tell_apart(path: Path) -> None:
    document = ElementTree.parse(path)  # noqa: S314 - pytest wrote it a moment ago
    changed = False
    for case in document.iter("testcase"):
        said = {each.get("name"): each.get("value") for each in case.iter("property")}
        skipped = case.find("skipped")
        if said.get(PROPERTY) == "inconclusive" and skipped is not None:
            skipped.set("type", TYPE)
            changed = True
    if changed:
        document.write(path, encoding="utf-8", xml_declaration=True)
