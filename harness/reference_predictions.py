"""The classifier of `--against` evaluated on the candidate's reviews, in a process of its own.

Always in another process, also where it is this environment's: so there is one way, and what two versions of a
library do to predictions is seen by the same comparison as what a dtype does.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harness.options import of_group
from harness.request import differing

if TYPE_CHECKING:
    from harness.baselines import Baseline
    from harness.options import Settings

PROGRAM = ("-P", "-m", "harness.reference_worker")
"""Without -P the interpreter would find the `harness` of the working folder and not its own."""
NAME = "against"
ALIKE = (
    *of_group("classifier", without=("model", "dtype")),
    *of_group("review set", without=("dataset",)),
    "no_cache",
)
"""Options that hold for the reference as for the candidate. Its dtype is its own."""


@contextmanager
def predicted(against: str, dataset: str, settings: Settings, folder: Path) -> Iterator[Baseline]:
    """The reference's predictions, as a baseline that is there while the block runs.

    Args:
        against: The classifier, as `--model` would name it.
        dataset: The candidate's review set, as `--dataset` names it.
        settings: The candidate's: options of reading and loading; `against_python` runs the reference.
        folder: Of the run; the work is done within it, and removed.

    Raises:
        HarnessError: The reference cannot be loaded or evaluated.
        UsageError: No such interpreter.
        RunError: Its process ended, or its environment has another harness.
    """
    from harness import baselines, runs

    within = folder / "references" / "unfinished"
    shutil.rmtree(within, ignore_errors=True)
    try:
        path = _evaluated(against, settings, _asked(against, dataset, settings, within / "runs"))
        found = runs.read(path, path.parent)
        baselines.promote(path, found, NAME, within / "baselines")
        yield baselines.find(NAME, within / "baselines")
    finally:
        shutil.rmtree(within, ignore_errors=True)


def _asked(against: str, dataset: str, settings: Settings, output: Path) -> dict[str, Any]:
    fixed = {"model": [against], "dataset": [dataset], "output": str(output.resolve()), "no_texts": True}
    return differing(settings, ALIKE) | fixed


def _evaluated(against: str, settings: Settings, asked: dict[str, Any]) -> Path:
    from harness.environment import threads
    from harness.gates.latency import Side
    from harness.gates.latency.process import Worker

    side = Side(against, python=settings.against_python or Path(sys.executable), program=PROGRAM)
    with Worker(side, "reference", threads=threads(), hash_seed=settings.seed) as worker:
        worker.greet()
        worker.ask({"evaluate": asked})
        return Path(worker.answer("evaluated")["run"])
