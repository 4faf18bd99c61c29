"""A session: everything loaded once, one run folder, the same command resumed and reused."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from support.checkpoints import bert

from harness import runs
from harness.errors import ClassifierError, LabelError, UsageError
from harness.options import Settings
from harness.session import Session

REVIEWS = """\
text,stars,language
"I love this book, it is the best",5,en
awful and poor product,1,en
not much of a movie,2,en
it was good,4,de
the product is old and it is not bad,3,de
bad bad bad,1,de
great great,5,de
"""


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A random five-star checkpoint, made once."""
    return bert(tmp_path_factory.mktemp("checkpoints") / "tiny")


@pytest.fixture
def csv(tmp_path: Path) -> Path:
    path = tmp_path / "shop.csv"
    path.write_text(REVIEWS)
    return path


def session(root: Path, *, command: str = "evaluate", **settings: object) -> Session:
    return Session(Settings(resamples=100, **settings), command=command, root=root)  # type: ignore[arg-type]


class TestEvaluate:
    def test_leaves_a_run_folder_that_reads_back(self, tiny: Path, csv: Path, tmp_path: Path) -> None:
        asked = session(tmp_path, model=(str(tiny),), dataset=(str(csv),))

        found = asked.evaluate(str(tiny), str(csv))
        run = asked.close()

        assert run is not None
        assert asked.folder is not None
        assert asked.folder.parent == tmp_path / "reports" / "runs"
        assert runs.read(asked.folder, tmp_path) == run
        assert (run.status, run.evaluations) == ("finished", (found.record,))
        assert {path.name for path in asked.folder.iterdir()} >= {"run.json", "report.html", "predictions", "reviews"}
        assert "report.html" in (tmp_path / "reports" / "latest.html").read_text()

    def test_predictions_are_in_the_order_of_the_set_with_the_gold_class(
        self, tiny: Path, csv: Path, tmp_path: Path
    ) -> None:
        asked = session(tmp_path)
        found = asked.evaluate(str(tiny), str(csv))

        table = pq.read_table(asked.place() / found.record.predictions)

        assert table.column_names == ["id", "gold", "logits", "probabilities", "tokens", "cut"]
        assert table["gold"].to_pylist() == [4, 0, 1, 3, 2, 0, 4] == found.gold.tolist()
        np.testing.assert_allclose(np.array(table["probabilities"].to_pylist()), found.probabilities, atol=1e-6)
        reviews = pq.read_table(asked.place() / found.record.reviews)
        assert reviews["id"].to_pylist() == table["id"].to_pylist()
        assert reviews["language"].to_pylist() == ["en", "en", "en", "de", "de", "de", "de"]
        asked.close()

    def test_no_texts_leaves_the_texts_out_of_the_folder_and_the_page(
        self, tiny: Path, csv: Path, tmp_path: Path
    ) -> None:
        asked = session(tmp_path, no_texts=True)
        found = asked.evaluate(str(tiny), str(csv))
        asked.close()
        assert asked.folder is not None

        assert "text" not in pq.read_table(asked.folder / found.record.reviews).column_names
        for path in asked.folder.rglob("*"):
            assert path.is_dir() or b"awful and poor" not in path.read_bytes(), path

    def test_no_file_of_the_run_names_a_folder_of_the_machine(self, tiny: Path, csv: Path, tmp_path: Path) -> None:
        asked = session(tmp_path, model=(str(tiny),), dataset=(str(csv),))
        asked.evaluate(str(tiny), str(csv))
        asked.close()
        assert asked.folder is not None

        for path in asked.folder.rglob("*"):
            assert path.is_dir() or str(tmp_path).encode() not in path.read_bytes(), path

    def test_the_same_again_reuses_the_predictions_and_says_so(self, tiny: Path, csv: Path, tmp_path: Path) -> None:
        found = []
        for settings in ({}, {}, {"no_cache": True}):
            asked = session(tmp_path, **settings)
            found.append(asked.evaluate(str(tiny), str(csv)))
            asked.close()
        first, again, anew = found

        assert (first.record.cached, again.record.cached, anew.record.cached) == (False, True, False)
        assert again.record.reviews_per_s is None
        assert again.record.timing_reason == "predictions reused from the cache; --no-cache measures anew"
        assert again.record.metrics == first.record.metrics == anew.record.metrics

    def test_a_new_label_map_needs_no_new_forward_pass(self, tiny: Path, csv: Path, tmp_path: Path) -> None:
        session(tmp_path).evaluate(str(tiny), str(csv))
        mapped = session(tmp_path, label_map="1=positive,2=positive,4=negative,5=negative").evaluate(
            str(tiny), str(csv)
        )

        assert mapped.record.cached

    def test_two_classifiers_of_one_folder_name_get_two_ids(self, tiny: Path, csv: Path, tmp_path: Path) -> None:
        other = bert(tmp_path / "elsewhere" / "tiny", seed=1)
        asked = session(tmp_path, model=(str(tiny), str(other)))

        ids = [asked.evaluate(str(model), str(csv)).record.classifier for model in (tiny, other)]
        run = asked.close()

        assert len(set(ids)) == 2
        assert run is not None
        assert [each.id for each in run.classifiers] == ids

    def test_the_middle_stars_are_left_out_and_counted_for_a_polarity_classifier(
        self, csv: Path, tmp_path: Path
    ) -> None:
        polarity = bert(tmp_path / "polarity", classes=("NEGATIVE", "POSITIVE"))

        counts = session(tmp_path).evaluate(str(polarity), str(csv)).record.counts

        assert (counts.read, counts.skipped, counts.evaluated) == (7, 1, 6)
        assert counts.skipped_reasons == {"neutral label (--neutral drop)": 1}

    def test_labels_that_fit_no_class_stop_before_any_folder_is_made(self, tiny: Path, tmp_path: Path) -> None:
        path = tmp_path / "odd.csv"
        path.write_text("text,stars\ngood,5\nbad,seven\n")

        with pytest.raises(LabelError, match="seven"):
            session(tmp_path).evaluate(str(tiny), str(path))

        assert not (tmp_path / "reports").exists()

    def test_labels_that_fit_no_class_are_left_out_and_counted_on_request(self, tiny: Path, tmp_path: Path) -> None:
        path = tmp_path / "odd.csv"
        path.write_text("text,stars\ngood,5\nbad,seven\nfine,4\n")

        counts = session(tmp_path, on_bad_row="skip").evaluate(str(tiny), str(path)).record.counts

        assert (counts.read, counts.skipped, counts.evaluated) == (3, 1, 2)
        assert counts.skipped_reasons == {"label that fits no class": 1}

    def test_slices_are_by_the_kept_columns_and_by_length(self, tiny: Path, csv: Path, tmp_path: Path) -> None:
        found = session(tmp_path).evaluate(str(tiny), str(csv)).record

        assert [(one.name, [(each.value, each.reviews) for each in one.slices]) for one in found.slices] == [
            ("language", [("de", 4), ("en", 3)]),
        ]
        assert found.slices[0].level == pytest.approx(0.975)

    def test_slices_are_by_what_was_asked_for(self, tiny: Path, csv: Path, tmp_path: Path) -> None:
        """The number of tokens is that of the reviews that were read."""
        found = session(tmp_path, slice_by=("length",)).evaluate(str(tiny), str(csv)).record

        assert [(one.name, [(each.value, each.reviews) for each in one.slices]) for one in found.slices] == [
            ("length in tokens", [("1–16", 7)]),
        ]

    def test_reviews_that_were_left_out_are_in_no_slice_and_no_stratum(
        self, tiny: Path, csv: Path, tmp_path: Path
    ) -> None:
        polarity = bert(tmp_path / "polarity", classes=("NEGATIVE", "POSITIVE"))

        found = session(tmp_path, stratify_by="language").evaluate(str(polarity), str(csv)).record

        assert [(each.value, each.reviews) for each in found.slices[0].slices] == [("de", 3), ("en", 3)]
        assert found.sampling == "2 strata by language"

    @pytest.mark.parametrize(
        "settings", [{"slice_by": ("langauge",)}, {"cluster_by": "langauge"}, {"stratify_by": "langauge"}]
    )
    def test_a_column_that_is_not_there_stops_before_any_folder_is_made(
        self, tiny: Path, csv: Path, tmp_path: Path, settings: dict[str, object]
    ) -> None:
        with pytest.raises(UsageError, match="there is no column 'langauge'"):
            session(tmp_path, **settings).evaluate(str(tiny), str(csv))

        assert not (tmp_path / "reports").exists()

    def test_an_error_is_the_same_error_again(self, csv: Path, tmp_path: Path) -> None:
        asked = session(tmp_path)

        caught = []
        for _ in range(2):
            with pytest.raises(ClassifierError) as error:
                asked.evaluate(str(tmp_path / "none"), str(csv))
            caught.append(error.value)

        assert caught[0] is caught[1]


class TestResume:
    def test_timings_from_before_an_interruption_are_taken_over(self, tiny: Path, csv: Path, tmp_path: Path) -> None:
        first = session(tmp_path)
        before = first.evaluate(str(tiny), str(csv)).record
        first.close("interrupted")

        again = session(tmp_path)
        after = again.evaluate(str(tiny), str(csv)).record
        again.close()

        assert (after.reviews_per_s, after.stage_seconds) == (before.reviews_per_s, before.stage_seconds)
        assert after.notes[-1] == "measured before the run was interrupted, and taken over when it was resumed"

    def test_an_evaluation_is_on_record_before_the_next_one_begins(self, tiny: Path, csv: Path, tmp_path: Path) -> None:
        asked = session(tmp_path)
        asked.evaluate(str(tiny), str(csv))

        run = runs.read(asked.place(), tmp_path, unfinished=True)

        assert (run.status, len(run.evaluations)) == ("unfinished", 1)
        asked.close()


class TestClose:
    def test_a_session_that_ran_nothing_leaves_nothing(self, tmp_path: Path) -> None:
        assert session(tmp_path).close() is None
        assert list(tmp_path.iterdir()) == []

    def test_an_interrupted_run_is_gone_on_with_by_the_same_command_alone(
        self, tiny: Path, csv: Path, tmp_path: Path
    ) -> None:
        first = session(tmp_path)
        first.evaluate(str(tiny), str(csv))
        first.close("interrupted")
        same, other = session(tmp_path), session(tmp_path, seed=1)

        assert other.place() != first.folder
        assert same.place() == first.folder
        same.close()
        other.close()


class TestWorkers:
    def test_parts_of_workers_make_one_run(self, tiny: Path, csv: Path, tmp_path: Path) -> None:
        controller = session(tmp_path, command="pytest")
        path = controller.reserve()
        assert not Path(path).exists()

        for _ in range(2):
            worker = Session.worker(Settings(resamples=100), path, root=tmp_path)
            worker.evaluate(str(tiny), str(csv))
            # What xdist does with it on the way.
            part = json.loads(json.dumps(worker.part()))
            assert worker.close() is None
            controller.absorb(part)
        run = controller.close()

        assert run is not None
        assert controller.folder == Path(path)
        assert len(run.evaluations) == len(run.classifiers) == len(run.review_sets) == 1
        assert (Path(path) / run.evaluations[0].predictions).is_file()
