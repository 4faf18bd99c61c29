"""What the parent asks of a worker process and what it answers: one JSON object a line, one answer a question.

    worker    {"hello": {"protocol": 2, "python": "CPython 3.12.4", "versions": {"harness": "0.1.0", …}}}
    parent    {"load": {"name": "builtin", "options": {"dtype": "float32"}}}
    worker    {"loaded": {"device": "cpu", "dtype": "float32", "threads": 2}}
    parent    {"prepare": {"case": "forward.8x32", "stage": "forward", "seq_len": 32, "texts": ["…", …]}}
    worker    {"prepared": {"tokens": 251, "padded_tokens": 256, "call_seconds": 0.0041}}
    parent    {"round": "forward.8x32", "iterations": 12}
    worker    {"seconds": 0.0043}

Since protocol 2 also scenarios, see `harness.gates.latency.scenario`:

    parent    {"scenario": {"case": "server.3", "name": "server", "texts": ["…", "…", "…"], "rate": 20.0}}
    worker    {"prepared": {"tokens": 212, "padded_tokens": null}}
    parent    {"round": "server.3", "iterations": 1, "scheduled": [0.0, 0.041, 0.107]}
    worker    {"seconds": 0.0061}

`scheduled` is there for the server alone. In the place of an answer: `{"error": {"kind": "ClassifierError", "message":
…, "where": …, …}}`. Seconds are of one call, or what a scenario's round comes to. A worker ends when its standard
input does.

The other side may be of another version of the harness, so this module changes with care, and `PROTOCOL`
with whatever an older or newer side would misunderstand, or would not know.
"""

from __future__ import annotations

import json
from typing import IO, Any

PROTOCOL = 2
OLDEST = 1
"""A worker that speaks this is still understood, and asked for nothing that it does not know: an old commit can be
timed as it is."""


def send(stream: IO[str], message: dict[str, Any]) -> None:
    """One message, at once.

    Raises:
        OSError: Nobody reads any more.
    """
    stream.write(json.dumps(message) + "\n")
    stream.flush()


def received(line: str) -> dict[str, Any]:
    """The message of one line.

    Raises:
        ValueError: A line that is no message, such as what a library printed.
    """
    message = json.loads(line)
    if not isinstance(message, dict):
        raise ValueError(f"a JSON object was expected, not {line!r}")
    return message
