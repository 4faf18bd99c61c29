"""The shards of one evaluation: predictions on disk while it runs, and resumed after it was killed.

    <evaluation id>.shards/
        plan.json               what is computed, and in which batches
        shard-00000.parquet     finished predictions, whole batches
        .lock                   held by the process that works here

A shard is named by the plan in its stamp, so that a file of another plan is never taken for one of
this. The plan holds the token budget and the window size: whoever goes on uses these and so forms
the same batches, which makes a resumed result the same as an unbroken one, bit by bit.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path

import numpy as np
from filelock import FileLock, Timeout

from harness import files
from harness.errors import RunError
from harness.prediction import rows as stored
from harness.prediction.key import ContentKey
from harness.prediction.rows import DamagedError, Rows

VERSION = 1
"""Of the shards' layout, and of the order that `batching.plan` gives: raise it when either changes."""


@dataclass(frozen=True)
class Plan:
    """What the shards of a folder hold and how their batches were formed."""

    key: str
    parts: dict[str, str]
    """Of the content key, to say what differs."""
    reviews: int
    classes: int
    token_budget: int
    window: int
    dtype: str
    version: int = VERSION

    @classmethod
    def of(cls, key: ContentKey, *, reviews: int, classes: int, token_budget: int, window: int) -> Plan:
        """The plan for a content key."""
        return cls(key.digest, dict(key.parts), reviews, classes, token_budget, window, key.parts.get("dtype", ""))

    def text(self) -> str:
        """As `plan.json` holds it."""
        return json.dumps(asdict(self), indent=2) + "\n"

    @property
    def digest(self) -> str:
        """Names the plan in the stamp of each shard."""
        return sha256(self.text().encode()).hexdigest()


class Shards:
    """Predictions by position, in memory and on disk. Made by `opened`, which holds the folder's lock."""

    def __init__(self, folder: Path, plan: Plan, shard_seconds: float) -> None:
        self.folder = folder
        self.plan = plan
        self.notes: list[str] = []
        self.logits = np.zeros((plan.reviews, plan.classes), np.float32)
        self.tokens = np.zeros(plan.reviews, np.int32)
        self.cut = np.zeros(plan.reviews, np.bool_)
        self.done = np.zeros(plan.reviews, np.bool_)
        self._pending: list[np.ndarray] = []
        self._next = 0
        self._shard_seconds = shard_seconds
        self._began = self._opened = time.monotonic()

    def add(self, positions: np.ndarray, logits: np.ndarray, tokens: np.ndarray, cut: np.ndarray) -> None:
        """Take the predictions of one whole batch; close the shard when it is old enough.

        Args:
            positions: (n,) int, places in the set's order.
            logits: (n, K) float32.
            tokens: (n,) int32.
            cut: (n,) bool.

        Raises:
            RunError: The shard cannot be written.
        """
        if not self._pending:
            self._opened = time.monotonic()
        self._place(Rows(positions, logits, tokens, cut))
        self._pending.append(positions)
        if time.monotonic() - self._opened >= self._longest_open():
            self.flush()

    def _longest_open(self) -> float:
        """A tenth of what the work has taken, so that a kill costs a short run little too; a second at least."""
        return min(self._shard_seconds, max(1.0, (time.monotonic() - self._began) / 10))

    def flush(self) -> None:
        """Close the shard: everything finished so far is on the disk.

        Raises:
            RunError: The shard cannot be written.
        """
        if not self._pending:
            return
        positions = np.concatenate(self._pending).astype(np.int64)
        rows = Rows(positions, self.logits[positions], self.tokens[positions], self.cut[positions])
        try:
            stored.write(self.folder / f"shard-{self._next:05}.parquet", rows, {"plan": self.plan.digest})
        except OSError as error:
            raise _cannot_write(self.folder, error) from None
        # In this order: interrupted between the two lines, nothing is written a second time under a new name.
        self._pending = []
        self._next += 1

    def rows(self) -> Rows:
        """Every prediction, in the set's order; all must be done."""
        assert self.done.all(), "rows() before the last batch"
        return Rows(np.arange(self.plan.reviews), self.logits, self.tokens, self.cut)

    def load(self) -> None:
        """Take over the shards that an earlier process closed; remove what cannot be used, with a note."""
        for path in sorted(self.folder.glob("shard-*.parquet")):
            self._next = max(self._next, int(path.stem.removeprefix("shard-")) + 1)
            try:
                self._place(self._checked(path))
            except DamagedError as damage:
                path.unlink()
                self.notes.append(f"{path.name} was damaged ({damage}): its reviews were classified again")

    def _checked(self, path: Path) -> Rows:
        rows, stamp = stored.read(path)
        if stamp != {"plan": self.plan.digest}:
            raise DamagedError("it belongs to another plan")
        inside = (rows.positions >= 0) & (rows.positions < self.plan.reviews)
        if not inside.all() or rows.logits.shape[1] != self.plan.classes:
            raise DamagedError("its rows do not fit the plan")
        return rows

    def _place(self, rows: Rows) -> None:
        self.logits[rows.positions] = rows.logits
        self.tokens[rows.positions] = rows.tokens
        self.cut[rows.positions] = rows.cut
        # Last: a review counts as done when all of it is here.
        self.done[rows.positions] = True


@contextmanager
def opened(folder: Path, wanted: Plan, *, shard_seconds: float) -> Iterator[Shards]:
    """The shards of a folder, locked; what is finished is written when the block ends, however it ends.

    Where the folder holds shards of the same content key, they are loaded and their own token
    budget and window are kept. Shards of another key are removed, with a note that says what differs.

    Raises:
        RunError: Another process works in the folder, or it cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = FileLock(folder / ".lock", timeout=0)
        lock.acquire()
    except Timeout:
        raise RunError(
            "another process works on the same predictions",
            where=str(folder),
            remedy="wait until it ends, or name another folder with --output",
        ) from None
    except OSError as error:
        raise _cannot_write(folder, error) from None
    try:
        shards = _prepare(folder, wanted, shard_seconds)
        try:
            yield shards
        finally:
            shards.flush()
    finally:
        lock.release()


def _prepare(folder: Path, wanted: Plan, shard_seconds: float) -> Shards:
    """Decide between going on and starting anew."""
    try:
        files.remove_temporaries(folder)
        plan, reason = _same_work(folder / "plan.json", wanted)
        if plan is not None:
            shards = Shards(folder, plan, shard_seconds)
            shards.load()
            if shards.done.any() and plan.token_budget != wanted.token_budget:
                shards.notes.append(
                    f"the resumed run keeps its own token budget of {plan.token_budget:,} (now asked: "
                    f"{wanted.token_budget:,}), so that its batches stay the same"
                )
            return shards
        # Shards first, then the plan: no moment at which old shards stand under a new plan.
        for path in folder.glob("shard-*.parquet"):
            path.unlink()
        files.sync_folder(folder)
        files.write_text(folder / "plan.json", wanted.text())
    except OSError as error:
        raise _cannot_write(folder, error) from None
    shards = Shards(folder, wanted, shard_seconds)
    shards.notes += [f"the unfinished predictions were not gone on with: {reason}"] if reason else []
    return shards


def _same_work(path: Path, wanted: Plan) -> tuple[Plan | None, str]:
    """The plan in a folder where it is for the same work, else why it is not; '' where there was none."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        plan = Plan(**found)
        usable = plan.version == VERSION and plan.token_budget > 0 and plan.window > 0
    except FileNotFoundError:
        return None, ""
    except (ValueError, TypeError):
        return None, "their plan.json cannot be read"
    if not usable:
        return None, f"their layout is version {plan.version}, of another harness"
    if plan.key == wanted.key and (plan.reviews, plan.classes) == (wanted.reviews, wanted.classes):
        return plan, ""
    differences = ContentKey(wanted.parts).differences(plan.parts)
    return None, differences or "the number of reviews or classes differs"


def _cannot_write(folder: Path, error: OSError) -> RunError:
    return RunError(
        f"predictions cannot be written: {error.strerror or error}",
        where=str(folder),
        remedy="make room or name another folder with --output; the same command goes on where it stopped",
    )
