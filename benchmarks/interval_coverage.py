"""How often 95 % intervals hold the truth: `python benchmarks/interval_coverage.py --sets 2000`.

Each population is a generator of labelled probabilities whose true figures are those of some million
examples. From it, sets of a given size are drawn, and for every metric with an interval the share of
sets is counted whose interval holds the truth. Sets in which a metric has no interval are counted apart.
Conformal sets are left out: their intervals are about the threshold that each set of examples chose.
"""

from __future__ import annotations

import argparse
import os
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial

import numpy as np

from harness.metrics.overall import overall
from harness.metrics.rankings import ExactRankings
from harness.metrics.tally import Tally
from harness.metrics.temperature import log_probabilities, temperature_metric
from harness.statistics import Estimate, Interval, Scalar

TRUTH = 4_000_000
CLASSES = 5


@dataclass(frozen=True)
class Population:
    """Stars whose latent judgement is seen through noise; the probabilities may be too sure."""

    shares: tuple[float, ...]
    noise: float
    sharpness: float
    """1: calibrated. Above: over-confident."""

    def draw(self, examples: int, generator: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        """Probabilities (N, 5) float32 and gold labels (N,)."""
        gold = generator.choice(CLASSES, examples, p=self.shares)
        seen = gold + generator.normal(0, self.noise, examples)
        # The posterior of the label given what is seen, so that it is calibrated by construction.
        logits = np.log(self.shares) - np.square(np.arange(CLASSES) - seen[:, None]) / (2 * self.noise**2)
        logits *= self.sharpness
        weights = np.exp(logits - logits.max(axis=1, keepdims=True))
        return (weights / weights.sum(axis=1, keepdims=True)).astype(np.float32), gold


POPULATIONS = {
    "calibrated": Population((0.2,) * 5, 0.75, 1.0),
    "over-confident": Population((0.2,) * 5, 0.75, 1.6),
    "skewed": Population((0.06, 0.06, 0.12, 0.28, 0.48), 0.6, 1.2),
}


def figures(probabilities: np.ndarray, gold: np.ndarray, resamples: int, seed: int) -> dict[str, Scalar]:
    """Every metric of one set."""
    tally = Tally(CLASSES, fine=False, seed=seed)
    tally.add(probabilities, gold, first=0)
    rankings = ExactRankings(probabilities, gold, seed)
    logits = log_probabilities(probabilities)
    return {
        **overall(tally, rankings, ordinal=True, confidence=0.95, resamples=resamples, seed=seed),
        "temperature": temperature_metric(logits, gold, confidence=0.95),
    }


def held(name: str, examples: int, resamples: int, truth: dict[str, float], seeds: Sequence[int]) -> Counter[str]:
    """Metric -> sets whose interval holds the truth; `metric!` -> sets with an interval."""
    counted: Counter[str] = Counter()
    for seed in seeds:
        drawn = POPULATIONS[name].draw(examples, np.random.default_rng([seed, examples]))
        for metric, scalar in figures(*drawn, resamples, seed).items():
            if isinstance(scalar, Estimate) and isinstance(scalar.bounds, Interval):
                counted[f"{metric}!"] += 1
                counted[metric] += scalar.bounds.low <= truth[metric] <= scalar.bounds.high
    return counted


def truth_of(name: str) -> dict[str, float]:
    """The figures of an endless sample, near enough."""
    drawn = POPULATIONS[name].draw(TRUTH, np.random.default_rng(0))
    scalars = figures(*drawn, resamples=100, seed=0)
    return {metric: scalar.value for metric, scalar in scalars.items() if isinstance(scalar, Estimate)}


def covered(name: str, examples: int, sets: int, resamples: int, pool: ProcessPoolExecutor) -> Counter[str]:
    """Over all sets, in as many processes as there are processors."""
    work: Callable[[Sequence[int]], Counter[str]] = partial(held, name, examples, resamples, truth_of(name))
    pieces = [range(start, min(start + 50, sets)) for start in range(0, sets, 50)]
    total: Counter[str] = Counter()
    for part in pool.map(work, pieces):
        total += part
    return total


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sets", type=int, default=2000, help="simulated sets for each population")
    parser.add_argument("--examples", type=int, default=1000, help="examples in a set")
    parser.add_argument("--resamples", type=int, default=1000, help="of the bootstrap")
    given = parser.parse_args()
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        found = {name: covered(name, given.examples, given.sets, given.resamples, pool) for name in POPULATIONS}
    print(f"Sets of {given.examples:,} examples, {given.sets:,} for each population, nominal 95 %.\n")
    print("| metric | " + " | ".join(POPULATIONS) + " |")
    print("| --- |" + " --- |" * len(POPULATIONS))
    counted = next(iter(found.values()))
    metrics = [key for key in counted if not key.endswith("!") and not key.startswith("conformal")]
    for metric in metrics:
        cells = [_cell(one[metric], one[f"{metric}!"], given.sets) for one in found.values()]
        print(f"| `{metric}` | " + " | ".join(cells) + " |")


def _cell(inside: int, with_interval: int, sets: int) -> str:
    if not with_interval:
        return "no interval"
    apart = "" if with_interval == sets else f" (of {with_interval:,} sets)"
    return f"{100 * inside / with_interval:.1f} %{apart}"


if __name__ == "__main__":
    main()
