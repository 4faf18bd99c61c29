"""The matrix of cases: what each option says, what is left to `--timing`."""

from __future__ import annotations

from harness.options import Settings
from harness.timing import STEPS, Matrix, Wanted


class TestOf:
    def test_the_default_is_small_and_of_the_classifier_as_it_is_evaluated(self):
        assert Matrix.of(Settings()) == Matrix((1, 8), (16, 64), ("auto",), ("auto",))
        assert Matrix.of(Settings(dtype="bfloat16", device="cpu")).dtypes == ("bfloat16",)

    def test_full_is_all_of_it(self):
        assert Matrix.of(Settings(timing="full")) == Matrix(
            (1, 8, 32), (16, 64, 128, 256, 512), ("float32", "bfloat16"), ("cpu", "cuda")
        )

    def test_an_option_of_its_own_goes_before_full(self):
        found = Matrix.of(Settings(timing="full", batch_sizes=(4,), timing_devices=("cpu",)))

        assert (found.batch_sizes, found.devices) == ((4,), ("cpu",))
        assert found.dtypes == ("float32", "bfloat16")

    def test_a_value_that_is_given_twice_is_taken_once(self):
        assert Matrix.of(Settings(batch_sizes=(8, 1, 8))).batch_sizes == (8, 1)


class TestCases:
    def test_those_of_a_cell_stand_together(self):
        found = list(Matrix((1, 8), (16,), ("float32", "bfloat16"), ("cpu",)).cases(["a", "b"], ["set"]))

        cells = [each.cell for each in found]
        assert list(dict.fromkeys(cells)) == [("set", "cpu", 1, 16), ("set", "cpu", 8, 16)]
        assert cells == sorted(cells)
        assert len(found) == len(set(found)) == 2 * 2 * 2 * len(STEPS)
        assert found[0] == Wanted("a", "set", "cpu", "float32", 1, 16, "tokenize")
