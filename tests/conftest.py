"""Fixtures that every test may ask for."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import settings
from jaxtyping import install_import_hook

# Before anything imports them: shapes are checked while the tests run.
install_import_hook(["harness.metrics", "harness.statistics"], "beartype.beartype")

# Lazy imports of scipy would count against an example's deadline.
# In CI the examples are the same every time: a new find there would stop somebody else's change.
settings.register_profile("harness", deadline=None, derandomize="CI" in os.environ)
settings.load_profile("harness")

pytest_plugins = ["pytester"]

BESIDE = Path(__file__).parents[2] / "shared" / "data"


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The review files that stand beside the developers' checkouts; skips elsewhere."""
    if not BESIDE.is_dir():
        pytest.skip("the developers' review files are not beside this checkout")
    return BESIDE


@pytest.fixture(autouse=True)
def _own_cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test reads or writes the user's cache of predictions."""
    monkeypatch.setenv("HARNESS_CACHE", str(tmp_path_factory.mktemp("cache")))
