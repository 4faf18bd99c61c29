"""Under pytest-xdist: one run folder for all workers, one worker for a classifier on a review set, no timings."""

from __future__ import annotations

import json
import shutil
import tempfile
import warnings
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from harness.errors import HarnessError
from harness.names import short_name, short_names
from harness.plugin.desk import desk, is_timing, is_worker

FREE = pytest.StashKey[bool]()
"""Whether the user left it open how tests are distributed."""
NODES = pytest.StashKey[list[Any]]()
"""In the controller: the workers of this session."""
ONLY_OURS = pytest.StashKey[bool]()
"""Whether every benchmark of this session is one of our timings."""


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_cmdline_main(config: pytest.Config) -> Generator[None, object, object]:
    """Look before xdist reads `-n 2` as `--dist load`."""
    config.stash[FREE] = config.getoption("dist", "no") == "no" and not config.getoption("distload", False)
    return (yield)


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tell a worker where the run folder will be. Nothing is created: perhaps no test is ours."""
    config: pytest.Config = node.config
    config.stash.setdefault(NODES, []).append(node)
    try:
        node.workerinput["harness_path"] = desk(config).session.reserve()
    except HarnessError:
        # The worker finds the same error, and says so where it has tests of ours.
        node.workerinput["harness_path"] = ""


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Where the user chose no distribution: xdist's own default, until a worker has collected a test of ours."""
    if not config.stash.get(FREE, False):
        return None
    try:
        settings = desk(config).settings
    except HarnessError:
        return None
    return _CasesTogether(config, log, case_groups(settings.model, settings.dataset))


class _CasesTogether:
    """`--dist load`, or by case once a worker has collected a test of ours.

    So a session without tests of ours is distributed as it would be without this plugin.
    `--dist loadgroup` is no help here: it needs node ids that can be changed, and those of pytest 9 cannot.
    """

    def __init__(self, config: pytest.Config, log: Any, groups: Mapping[str, str]) -> None:
        from xdist.scheduler import LoadScheduling

        self._config, self._log, self._groups = config, log, groups
        self._chosen: Any = LoadScheduling(config, log)
        self._settled = False

    def add_node_collection(self, node: Any, collection: Sequence[str]) -> None:
        if not self._settled and any(group_of(nodeid, self._groups) for nodeid in collection):
            nodes, self._chosen = self._chosen.nodes, self._by_case()
            for known in nodes:
                self._chosen.add_node(known)
        self._settled = True
        self._chosen.add_node_collection(node, collection)

    def _by_case(self) -> Any:
        from xdist.scheduler import LoadScopeScheduling

        groups = self._groups

        class ByCase(LoadScopeScheduling):  # type: ignore[misc]
            """One classifier on one review set is one worker's; any other test goes to whoever is free."""

            def _split_scope(self, nodeid: str) -> str:
                return group_of(nodeid, groups) or nodeid

        return ByCase(self._config, self._log)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._chosen, name)


def case_groups(models: Sequence[str], datasets: Sequence[str]) -> dict[str, str]:
    """Id of a case -> the group it belongs to; a case with a classifier or a set alone belongs to its first pair.

    >>> case_groups(["a", "b"], ["x"])
    {'a-x': 'a-x', 'b-x': 'b-x', 'a': 'a-x', 'b': 'b-x', 'x': 'a-x'}
    """
    left, right = short_names(list(dict.fromkeys(models))), short_names(list(dict.fromkeys(datasets)))
    pairs = {f"{model}-{dataset}": f"{model}-{dataset}" for model in left for dataset in right}
    alone = {model: f"{model}-{right[0]}" for model in left}
    return pairs | alone | {name: group for name in right if name not in alone for group in [f"{left[0]}-{name}"]}


def group_of(nodeid: str, groups: Mapping[str, str]) -> str | None:
    """The group of a test by the case in its id, or None. A controller knows a test by nothing else.

    >>> groups = case_groups(["a", "b"], ["x"])
    >>> group_of("test_it.py::test_it[b-x-accuracy]", groups), group_of("test_it.py::test_it", groups)
    ('b-x', None)
    """
    case = f"-{nodeid.partition('[')[2].removesuffix(']')}-"
    return next((groups[known] for known in sorted(groups, key=len, reverse=True) if f"-{known}-" in case), None)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_unconfigure(config: pytest.Config) -> Generator[None, None, None]:
    """Our timings are skipped with their reason, so pytest-benchmark need not warn of them once more."""
    with warnings.catch_warnings():
        if config.stash.get(ONLY_OURS, False):
            warnings.filterwarnings("ignore", message="Benchmarks are automatically disabled because xdist")
        yield


def pytest_collection_finish(session: pytest.Session) -> None:
    timed = [item for item in session.items if "benchmark" in getattr(item, "fixturenames", ())]
    session.config.stash[ONLY_OURS] = bool(timed) and all(is_timing(item) for item in timed)


@contextmanager
def turn(config: pytest.Config, model: str, dataset: str) -> Iterator[None]:
    """One worker at a time measures a case, and the next finds it done: `--dist load` and the like share cases."""
    if not is_worker(config):
        yield
        return
    from filelock import FileLock

    folder = _turns(config.workerinput["testrunuid"])  # type: ignore[attr-defined]
    folder.mkdir(exist_ok=True)
    with FileLock(folder / f"{short_name(model)}-{short_name(dataset)}.lock"):
        yield


def _turns(testrun: str) -> Path:
    return Path(tempfile.gettempdir()) / f"review-harness-{testrun}"


def hand_over(config: pytest.Config) -> None:
    """In a worker, at its end: what it measured goes to the controller."""
    at = desk(config)
    if at.opened:
        config.workeroutput["harness"] = json.dumps(at.session.part())  # type: ignore[attr-defined]


def gather(config: pytest.Config) -> None:
    """In the controller, at the end: what the workers measured; a worker that was killed hands over nothing."""
    for node in config.stash.get(NODES, []):
        shutil.rmtree(_turns(node.workerinput["testrunuid"]), ignore_errors=True)
        if part := getattr(node, "workeroutput", {}).get("harness"):
            desk(config).session.absorb(json.loads(part))
