"""A worker process as its parent sees it: started fresh, asked, and ended whatever happens."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, Literal

from harness import errors
from harness.errors import HarnessError, RunError, UsageError
from harness.gates.latency.protocol import OLDEST, PROTOCOL, received, send

PROGRAM = ("-P", "-m", "harness.gates.latency.worker")
"""Without -P the interpreter would find the `harness` of the working folder and not its own."""
GRACE = 10.0
"""Seconds that a worker has to end by itself, and again once it was told to."""
LAST_LINES = 5

SideName = Literal["candidate", "reference"]


@dataclass(frozen=True)
class Side:
    """One of the two classifiers that are compared, and the interpreter that runs it."""

    name: str
    """As `Classifier.load` takes it."""
    options: Mapping[str, Any] = field(default_factory=dict)
    """Of `Classifier.load`, as JSON has them."""
    python: Path = Path(sys.executable)
    program: tuple[str, ...] = PROGRAM
    """What the interpreter is given to run: another program may speak for a worker."""


class Worker:
    """One side in a process of its own. Leaving the `with` block ends the process."""

    hello: dict[str, Any]
    """Its interpreter and versions, see `harness.gates.latency.protocol`."""

    def __init__(self, side: Side, role: SideName, *, threads: int, hash_seed: int) -> None:
        """Starts the process; `greet` hears whether it did.

        Args:
            side: Whom it loads.
            role: Its name in errors.
            threads: For one operation, as OMP_NUM_THREADS.
            hash_seed: Of the process's hashes of texts: fixed for the machine, every process would have the same.

        Raises:
            UsageError: No such interpreter.
        """
        self._side = side
        self._role = role
        # A pipe that nobody empties would stop a talkative process.
        self._stderr: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 (closed by __exit__)
        try:
            self._process = subprocess.Popen(  # noqa: S603 (the interpreter is the user's choice)
                [str(side.python), *side.program],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._stderr,
                env=_environment(side.python, threads, hash_seed),
                text=True,
                encoding="utf-8",
            )
        except OSError as error:
            self._stderr.close()
            raise UsageError(
                f"the {role}'s interpreter cannot be run: {error.strerror}",
                where=str(side.python),
                remedy="name the python of an environment that has the harness: .venv/bin/python, for instance",
            ) from error

    def __enter__(self) -> Worker:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        assert self._process.stdin and self._process.stdout
        try:
            # Its standard input closed, a worker ends by itself. It may have died with something unread.
            with suppress(OSError):
                self._process.stdin.close()
            if kind is None:
                with suppress(subprocess.TimeoutExpired):
                    self._process.wait(GRACE)
        finally:
            self._kill()
            self._process.stdout.close()
            self._stderr.close()

    def greet(self) -> None:
        """Hears who it is.

        Raises:
            RunError: It ended, or speaks a protocol that is not known here.
        """
        self.hello = self.answer("hello")
        if self._spoken not in range(OLDEST, PROTOCOL + 1):
            raise self._other_harness(f"that times in another way: protocol {self._spoken}", PROTOCOL)

    def require(self, protocol: int, what: str) -> None:
        """Nothing, where it speaks this protocol, or one that came after.

        Args:
            protocol: The first that can say what will be asked.
            what: That, for the error.

        Raises:
            RunError: An older one.
        """
        if self._spoken < protocol:
            raise self._other_harness(f"that cannot time {what}: protocol {self._spoken}", protocol)

    @property
    def _spoken(self) -> Any:
        return self.hello.get("protocol")

    def _other_harness(self, which: str, protocol: int) -> RunError:
        from harness import __version__

        theirs = self.hello.get("versions", {}).get("harness", "unknown")
        return RunError(
            f"the {self._role}'s environment has a harness {which}",
            where=f"{self._side.python}, harness {theirs}",
            expected=f"protocol {protocol}, as in harness {__version__} here",
            remedy="install the same version of the harness in both environments",
        )

    def ask(self, message: dict[str, Any]) -> None:
        """Sends a question; `answer` waits for what comes back.

        Raises:
            RunError: The process has ended.
        """
        assert self._process.stdin
        try:
            send(self._process.stdin, message)
        except OSError as error:
            raise self._died() from error

    def answer(self, key: str) -> Any:
        """The answer of that name.

        Raises:
            HarnessError: What the other process raised, with the side named.
            RunError: The process has ended, or said something else.
        """
        assert self._process.stdout
        line = self._process.stdout.readline()
        if not line:
            raise self._died()
        try:
            message = received(line)
        except ValueError as error:
            raise self._unexpected(line, key) from error
        if "error" in message:
            raise self._reported(message["error"])
        if key not in message:
            raise self._unexpected(line, key)
        return message[key]

    def _reported(self, error: Mapping[str, str]) -> HarnessError:
        kind = getattr(errors, error.get("kind", ""), None)
        known = kind if isinstance(kind, type) and issubclass(kind, HarnessError) else RunError
        details = {name: error[name] for name in ("where", "expected", "remedy") if name in error}
        return known(f"{self._role}: {error.get('message', 'an error without a message')}", **details)

    def _unexpected(self, line: str, key: str) -> RunError:
        return RunError(
            f"the process that runs the {self._role} said what is no answer",
            where=f"{self._side.name}, run by {self._side.python}",
            expected=f"{key}, not {line.strip()[:200]!r}",
        )

    def _died(self) -> RunError:
        try:
            ended = f"ended with status {self._process.wait(GRACE)}"
        except subprocess.TimeoutExpired:
            ended = "closed its output"
        self._stderr.seek(0)
        lines = self._stderr.read().decode("utf-8", "replace").splitlines()[-LAST_LINES:]
        said = ", whose last words were:\n" + "\n".join(lines) if lines else ", without a word"
        started = hasattr(self, "hello")
        return RunError(
            f"the process that runs the {self._role} {ended}",
            where=f"{self._side.name}, run by {self._side.python}{said}",
            remedy="" if started else "see that this version of the harness is installed in that environment",
        )

    def _kill(self) -> None:
        if self._process.poll() is not None:
            return
        try:
            self._process.terminate()
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(GRACE)
        finally:
            # Also where a second interruption cuts the waiting short.
            self._process.kill()
            self._process.wait()


def _environment(python: Path, threads: int, hash_seed: int) -> dict[str, str]:
    kept = dict(os.environ)
    if str(python) != sys.executable:
        # They name this environment's modules, which are not the other's.
        for name in ("PYTHONPATH", "PYTHONHOME"):
            kept.pop(name, None)
    return kept | {"OMP_NUM_THREADS": str(threads), "PYTHONHASHSEED": str(hash_seed)}
