"""One run: classifiers × review sets, each loaded once, in one run folder.

The command line and the pytest plugin both run through here, so that a suite and
`harness evaluate` cannot give different answers.
"""

from __future__ import annotations

import dataclasses
import json
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from harness import options
from harness.errors import HarnessError
from harness.names import short_name

if TYPE_CHECKING:
    from harness.classifier import Classifier
    from harness.measuring import Evaluated
    from harness.options import Settings
    from harness.records import Environment, Evaluation, Run, Timing
    from harness.reviews import ReviewSet
    from harness.runs import RunFolder

T = TypeVar("T")
Status = Literal["finished", "interrupted"]
Recorded = Literal["unfinished", "finished", "interrupted"]


class Session:
    """What one invocation loads and measures. Making one touches nothing on disk."""

    def __init__(
        self,
        settings: Settings,
        *,
        command: str,
        root: Path,
        progress: bool = True,
        request: Sequence[str] = (),
    ) -> None:
        """
        Args:
            settings: What was asked for.
            command: `evaluate` or `pytest`.
            root: Folder that a relative `--output` is in.
            progress: Whether progress may be shown (on a terminal only).
            request: What else tells this invocation from another, so that only the same one is resumed.
        """
        self.settings = settings
        self.command = command
        self.output = settings.output if settings.output.is_absolute() else root / settings.output
        self._progress = progress
        self._request = tuple(request)
        self._once: dict[tuple[str, ...], Any] = {}
        self._folder: RunFolder | None = None
        self._reserved: Path | None = None
        self._shared_path: Path | None = None
        self._evaluations: dict[str, Evaluated] = {}
        self._parts: list[dict[str, Any]] = []
        self._earlier: dict[str, Evaluation] = {}
        self._timings: list[Timing] = []
        self._started = datetime.now(UTC)
        self._clock = time.perf_counter()
        self._load_before: float | None = None

    @classmethod
    def worker(cls, settings: Settings, path: str, *, root: Path) -> Session:
        """A session of an xdist worker: it writes predictions under `path`, and never `run.json`."""
        session = cls(settings, command="pytest", root=root, progress=False)
        session._shared_path = Path(path)
        return session

    @property
    def folder(self) -> Path | None:
        """The run folder, once there is one."""
        return self._folder.path if self._folder is not None else self._shared_path

    def classifier(self, name: str) -> Classifier:
        """The classifier of that name, loaded on first use."""
        from harness.classifier import Classifier

        return self._remember(("classifier", name), lambda: Classifier.of(name, self.settings))

    def review_set(self, source: str) -> ReviewSet:
        """The review set of that source, read on first use."""
        from harness import reviews

        return self._remember(
            ("review set", source), lambda: reviews.read(source, reviews.ReviewOptions.of(self.settings))
        )

    def evaluate(self, model: str, dataset: str) -> Evaluated:
        """The evaluation of one classifier on one review set, measured on first use.

        Raises:
            HarnessError: A classifier, a set or a match of their labels that cannot be; the same
                error again where it is asked for again.
        """
        return self._remember(("evaluation", model, dataset), lambda: self._evaluate(model, dataset))

    def ids(self, model: str, dataset: str) -> tuple[str, str]:
        """The ids of a classifier and a review set in this run; both are then in its record."""
        classifier, review_set = self.classifier(model), self.review_set(dataset)
        return (
            self._id("classifier", model, classifier.record.id),
            self._id("review set", dataset, review_set.id),
        )

    def add_timings(self, timings: Sequence[Timing]) -> None:
        """Keep rounds of a stage for the run record."""
        self._timings += timings

    def place(self) -> Path:
        """The run folder, made on first use; a worker of xdist gets the shared one."""
        if self._shared_path is not None:
            self._shared_path.mkdir(parents=True, exist_ok=True)
            return self._shared_path
        if self._folder is None:
            from harness.environment import load_average
            from harness.runs import RunFolder

            self._load_before = load_average()
            self._folder = RunFolder.start(self.output, self._name(), self._asked(), at=self._reserved)
            if self._folder.resumed:
                self._earlier = self._before()
        return self._folder.path

    def benchmark_json(self) -> Path:
        """Where pytest-benchmark's own JSON goes; makes the run folder."""
        return self.place() / "benchmark.json"

    def close(self, status: Status = "finished") -> Run | None:
        """Write `run.json` and the page; `None` where nothing was run, and in a worker.

        An interrupted run is left for the same command to go on with.
        """
        if self._shared_path is not None or not (self._evaluations or self._timings or self._parts or self._folder):
            return None
        from harness.report import page

        self.place()
        assert self._folder is not None, "place() has just made it"
        run = self._record(status)
        self._folder.write(run)
        page.write(self._folder.path, self._folder.path / "report.html")
        if status == "finished":
            self._folder.finish()
        else:
            self._folder.release()
        return run

    # ── xdist: the controller reserves a folder, workers fill it, the controller writes the record ──

    def reserve(self) -> str:
        """The path of the run folder, for workers, the same however often; nothing is created."""
        from harness.runs import RunFolder

        if self._reserved is None:
            self._reserved = RunFolder.reserve(self.output, self._name(), self._asked())
        return str(self._reserved)

    def part(self) -> dict[str, Any]:
        """What this worker measured, as JSON values, for the controller's `absorb`."""
        evaluated = self._evaluations.values()
        return {
            "evaluations": [each.record.model_dump(mode="json") for each in evaluated],
            "classifiers": [
                self.classifier(name).record.model_copy(update={"id": known}).model_dump(mode="json")
                for name, known in self._known_ids("classifier").items()
            ],
            "review_sets": [
                self.review_set(source).record().model_copy(update={"id": known}).model_dump(mode="json")
                for source, known in self._known_ids("review set").items()
            ],
            "timings": [timing.model_dump(mode="json") for timing in self._timings],
        }

    def absorb(self, part: dict[str, Any]) -> None:
        """Take over what a worker measured."""
        if any(part.values()):
            self._parts.append(part)

    # ── within ──

    def _remember(self, key: tuple[str, ...], make: Callable[[], T]) -> T:
        if key not in self._once:
            try:
                self._once[key] = make()
            except HarnessError as error:
                self._once[key] = error
        found = self._once[key]
        if isinstance(found, HarnessError):
            raise found
        value: T = found
        return value

    def _evaluate(self, model: str, dataset: str) -> Evaluated:
        from harness import measuring
        from harness.progress import progress

        review_set = self.review_set(dataset)
        classifier = self.classifier(model)
        contract = measuring.matched(classifier.classes, review_set, self.settings)
        folder = self.place()
        ids = self.ids(model, dataset)
        with progress("-".join(ids), len(review_set), enabled=self._progress) as shown:
            evaluated = measuring.measure(
                classifier,
                review_set,
                contract,
                settings=self.settings,
                folder=folder,
                classifier_id=ids[0],
                review_set_id=ids[1],
                progress=shown,
            )
        evaluated = self._with_earlier_timings(evaluated)
        self._evaluations[evaluated.record.id] = evaluated
        if self._folder is not None:
            # A later evaluation may be killed; this one is then on record.
            self._folder.write(self._record("unfinished"))
        return evaluated

    def _with_earlier_timings(self, evaluated: Evaluated) -> Evaluated:
        """On a resumed run, what was measured before the interruption in place of "reused from the cache"."""
        earlier = self._earlier.get(evaluated.record.id)
        if earlier is None or earlier.stage_seconds is None or not evaluated.record.cached:
            return evaluated
        names = ("reviews_per_s", "tokens_per_s", "stage_seconds", "timing_reason", "cached")
        measured = {name: getattr(earlier, name) for name in names}
        note = "measured before the run was interrupted, and taken over when it was resumed"
        notes = (*evaluated.record.notes, note)
        return dataclasses.replace(evaluated, record=evaluated.record.model_copy(update=measured | {"notes": notes}))

    def _before(self) -> dict[str, Evaluation]:
        """Evaluations that the run had finished when it was interrupted."""
        from harness import runs

        assert self._folder is not None
        if not (self._folder.path / "run.json").is_file():
            return {}
        run = runs.read(self._folder.path, self.output, unfinished=True)
        return {evaluation.id: evaluation for evaluation in run.evaluations}

    def _id(self, kind: str, asked: str, proposed: str) -> str:
        """The proposed id; where two names asked for look alike, with the name's place in the options.

        By the names alone, and not by what was loaded before: workers of xdist must agree.
        """
        names = self.settings.model if kind == "classifier" else self.settings.dataset
        alike = [name for name in dict.fromkeys(names) if short_name(name) == short_name(asked)]
        ambiguous = len(alike) > 1 and asked in alike
        return self._known_ids(kind).setdefault(
            asked, f"{proposed}-{names.index(asked) + 1}" if ambiguous else proposed
        )

    def _known_ids(self, kind: str) -> dict[str, str]:
        """What was asked for -> its id in this run."""
        known: dict[str, str] = self._once.setdefault(("ids", kind), {})
        return known

    def _name(self) -> str:
        if self.settings.name:
            return self.settings.name
        models, sets = self.settings.model, self.settings.dataset
        model = Path(models[0]).name if len(models) == 1 else f"{len(models)} classifiers"
        dataset = Path(sets[0]).name.split(".")[0] if len(sets) == 1 else f"{len(sets)} review sets"
        return model if model == dataset else f"{model} on {dataset}"

    def _asked(self) -> str:
        """What makes a later invocation the same one: everything asked for but how to treat finished runs."""
        asked = {name: value for name, value in self._differing().items() if name != "no_cache"}
        return json.dumps([self.command, asked, self._request], sort_keys=True)

    def _differing(self) -> dict[str, Any]:
        values = {name: getattr(self.settings, name) for name in options.declared()}
        return {
            name: list(value) if isinstance(value, tuple) else str(value) if isinstance(value, Path) else value
            for name, value in values.items()
            if value != options.declared()[name].default
        }

    def _settings_record(self) -> dict[str, Any]:
        """The settings that differ from their defaults, without folders of this machine."""
        shown = self._differing()
        for name in ("model", "dataset"):
            if name in shown:
                shown[name] = [Path(value).name if Path(value).exists() else value for value in shown[name]]
        if "output" in shown:
            shown["output"] = Path(shown["output"]).name
        if "label_map" in shown and Path(shown["label_map"]).exists():
            shown["label_map"] = Path(shown["label_map"]).name
        return shown

    def _environment(self) -> Environment:
        from harness.environment import environment

        return environment(load_before=self._load_before)

    def _record(self, status: Recorded) -> Run:
        from harness.records import ClassifierRecord, Evaluation, ReviewSetRecord, Run, Timing

        assert self._folder is not None
        parts = [*self._parts, self.part()]

        def merged(key: str, kind: type[T]) -> tuple[T, ...]:
            found = [kind(**item) for part in parts for item in part[key]]
            return tuple({item.id: item for item in found}.values())  # type: ignore[attr-defined]

        return Run(
            id=self._folder.id,
            name=self._name(),
            status=status,
            started=self._started.isoformat(timespec="seconds"),
            finished=datetime.now(UTC).isoformat(timespec="seconds"),
            seconds=round(time.perf_counter() - self._clock, 3),
            command=self.command,
            settings=self._settings_record(),
            environment=self._environment(),
            classifiers=merged("classifiers", ClassifierRecord),
            review_sets=merged("review_sets", ReviewSetRecord),
            evaluations=merged("evaluations", Evaluation),
            timings=merged("timings", Timing),
        )
