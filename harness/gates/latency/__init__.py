"""Is the candidate slower than the reference? Both are timed here and now, in turn, in fresh processes.

`cases` is what is timed: a stage at a size, or a scenario over the reviews of one round, which `samples` chooses.
`protocol` is what is said between the processes, `worker` the process that times one side (`scenario` is how it
runs one), `process` the same as its parent sees it; `looks` measures pairs of rounds in one pair of processes,
`judging` says what they come to, `comparing` goes from look to look until that is decided.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from harness.gates.latency.comparing import compare
    from harness.gates.latency.judging import judge
    from harness.gates.latency.process import Side

_HOME = {
    "Side": "harness.gates.latency.process",
    "compare": "harness.gates.latency.comparing",
    "judge": "harness.gates.latency.judging",
}

__all__ = ["Side", "compare", "judge"]


def __getattr__(name: str) -> Any:
    # A worker is a module of this package and needs none of them.
    if name in _HOME:
        from importlib import import_module

        return getattr(import_module(_HOME[name]), name)
    raise AttributeError(f"module 'harness.gates.latency' has no attribute {name!r}")
