"""Timing of the three stages: the very methods that an evaluation calls, with honest clocks.

`clocks` waits for the device, `texts` finds real reviews near a token count, `cases` is one stage
at one batch size and sequence length, ready to be run round after round.
"""

from __future__ import annotations

from harness.timing.cases import STAGES, Case, prepare, token_counter
from harness.timing.clocks import SynchronisedTimer, timer_for
from harness.timing.texts import TextSource

__all__ = ["STAGES", "Case", "SynchronisedTimer", "TextSource", "prepare", "timer_for", "token_counter"]
