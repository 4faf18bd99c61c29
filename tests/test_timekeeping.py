"""The timings of one run: each cell measured once, with what it is compared with."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.checkpoints import bert

from harness.options import Settings
from harness.session import Session
from harness.timing import STEPS, Effort, Matrix, Wanted

QUICK = Effort(seconds=0.001)
REVIEWS = "text,stars\na good book,5\nawful and bad,1\nit was not much of a movie,2\n"


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A random five-star checkpoint, made once."""
    return bert(tmp_path_factory.mktemp("checkpoints") / "tiny")


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    path = tmp_path / "shop.csv"
    path.write_text(REVIEWS)
    return path


def session(root: Path, tiny: Path, shop: Path, **settings: object) -> Session:
    asked = {"model": (str(tiny),), "dataset": (str(shop),), "batch_sizes": (2,), "seq_lens": (12,), "device": "cpu"}
    return Session(Settings(**asked | settings), command="evaluate", root=root, progress=False)  # type: ignore[arg-type]


def wanted(asked: Session) -> list[Wanted]:
    return list(Matrix.of(asked.settings).cases(asked.settings.model, asked.settings.dataset))


class TestTimed:
    def test_the_first_case_measures_its_cell_and_the_others_find_it_done(self, tiny, shop, tmp_path):
        asked = session(tmp_path, tiny, shop)
        keeper, cases = asked.timekeeper, wanted(asked)

        first = keeper.timed(cases[0], cases, QUICK)
        measured = list(keeper.timings)
        others = [keeper.timed(each, cases, QUICK) for each in cases[1:]]

        assert keeper.timings == measured
        assert [each.timing.stage for each in (first, *others)] == list(STEPS)

    def test_measures_the_machine_once_for_each_dtype(self, tiny, shop, tmp_path):
        asked = session(tmp_path, tiny, shop, dtypes=("float32", "bfloat16"), batch_sizes=(1, 2))
        for each in wanted(asked):
            asked.timekeeper.timed(each, wanted(asked), QUICK)

        assert [(each.device, each.dtype) for each in asked.timekeeper.peaks] == [
            ("cpu", "float32"),
            ("cpu", "bfloat16"),
        ]
        assert [each.device for each in asked.timekeeper.bandwidths] == ["cpu"]

    def test_the_checkpoints_own_dtype_is_the_classifier_that_is_evaluated(self, tiny, shop, tmp_path):
        asked = session(tmp_path, tiny, shop, dtypes=("float32", "bfloat16"))
        cases = wanted(asked)
        asked.timekeeper.timed(cases[0], cases, QUICK)

        cells = {each.classifier: each.dtype for each in asked.timekeeper.timings if each.role == "case"}
        assert cells == {"tiny": "float32", "tiny-bfloat16": "bfloat16"}
        asked.place()
        run = asked.close()
        assert run is not None
        assert [(each.id, each.dtype) for each in run.classifiers] == [
            ("tiny", "float32"),
            ("tiny-bfloat16", "bfloat16"),
        ]

    def test_a_classifier_that_cannot_be_loaded_does_not_stop_the_others(self, tiny, shop, tmp_path):
        asked = session(tmp_path, tiny, shop, model=(str(tiny), str(tmp_path / "absent")))
        cases = wanted(asked)

        timed = asked.timekeeper.timed(cases[0], cases, QUICK)

        assert timed.timing.classifier == "tiny"
        assert {each.classifier for each in asked.timekeeper.timings} == {"tiny"}


class TestWhyNot:
    def test_names_the_longest_input(self, tiny, shop, tmp_path):
        asked = session(tmp_path, tiny, shop, max_length=10)

        assert asked.timekeeper.why_not(wanted(asked)[0]) == "tiny takes 10 tokens at most"

    def test_names_the_devices_that_are_there(self, tiny, shop, tmp_path):
        asked = session(tmp_path, tiny, shop, timing_devices=("cpu", "cuda:7"))
        [there, absent] = [asked.timekeeper.why_not(each) for each in wanted(asked) if each.stage == "forward"]

        assert there is None
        assert absent is not None
        assert absent.startswith("no device cuda:7: torch sees ")


class TestTimeStages:
    def test_leaves_a_run_with_timings_and_no_evaluation(self, tiny, shop, tmp_path):
        asked = session(tmp_path, tiny, shop, timing_only=True)
        asked.time_stages()
        run = asked.close()

        assert run is not None
        assert run.evaluations == ()
        assert [each.stage for each in run.timings if each.role == "case"] == list(STEPS)
        assert run.status == "finished"

    def test_what_cannot_be_timed_is_noted(self, tiny, shop, tmp_path):
        asked = session(tmp_path, tiny, shop, seq_lens=(12, 9999))
        asked.time_stages()
        run = asked.close()

        assert run is not None
        assert run.notes == ("not timed at 2 × 9999: tiny takes 512 tokens at most",)

    def test_nothing_measured_is_an_error_of_its_own(self, tiny, shop, tmp_path):
        from harness.errors import NothingMeasured

        asked = session(tmp_path, tiny, shop, seq_lens=(9999,))
        with pytest.raises(NothingMeasured) as caught:
            asked.time_stages()

        assert str(caught.value) == (
            "no case can be timed\n"
            "  where     not timed at 2 × 9999: tiny takes 512 tokens at most\n"
            "  remedy    name other devices, or sequences that the classifier takes"
        )
        assert asked.folder is None

    def test_an_interrupted_run_goes_on_with_the_next_cell(self, tiny, shop, tmp_path):
        """Rounds of finished cells are taken over as they are."""
        first = session(tmp_path, tiny, shop, seq_lens=(12, 16), timing_only=True)
        cases = wanted(first)
        first.place()
        first.timekeeper.timed(cases[0], [each for each in cases if each.cell == cases[0].cell], QUICK)
        before = list(first.timekeeper.timings)
        first.close("interrupted")

        again = session(tmp_path, tiny, shop, seq_lens=(12, 16), timing_only=True)
        again.time_stages()
        run = again.close()

        assert run is not None
        assert run.id == first.folder.name
        assert [each for each in run.timings if each.seq_len == 12] == before
        assert {each.seq_len for each in run.timings} == {12, 16}
