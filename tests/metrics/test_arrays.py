"""Shapes are checked while the tests run; a lost import hook would make every annotation silent."""

from __future__ import annotations

import subprocess
import sys

import jaxtyping
import numpy as np
import pytest

from harness.metrics import brier_losses
from harness.statistics import resampled_counts


class TestShapes:
    def test_two_lengths_under_one_name_are_refused(self) -> None:
        with pytest.raises(jaxtyping.TypeCheckError, match="gold"):
            brier_losses(np.full((3, 2), 0.5), np.zeros(4, dtype=int))

    def test_another_number_of_axes_is_refused(self) -> None:
        with pytest.raises(jaxtyping.TypeCheckError, match="counts"):
            next(resampled_counts(np.ones((2, 2), dtype=int), 10, 0))

    def test_in_use_neither_the_checker_nor_a_heavy_library_is_imported(self) -> None:
        """What takes seconds to import must not slow a command that shows one accuracy."""
        heavy = {"beartype", "sklearn", "scipy", "statsmodels", "pandas", "torch", "transformers"}
        code = f"import sys, harness.evaluation; print(sorted({heavy!r} & set(sys.modules)))"

        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

        assert done.stdout.strip() == "[]"
