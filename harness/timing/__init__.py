"""Timing of the three stages: the very methods that an evaluation calls, with honest clocks.

`texts` finds real reviews near a token count, `cases` is one stage at one batch size and sequence length,
ready to be run; `matrix` says which cases were asked for, `cells` puts those of one shape together with their
controls, `interleaving` runs them in turn, `clocks` waits for the device. `work` counts what a call must do,
`machine` measures what the machine can do at most. `scenarios` are loads as a deployment has them.
"""

from __future__ import annotations

from harness.timing.cases import STEPS, Case, Inputs, case, inputs, prepare, token_counter
from harness.timing.clocks import SynchronisedTimer, timer_for
from harness.timing.interleaving import Effort
from harness.timing.matrix import Matrix, Wanted
from harness.timing.texts import TextSource

__all__ = [
    "STEPS",
    "Case",
    "Effort",
    "Inputs",
    "Matrix",
    "SynchronisedTimer",
    "TextSource",
    "Wanted",
    "case",
    "inputs",
    "prepare",
    "timer_for",
    "token_counter",
]
