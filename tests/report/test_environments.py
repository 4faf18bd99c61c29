from __future__ import annotations

from support import sample_gate, sample_run

from harness.report import environments
from harness.report.environments import Fact, Setting


class TestFacts:
    def test_a_package_of_another_version_differs_and_one_that_is_missing_too(self):
        candidate = Setting("new", "cpu", "bfloat16", "3.12.1", {"torch": "2.6.0", "numpy": "2.1.3"})
        reference = Setting("old", "cpu", "float32", "3.12.1", {"torch": "2.5.1", "numpy": "2.1.3", "triton": "3.1"})

        found = environments.facts(candidate, reference)

        assert found == (
            Fact("classifier", "new", "old"), Fact("device", "cpu", "cpu"), Fact("dtype", "bfloat16", "float32"),
            Fact("Python", "3.12.1", "3.12.1"), Fact("numpy", "2.1.3", "2.1.3", is_package=True),
            Fact("torch", "2.6.0", "2.5.1", is_package=True), Fact("triton", "–", "3.1", is_package=True),
        )  # fmt: skip
        assert [each.name for each in found if each.differs] == ["classifier", "dtype", "torch", "triton"]

    def test_a_run_and_its_reference_are_told_alike(self):
        sample = sample_gate.compared(sample_run.sample(reviews=40))
        (evaluation,), (reference,) = sample.run.evaluations, sample.run.references

        found = environments.facts(
            environments.of_evaluation(sample.run, evaluation), environments.of_reference(reference)
        )

        assert [each.name for each in found if each.differs] == ["torch"]

    def test_sides_of_pairs_of_rounds_are_told_too(self):
        (pairs,) = sample_gate.in_pairs(sample_run.sample(sets=()), dtype="bfloat16").run.paired

        found = environments.facts(environments.of_side(pairs.candidate), environments.of_side(pairs.reference))

        assert [each.name for each in found if each.differs] == ["dtype"]
