"""Candidate and reference timed in pairs, as the rules of a gate ask: the evidence of its latency verdicts."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harness.options import declared

if TYPE_CHECKING:
    from harness.classifier import Classifier
    from harness.gates.rules import Gates
    from harness.options import Settings
    from harness.progress import Progress
    from harness.records import PairedRounds

SIZE = (8, 64)
"""Batch size and sequence length where the options name none: each further size divides the level of a fail."""
LOADING = ("device", "dtype", "max_length", "token_budget", "allow_pickle", "trust_remote_code")


def measure(
    model: str,
    classifier: Classifier,
    texts: Sequence[str],
    gates: Gates,
    settings: Settings,
    progress: Progress | None = None,
) -> tuple[PairedRounds, ...]:
    """Pairs of rounds for every rule about a stage's time, until each is decided or the pairs are spent.

    The reference is loaded at its own dtype, on the candidate's device; `--against-python` names the interpreter
    that runs it.

    Args:
        model: The candidate, as `--model` names it.
        classifier: The same, loaded: its tokens measure the texts.
        texts: Of the review set.
        gates: With rules of the kind max_slowdown, and a reference.
        settings: Sizes, options of loading, most pairs, seed.
        progress: Told of each pair.

    Raises:
        HarnessError: A side that cannot be loaded, or a size that leaves no room for a word.
    """
    from harness.gates.latency import Side, compare
    from harness.timing import TextSource, token_counter

    source = TextSource(texts, token_counter(classifier))
    sizes = [(size, length) for size in settings.batch_sizes or SIZE[:1] for length in settings.seq_lens or SIZE[1:]]
    given = _loading(settings)
    shared = {name: value for name, value in given.items() if name != "dtype"}
    found = compare(
        [rule for rule in gates.rules if rule.kind == "max_slowdown"],
        Side(model, given),
        Side(gates.against or "", shared, settings.against_python or Path(sys.executable)),
        {(size, length): source.near(length, size) for size, length in sizes},
        alpha=gates.alpha,
        max_pairs=settings.max_pairs,
        seed=settings.seed,
        progress=progress,
    )
    return tuple({rounds.id: rounds for _, rounds in found}.values())


def _loading(settings: Settings) -> dict[str, Any]:
    """Options of loading that differ from their defaults: another harness need not know the others."""
    values = {name: getattr(settings, name) for name in LOADING}
    return {name: value for name, value in values.items() if value != declared()[name].default}
