"""The `harness` command: what it prints, and the code it exits with."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from support.checkpoints import bert
from support.command import exit_code

from harness import runs
from harness.cli import cli, main

HEAVY = {"torch", "transformers", "datasets", "sklearn", "scipy", "pandas", "numpy", "pyarrow", "pydantic"}


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A random five-star checkpoint, made once."""
    return bert(tmp_path_factory.mktemp("checkpoints") / "tiny")


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of its own with a small review set, as the current one."""
    (tmp_path / "shop.csv").write_text("text,stars\nI love this book,5\nawful product,1\nit was good,4\nnot bad,3\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


class TestPredict:
    def test_json_is_a_list_with_one_object_a_text(
        self, tiny: Path, here: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        main(["predict", "--model", str(tiny), "--format", "json", "I love this book", "awful"])

        found = json.loads(capsys.readouterr().out)
        assert [each["text"] for each in found] == ["I love this book", "awful"]
        assert list(found[0]["probabilities"]) == ["1 star", "2 stars", "3 stars", "4 stars", "5 stars"]
        assert sum(found[0]["probabilities"].values()) == pytest.approx(1, abs=1e-5)
        assert found[0]["label"] == max(found[0]["probabilities"], key=found[0]["probabilities"].get)

    def test_text_and_csv_and_a_file_tell_the_same(
        self, tiny: Path, here: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        (here / "lines.txt").write_text("I love this book\n")
        main(["predict", "--model", str(tiny), "I love this book"])
        shown = capsys.readouterr().out
        main(["predict", "--model", str(tiny), "--file", "lines.txt", "--format", "csv"])
        (row,) = csv.DictReader(io.StringIO(capsys.readouterr().out))

        for name in ("1 star", "5 stars"):
            assert f"{name:<7}  {float(row[name]):.4f}" in shown

    def test_several_classifiers_are_refused(self, here: Path, capsys: pytest.CaptureFixture[str]) -> None:
        assert exit_code("predict", "--model", "a", "--model", "b", "text") == 2
        assert "predict takes one classifier, not 2" in capsys.readouterr().err


class TestEvaluate:
    def test_prints_the_tables_and_show_prints_them_again(
        self, tiny: Path, here: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        main(["evaluate", "--model", str(tiny), "--dataset", "shop.csv", "--resamples", "100"])
        first = capsys.readouterr().out
        main(["show", "latest"])
        second = capsys.readouterr().out

        assert "Accuracy" in first
        assert "Confusion" in first
        assert first == second

    def test_json_of_evaluate_and_of_show_is_the_run(
        self, tiny: Path, here: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        main(["evaluate", "--model", str(tiny), "--dataset", "shop.csv", "--resamples", "100", "--format", "json"])
        run = json.loads(capsys.readouterr().out)
        main(["show", run["id"], "--format", "json"])

        assert json.loads(capsys.readouterr().out) == run
        assert json.loads((here / "reports/runs" / run["id"] / "run.json").read_text()) == run
        (evaluation,) = run["evaluations"]
        assert evaluation["counts"]["evaluated"] == 4
        assert set(evaluation["metrics"]["accuracy"]) == {"value", "low", "high", "method"}

    def test_csv_has_one_row_a_metric(self, tiny: Path, here: Path, capsys: pytest.CaptureFixture[str]) -> None:
        main(["evaluate", "--model", str(tiny), "--dataset", "shop.csv", "--resamples", "100", "--format", "csv"])

        rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
        assert "accuracy" in {row["metric"] for row in rows}

    def test_bad_input_is_one_message_without_a_traceback(
        self, tiny: Path, here: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        code = exit_code("evaluate", "--model", str(tiny), "--dataset", "shop.csv", "--text-column", "body")
        error = capsys.readouterr().err

        assert code == 2
        assert error.startswith("harness: ")
        assert "shop.csv" in error
        assert "Traceback" not in error

    @pytest.mark.parametrize("command", ["show", "report"])
    def test_a_run_that_is_not_there_is_an_error(
        self, command: str, here: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert exit_code(command, "nowhere") == 2
        assert "nowhere" in capsys.readouterr().err


class TestShow:
    def test_full_shows_every_metric_thresholds_and_slices(
        self, tiny: Path, here: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        main(["evaluate", "--model", str(tiny), "--dataset", "shop.csv", "--resamples", "50"])
        main(["show", "latest"])
        short = capsys.readouterr().out
        main(["show", "latest", "--full"])
        full = capsys.readouterr().out

        for part in (
            "Selective prediction",
            "Weighted F1",
            "Calibration, before and after",
            "Thresholds of confidence",
        ):
            assert part in full
            assert part not in short
        assert "every metric: harness show --full, or the page" in short


GOLD = np.random.default_rng(0).integers(0, 3, 90)


def logits(noise: float = 0.6) -> np.ndarray:
    """(90, 3) float32 of the gold labels above, the better the less noise."""
    seen = GOLD + np.random.default_rng(1).normal(0, noise, len(GOLD))
    found: np.ndarray = (-1.9 * np.abs(np.arange(3)[None, :] - seen[:, None])).astype(np.float32)
    return found


def probabilities(noise: float = 0.6) -> np.ndarray:
    powers = np.exp(logits(noise).astype(np.float64))
    found: np.ndarray = (powers / powers.sum(axis=1, keepdims=True)).astype(np.float32)
    return found


def as_csv(path: Path, noise: float = 0.6, order: Sequence[int] = range(90)) -> None:
    """A file with ids, labels, a column for each class, and two columns besides."""
    rows = ["id,label,p_bad,p_fair,p_good,language,product"]
    names, values = ("bad", "fair", "good"), probabilities(noise).tolist()
    rows += [f"r{k},{names[GOLD[k]]},{','.join(map(repr, values[k]))},{('de', 'en')[k % 2]},P{k // 3}" for k in order]
    path.write_text("\n".join(rows) + "\n")


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Predictions of three classes by two models, the second the worse one, as the current folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    np.savez("b.npz", gold=GOLD, probabilities=probabilities())
    np.savez("a.npz", gold=GOLD, probabilities=probabilities(1.2))
    np.savez("logits.npz", gold=GOLD, scores=logits())
    as_csv(tmp_path / "b.csv")
    as_csv(tmp_path / "a.csv", noise=1.2, order=range(89, -1, -1))
    runs.write_predictions(
        tmp_path / "b.parquet",
        ids=[f"r{k}" for k in range(90)],
        gold=GOLD,
        logits=logits(),
        probabilities=probabilities(),
        tokens=np.full(90, 12, dtype=np.int32),
        cut=np.zeros(90, dtype=bool),
        classes=("bad", "fair", "good"),
        logit_classes=("bad", "fair", "good"),
    )
    return tmp_path


class TestScore:
    def found(self, capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, Any]:
        """What `harness score --format json` prints."""
        main(["score", *arguments, "--resamples", "50", "--format", "json"])
        found: dict[str, Any] = json.loads(capsys.readouterr().out)
        return found

    @pytest.mark.parametrize("file", ["b.npz", "b.csv", "b.parquet"])
    def test_every_kind_of_file_gives_the_same_metrics(
        self, file: str, files: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        score = self.found(capsys, file, "--ordinal")

        right = (probabilities().argmax(axis=1) == GOLD).mean()
        assert score["metrics"]["accuracy"]["value"] == pytest.approx(right)
        assert score["metrics"]["brier_score"]["value"] == pytest.approx(
            np.square(probabilities() - np.eye(3)[GOLD]).sum(axis=1).mean(), abs=1e-6
        )
        assert (score["source"], score["counts"]) == (file, {"evaluated": 90})

    def test_json_is_an_object_by_metric_with_intervals_or_reasons(
        self, files: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        metrics = self.found(capsys, "b.csv", "--nominal")["metrics"]

        assert set(metrics["accuracy"]) == {"value", "low", "high", "method"}
        assert metrics["mean_absolute_error"] == {"value": None, "reason": "the classes have no order"}
        assert set(metrics["smooth_calibration_error"]) == {"value", "low", "high", "interval_reason"}

    def test_an_option_that_takes_one_value_is_refused_twice(
        self, files: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """The last would win without a word, and the intervals be those of other clusters than asked for."""
        with pytest.raises(SystemExit) as ended:
            main(["score", "b.csv", "--cluster-by", "product", "--cluster-by", "language"])

        assert ended.value.code == 2
        assert capsys.readouterr().err == (
            "harness: --cluster-by is given 2 times\n"
            "  where     --cluster-by product --cluster-by language\n"
            "  expected  one value\n"
            "  remedy    give it once\n"
        )

    def test_text_is_the_full_table(self, files: Path, capsys: pytest.CaptureFixture[str]) -> None:
        main(["score", "b.csv", "--resamples", "50"])
        shown = capsys.readouterr().out

        assert "b.csv: 90 examples, 3 classes" in shown
        for part in (
            "Accuracy ",
            "SmoothECE",
            "Conformal coverage",
            "Confusion",
            "Thresholds of",
            "Slices by language",
        ):
            assert part in shown
        assert max(map(len, shown.splitlines())) <= 80

    def test_csv_has_one_row_a_metric(self, files: Path, capsys: pytest.CaptureFixture[str]) -> None:
        metrics = self.found(capsys, "b.npz")["metrics"]
        main(["score", "b.npz", "--resamples", "50", "--format", "csv"])
        rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))

        assert [row["metric"] for row in rows] == ["examples", *metrics]
        assert float(rows[1]["value"]) == metrics["accuracy"]["value"]

    def test_classes_are_named(self, files: Path, capsys: pytest.CaptureFixture[str]) -> None:
        score = self.found(capsys, "b.npz", "--classes", "bad, fair, good")

        assert score["classes"] == ["bad", "fair", "good"]

    @pytest.mark.parametrize(("option", "ordinal"), [("--ordinal", True), ("--nominal", False)])
    def test_order_of_the_classes_is_as_it_is_said(
        self, option: str, ordinal: bool, files: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        score = self.found(capsys, "b.npz", option)

        assert score["ordinal"] is ordinal
        assert (score["metrics"]["mean_absolute_error"]["value"] is not None) is ordinal

    def test_logits_are_told_from_probabilities(self, files: Path, capsys: pytest.CaptureFixture[str]) -> None:
        given = self.found(capsys, "b.npz")["metrics"]["negative_log_likelihood"]["value"]

        assert self.found(capsys, "logits.npz", "--values", "logits")["metrics"]["negative_log_likelihood"][
            "value"
        ] == pytest.approx(given, abs=1e-6)

    def test_intervals_follow_clusters_and_slices(self, files: Path, capsys: pytest.CaptureFixture[str]) -> None:
        score = self.found(capsys, "b.csv", "--cluster-by", "product", "--slice-by", "language")

        assert score["sampling"] == "30 clusters by product"
        assert "30 clusters by product" in score["metrics"]["accuracy"]["method"]
        (column,) = score["slices"]
        assert (column["name"], column["level"]) == ("language", pytest.approx(0.975))
        assert [(one["value"], one["reviews"]) for one in column["slices"]] == [("de", 45), ("en", 45)]

    def test_against_another_file_gives_the_paired_differences(
        self, files: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        found = self.found(capsys, "b.npz", "--against", "a.npz")

        right = [float((probabilities(noise).argmax(axis=1) == GOLD).mean()) for noise in (0.6, 1.2)]
        assert (found["candidate"], found["baseline"], found["reviews"]) == ("b.npz", "a.npz", 90)
        assert found["differences"]["accuracy"]["difference"]["value"] == pytest.approx(right[0] - right[1])
        assert found["differences"]["accuracy"]["test"] == "mid-p McNemar"
        assert sum(found["flips"].values()) == 90

    def test_against_finds_examples_by_their_ids(self, files: Path, capsys: pytest.CaptureFixture[str]) -> None:
        by_id = self.found(capsys, "b.csv", "--against", "a.csv", "--ordinal")
        in_order = self.found(capsys, "b.npz", "--against", "a.npz", "--ordinal")

        assert by_id["flips"] == in_order["flips"]

    def test_against_prints_tables_and_rows(self, files: Path, capsys: pytest.CaptureFixture[str]) -> None:
        main(["score", "b.csv", "--against", "a.csv", "--resamples", "50", "--slice-by", "language"])
        shown = capsys.readouterr().out
        main(["score", "b.csv", "--against", "a.csv", "--resamples", "50", "--format", "csv"])
        rows = {row["metric"]: row for row in csv.DictReader(io.StringIO(capsys.readouterr().out))}

        assert "b.csv against a.csv: 90 examples" in shown
        assert "wrong → right" in shown
        assert "p adjusted by Holm over 2 slices" in shown
        assert max(map(len, shown.splitlines())) <= 80
        assert float(rows["accuracy"]["difference"]) > 0

    @pytest.mark.parametrize(
        ("arguments", "said"),
        [
            (["missing.npz"], "there is no such file"),
            (["b.npz", "--classes", "bad,good"], "2 classes"),
            (["b.npz", "--slice-by", "language"], "there is no column 'language' to slice by"),
            (["b.csv", "--cluster-by", "products"], "there is no column 'products'"),
            (["b.csv", "--cluster-by", "product", "--stratify-by", "label"], "clusters and strata cannot go together"),
            (["b.csv", "--against", "b.npz"], "the files have different classes"),
            (["b.npz", "--confidence", "95"], "confidence cannot be '95'"),
            (["b.npz", "--format", "yaml"], "'yaml'"),
            ([], "Missing argument 'FILE'"),
        ],
    )
    def test_wrong_use_and_bad_input_exit_with_2_and_one_message(
        self, arguments: list[str], said: str, files: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert exit_code("score", *arguments) == 2

        printed = capsys.readouterr()
        assert said in printed.err
        assert "Traceback" not in printed.err
        assert printed.out == ""

    @pytest.mark.parametrize("content", ["", "label,p_bad,p_good\n"])
    def test_file_without_a_row_exits_with_3(
        self, content: str, files: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        (files / "empty.csv").write_text(content)

        assert exit_code("score", "empty.csv") == 3
        assert capsys.readouterr().err.startswith("harness: ")

    def test_rows_that_do_not_sum_to_one_are_named(self, files: Path, capsys: pytest.CaptureFixture[str]) -> None:
        wrong = probabilities()
        wrong[[4, 17]] *= 1.5
        np.savez("wrong.npz", gold=GOLD, probabilities=wrong)

        assert exit_code("score", "wrong.npz", "--values", "probabilities") == 2
        assert "rows 4, 17 (2 in all)" in capsys.readouterr().err


class TestReport:
    def test_writes_the_page_where_it_is_asked_to(
        self, tiny: Path, here: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        main(["evaluate", "--model", str(tiny), "--dataset", "shop.csv", "--resamples", "100"])
        main(["report", "latest", "-o", "page.html"])

        assert capsys.readouterr().out.endswith("page.html\n")
        assert "awful product" in (here / "page.html").read_text()


class TestCommand:
    @pytest.mark.parametrize("arguments", [["--help"], ["evaluate", "--help"], ["score", "--help"], ["--version"]])
    def test_help_imports_nothing_heavy(self, arguments: list[str]) -> None:
        program = (
            f"import sys\nfrom harness.cli import main\nmain({arguments!r})\n"
            f"print(sorted({HEAVY!r} & set(sys.modules)), file=sys.stderr)"
        )
        done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

        assert done.stderr.strip() == "[]"
        assert done.stdout

    def test_the_check_of_heavy_imports_can_fail(self) -> None:
        program = f"import sys, numpy\nprint(sorted({HEAVY!r} & set(sys.modules)))"
        done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

        assert done.stdout.strip() == "['numpy']"

    def test_an_unknown_option_exits_with_2(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert exit_code("evaluate", "--modle", "builtin") == 2
        assert "--modle" in capsys.readouterr().err

    def test_every_command_has_a_help_that_begins_with_a_verb(self) -> None:
        for name, command in cli.commands.items():
            assert command.help, name
            assert command.help.split()[0] in {"Evaluate", "Judge", "Print", "Put", "Write"}, name

    def test_an_interrupt_exits_with_130(
        self, here: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        def interrupted(*_: object, **__: object) -> None:
            raise KeyboardInterrupt

        monkeypatch.setattr("harness.session.Session.evaluate", interrupted)

        assert exit_code("evaluate") == 130
        assert "interrupted; the same command goes on from here" in capsys.readouterr().err
