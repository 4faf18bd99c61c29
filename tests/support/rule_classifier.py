"""A classifier that follows a rule, in the place of one that is loaded: for tests of the plugin.

It needs neither a checkpoint nor torch, so that a pytest session in a process of its own takes a
second. Everything else is real: the `Session`, the predictions, the metrics, the run folder.

`install()` is called by the conftest of such a session. `--model right` counts good and bad words,
`--model constant` always answers the same, `--model slow` takes a minute for a batch, and any other name is
a classifier that cannot be loaded.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from harness.errors import ClassifierError
from harness.options import Settings
from harness.records import Bandwidth, ClassifierRecord, Peak

CLASSES = ("1 star", "2 stars", "3 stars", "4 stars", "5 stars")
WORDS = {"awful": -1, "bad": -1, "good": 1, "great": 1}
FORWARD = Path("forward.started")
"""Is there once the slow rule is at work."""
LOADS = Path("loads.log")
"""One line for each classifier loaded, with the process that loaded it, in the folder of the session."""


class Tensor(np.ndarray):
    """An array with the three methods by which predictions leave a device."""

    def float(self) -> Tensor:
        return self.astype(np.float32).view(Tensor)

    def cpu(self) -> Tensor:
        return self

    def numpy(self) -> np.ndarray:
        return np.asarray(self)


@dataclass(frozen=True)
class Words:
    """Encoding and batch in one: each word is a token, and two more stand around a text."""

    texts: tuple[str, ...]
    max_length: int

    def __len__(self) -> int:
        return len(self.texts)

    @property
    def _counts(self) -> np.ndarray:
        return np.array([len(text.split()) + 2 for text in self.texts], np.int32)

    @property
    def lengths(self) -> np.ndarray:
        return np.minimum(self._counts, self.max_length).astype(np.int32)

    @property
    def cut(self) -> np.ndarray:
        return self._counts > self.max_length

    @property
    def input_ids(self) -> np.ndarray:
        return np.zeros((len(self), int(self.lengths.max())), np.int64)

    def select(self, indices: np.ndarray) -> Words:
        return Words(tuple(self.texts[i] for i in indices), self.max_length)


class RuleClassifier:
    """As much of a classifier as the harness asks for."""

    classes = CLASSES
    token_budget = 512
    model = None
    bare_tokenize = None

    def __init__(self, name: str, settings: Settings) -> None:
        rule = Path(name).name
        if rule not in ("right", "constant", "slow"):
            raise ClassifierError(f"no classifier is called {name!r}", where="option --model", remedy="say right")
        self._rule = rule
        self.record = record(name, settings.max_length or 128, settings.dtype)
        with LOADS.open("a") as log:
            log.write(f"{rule} {os.environ.get('PYTEST_XDIST_WORKER', 'main')}\n")

    @classmethod
    def of(cls, name: str, settings: Settings) -> RuleClassifier:
        return cls(name, settings)

    def tokenize(self, texts: Sequence[str]) -> Words:
        return Words(tuple(texts), self.record.max_length)

    def place(self, encoding: Words) -> Words:
        return encoding

    def forward(self, batch: Words) -> Tensor:
        if self._rule == "slow":
            FORWARD.touch()
            time.sleep(60)
        scores = [sum(WORDS.get(word, 0) for word in text.split()) for text in batch.texts]
        stars = 2.0 + np.array(scores if self._rule != "constant" else [0] * len(batch))
        return -np.abs(np.arange(5) - stars[:, None]).astype(np.float32).view(Tensor)

    def softmax(self, logits: Tensor) -> Tensor:
        shares = np.exp(logits)
        return shares / shares.sum(axis=1, keepdims=True)

    def classify(self, texts: Sequence[str]) -> np.ndarray:
        return self.softmax(self.forward(self.place(self.tokenize(texts)))).numpy()


def record(name: str, max_length: int, dtype: str) -> ClassifierRecord:
    rule = Path(name).name
    values: dict[str, Any] = {
        "id": rule if dtype == "auto" else f"{rule}-{dtype}", "name": rule, "architecture": "Rule",
        "classes": CLASSES, "device": "cpu", "device_name": "a processor",
        "dtype": "float32" if dtype == "auto" else dtype, "attention": "none", "max_length": max_length,
        "parameters": 0, "weights_bytes": 0, "weights_sha256": rule.ljust(64, "0"), "tokenizer_sha256": "b" * 64,
        "load_seconds": 0.0,
    }  # fmt: skip
    return ClassifierRecord(**values)


def reviews(count: int = 60) -> str:
    """A CSV file of labelled reviews that the rule gets right, every star as often."""
    lines = ["text,stars,language"]
    for i in range(count):
        score = i % 5 - 2
        words = ["kettle", f"number {i}", *(["good", "great"] if score > 0 else ["bad", "awful"])[: abs(score)]]
        lines.append(f"{' '.join(words)},{i % 5 + 1},{'en' if i % 2 else 'de'}")
    return "\n".join(lines) + "\n"


def module() -> ModuleType:
    """A module that can stand for `harness.classifier`."""
    made = ModuleType("harness.classifier")
    made.Classifier = RuleClassifier  # type: ignore[attr-defined]
    return made


def work() -> ModuleType:
    """What stands for `harness.timing.work`: the calls of a rule do nothing that could be counted."""
    made = ModuleType("harness.timing.work")
    for name in ("flops_of_forward", "bytes_of_tokenize", "bytes_of_place", "bytes_of_forward", "bytes_of_softmax"):
        setattr(made, name, lambda *arguments: 1000)
    return made


def machine() -> ModuleType:
    """What stands for `harness.timing.machine`, which multiplies matrices for seconds."""
    made = ModuleType("harness.timing.machine")
    made.matmul_peak = lambda device, dtype: Peak(  # type: ignore[attr-defined]
        device=device, dtype=dtype, threads=1, size=64, flops_per_s=1e9
    )
    made.matmul_peak_now = made.matmul_peak  # type: ignore[attr-defined]
    made.bandwidth = lambda device: Bandwidth(  # type: ignore[attr-defined]
        device=device, threads=1, copied_bytes=1000, bytes_per_s=1e9
    )
    return made


def install() -> None:
    """Put the rule in the place of `harness.classifier`, and its work in the place of torch's, in this process."""
    sys.modules["harness.classifier"] = module()
    sys.modules["harness.timing.work"] = work()
    sys.modules["harness.timing.machine"] = machine()
