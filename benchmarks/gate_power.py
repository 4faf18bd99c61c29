"""What the accuracy gate decides, and how often: `python benchmarks/gate_power.py --sets 2000`.

Candidate and baseline are simulated on the same reviews. A share of the reviews, the discordance, is right for
exactly one of the two; how it splits into gained and lost is the true change of accuracy. Counts are drawn from
these shares, and each set is judged by the arithmetic of the gate: Tango's interval at 1 - 2 alpha, against the
largest drop that is allowed, and against no drop at all.

At no change every `fail` is a false alarm, and so it is where the drop is exactly the one allowed; there every
`pass` is a miss. Each of them must stay at alpha, 5 %.
"""

from __future__ import annotations

import argparse
from collections import Counter
from dataclasses import dataclass

import numpy as np

from harness.gates.margins import decided, decided_no_worse
from harness.statistics.paired import tango_interval

SIZES = (500, 5_000, 50_000)
DROPS = (0.0, 0.01, 0.02, 0.05)
DISCORDANCES = (0.06, 0.15)


@dataclass(frozen=True)
class Judged:
    """Verdicts of many sets."""

    margin: Counter[str]
    """Of the rule with a largest drop."""
    no_worse: Counter[str]


def simulated(reviews: int, drop: float, discordance: float, margin: float, alpha: float, sets: int) -> Judged:
    """Verdicts of sets of `reviews`, of a candidate whose true accuracy is lower by `drop`."""
    shares = [(discordance - drop) / 2, (discordance + drop) / 2, 1 - discordance]
    # In whole numbers, so that each row of the table has counts of its own.
    generator = np.random.default_rng([reviews, round(1e4 * drop), round(1e4 * discordance)])
    found = Judged(Counter(), Counter())
    for gained, lost, _ in generator.multinomial(reviews, shares, sets).tolist():
        interval = tango_interval(gained, lost, reviews, 1 - 2 * alpha)
        found.margin[decided(interval.low, interval.high, margin)] += 1
        found.no_worse[decided_no_worse(interval.high)] += 1
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sets", type=int, default=2000, help="simulated sets for each row")
    parser.add_argument("--margin", type=float, default=0.01, help="largest drop that the rule allows")
    parser.add_argument("--alpha", type=float, default=0.05, help="level of each side")
    given = parser.parse_args()
    print(f"{given.sets:,} sets a row; alpha {100 * given.alpha:g} %; allowed: {100 * given.margin:g} points.\n")
    print("| discordance | reviews | true drop | max_drop: pass | inconclusive | fail | no_worse: fail |")
    print("| ---: | ---: | ---: | ---: | ---: | ---: | ---: |")
    for discordance in DISCORDANCES:
        for reviews in SIZES:
            for drop in DROPS:
                found = simulated(reviews, drop, discordance, given.margin, given.alpha, given.sets)
                kinds = [found.margin[kind] for kind in ("pass", "inconclusive", "fail")]
                cells = [f"{100 * count / given.sets:.1f} %" for count in (*kinds, found.no_worse["fail"])]
                where = [f"{100 * discordance:g} %", f"{reviews:,}", f"{100 * drop:g} points"]
                print(f"| {' | '.join([*where, *cells])} |")


if __name__ == "__main__":
    main()
