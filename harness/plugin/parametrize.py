"""Every classifier on every review set, as cases with readable ids."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from typing import TYPE_CHECKING, TypeVar

import pytest

from harness.errors import HarnessError
from harness.names import short_names
from harness.options import Settings
from harness.plugin.desk import desk, is_ours, is_worker

if TYPE_CHECKING:
    from harness.timing import Matrix

T = TypeVar("T")

STAGE_ARGUMENTS = (
    "harness_timing_device",
    "harness_batch_size",
    "harness_seq_len",
    "harness_timing_dtype",
    "harness_stage",
)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test that asks for our fixtures becomes one case for each classifier and review set it needs.

    The names that are parametrized are the roots of our fixtures, so that a project with a
    `classifier` or `metrics` fixture of its own is left alone.
    """
    roots = [name for name in ("harness_model", "harness_dataset") if name in metafunc.fixturenames]
    if not roots:
        return
    settings = settings_of(metafunc.config)
    offered = {"harness_model": distinct(settings.model), "harness_dataset": distinct(settings.dataset)}
    values = list(product(*(offered[root] for root in roots)))
    ids = list(product(*(short_names(offered[root]) for root in roots)))
    # In one call, so that pytest keeps the joined ids unique; with the scope of a session, so that
    # it runs the cases of one classifier and set together.
    metafunc.parametrize(roots, values, ids=["-".join(parts) for parts in ids], indirect=True, scope="session")
    if "harness_stage" in metafunc.fixturenames:
        from harness.timing import STEPS, Matrix

        matrix = Matrix.of(settings)
        cases = list(product(matrix.devices, matrix.batch_sizes, matrix.seq_lens, matrix.dtypes, STEPS))
        metafunc.parametrize(STAGE_ARGUMENTS, cases, ids=[_name(matrix, *case) for case in cases], indirect=True)


def _name(matrix: Matrix, device: str, batch_size: int, seq_len: int, dtype: str, stage: str) -> str:
    """`forward-8x64`; with the dtype and the device where there are several."""
    parts = [f"{stage}-{batch_size}x{seq_len}"]
    parts += [dtype] if len(matrix.dtypes) > 1 else []
    parts += [device] if len(matrix.devices) > 1 else []
    return "-".join(parts)


# After pytest's own grouping, which with three classifiers and three sets comes back to a classifier.
@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Our tests run classifier by classifier, and set by set; every other test stays where it is."""
    places = [place for place, item in enumerate(items) if is_ours(item)]
    for place, item in zip(places, sorted((items[place] for place in places), key=_rank), strict=True):
        items[place] = item


def _rank(item: pytest.Item) -> tuple[int, int]:
    """Place of the case's classifier and review set among those asked for; the first for what it does without."""
    settings, params = settings_of(item.config), item.callspec.params if hasattr(item, "callspec") else {}
    model, dataset = params.get("harness_model"), params.get("harness_dataset")
    return (
        settings.model.index(model) if model in settings.model else 0,
        settings.dataset.index(dataset) if dataset in settings.dataset else 0,
    )


def settings_of(config: pytest.Config) -> Settings:
    try:
        return desk(config).settings
    except HarnessError as error:
        if is_worker(config):
            # A worker that stops here would only be started again; an error of collection ends the session.
            raise pytest.Collector.CollectError(str(error)) from None
        return Settings()


def distinct(values: Sequence[T]) -> list[T]:
    """The values in their order, each once."""
    return list(dict.fromkeys(values))
