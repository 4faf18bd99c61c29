"""`pytest suites/` with a checkpoint that is loaded, in a process of its own, as a user runs it."""

from __future__ import annotations

import csv
import json
import os
import random
import subprocess
import sys
from pathlib import Path

import pytest
from support import checkpoints

from .conftest import INNER, Folder, put_suites

ARGUMENTS = (
    "suites", "--model", "tiny", "--dataset", "reviews.csv", "--harness-resamples", "200",
    "--harness-batch-sizes", "2", "--harness-seq-lens", "16", "--benchmark-max-time", "0.05",
)  # fmt: skip


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Folder:
    """The suites, a tiny checkpoint, and 300 reviews that it gets right by construction."""
    from harness.classifier import Classifier

    path = tmp_path_factory.mktemp("real")
    put_suites(path)
    checkpoints.bert(path / "tiny")
    words = random.Random(0)
    texts = [" ".join(words.choices(checkpoints.WORDS.split(), k=words.randint(3, 40))) for _ in range(300)]
    predicted = Classifier.load(str(path / "tiny"), device="cpu").classify(texts).argmax(axis=1)
    with (path / "reviews.csv").open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["text", "stars"])
        rows.writerows([text, int(label) + 1] for text, label in zip(texts, predicted, strict=True))
    return Folder(path)


def run(project: Folder, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, **INNER, "HARNESS_CACHE": str(project.path / "cache"), "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-m", "pytest", "-W", "error", *ARGUMENTS, *arguments]
    return subprocess.run(command, cwd=project.path, env=environment, capture_output=True, text=True, check=False)


def test_suites_pass_and_leave_a_whole_run(project):
    done = run(project, "-v")

    assert done.returncode == 0, done.stdout + done.stderr
    [evaluation] = project.record["evaluations"]
    assert evaluation["counts"]["evaluated"] == 300
    assert evaluation["metrics"]["accuracy"]["value"] == 1
    steps = ["tokenize", "place", "forward", "softmax", "classify"]
    assert [each["stage"] for each in project.record["timings"] if each["role"] == "case"] == steps
    [folder] = project.runs
    assert len(json.loads((folder / "benchmark.json").read_text())["benchmarks"]) == 5
    assert str(Path.home()) not in (folder / "run.json").read_text()
