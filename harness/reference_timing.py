"""Candidate and reference timed in pairs, as the rules of a gate ask: the evidence of its latency verdicts."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, get_args

from harness.errors import UsageError
from harness.options import ScenarioName, of_group
from harness.request import differing

if TYPE_CHECKING:
    from harness.classifier import Classifier
    from harness.gates.latency.cases import ScenarioCase
    from harness.gates.rules import Gates, Rule
    from harness.options import Settings
    from harness.progress import Progress
    from harness.records import PairedRounds

SIZE = (8, 64)
"""Batch size and sequence length where the options name none: each further size divides the level of a fail."""
SCENARIOS: tuple[ScenarioName, ...] = get_args(ScenarioName)
LOADING = of_group("classifier", without=("model",))
"""Those that differ from their defaults are named alone: another harness need not know the others."""


def measure(
    model: str,
    classifier: Classifier,
    texts: Sequence[str],
    gates: Gates,
    settings: Settings,
    progress: Progress | None = None,
) -> tuple[PairedRounds, ...]:
    """Pairs of rounds for every rule about the time of a stage or a scenario, until each is decided or the pairs are
    spent.

    The reference is loaded at its own dtype, on the candidate's device; `--against-python` names the interpreter
    that runs it.

    Args:
        model: The candidate, as `--model` names it.
        classifier: The same, loaded: its tokens measure the texts, its speed says how many make a round of a scenario.
        texts: Of the review set.
        gates: With rules of the kind max_slowdown, and a reference.
        settings: Sizes, arrival rate, options of loading, most pairs, seed.
        progress: Told of each pair.

    Raises:
        HarnessError: A side that cannot be loaded, or a size that leaves no room for a word; as `require_rate`.
    """
    from harness.gates.latency import Side, compare

    require_rate(gates, settings)
    rules = [rule for rule in gates.rules if rule.kind == "max_slowdown"]
    given = differing(settings, LOADING)
    shared = {name: value for name, value in given.items() if name != "dtype"}
    found = compare(
        rules,
        Side(model, given),
        Side(gates.against or "", shared, settings.against_python or Path(sys.executable)),
        _batches(rules, classifier, texts, settings),
        _scenarios(rules, classifier, texts, settings),
        alpha=gates.alpha,
        max_pairs=settings.max_pairs,
        seed=settings.seed,
        progress=progress,
    )
    return tuple({rounds.id: rounds for _, rounds in found}.values())


def require_rate(gates: Gates, settings: Settings) -> None:
    """Rules about the server scenario need the rate at which reviews arrive: what a slowdown does to a queue depends
    on it, and one that is sought for each side would be another for each.

    Raises:
        UsageError: There is such a rule, and no rate.
    """
    lacking = [rule for rule in gates.rules if rule.kind == "max_slowdown" and rule.subject == "server"]
    if lacking and settings.arrival_rate is None:
        raise UsageError(
            f"{', '.join(rule.id for rule in lacking)}: no rate at which reviews arrive",
            where="\n".join(dict.fromkeys(rule.where for rule in lacking if rule.where)),
            expected="the rate of the deployment, in reviews/s: candidate and reference meet the same arrivals",
            remedy="name it with --arrival-rate, or leave the rule out",
        )


def _batches(
    rules: Sequence[Rule], classifier: Classifier, texts: Sequence[str], settings: Settings
) -> dict[tuple[int, int], list[str]]:
    """By size, the texts of rules on stages; none where there are no such rules."""
    from harness.timing import STEPS, TextSource, token_counter

    if all(rule.subject not in STEPS for rule in rules):
        return {}
    source = TextSource(texts, token_counter(classifier))
    sizes = [(size, length) for size in settings.batch_sizes or SIZE[:1] for length in settings.seq_lens or SIZE[1:]]
    return {(size, length): source.near(length, size) for size, length in sizes}


def _scenarios(
    rules: Sequence[Rule], classifier: Classifier, texts: Sequence[str], settings: Settings
) -> list[ScenarioCase]:
    """The scenarios that rules are on, each with the reviews of a round."""
    from harness.gates.latency import samples

    asked = [name for name in SCENARIOS if any(rule.subject == name for rule in rules)]
    rates = {"server": settings.arrival_rate}
    return [samples.sized(name, classifier, texts, seed=settings.seed, rate=rates.get(name)) for name in asked]
