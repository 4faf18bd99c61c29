"""How long does each stage take? pytest-benchmark runs the methods that an evaluation runs.

tokenize: texts -> token ids; forward: token ids -> logits; softmax: logits -> probabilities;
classify: the three together. `--harness-batch-sizes 1,8,32` and `--harness-seq-lens 16,64,256`
say at which shapes; the texts are reviews of the set, near that many tokens.
"""

from __future__ import annotations


def test_stage(stage_case, benchmark):
    """A round answers every review of its batch; a stage that ends in probabilities ends in proper ones."""
    answer = benchmark(stage_case.run)

    assert len(answer) == stage_case.batch_size
    if stage_case.stage in ("softmax", "classify"):
        assert abs(float(answer.sum()) - stage_case.batch_size) < 1e-3 * stage_case.batch_size
