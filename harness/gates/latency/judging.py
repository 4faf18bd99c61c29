"""The verdict of a `max_slowdown` rule on paired rounds. Pure: a finished run can be judged again."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from harness.records import Metric, Verdict
from harness.statistics import Estimate, Interval, Undefined
from harness.statistics.process_pairs import FEWEST_TO_FAIL, Levels, paired_ratio, processes_needed

if TYPE_CHECKING:
    import numpy as np

    from harness.gates.rules import Rule
    from harness.records import Outcome
    from harness.records.pairs import PairedRounds

RESAMPLES = 4_000
"""A tail of 1 % has 40 of them."""
MINUS = "\N{MINUS SIGN}"
MOST_PLACES = 7


def judge(rule: Rule, rounds: PairedRounds, *, alpha: float, alike: int = 1, stopped: str = "") -> Verdict:
    """Whether the candidate is slower than the rule allows, as far as these rounds tell.

    Pass when the upper bound of the ratio is below 1 + limit, fail when the lower bound is above it and
    there are enough process pairs, else inconclusive. The bounds are those of `paired_ratio`.

    Args:
        rule: Of the kind max_slowdown, on the stage or scenario that was timed.
        rounds: Every pair.
        alpha: Chance of a false fail, and of a false pass, over all looks that were planned.
        alike: Sizes under the rule, which fails when it fails at any of them.
        stopped: Why no more pairs were measured, where it was not for the verdict's sake: `the time was spent`.
    """
    import numpy as np

    candidate, reference = np.array(rounds.candidate.seconds), np.array(rounds.reference.seconds)
    levels = Levels.of(alpha, rounds.looks, alike=alike)
    generator = np.random.default_rng(rounds.seed)
    found = paired_ratio(candidate, reference, levels=levels, resamples=RESAMPLES, generator=generator)
    processes, pairs = candidate.shape
    limit = 1 + rule.limit
    outcome = _outcome(found, limit, processes)
    needed = None
    if outcome == "inconclusive":
        more = processes_needed(candidate, reference, limit, levels=levels, least=processes)
        needed = more and more * pairs
    return Verdict(
        rule=rule.id,
        kind=rule.kind,
        subject=rule.subject,
        limit=rule.limit,
        classifier=rounds.candidate.classifier,
        baseline=rounds.reference.classifier,
        outcome=outcome,
        sentence=_sentence(rounds, found, rule.limit, outcome, needed, stopped),
        alpha=alpha,
        candidate=_seconds(candidate),
        reference=_seconds(reference),
        difference=_metric(found),
        examples=int(candidate.size),
        needed=needed,
        reason=rule.reason,
    )


def _outcome(found: Estimate | Undefined, limit: float, processes: int) -> Outcome:
    if isinstance(found, Undefined):
        return "error"
    if not isinstance(found.bounds, Interval):
        return "inconclusive"
    if found.bounds.high < limit:
        return "pass"
    return "fail" if found.bounds.low > limit and processes >= FEWEST_TO_FAIL else "inconclusive"


def _sentence(
    rounds: PairedRounds,
    found: Estimate | Undefined,
    limit: float,
    outcome: Outcome,
    needed: int | None,
    stopped: str,
) -> str:
    time = timed(rounds)
    if isinstance(found, Undefined):
        return f"{time}: {found.reason}"
    because = f" ({stopped})" if stopped else ""
    if not isinstance(found.bounds, Interval):
        change = percents(limit, (found.value - 1,))[0]
        return f"{time} changed by {change} %; {found.bounds.reason}{because}"
    ends = (found.value - 1, found.bounds.low - 1, found.bounds.high - 1)
    change, low, high, most = percents(limit, ends)
    change = f"{time} changed by {change} % ({low} to {high})"
    if outcome == "pass":
        return f"{change}, within {most} %"
    if outcome == "fail":
        return f"{change}, more than {most} %"
    if found.bounds.low - 1 > limit:
        # Enough for an interval, and too few processes to fail a build.
        decides = f"a fail needs {FEWEST_TO_FAIL} process pairs, and these are {len(rounds.candidate.seconds)}"
    elif needed is None:
        decides = "too close to it to tell how many pairs would decide"
    else:
        decides = f"about {needed:,} pairs would decide it"
    return f"{change}, and the limit is {most} %: {decides}{because}"


def timed(rounds: PairedRounds) -> str:
    """What the seconds are, in a sentence: `the mean latency of single-stream in rounds of 200 reviews`."""
    if rounds.scenario is None:
        return f"the time of {rounds.stage} at {rounds.batch_size} × {rounds.seq_len}"
    if rounds.scenario == "offline":
        return f"the time of offline for {rounds.reviews:,} reviews at once"
    rate = "" if rounds.rate is None else f" at {rounds.rate:,.4g} reviews/s"
    return f"the mean latency of {rounds.scenario}{rate} in rounds of {rounds.reviews:,} reviews"


def percents(limit: float, shares: Sequence[float]) -> tuple[str, ...]:
    """The shares in per cent, and the limit last, with as many decimals as set each of them apart from it.

    >>> percents(0.02, [0.0213, -0.1, 0.0]), percents(0.02, [0.01996])
    (('+2.1', '−10.0', '0', '+2.0'), ('+1.996', '+2.000'))
    """
    for places in range(1, MOST_PLACES):
        written = [round(100 * share, places) for share in (*shares, limit)]
        whole = math.isclose(written[-1], 100 * limit, abs_tol=1e-9)
        if whole and all(text != written[-1] for text, share in zip(written, shares, strict=False) if share != limit):
            break
    return tuple(f"{number:+.{places}f}".replace("-", MINUS) if number else "0" for number in written)


def _metric(found: Estimate | Undefined) -> Metric:
    if isinstance(found, Undefined):
        return Metric(value=None, reason=found.reason)
    if not isinstance(found.bounds, Interval):
        return Metric(value=found.value, interval_reason=found.bounds.reason)
    return Metric(value=found.value, low=found.bounds.low, high=found.bounds.high, method=found.bounds.method)


def _seconds(seconds: np.ndarray) -> Metric:
    import numpy as np

    moved = "the times of one side move with the machine: the ratio of pairs is judged"
    return Metric(value=float(np.median(seconds)), interval_reason=moved)
