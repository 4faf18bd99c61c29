"""How long does each stage take? pytest-benchmark shows the methods that an evaluation runs.

tokenize: texts -> token ids; place: token ids -> padded tensors on the device; forward: these -> logits;
softmax: logits -> probabilities; classify: all of it, end to end.

`--harness-batch-sizes 1,8,32`, `--harness-seq-lens 16,64,256`, `--harness-dtypes float32,bfloat16` and
`--harness-timing-devices cpu,cuda` say at which shapes, at which dtypes and where; `--harness-timing full`
is all of it. The texts are reviews of the set, near that many tokens. Cases of one batch size and length
are measured in turn, so that their times can be compared.
"""

from __future__ import annotations


def test_stage(stage_case, benchmark):
    """A round answers every review of its batch; a stage that ends in probabilities ends in proper ones."""
    answer = stage_case.replay(benchmark)

    assert len(answer) == stage_case.batch_size
    if stage_case.stage in ("softmax", "classify"):
        assert abs(float(answer.sum()) - stage_case.batch_size) < 1e-3 * stage_case.batch_size
