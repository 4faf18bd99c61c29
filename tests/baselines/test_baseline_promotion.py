"""A run becomes a baseline: what is written, what is left out, and what asks for `--force`."""

from __future__ import annotations

import getpass
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest
from support import sample_run
from support.sample_run import SampleRun

from harness import baselines, files
from harness.errors import BaselineError, RunError, UsageError


def sample(**options: Any) -> SampleRun:
    return sample_run.sample(**{"reviews": 120, "timings": False} | options)


def worsened(sampled: SampleRun, wrong: int, **changes: Any) -> SampleRun:
    """The run, with that many more of its first right predictions turned into wrong ones."""
    tables = {}
    for name, table in sampled.predictions.items():
        probabilities = table.probabilities.copy()
        rows = np.flatnonzero(probabilities.argmax(axis=1) == table.gold)[:wrong]
        probabilities[rows] = np.roll(probabilities[rows], 1, axis=1)
        tables[name] = replace(table, probabilities=probabilities)
    run = sampled.run.model_copy(update={"id": "20251124T000000Z-worse"} | changes)
    return SampleRun(run, tables, sampled.reviews)


SAMPLE = sample()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where baselines go; not there yet."""
    return tmp_path / "reports" / "baselines"


def promote(sampled: SampleRun, folder: Path, name: str = "main", **options: Any) -> Path:
    path = folder.parent.parent / sampled.run.id
    if not path.exists():
        path.mkdir(parents=True)
        sampled.write(path)
    return baselines.promote(path, sampled.run, name, folder, **options)


def content(folder: Path) -> Mapping[str, bytes]:
    """Every file below a folder."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def refused(sampled: SampleRun, folder: Path, **options: Any) -> str:
    before = content(folder)
    with pytest.raises(BaselineError) as raised:
        promote(sampled, folder, **options)
    assert content(folder) == before
    return str(raised.value)


class TestPromote:
    def test_folder_holds_the_record_and_the_predictions_and_nothing_else(self, folder: Path) -> None:
        path = promote(SAMPLE, folder)
        record = baselines.find("main", folder).record

        assert path == folder / "main"
        assert set(content(path)) == {"baseline.json", record.evaluations[0].predictions}
        assert record.evaluations[0].predictions.startswith("predictions/builtin-shop-")

    def test_record_says_where_it_comes_from_why_and_what_it_is_of(self, folder: Path) -> None:
        before = datetime.now(UTC).replace(microsecond=0)
        promote(SAMPLE, folder, reason=" the first one ")
        record = baselines.find("main", folder).record
        (one,), (evaluated,) = record.evaluations, SAMPLE.run.evaluations

        assert (record.name, record.run, record.reason, record.overruled) == (
            "main", "20251123T190211Z-sample", "the first one", (),
        )  # fmt: skip
        assert datetime.fromisoformat(record.promoted).tzinfo == UTC
        assert datetime.fromisoformat(record.promoted) >= before
        assert record.packages == {"torch": "2.6.0", "transformers": "5.0.1", "numpy": "2.1.3"}
        assert [each.id for each in record.classifiers] == ["builtin"]
        assert record.review_sets[0].fingerprint == "ef" * 32
        assert one.metrics == evaluated.metrics
        assert (one.classes, one.labels) == (evaluated.label_match.classes, evaluated.label_match.labels)

    def test_keeps_no_text_of_a_review(self, folder: Path) -> None:
        path = promote(SAMPLE, folder)
        (parquet,) = (path / "predictions").iterdir()

        assert pq.read_schema(parquet).names == ["id", "gold", "logits", "probabilities", "tokens", "cut"]
        texts = SAMPLE.reviews["shop"]["text"].to_pylist()
        assert [text for text in texts if text.encode() in (path / "baseline.json").read_bytes()] == []

    def test_keeps_no_time_but_that_of_the_promotion(self, folder: Path) -> None:
        """Times of another moment are never gated on."""
        promote(sample(reviews=30, timings=True, cells=[(1, 16)], scenarios=True), folder)

        def keys(found: object) -> set[str]:
            if isinstance(found, dict):
                return set(found).union(*(keys(each) for each in found.values()))
            return set().union(*(keys(each) for each in found)) if isinstance(found, list) else set()

        written = keys(json.loads((folder / "main" / "baseline.json").read_text()))
        assert [key for key in written if "second" in key or "_per_s" in key or "timing" in key] == []

    @pytest.mark.parametrize("name", ["/home/ann/models/stars", r"C:\Users\ann\stars", "~/models/stars/"])
    def test_keeps_no_folder_and_no_user_of_the_machine(self, folder: Path, name: str) -> None:
        classifier = SAMPLE.run.classifiers[0].model_copy(update={"name": name})
        noted = SAMPLE.run.review_sets[0].model_copy(update={"notes": ("read from /home/ann/shop.csv",)})
        run = SAMPLE.run.model_copy(update={"classifiers": (classifier,), "review_sets": (noted,)})
        path = promote(replace(SAMPLE, run=run), folder)
        text = (path / "baseline.json").read_text()

        assert baselines.find("main", folder).record.classifiers[0].name == "stars"
        assert "/home" not in text and "ann" not in json.loads(text)["classifiers"][0].values()
        assert "Users" not in text and str(folder) not in text and f"/{getpass.getuser()}/" not in text

    def test_same_predictions_are_the_same_bytes(self, folder: Path) -> None:
        """So that git sees no change where there is none."""
        first = content(promote(SAMPLE, folder))
        again = content(promote(SAMPLE, folder, name="again"))

        (parquet,) = (name for name in first if name.endswith(".parquet"))
        assert again[parquet] == first[parquet]

    def test_every_evaluation_of_the_run_is_kept(self, folder: Path) -> None:
        sampled = sample(reviews=30, classifiers=("old", "new"), sets=("shop", "garden"))

        promote(sampled, folder)
        found = baselines.find("main", folder)

        assert [each.id for each in found.record.evaluations] == [each.id for each in sampled.run.evaluations]
        assert len({found.predictions(each).probabilities.tobytes() for each in found.record.evaluations}) == 4

    def test_is_small(self, folder: Path) -> None:
        sizes = {name: len(held) for name, held in content(promote(sample(reviews=1000), folder)).items()}

        assert sizes.pop("baseline.json") < 40_000
        # 20 bytes each of logits and probabilities, which hardly shrink, and the id, gold, tokens and cut.
        assert sum(sizes.values()) < 60 * 1000


class TestRefused:
    @pytest.mark.parametrize("status", ["unfinished", "interrupted"])
    def test_a_run_that_is_not_finished(self, folder: Path, status: str) -> None:
        sampled = replace(SAMPLE, run=SAMPLE.run.model_copy(update={"status": status}))

        assert refused(sampled, folder) == (
            f"an {status} run cannot be promoted\n"
            f"  where     {folder.parent.parent / sampled.run.id}\n"
            "  expected  a finished run\n"
            "  remedy    give the same command again: it goes on where the run stopped"
        )

    def test_a_run_of_times_alone(self, folder: Path) -> None:
        run = SAMPLE.run.model_copy(update={"evaluations": ()})

        assert refused(SampleRun(run), folder) == (
            "the run evaluated nothing, so there is nothing to promote\n"
            f"  where     {folder.parent.parent / run.id}\n"
            "  expected  a run of `harness evaluate` or `pytest suites/` with an evaluation; times are no baseline\n"
            "  remedy    name another run, or make one without --timing-only"
        )

    def test_a_name_that_leads_elsewhere(self, folder: Path) -> None:
        with pytest.raises(UsageError, match=r"a baseline cannot be named '\.\./main'"):
            promote(SAMPLE, folder, name="../main")

    @pytest.mark.parametrize("reason", ["", "  "])
    def test_force_without_a_reason(self, folder: Path, reason: str) -> None:
        with pytest.raises(UsageError) as raised:
            promote(SAMPLE, folder, force=True, reason=reason)

        assert str(raised.value) == (
            "--force needs a reason\n"
            "  where     option --force without --reason\n"
            "  expected  --reason TEXT: why the baseline is replaced\n"
            "  remedy    say why; the record of the baseline keeps it"
        )

    def test_a_run_without_its_predictions(self, folder: Path) -> None:
        promote(SAMPLE, folder)
        path = folder.parent.parent / SAMPLE.run.id
        (path / SAMPLE.run.evaluations[0].predictions).unlink()
        before = content(folder)

        with pytest.raises(RunError, match="the run has no such predictions file"):
            promote(SAMPLE, folder)
        assert content(folder) == before

    def test_a_folder_that_cannot_be_written(self, folder: Path) -> None:
        folder.parent.mkdir(parents=True)
        folder.write_text("a file")

        with pytest.raises(BaselineError) as raised:
            promote(SAMPLE, folder)

        assert raised.value.message in (
            "the baseline cannot be written: File exists",
            "the baseline cannot be written: Not a directory",
        )
        assert raised.value.where == str(folder / "main")


class TestReplacing:
    def test_a_run_that_is_as_good_replaces_it_and_its_files(self, folder: Path) -> None:
        promote(SAMPLE, folder)
        promote(worsened(SAMPLE, 1), folder)
        record = baselines.find("main", folder).record

        assert record.run == "20251124T000000Z-worse"
        assert set(content(folder / "main")) == {"baseline.json", record.evaluations[0].predictions}

    def test_a_better_run_replaces_it(self, folder: Path) -> None:
        promote(worsened(SAMPLE, 40), folder)
        promote(SAMPLE, folder)

        assert baselines.find("main", folder).record.run == SAMPLE.run.id

    def test_the_same_run_again_is_no_worse(self, folder: Path) -> None:
        promote(SAMPLE, folder)
        promote(SAMPLE, folder, reason="again")

        assert baselines.find("main", folder).record.reason == "again"

    def test_a_run_that_is_significantly_worse_asks_for_force(self, folder: Path) -> None:
        promote(SAMPLE, folder)

        assert refused(worsened(SAMPLE, 30), folder) == (
            "the baseline 'main' is not replaced: accuracy of builtin on shop fell by 25.0 points (−33.4 to −18.1)\n"
            f"  where     {folder / 'main'} and run 20251124T000000Z-worse\n"
            "  expected  a run on the same reviews whose accuracy is not significantly worse (95 %)\n"
            "  remedy    keep the baseline, or replace it with --force and --reason TEXT, which its record keeps"
        )

    def test_force_replaces_it_and_keeps_the_reason_and_what_it_overruled(self, folder: Path) -> None:
        promote(SAMPLE, folder)
        promote(worsened(SAMPLE, 30), folder, force=True, reason="the labels were wrong")
        record = baselines.find("main", folder).record

        assert record.reason == "the labels were wrong"
        assert record.overruled == ("accuracy of builtin on shop fell by 25.0 points (−33.4 to −18.1)",)

    def test_clusters_that_the_run_was_asked_to_count_are_counted(self, folder: Path) -> None:
        """97 products of 120 reviews: another interval, and its method is that of clusters."""
        settings = SAMPLE.run.settings | {"cluster_by": "product"}
        promote(SAMPLE, folder)

        text = refused(worsened(SAMPLE, 30, settings=settings), folder)

        assert "fell by 25.0 points (" in text
        assert "(−33.4 to −18.1)" not in text

    def test_too_few_clusters_to_tell_ask_for_force(self, folder: Path) -> None:
        settings = SAMPLE.run.settings | {"cluster_by": "domain"}
        promote(SAMPLE, folder)

        assert refused(worsened(SAMPLE, 30, settings=settings), folder).startswith(
            "the baseline 'main' is not replaced: accuracy of builtin on shop fell by 25.0 points, and whether by "
            "chance cannot be told: 4 clusters, and the interval needs 20\n"
        )

    def test_a_run_on_another_set_cannot_be_paired_and_asks_for_force(self, folder: Path) -> None:
        promote(SAMPLE, folder)
        sets = (SAMPLE.run.review_sets[0].model_copy(update={"fingerprint": "12" * 32}),)

        assert refused(worsened(SAMPLE, 0, review_sets=sets), folder).startswith(
            "the baseline 'main' is not replaced: no evaluation of the run can be paired with builtin on shop: "
            "the baseline 'main' is of another review set (evaluation builtin-shop: shop, 120 reviews, fingerprint "
            "121212121212…; not shop, 120 reviews, fingerprint efefefefefef…)\n"
        )

    def test_a_run_that_lacks_a_classifier_of_the_baseline_asks_for_force(self, folder: Path) -> None:
        both = sample(reviews=30, classifiers=("old", "new"))
        promote(both, folder)
        new = both.run.model_copy(update={"id": "20251125T000000Z-new", "evaluations": both.run.evaluations[1:]})

        assert refused(replace(both, run=new), folder).startswith(
            "the baseline 'main' is not replaced: no evaluation of the run can be paired with old on shop\n"
        )

    def test_a_classifier_beside_the_one_of_the_same_id_may_be_worse(self, folder: Path) -> None:
        """The baseline has one, the run that one and a worse one."""
        promote(SAMPLE, folder)
        worse = worsened(SAMPLE, 60)
        second = worse.run.evaluations[0].model_copy(
            update={"id": "other-shop", "classifier": "other", "predictions": "predictions/other-shop.parquet"}
        )
        classifiers = (*SAMPLE.run.classifiers, SAMPLE.run.classifiers[0].model_copy(update={"id": "other"}))
        run = worse.run.model_copy(
            update={"evaluations": (*SAMPLE.run.evaluations, second), "classifiers": classifiers}
        )
        tables = SAMPLE.predictions | {"other-shop": worse.predictions["builtin-shop"]}

        promote(SampleRun(run, tables, SAMPLE.reviews), folder)

        assert [each.id for each in baselines.find("main", folder).record.classifiers] == ["builtin", "other"]

    def test_a_baseline_that_cannot_be_read_asks_for_force(self, folder: Path) -> None:
        promote(SAMPLE, folder)
        path = folder / "main" / "baseline.json"
        path.write_text(path.read_text().replace('"schema_version": 1', '"schema_version": 2'))

        assert refused(SAMPLE, folder).startswith(
            "the baseline 'main' is not replaced: it cannot be compared with: "
            "the baseline 'main' has schema version 2\n"
        )
        promote(SAMPLE, folder, force=True, reason="made anew")
        assert baselines.find("main", folder).record.overruled == (
            "it cannot be compared with: the baseline 'main' has schema version 2",
        )

    def test_a_baseline_whose_predictions_are_gone_asks_for_force(self, folder: Path) -> None:
        path = promote(SAMPLE, folder)
        (parquet,) = (path / "predictions").iterdir()
        parquet.write_bytes(b"damaged")

        assert (
            "builtin cannot be paired with builtin on shop: "
            "the predictions of the baseline 'main' are not those that were promoted\n"
        ) in refused(SAMPLE, folder)


class TestWholeOrNotAtAll:
    @pytest.fixture(params=["builtin-shop-", "baseline.json"])
    def interrupted(self, request: pytest.FixtureRequest, folder: Path) -> Callable[[SampleRun], None]:
        """Promotes a run, and is interrupted while a file of that name is written."""

        def interrupted(sampled: SampleRun) -> None:
            path = folder.parent.parent / "interrupted"
            path.mkdir(parents=True)
            sampled.write(path)
            writing = files.replacing

            @contextmanager
            def replacing(to: Path) -> Iterator[Path]:
                with writing(to) as temporary:
                    yield temporary
                    if to.name.startswith(request.param):
                        raise KeyboardInterrupt

            with pytest.MonkeyPatch.context() as patched:
                patched.setattr(files, "replacing", replacing)
                with pytest.raises(KeyboardInterrupt):
                    baselines.promote(path, sampled.run, "main", folder)

        return interrupted

    def test_a_first_baseline_that_is_interrupted_leaves_nothing(
        self, folder: Path, interrupted: Callable[[SampleRun], None]
    ) -> None:
        interrupted(SAMPLE)

        assert list(folder.iterdir()) == []

    def test_a_baseline_stands_as_it_was_where_the_next_is_interrupted(
        self, folder: Path, interrupted: Callable[[SampleRun], None]
    ) -> None:
        path = promote(SAMPLE, folder)
        before = content(path)

        interrupted(worsened(SAMPLE, 1))

        assert content(path) == before
        found = baselines.find("main", folder)
        assert found.predictions(found.record.evaluations[0]).ids == SAMPLE.predictions["builtin-shop"].ids

    def test_what_a_killed_process_left_is_swept_by_the_next(self, folder: Path) -> None:
        path = promote(SAMPLE, folder)
        before = set(content(path))
        (path / "predictions" / "builtin-shop-0123456789ab.parquet").write_bytes(b"never named by a record")
        (path / "predictions" / ".builtin-shop-0123456789ab.parquet.1234.tmp").write_bytes(b"half")
        (path / ".baseline.json.1234.tmp").write_bytes(b"half")

        promote(SAMPLE, folder)

        assert set(content(path)) == before
