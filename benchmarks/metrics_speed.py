"""Metrics with intervals of 1,000,000 predictions: `python benchmarks/metrics_speed.py`.

Two questions, in one run on one machine:

1. The full set, every metric with its interval: how long, and how much memory above the arrays?
2. Six metrics of predicted classes and ECE with 1,000 resamples, beside a plain bootstrap that resamples
   examples: with scikit-learn, with numpy, and with torchmetrics where it is installed. A peer runs
   some resamples, interleaved with the others, and its time is scaled to all; the table says how many.
"""

from __future__ import annotations

import argparse
import importlib.util
import resource
import statistics
import time
from collections.abc import Callable

import numpy as np

from harness import evaluate
from harness.metrics import binned, confidences, confusion_counts, label_metrics, predicted_classes

CLASSES = 5


def predictions(examples: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Of a fair, over-confident classifier of stars: (N, 5) float32 and (N,)."""
    generator = np.random.default_rng(seed)
    gold = generator.integers(0, CLASSES, examples)
    seen = gold + generator.normal(0, 0.8, examples)
    logits = -1.2 * np.square(np.arange(CLASSES) - seen[:, None])
    weights = np.exp(logits - logits.max(axis=1, keepdims=True))
    return (weights / weights.sum(axis=1, keepdims=True)).astype(np.float32), gold


def peak_bytes() -> int:
    """The most memory that this process has held so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def full_set(probabilities: np.ndarray, gold: np.ndarray, resamples: int) -> int:
    """Every metric, those of calibration after temperature scaling too; returns how many."""
    figures = evaluate(probabilities, gold, [f"{k} stars" for k in range(CLASSES)], ordinal=True, resamples=resamples)
    assert figures.calibrated is not None, "the classifier is over-confident, and a temperature mends that"
    return len(figures.metrics) + len(figures.calibrated.metrics)


def counted(probabilities: np.ndarray, gold: np.ndarray, resamples: int) -> None:
    """The metrics of predicted classes with intervals, from resampled counts."""
    predicted = predicted_classes(probabilities)
    binned(confidences(probabilities), predicted == gold)
    label_metrics(
        confusion_counts(gold, predicted, CLASSES), ordinal=True, confidence=0.95, resamples=resamples, seed=0
    )


def by_numpy(probabilities: np.ndarray, gold: np.ndarray, rows: np.ndarray) -> None:
    """The tables of one resample, which is the dear part; the metrics of them cost next to nothing."""
    sample, labels = probabilities[rows], gold[rows]
    predicted = sample.argmax(axis=1)
    np.bincount(labels * CLASSES + predicted, minlength=CLASSES**2)
    binned(sample.max(axis=1).astype(np.float64), predicted == labels)


def by_sklearn(probabilities: np.ndarray, gold: np.ndarray, rows: np.ndarray) -> None:
    """One resample, one call a metric; scikit-learn has no ECE, so that numpy's stands in."""
    from sklearn import metrics

    sample, labels = probabilities[rows], gold[rows]
    predicted, names = sample.argmax(axis=1), list(range(CLASSES))
    metrics.accuracy_score(labels, predicted)
    metrics.balanced_accuracy_score(labels, predicted)
    metrics.f1_score(labels, predicted, average="macro", labels=names)
    metrics.f1_score(labels, predicted, average="weighted", labels=names)
    metrics.cohen_kappa_score(labels, predicted, weights="quadratic", labels=names)
    metrics.matthews_corrcoef(labels, predicted)
    binned(sample.max(axis=1).astype(np.float64), predicted == labels)


def by_torchmetrics(probabilities: np.ndarray, gold: np.ndarray, rows: np.ndarray) -> None:
    """One resample, one call a metric."""
    import torch
    from torchmetrics.functional import classification

    sample, labels = torch.from_numpy(probabilities[rows]), torch.from_numpy(gold[rows])
    classification.multiclass_accuracy(sample, labels, CLASSES, average="micro")
    classification.multiclass_accuracy(sample, labels, CLASSES, average="macro")
    classification.multiclass_f1_score(sample, labels, CLASSES, average="macro")
    classification.multiclass_f1_score(sample, labels, CLASSES, average="weighted")
    classification.multiclass_cohen_kappa(sample, labels, CLASSES, weights="quadratic")
    classification.multiclass_matthews_corrcoef(sample, labels, CLASSES)
    classification.multiclass_calibration_error(sample, labels, CLASSES, n_bins=15)


PEERS: dict[str, Callable[[np.ndarray, np.ndarray, np.ndarray], None]] = {
    "numpy, plain bootstrap": by_numpy,
    "scikit-learn, plain bootstrap": by_sklearn,
    "torchmetrics, plain bootstrap": by_torchmetrics,
}


def seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--examples", type=int, default=1_000_000)
    parser.add_argument("--resamples", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=5, help="resamples that a peer really runs")
    given = parser.parse_args()
    probabilities, gold = predictions(given.examples)
    before = peak_bytes()
    took = seconds(lambda: print(f"{full_set(probabilities, gold, given.resamples)} metrics"))
    print(f"full set: {took:.2f} s, {(peak_bytes() - before) / 1e6:,.0f} MB above the arrays\n")

    peers = {name: work for name, work in PEERS.items() if "torch" not in name or _there("torchmetrics")}
    ours: list[float] = []
    times: dict[str, list[float]] = {name: [] for name in peers}
    generator = np.random.default_rng(1)
    for _ in range(given.rounds):
        ours.append(seconds(lambda: counted(probabilities, gold, given.resamples)))
        for name, work in peers.items():
            times[name].append(
                seconds(lambda w=work: w(probabilities, gold, generator.integers(0, len(gold), len(gold))))
            )
    median = statistics.median(ours)
    print(f"| {given.resamples:,} resamples of {given.examples:,} | seconds | slower than counted |")
    print("| --- | --- | --- |")
    print(f"| counted bootstrap, ten metrics and the bins of ECE | {median:.3f} | |")
    for name, rounds in times.items():
        whole = statistics.median(rounds) * given.resamples
        shown = f"{name}, six metrics and ECE ({given.rounds} resamples, scaled)"
        print(f"| {shown} | {whole:,.1f} | {whole / median:,.0f} × |")
    for name in PEERS.keys() - peers.keys():
        print(f"\n{name}: not installed")


def _there(package: str) -> bool:
    return importlib.util.find_spec(package) is not None


if __name__ == "__main__":
    main()
