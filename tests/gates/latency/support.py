"""Sides whose times are scripted, rules, and what the fake workers were asked."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from harness.gates.latency import Side
from harness.gates.latency.cases import ScenarioCase
from harness.gates.rules import Rule

SCRIPT = Path(__file__).with_name("fake_worker.py")
TEXTS = {(2, 8): ["a good book", "awful"]}
STREAM = ScenarioCase("single-stream", ("a good book", "awful", "fine"))
SERVER = ScenarioCase("server", ("a good book", "awful", "fine"), rate=20.0)


def side(name: str = "tiny", **script: Any) -> Side:
    """A worker with scripted times, see `fake_worker.py`."""
    return Side(name, program=("-S", str(SCRIPT), json.dumps({"seconds": 0.01} | script)))


def slowdown(limit: float = 0.02, stage: str = "forward", **fields: Any) -> Rule:
    return Rule(kind="max_slowdown", subject=stage, limit=limit, **fields)


def entries(log: Path, key: str) -> list[dict[str, Any]]:
    """What the workers wrote down of one kind, in the order of time."""
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    return [line for line in lines if key in line]


def started(log: Path) -> list[dict[str, Any]]:
    return [entry for entry in entries(log, "event") if entry["event"] == "start"]


def alive(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists() if sys.platform == "linux" else False
