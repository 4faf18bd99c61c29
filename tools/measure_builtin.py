"""The figures of the built-in classifier's card: `python tools/measure_builtin.py FILE…`.

Exact, off by one, mean absolute error and expected calibration error for each file and, on the
built-in reviews, for each language; before and after dividing the logits by the temperature.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

import numpy as np

from harness import Settings
from harness.evaluation import evaluate
from harness.measuring import Evaluated
from harness.session import Session

NAMES = ("accuracy", "off_by_one_accuracy", "mean_absolute_error", "expected_calibration_error")


def line(name: str, found: Evaluated, rows: np.ndarray, temperature: float) -> str:
    """One row of the card's table."""
    classes = found.record.label_match.classes
    given = found.probabilities[rows].astype(np.float64)
    scaled = given ** (1 / temperature)
    scaled /= scaled.sum(axis=1, keepdims=True)
    shown = []
    for probabilities in (given, scaled):
        measured = evaluate(
            probabilities.astype(np.float32), found.gold[rows], classes, ordinal=True, resamples=1000
        ).metrics
        shown.append([measured[each].value for each in NAMES])
    exact, near, error, calibration = shown[0]
    return (
        f"| {name} | {len(rows):,} | {exact:.1%} | {near:.1%} | {error:.3f} | {calibration:.3f} | {shown[1][3]:.3f} |"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="*", help="review files with stars")
    parser.add_argument("--model", default="builtin")
    parser.add_argument("--temperature", type=float, default=1.0)
    arguments = parser.parse_args()

    print("| reviews | number | exact | off by one | MAE | ECE | ECE at the temperature |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    with tempfile.TemporaryDirectory() as output:
        settings = Settings(model=(arguments.model,), dataset=("builtin", *arguments.files), output=Path(output))
        session = Session(settings, command="evaluate", root=Path.cwd())
        for source in arguments.files:
            found = session.evaluate(arguments.model, source)
            print(line(Path(source).name, found, np.arange(len(found.gold)), arguments.temperature))
        found = session.evaluate(arguments.model, "builtin")
        languages = np.array(session.review_set("builtin").table["language"].to_pylist())
        for language in sorted(set(languages)):
            print(line(f"built-in, {language}", found, np.flatnonzero(languages == language), arguments.temperature))
        print(line("built-in, all", found, np.arange(len(found.gold)), arguments.temperature))


if __name__ == "__main__":
    main()
