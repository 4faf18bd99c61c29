"""Stage timings under pytest-benchmark: a prepared case, a clock that waits, rounds that are kept."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from harness import files
from harness.errors import UsageError
from harness.plugin.desk import desk, is_timing, is_worker

if TYPE_CHECKING:
    from harness.classifier import Classifier
    from harness.reviews import ReviewSet
    from harness.timing import Case

UNDER_XDIST = "timings are off under pytest-xdist: workers that share a machine slow each other down"

SHORTEST_ROUND = 0.001
"""Seconds. A microsecond of softmax is repeated within a round, so that the clock is read rarely and a run
holds hundreds of rounds, not hundreds of thousands."""


@pytest.fixture
def harness_stage(request: pytest.FixtureRequest) -> str:
    """The stage of this case."""
    return str(request.param)


@pytest.fixture
def harness_batch_size(request: pytest.FixtureRequest) -> int:
    """The batch size of this case, one of `--harness-batch-sizes`."""
    return int(request.param)


@pytest.fixture
def harness_seq_len(request: pytest.FixtureRequest) -> int:
    """The sequence length of this case, one of `--harness-seq-lens`."""
    return int(request.param)


@pytest.fixture
def stage_case(
    request: pytest.FixtureRequest,
    classifier: Classifier,
    review_set: ReviewSet,
    harness_model: str,
    harness_dataset: str,
    harness_stage: Any,
    harness_batch_size: int,
    harness_seq_len: int,
) -> Iterator[Case]:
    """One stage at one batch size and length, ready for `benchmark(stage_case.run)`.

    Ask for it before `benchmark`: it chooses the clock.
    """
    from harness.timing import prepare, timer_for

    node = request.node
    if "benchmark" in node.funcargs:
        raise UsageError(
            "`stage_case` chooses the clock of `benchmark`, so it must come first",
            where=node.nodeid,
            remedy="write `def test_…(stage_case, benchmark)`",
        )
    if harness_seq_len > classifier.record.max_length:
        pytest.skip(f"{classifier.record.id} takes {classifier.record.max_length} tokens at most")
    at = desk(request.config)
    texts = at.text_source(harness_model, harness_dataset).near(harness_seq_len, harness_batch_size)
    ids = at.session.ids(harness_model, harness_dataset)
    case = prepare(classifier, harness_stage, texts, seq_len=harness_seq_len, ids=ids)
    timer = timer_for(classifier.record.device)
    asked = float(request.config.getoption("benchmark_min_time", 0))
    chosen = {"group": case.group, "min_time": max(asked, SHORTEST_ROUND)} | ({"timer": timer} if timer else {})
    marked = node.get_closest_marker("benchmark")
    node.add_marker(pytest.mark.benchmark(**chosen | (marked.kwargs if marked else {})), append=False)
    yield case
    _keep(request, case)


def _keep(request: pytest.FixtureRequest, case: Case) -> None:
    """Hand the rounds of a case over to the run record and to the run's benchmark.json."""
    benchmark = request.node.funcargs.get("benchmark")
    if benchmark is None or benchmark.stats is None or benchmark.has_error:
        return
    benchmark.extra_info.update(case.facts())
    at = desk(request.config)
    at.benchmarks.append(benchmark.stats)
    at.session.add_timings([case.timing(benchmark.stats.stats.data, benchmark.stats.iterations)])


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Under xdist pytest-benchmark measures nothing, so a timing that ran there would pass for nothing."""
    if is_worker(config):
        for item in filter(is_timing, items):
            item.add_marker(pytest.mark.skip(reason=UNDER_XDIST))


def write_json(config: pytest.Config, benchmarks: Sequence[Any], path: Path) -> None:
    """Write what `--benchmark-json` would, through pytest-benchmark's own hooks, every round included.

    Raises:
        OSError: The file cannot be written.
    """
    hook = config.hook
    machine_info = hook.pytest_benchmark_generate_machine_info(config=config)
    hook.pytest_benchmark_update_machine_info(config=config, machine_info=machine_info)
    commit_info = hook.pytest_benchmark_generate_commit_info(config=config)
    hook.pytest_benchmark_update_commit_info(config=config, commit_info=commit_info)
    content = hook.pytest_benchmark_generate_json(
        config=config, benchmarks=benchmarks, include_data=True, machine_info=machine_info, commit_info=commit_info
    )
    hook.pytest_benchmark_update_json(config=config, benchmarks=benchmarks, output_json=content)
    files.write_text(path, json.dumps(content, indent=1, default=str) + "\n")
