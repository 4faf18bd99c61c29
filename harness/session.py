"""One run: classifiers × review sets, each loaded once, in one run folder.

The command line and the pytest plugin both run through here, so that a suite and
`harness evaluate` cannot give different answers.
"""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from harness.errors import NothingMeasured
from harness.request import run_name, same_request, settings_record
from harness.subjects import Once, Subjects

if TYPE_CHECKING:
    from harness.classifier import Classifier
    from harness.gates.rules import Gates
    from harness.measuring import Evaluated
    from harness.options import Settings
    from harness.records import (
        AcceleratorState,
        Environment,
        Evaluation,
        PairedRounds,
        Reference,
        Run,
        ScenarioName,
        ScenarioRecord,
        Verdict,
    )
    from harness.reviews import ReviewSet
    from harness.runs import RunFolder
    from harness.timekeeping import Timekeeper

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
        self._once = Once()
        self._subjects = Subjects(settings)
        self._folder: RunFolder | None = None
        self._reserved: Path | None = None
        self._shared_path: Path | None = None
        self._evaluations: dict[str, Evaluated] = {}
        self._parts: list[dict[str, Any]] = []
        self._earlier: dict[str, Evaluation] = {}
        self._scenarios: list[ScenarioRecord] = []
        self._earlier_scenarios: dict[str, ScenarioRecord] = {}
        self._verdicts: dict[Verdict, None] = {}
        self._references: dict[str, Reference] = {}
        self._paired: list[PairedRounds] = []
        self._notes: dict[str, None] = {}
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
        return self._subjects.classifier(name)

    def review_set(self, source: str) -> ReviewSet:
        """The review set of that source, read on first use."""
        return self._subjects.review_set(source)

    def evaluate(self, model: str, dataset: str) -> Evaluated:
        """The evaluation of one classifier on one review set, measured on first use.

        Raises:
            HarnessError: A classifier, a set or a match of their labels that cannot be; the same
                error again where it is asked for again.
        """
        return self._once(("evaluation", model, dataset), lambda: self._evaluate(model, dataset))

    @property
    def timekeeper(self) -> Timekeeper:
        """Who measures the stages for this run."""
        from harness.timekeeping import Timekeeper

        return self._once(("timekeeper",), lambda: Timekeeper(self._subjects, seed=self.settings.seed))

    def note(self, text: str) -> None:
        """Say something about the whole run in its record, once."""
        self._notes[text] = None

    def place(self) -> Path:
        """The run folder, made on first use; a worker of xdist gets the shared one."""
        if self._shared_path is not None:
            self._shared_path.mkdir(parents=True, exist_ok=True)
            return self._shared_path
        if self._folder is None:
            from harness.environment import load_average
            from harness.runs import RunFolder

            self._load_before = load_average()
            self._folder = RunFolder.start(
                self.output,
                run_name(self.settings),
                same_request(self.command, self.settings, self._request),
                at=self._reserved,
            )
            if self._folder.resumed and (before := self._before()) is not None:
                self._earlier = {evaluation.id: evaluation for evaluation in before.evaluations}
                self._earlier_scenarios = {each.id: each for each in before.scenarios}
                self.timekeeper.resume(before)
        return self._folder.path

    def save(self) -> None:
        """Put on record what is measured: what comes later may be killed."""
        if self._folder is not None:
            self._folder.write(self._record("unfinished"))

    def time_stages(self) -> None:
        """Measure the whole matrix of the settings, a cell after the other; what cannot be is noted.

        Raises:
            HarnessError: A classifier or a set that cannot be.
            NothingMeasured: No case of the matrix can be timed here.
        """
        from harness.progress import progress
        from harness.timing import STEPS, Effort, Matrix

        cases = []
        for each in Matrix.of(self.settings).cases(self.settings.model, self.settings.dataset):
            # What is wrong for all is known before a run folder is made.
            self.review_set(each.dataset)
            if (reason := self.timekeeper.why_not(each)) is None:
                cases.append(each)
            else:
                self.note(f"not timed at {each.batch_size} × {each.seq_len}: {reason}")
        if not cases:
            raise NothingMeasured(
                "no case can be timed",
                where="; ".join(self._notes),
                remedy="name other devices, or sequences that the classifier takes",
            )
        self.place()
        with progress("stage timings", len(cases), enabled=self._progress, noun="cases") as shown:
            for each in cases:
                self.timekeeper.timed(each, cases, Effort())
                shown.advance(1)
                if each.stage == STEPS[-1]:
                    self.save()

    def run_scenario(
        self, model: str, dataset: str, name: ScenarioName, batching: bool | None = None
    ) -> ScenarioRecord:
        """One scenario of one classifier on one review set, run on first use.

        Args:
            model: As `--model` names it.
            dataset: As `--dataset` names it.
            name: `offline`, `single-stream` or `server`.
            batching: Server: whether queries that wait are answered together.

        Raises:
            HarnessError: A classifier or a set that cannot be.
        """
        return self._once(
            ("scenario", model, dataset, name, str(batching)), lambda: self._scenario(model, dataset, name, batching)
        )

    def run_scenarios(self, model: str, dataset: str) -> None:
        """Every scenario that the settings ask for; the server scenario without and with batching."""
        for name in dict.fromkeys(self.settings.scenario):
            for batching in (False, True) if name == "server" else (None,):
                self.run_scenario(model, dataset, name, batching)

    def judge(self, model: str, dataset: str, gates: Gates) -> tuple[Verdict, ...]:
        """The verdicts of a gate on one classifier on one review set, evaluated on first use.

        Raises:
            HarnessError: As `evaluate`.
        """
        return self._once(("verdicts", model, dataset), lambda: self._judge(model, dataset, gates))

    def benchmark_json(self) -> Path:
        """Where pytest-benchmark's own JSON goes; makes the run folder."""
        return self.place() / "benchmark.json"

    def close(self, status: Status = "finished") -> Run | None:
        """Write `run.json` and the page; `None` where nothing was run, and in a worker.

        An interrupted run is left for the same command to go on with.
        """
        if self._shared_path is not None or not (self._evaluations or self._timed or self._parts or self._folder):
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
            self._reserved = RunFolder.reserve(
                self.output, run_name(self.settings), same_request(self.command, self.settings, self._request)
            )
        return str(self._reserved)

    def part(self) -> dict[str, Any]:
        """What this worker measured, as JSON values, for the controller's `absorb`."""
        evaluated = self._evaluations.values()
        return {
            "evaluations": [each.record.model_dump(mode="json") for each in evaluated],
            "classifiers": [each.model_dump(mode="json") for each in self._subjects.classifier_records()],
            "review_sets": [each.model_dump(mode="json") for each in self._subjects.review_set_records()],
            "references": [each.model_dump(mode="json") for each in self._references.values()],
            "verdicts": [each.model_dump(mode="json") for each in self._verdicts],
        }

    def absorb(self, part: dict[str, Any]) -> None:
        """Take over what a worker measured."""
        if any(part.values()):
            self._parts.append(part)

    # ── within ──

    def _evaluate(self, model: str, dataset: str) -> Evaluated:
        from harness import measuring, shapes
        from harness.progress import progress

        shapes.refuse(model)
        review_set = self.review_set(dataset)
        classifier = self.classifier(model)
        contract = measuring.matched(classifier.classes, review_set, self.settings)
        folder = self.place()
        ids = self._subjects.ids(classifier, model, dataset)
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
        self.save()
        return evaluated

    def _judge(self, model: str, dataset: str, gates: Gates) -> tuple[Verdict, ...]:
        from harness import baselines, gating

        evaluations = () if self.settings.timing_only else (self.evaluate(model, dataset).record,)
        folder = self.place()
        paired = self._pairs(model, dataset, gates)
        only = self._record("unfinished").model_copy(update={"evaluations": evaluations, "paired": paired})
        beside = tuple(self._compared(only, each, dataset, gates) for each in evaluations if _compares(gates))
        only = only.model_copy(update={"references": beside})
        judged = gating.judge(folder, only, gates, baselines.folder_beside(self.output))
        self._paired += paired
        self._references |= {each.id: each for each in (*beside, *judged.references)}
        self._verdicts |= dict.fromkeys(judged.verdicts)
        return judged.verdicts

    def _compared(self, run: Run, evaluation: Evaluation, dataset: str, gates: Gates) -> Reference:
        """The evaluation beside the classifier of `--against` on the same reviews."""
        from harness import reference_predictions, references
        from harness.progress import progress

        folder, against = self.place(), gates.against or ""
        candidate = references.Candidate.read(folder, run, evaluation)
        with (
            progress(f"predictions of {against}", None, enabled=self._progress),
            reference_predictions.predicted(against, dataset, self.settings, folder) as found,
        ):
            return references.keep(candidate, found, "classifier", against)[0]

    def _pairs(self, model: str, dataset: str, gates: Gates) -> tuple[PairedRounds, ...]:
        """Pairs of rounds, where a rule is about times; none in a worker of xdist, which others would disturb."""
        from harness import reference_timing
        from harness.progress import progress

        if self._shared_path is not None or all(rule.kind != "max_slowdown" for rule in gates.rules):
            return ()
        classifier, texts = self.classifier(model), self.review_set(dataset).texts()
        self._subjects.ids(classifier, model, dataset)
        with progress("pairs of rounds", None, enabled=self._progress, noun="pairs") as shown:
            return reference_timing.measure(model, classifier, texts, gates, self.settings, shown)

    def _scenario(self, model: str, dataset: str, name: ScenarioName, batching: bool | None) -> ScenarioRecord:
        from harness import runs
        from harness.progress import progress
        from harness.timing import scenarios

        classifier, review_set = self.classifier(model), self.review_set(dataset)
        folder, ids = self.place(), self._subjects.ids(classifier, model, dataset)
        known = scenarios.scenario_id(ids, name, batching)
        if (earlier := self._earlier_scenarios.get(known)) is not None:
            self._scenarios.append(earlier)
            return earlier
        with progress(known, None, enabled=self._progress) as shown:
            outcome = scenarios.run(
                name,
                classifier,
                review_set.texts(),
                scenarios.Rules.of(self.settings),
                ids=ids,
                batching=batching,
                progress=shown,
            )
        if outcome.queries is not None:
            runs.write_latencies(folder / outcome.record.latencies, **vars(outcome.queries))
        self._scenarios.append(outcome.record)
        self.save()
        return outcome.record

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

    def _before(self) -> Run | None:
        """What the run had finished when it was interrupted; None where that is nothing."""
        from harness import runs

        assert self._folder is not None
        if not (self._folder.path / "run.json").is_file():
            return None
        return runs.read(self._folder.path, self.output, unfinished=True)

    @property
    def _timed(self) -> bool:
        return bool(self.timekeeper.timings or self._scenarios)

    def _environment(self) -> Environment:
        from harness.environment import environment

        return environment(load_before=self._load_before, accelerator_states=self._accelerator_states())

    def _accelerator_states(self) -> tuple[AcceleratorState, ...]:
        from harness import accelerators

        used = any(each.device.startswith("cuda") for each in self._subjects.classifier_records())
        return accelerators.states() if used else ()

    def _record(self, status: Recorded) -> Run:
        from harness.records import ClassifierRecord, Evaluation, Reference, ReviewSetRecord, Run, Verdict

        folder = self.folder
        assert folder is not None
        timekeeper, environment = self.timekeeper, self._environment()
        if self._timed and environment.cpu_limit is not None and environment.threads > environment.cpu_limit:
            self.note(
                f"torch uses {environment.threads} threads and the control group grants {environment.cpu_limit:g} "
                "cores: times are irregular; set OMP_NUM_THREADS to the cores that are granted"
            )
        parts = [*self._parts, self.part()]

        def merged(key: str, kind: type[T]) -> tuple[T, ...]:
            found = [kind(**item) for part in parts for item in part[key]]
            return tuple({item.id: item for item in found}.values())  # type: ignore[attr-defined]

        return Run(
            id=folder.name,
            name=run_name(self.settings),
            status=status,
            started=self._started.isoformat(timespec="seconds"),
            finished=datetime.now(UTC).isoformat(timespec="seconds"),
            seconds=round(time.perf_counter() - self._clock, 3),
            command=self.command,
            settings=settings_record(self.settings),
            environment=environment,
            classifiers=merged("classifiers", ClassifierRecord),
            review_sets=merged("review_sets", ReviewSetRecord),
            evaluations=merged("evaluations", Evaluation),
            timings=tuple(timekeeper.timings),
            peaks=timekeeper.peaks,
            bandwidths=timekeeper.bandwidths,
            scenarios=tuple(self._scenarios),
            paired=tuple(self._paired),
            references=merged("references", Reference),
            # Workers that judged the same evaluation came to the same verdicts.
            verdicts=tuple(dict.fromkeys(Verdict(**item) for part in parts for item in part["verdicts"])),
            notes=tuple(self._notes),
        )


def _compares(gates: Gates) -> bool:
    """Whether a rule about metrics is judged against the classifier that is named, and not against a baseline."""
    from harness.gates.rules import NEEDS_BASELINE

    named = gates.against and not gates.baseline
    return bool(named) and any(rule.kind in NEEDS_BASELINE for rule in gates.rules)
