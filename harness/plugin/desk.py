"""What the plugin keeps for one pytest session: settings when first asked for, a `Session` when first used."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from harness import options
from harness.errors import HarnessError, RunError
from harness.options import Settings

if TYPE_CHECKING:
    from harness.records import Run
    from harness.session import Session, Status
    from harness.timing import Wanted


class Desk:
    """Where the plugin's hooks meet. Making one reads nothing, imports nothing and writes nothing."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._settings: Settings | HarnessError | None = None
        self._session: Session | None = None
        self.benchmarks: list[Any] = []
        """What pytest-benchmark measured for our cases: its `Metadata` objects."""
        self.wanted: list[Wanted] = []
        """Every case that this session will time."""
        self.run: Run | None = None
        """The record of the run, once it is closed."""
        self.error: HarnessError | None = None
        """Why the run could not be closed."""

    @property
    def settings(self) -> Settings:
        """The settings of this session.

        Raises:
            HarnessError: A settings file, variable or ini option that cannot be followed; each time.
        """
        if self._settings is None:
            from harness.plugin.options import given, ini

            try:
                self._settings = options.resolve(given(self._config), self.root, os.environ, ini(self._config))
            except HarnessError as error:
                self._settings = error
        if isinstance(self._settings, HarnessError):
            raise self._settings
        return self._settings

    @property
    def root(self) -> Path:
        """The project's folder: the nearest one above, with settings in it, from where pytest was called.

        Not pytest's rootdir: `--dataset ../reviews.csv` moves that, as if it were a test to run.
        """
        return options.project_root(self._config.invocation_params.dir)

    @property
    def opened(self) -> bool:
        """Whether a test has asked for anything that must be loaded."""
        return self._session is not None

    @property
    def session(self) -> Session:
        """The one `Session`, made on first use; in an xdist worker one that writes where the controller says."""
        if self._session is None:
            from harness.session import Session

            root = self.root
            if is_worker(self._config):
                self._session = Session.worker(self.settings, self._config.workerinput["harness_path"], root=root)  # type: ignore[attr-defined]
            else:
                self._session = Session(
                    self.settings,
                    command="pytest",
                    root=root,
                    # A captured bar would only come out beside a failure.
                    progress=self._config.getoption("capture") == "no",
                    request=[str(argument) for argument in self._config.invocation_params.args],
                )
        return self._session

    def close(self, status: Status) -> None:
        """Write pytest-benchmark's JSON and the run record, where anything was measured.

        An error is kept for the summary: a session that ends well must not end in a traceback.
        """
        if self._session is None:
            return
        from harness.plugin.benchmarks import write_json

        try:
            if self.benchmarks:
                write_json(self._config, self.benchmarks, self._session.benchmark_json())
            self.run = self._session.close(status)
        except HarnessError as error:
            self.error = error
        except OSError as error:
            self.error = RunError(
                f"the run could not be written: {error.strerror or error}",
                where=str(self._session.output),
                remedy="make room, or name another folder with --harness-output",
            )


DESK = pytest.StashKey[Desk]()


def desk(config: pytest.Config) -> Desk:
    return config.stash[DESK]


def is_worker(config: pytest.Config) -> bool:
    """Whether this process is a worker of pytest-xdist."""
    return hasattr(config, "workerinput")


def is_ours(item: pytest.Item) -> bool:
    """Whether a test asks, directly or through fixtures, for a classifier or a review set of the harness."""
    names = getattr(item, "fixturenames", ())
    return "harness_model" in names or "harness_dataset" in names


def is_timing(item: pytest.Item) -> bool:
    """Whether a test times a stage."""
    return "stage_case" in getattr(item, "fixturenames", ()) and is_ours(item)
