"""The classifier of --against, evaluated in a process of its own on the candidate's reviews."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from harness import reference_predictions
from harness.errors import ClassifierError, RunError, UsageError
from harness.options import Settings
from harness.reference_worker import Evaluator

REVIEWS = "text,stars\na bad book,1\na fair book,3\na good book,5\n"


@pytest.fixture
def reviews(tmp_path: Path) -> str:
    path = tmp_path / "reviews.csv"
    path.write_text(REVIEWS)
    return str(path)


def settings(**given: Any) -> Settings:
    return Settings(resamples=100, **given)


class TestPredicted:
    def test_is_a_baseline_while_it_is_needed(self, reviews: str, tmp_path: Path) -> None:
        with reference_predictions.predicted("builtin", reviews, settings(dtype="bfloat16"), tmp_path / "run") as found:
            [one] = found.record.evaluations
            table = found.predictions(one)
            # At its own dtype, whatever the candidate's is.
            assert found.record.classifiers[0].dtype == "float32"
            assert found.record.packages.keys() >= {"torch", "transformers"}

        assert table.gold.tolist() == [0, 2, 4]
        assert not (tmp_path / "run" / "references" / "unfinished").exists()

    def test_errors_of_the_other_process_come_with_the_side(self, tmp_path: Path, reviews: str) -> None:
        with (
            pytest.raises(ClassifierError, match=r"^reference: "),
            reference_predictions.predicted("no/such-folder/here", reviews, settings(), tmp_path),
        ):
            pytest.fail("it was evaluated")

    def test_an_interpreter_without_the_harness_is_told_as_one(self, tmp_path: Path, monkeypatch) -> None:
        monkeypatch.setattr(reference_predictions, "PROGRAM", ("-S", "-m", "harness_of_old.reference"))

        with (
            pytest.raises(RunError) as caught,
            reference_predictions.predicted("builtin", "builtin", settings(), tmp_path),
        ):
            pytest.fail("it was evaluated")

        assert caught.value.message == "the process that runs the reference ended with status 1"
        assert caught.value.remedy == "see that this version of the harness is installed in that environment"

    def test_an_interpreter_that_is_none_is_refused(self, tmp_path: Path) -> None:
        asked = settings(against_python=tmp_path / "none")

        with (
            pytest.raises(UsageError, match="the reference's interpreter cannot be run"),
            reference_predictions.predicted("builtin", "builtin", asked, tmp_path),
        ):
            pytest.fail("it was evaluated")


class TestEvaluator:
    def test_follows_no_settings_file_of_the_place(self, tmp_path: Path, monkeypatch, reviews: str) -> None:
        (tmp_path / "harness.toml").write_text("dtype = 'float16'\nmodel = ['elsewhere']\n")
        monkeypatch.chdir(tmp_path)
        monkeypatch.setenv("HARNESS_AGAINST", "builtin")

        asked = {"model": ["builtin"], "dataset": [reviews], "output": str(tmp_path / "runs"), "resamples": 100}
        answer = Evaluator().answer({"evaluate": asked})

        assert Path(answer["evaluated"]["run"]).parent == tmp_path / "runs"

    def test_refuses_an_option_of_a_newer_harness(self) -> None:
        with pytest.raises(UsageError) as caught:
            Evaluator().answer({"evaluate": {"model": ["builtin"], "precision_of_tomorrow": 3}})

        assert str(caught.value) == (
            "this version of the harness has no option precision_of_tomorrow\n"
            "  where     the reference of --against\n"
            "  remedy    leave the option out, or use a newer harness in that environment"
        )

    def test_refuses_what_it_is_not_asked(self) -> None:
        with pytest.raises(UsageError, match="does not know what it is asked"):
            Evaluator().answer({"load": {}})
