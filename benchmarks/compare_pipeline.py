"""Reviews per second: the harness beside `transformers.pipeline`, interleaved in one process.

    python benchmarks/compare_pipeline.py reviews.csv [--model builtin] [--rounds 10] [--block 500]

Each round takes the next block of reviews and gives it to every way in random order, so that a
change of the machine's speed meets all of them alike. Quoted are the medians over the rounds, and
the median of the ratios within a round. The harness's way is the whole of `harness evaluate`'s
prediction: tokenize, forward, softmax, and the writing of Parquet shards. Every way must give the
same labels but for rounding; the share that agrees is printed.
"""

from __future__ import annotations

import argparse
import dataclasses
import random
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from rich.console import Console
from rich.table import Table
from transformers import AutoModelForSequenceClassification, AutoTokenizer, pipeline

from harness import reviews
from harness.classifier import Classifier
from harness.options import Settings
from harness.prediction import predict
from harness.progress import progress
from harness.reviews import ReviewOptions, ReviewSet

Way = Callable[[ReviewSet], list[str]]


def taken(whole: ReviewSet, rows: np.ndarray) -> ReviewSet:
    """The reviews in these rows; nothing is cached, so the fingerprint need not tell blocks apart."""
    return dataclasses.replace(whole, table=whole.table.take(rows), texts_fingerprint="a block")


def harness_way(classifier: Classifier) -> Way:
    def run(block: ReviewSet) -> list[str]:
        with tempfile.TemporaryDirectory() as folder, progress("", len(block), enabled=False) as silent:
            outcome = predict(classifier, block, Path(folder) / "shards", cache=None, reuse=False, progress=silent)
        return [classifier.classes[best] for best in outcome.predictions.logits.argmax(axis=1)]

    return run


def pipeline_way(folder: str, dtype: str, max_length: int, batch_size: int) -> Way:
    model = AutoModelForSequenceClassification.from_pretrained(folder, dtype=getattr(torch, dtype))
    tokenizer = AutoTokenizer.from_pretrained(folder)
    classify = pipeline("text-classification", model=model, tokenizer=tokenizer, device="cpu")

    def run(block: ReviewSet) -> list[str]:
        found = classify(block.texts(), batch_size=batch_size, truncation=True, max_length=max_length)
        return [each["label"] for each in found]

    return run


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("dataset", help="a review file, or builtin")
    parser.add_argument("--model", default="builtin", help="builtin or a checkpoint folder")
    parser.add_argument("--dtype", default="auto")
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--block", type=int, default=500, help="reviews a round")
    parser.add_argument("--batch-sizes", default="1,8,32", help="of the pipeline")
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()

    from harness.checkpoint import BUILTIN_FOLDER

    classifier = Classifier.load(arguments.model, device="cpu", dtype=arguments.dtype)
    whole = reviews.read(arguments.dataset, ReviewOptions.of(Settings()))
    folder = str(BUILTIN_FOLDER) if arguments.model == "builtin" else arguments.model
    record = classifier.record
    ways: dict[str, Way] = {"harness": harness_way(classifier)}
    for batch_size in map(int, arguments.batch_sizes.split(",")):
        ways[f"pipeline, batch size {batch_size}"] = pipeline_way(folder, record.dtype, record.max_length, batch_size)

    rng = random.Random(arguments.seed)
    shuffled = np.random.default_rng(arguments.seed).permutation(len(whole))
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    agreeing = dict.fromkeys(ways, 0)
    console = Console()
    for name, way in ways.items():
        way(taken(whole, shuffled[:32]))
        console.print(f"warmed up: {name}", style="dim")
    for number in range(arguments.rounds):
        rows = shuffled[np.arange(number * arguments.block, (number + 1) * arguments.block) % len(whole)]
        block = taken(whole, rows)
        labels = {}
        for name in rng.sample(sorted(ways), len(ways)):
            begun = time.perf_counter()
            labels[name] = ways[name](block)
            seconds[name].append(time.perf_counter() - begun)
        for name in ways:
            agreeing[name] += sum(a == b for a, b in zip(labels[name], labels["harness"], strict=True))
        console.print(f"round {number + 1} of {arguments.rounds}", style="dim")

    total = arguments.rounds * arguments.block
    table = Table(title=f"{arguments.model}, {record.dtype}, {torch.get_num_threads()} threads, {whole.name}")
    for heading in ("way", "reviews/s (median)", "min – max", "harness is faster by", "same label"):
        table.add_column(heading, justify="left" if heading == "way" else "right")
    for name in ways:
        speeds = [arguments.block / each for each in seconds[name]]
        ratios = [theirs / ours for theirs, ours in zip(seconds[name], seconds["harness"], strict=True)]
        table.add_row(
            name,
            f"{statistics.median(speeds):.1f}",
            f"{min(speeds):.1f} – {max(speeds):.1f}",
            f"{statistics.median(ratios):.2f}×",
            f"{agreeing[name] / total:.2%}",
        )
    console.print(table)


if __name__ == "__main__":
    main()
