"""Stage timings under pytest-benchmark: a prepared case, rounds measured in turn and replayed, all of them kept."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from harness import files
from harness.errors import UsageError
from harness.plugin.desk import desk, is_timing, is_worker
from harness.plugin.replay import Replay

if TYPE_CHECKING:
    from harness.records import Timing
    from harness.timing import Case, Effort, Wanted

UNDER_XDIST = "timings are off under pytest-xdist: workers that share a machine slow each other down"


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
def harness_timing_dtype(request: pytest.FixtureRequest) -> str:
    """The dtype of this case, one of `--harness-dtypes`."""
    return str(request.param)


@pytest.fixture
def harness_timing_device(request: pytest.FixtureRequest) -> str:
    """The device of this case, one of `--harness-timing-devices`."""
    return str(request.param)


@dataclass(frozen=True, eq=False)
class StageCase:
    """One stage at one batch size and length, ready for pytest-benchmark."""

    case: Case
    stage: str
    batch_size: int
    seq_len: int
    _wanted: Wanted
    _config: pytest.Config
    _replay: Replay

    def run(self) -> Any:
        """One call of the stage: `benchmark(stage_case.run)` times it alone, round after round."""
        return self.case.run()

    def replay(self, benchmark: Any) -> Any:
        """Give `benchmark` the rounds of this case, and return what its last call answered.

        The rounds of all cases of the same batch size, length and device were measured in turn, when
        the first of them asked, so that they can be compared.
        """
        if benchmark.disabled:
            return benchmark(self.case.run)
        at = desk(self._config)
        # Before anything is measured: a run that was interrupted has cells that need not be measured again.
        at.session.place()
        keeper = at.session.timekeeper
        known = len(keeper.timings)
        timed = keeper.timed(self._wanted, at.wanted, _effort(self._config))
        if len(keeper.timings) > known:
            at.session.save()
        timing = timed.timing
        self._replay.play(timing.seconds, timing.iterations, timed.answer, self.case.run)
        benchmark.extra_info.update(_facts(timing))
        return benchmark.pedantic(self._replay.call, rounds=len(timing.seconds), iterations=timing.iterations)


@pytest.fixture
def stage_case(
    request: pytest.FixtureRequest,
    harness_model: str,
    harness_dataset: str,
    harness_stage: Any,
    harness_batch_size: int,
    harness_seq_len: int,
    harness_timing_dtype: str,
    harness_timing_device: str,
) -> Iterator[StageCase]:
    """One stage at one batch size and length: `stage_case.replay(benchmark)`, or `benchmark(stage_case.run)`.

    Ask for it before `benchmark`: it chooses the clock.
    """
    node = request.node
    if "benchmark" in node.funcargs:
        raise UsageError(
            "`stage_case` chooses the clock of `benchmark`, so it must come first",
            where=node.nodeid,
            remedy="write `def test_…(stage_case, benchmark)`",
        )
    at = desk(request.config)
    wanted = wanted_of(node)
    keeper = at.session.timekeeper
    if reason := keeper.why_not(wanted):
        pytest.skip(reason)
    case = keeper.case(wanted)
    from harness.timing import timer_for
    from harness.timing.interleaving import SHORTEST_ROUND

    replay = Replay(timer_for(case.device))
    asked = float(request.config.getoption("benchmark_min_time", 0))
    chosen = {"group": _group(case, at.wanted), "min_time": max(asked, SHORTEST_ROUND), "timer": replay}
    marked = node.get_closest_marker("benchmark")
    node.add_marker(pytest.mark.benchmark(**chosen | (marked.kwargs if marked else {})), append=False)
    yield StageCase(case, case.stage, case.batch_size, case.seq_len, wanted, request.config, replay)
    _keep(request, wanted, replay)


def _keep(request: pytest.FixtureRequest, wanted: Wanted, replay: Replay) -> None:
    """Hand the rounds of a case over to the run record and to the run's benchmark.json."""
    # None once a session was interrupted.
    benchmark = (request.node.funcargs or {}).get("benchmark")
    if benchmark is None or benchmark.stats is None or benchmark.has_error:
        return
    at = desk(request.config)
    at.benchmarks.append(benchmark.stats)
    if not replay.played:
        stats = benchmark.stats
        timing = at.session.timekeeper.keep(wanted, stats.stats.data, stats.iterations)
        benchmark.extra_info.update(_facts(timing))


def _facts(timing: Timing) -> dict[str, Any]:
    """What pytest-benchmark keeps as `extra_info`: all but the rounds, which it has itself."""
    said: dict[str, Any] = timing.model_dump(exclude={"seconds", "iterations", "device_seconds"}, exclude_none=True)
    return said | ({"device_seconds": timing.device_seconds} if timing.device_seconds else {})


def _effort(config: pytest.Config) -> Effort:
    """pytest-benchmark's own options, as a cell follows them."""
    from harness.timing import Effort
    from harness.timing.interleaving import SHORTEST_ROUND

    return Effort(
        seconds=float(config.getoption("benchmark_max_time")),
        min_rounds=int(config.getoption("benchmark_min_rounds")),
        shortest_round=max(float(config.getoption("benchmark_min_time")), SHORTEST_ROUND),
    )


def _group(case: Case, wanted: Sequence[Wanted]) -> str:
    """The table of pytest-benchmark that a case stands in: classifiers and dtypes side by side, else the shapes."""
    if len({(each.model, each.dtype) for each in wanted}) > 1:
        return f"{case.stage} {case.batch_size}x{case.seq_len} ({case.device})"
    return f"{case.stage} ({case.device}, {case.dtype})"


def wanted_of(item: pytest.Item) -> Wanted:
    """The case that a test times."""
    from harness.timing import Wanted

    params = item.callspec.params  # type: ignore[attr-defined]
    settings = desk(item.config).settings
    return Wanted(
        model=params.get("harness_model", settings.model[0]),
        dataset=params.get("harness_dataset", settings.dataset[0]),
        device=params["harness_timing_device"],
        dtype=params["harness_timing_dtype"],
        batch_size=params["harness_batch_size"],
        seq_len=params["harness_seq_len"],
        stage=params["harness_stage"],
    )


def pytest_collection_finish(session: pytest.Session) -> None:
    """What will be timed, once deselection is done: a cell is measured with all of its cases."""
    timings = [item for item in session.items if is_timing(item)]
    desk(session.config).wanted = [wanted_of(item) for item in timings if hasattr(item, "callspec")]


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
