"""Cells of timings as a noisy machine would measure them, with the delays that a test plants."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from harness.records import Bandwidth, Peak, Role, Step, Timing

SECONDS: dict[Step, float] = {"tokenize": 1e-3, "place": 1e-4, "forward": 1e-2, "softmax": 1e-5}
"""Of one call on a quiet machine."""
REST = 0.01
"""Of `classify`."""
PLAIN = 0.8
"""Of tokenize."""
FLOPS = 4_000_000_000
MOVED: dict[Step, int] = {"tokenize": 4_000, "place": 16_000, "forward": 90_000_000, "softmax": 320}
SPIKES = 0.02
"""Share of the rounds that take 3 times as long."""


def phases(rounds: int, generator: np.random.Generator) -> np.ndarray:
    """(rounds,) float64: 1, and 1.5 in slow phases of 5 to 20 rounds, a tenth of the time."""
    slow = np.ones(rounds)
    at = -int(generator.integers(300))
    while at < rounds:
        at += int(generator.geometric(1 / 112.5))
        length = int(generator.integers(5, 21))
        slow[max(at, 0) : max(at + length, 0)] = 1.5
        at += length
    return slow


def noisy(
    seconds: float, slow: np.ndarray, generator: np.random.Generator, *, noise: float = 0.05, spikes: float = SPIKES
) -> np.ndarray:
    """(rounds,) float64: lognormal noise and spikes on a machine that is `slow` at times."""
    spiky = np.where(generator.random(len(slow)) < spikes, 3.0, 1.0)
    return seconds * slow * spiky * np.exp(noise * generator.standard_normal(len(slow)))


def cell(
    classifiers: Sequence[str] = ("a", "b"),
    *,
    slower: Mapping[str, Mapping[str, float]] | None = None,
    rounds: int = 30,
    noise: float = 0.05,
    spikes: float = SPIKES,
    steady: bool = False,
    rest: float = REST,
    seed: int = 0,
    batch_size: int = 8,
    seq_len: int = 64,
    device: str = "cpu",
    dtypes: Mapping[str, str] | None = None,
    stages: Sequence[Step] = ("tokenize", "place", "forward", "softmax", "classify"),
    in_turn: bool = True,
) -> tuple[Timing, ...]:
    """One cell as `harness.timing` records it: cases, then controls, then plain calls.

    Args:
        classifiers: Ids; the first has the controls.
        slower: By classifier and stage, how many times as long: `{"b": {"forward": 1.2}}`. `classify`
            takes its part of the delay by itself; `control` slows the first classifier's controls.
        rounds: Of every timing.
        noise: Deviation of the log of a round; 0 with `steady` makes every round the same.
        spikes: Share of the rounds that take 3 times as long.
        steady: No slow phases and no spikes.
        rest: Share of `classify` that is in no stage.
        dtypes: By classifier; float32 where nothing is said.
        in_turn: Whether the cell has a name: False for an older run.
    """
    generator = np.random.default_rng(seed)
    slow = np.ones(rounds) if steady else phases(rounds, generator)
    name = f"shop.{device}.{batch_size}x{seq_len}" if in_turn else ""
    tokens = batch_size * seq_len - batch_size

    def timing(classifier: str, stage: Step, role: Role, seconds: float) -> Timing:
        drawn = noisy(seconds, slow, generator, noise=noise, spikes=0.0 if steady else spikes)
        gpu = {"device_seconds": tuple((0.9 * drawn).tolist())} if device != "cpu" and stage != "tokenize" else {}
        extra: dict[str, Any] = {"flops": FLOPS} if stage in ("forward", "classify") else {}
        suffix = "" if role == "case" else f".{role}"
        return Timing(
            id=f"{classifier}.shop.{stage}.{batch_size}x{seq_len}{suffix}", cell=name, role=role,
            classifier=classifier, review_set="shop", stage=stage, batch_size=batch_size, seq_len=seq_len,
            tokens=tokens, padded_tokens=batch_size * seq_len, device=device,
            dtype=(dtypes or {}).get(classifier, "float32"), threads=2, iterations=1,
            seconds=tuple(drawn.tolist()), bytes=MOVED.get(stage), **gpu, **extra,
        )  # fmt: skip

    def true(classifier: str, stage: Step) -> float:
        factors = (slower or {}).get(classifier, {})
        if stage != "classify":
            return SECONDS[stage] * factors.get(stage, 1.0)
        return sum(SECONDS[part] * factors.get(part, 1.0) for part in SECONDS) / (1 - rest) * factors.get(stage, 1.0)

    cases = [timing(each, stage, "case", true(each, stage)) for each in classifiers for stage in stages]
    first = classifiers[0]
    twice = (slower or {}).get("control", {})
    controlled = stages if len(classifiers) > 1 else stages[-1:]
    controls = [timing(first, stage, "control", true(first, stage) * twice.get(stage, 1.0)) for stage in controlled]
    plain = [
        timing(each, "tokenize", "plain", PLAIN * SECONDS["tokenize"]) for each in classifiers if "tokenize" in stages
    ]
    return (*cases, *controls, *plain)


def peaks(*, device: str = "cpu", flops_per_s: float = 1e12, threads: int = 2) -> tuple[Peak, ...]:
    """Of float32, and twice as much of bfloat16."""
    return tuple(
        Peak(device=device, dtype=dtype, threads=threads, size=2048, flops_per_s=flops_per_s * factor)
        for dtype, factor in (("float32", 1.0), ("bfloat16", 2.0))
    )


def bandwidths(*, device: str = "cpu", bytes_per_s: float = 2e10, threads: int = 2) -> tuple[Bandwidth, ...]:
    """Of one device."""
    return (Bandwidth(device=device, threads=threads, copied_bytes=256_000_000, bytes_per_s=bytes_per_s),)
