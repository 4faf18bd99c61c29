"""May this change ship? Each rule of the gate is a test.

Rules stand in `[tool.harness.gates]` of pyproject.toml or in harness.toml, or are given with
`--harness-gate 'accuracy>=0.52'`; those about a change need `--harness-baseline main`. A rule fails, passes, or
is inconclusive, which is counted apart; one that has nothing to judge is an error.
"""

from __future__ import annotations


def test_gate(gate):
    """The evidence is on the right side of the rule."""
    gate.settle()
