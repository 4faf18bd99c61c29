"""Archives of arrays: what is read, what is left out, and that nothing in them is ever run."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from harness.errors import PredictionsError
from harness.metrics.validity import check
from scores.score_files import reading, refusal, refused, written

ROWS = np.array([[0.25, 0.75], [0.5, 0.5], [1, 0]])
GOLD = np.array([1, 0, 0])


class Trap:
    """Would write a file if its pickle were loaded."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return (Path.touch, (self.path,))


class TestArrays:
    @pytest.mark.parametrize("gold", ["gold", "labels", "label", "y_true", "targets", "y"])
    @pytest.mark.parametrize("matrix", ["probabilities", "probs", "proba", "y_prob"])
    def test_the_usual_names_are_found(self, tmp_path: Path, gold: str, matrix: str) -> None:
        scores = reading(tmp_path, "a.npz", {gold: GOLD, matrix: ROWS})

        assert scores.gold.tolist() == [1, 0, 0]
        assert scores.gold.dtype == np.int64
        assert scores.probabilities.tolist() == ROWS.tolist()
        assert scores.logits is None
        assert scores.ids is None
        assert scores.columns is None

    @pytest.mark.parametrize("dtype", [np.float32, np.float64, ">f8", np.longdouble])
    def test_float32_stays_and_wider_floats_are_float64(self, tmp_path: Path, dtype: Any) -> None:
        scores = reading(tmp_path, "a.npz", {"gold": GOLD, "probs": np.asfortranarray(ROWS.astype(dtype))})

        assert scores.probabilities.dtype == (np.float32 if dtype == np.float32 else np.float64)
        assert scores.probabilities.tolist() == ROWS.tolist()

    def test_float16_becomes_float32(self, tmp_path: Path) -> None:
        assert reading(tmp_path, "a.npz", {"gold": GOLD, "probs": ROWS.astype("f2")}).probabilities.dtype == np.float32

    @pytest.mark.parametrize("shape", [(3,), (3, 1)])
    def test_one_probability_a_row_is_that_of_the_second_class(self, tmp_path: Path, shape: tuple[int, ...]) -> None:
        scores = reading(tmp_path, "a.npz", {"gold": GOLD, "y_prob": ROWS[:, 1].reshape(shape)})

        assert scores.probabilities.tolist() == ROWS.tolist()
        assert "'y_prob' is of the second class, 1" in scores.notes

    def test_one_logit_a_row_is_against_0_for_the_first_class(self, tmp_path: Path) -> None:
        scores = reading(tmp_path, "a.npz", {"gold": GOLD, "logits": np.log([3.0, 1.0, 0.25])})

        assert scores.logits is not None
        assert scores.logits[:, 0].tolist() == [0, 0, 0]
        assert scores.probabilities[:, 1] == pytest.approx([0.75, 0.5, 0.2])

    def test_gold_labels_may_be_a_column_of_an_array(self, tmp_path: Path) -> None:
        assert reading(tmp_path, "a.npz", {"y": GOLD[:, None], "probs": ROWS}).gold.tolist() == [1, 0, 0]

    @pytest.mark.parametrize("dtype", ["U", "S"])
    def test_classes_labels_and_ids_may_be_texts(self, tmp_path: Path, dtype: str) -> None:
        arrays = {
            "classes": np.array(["ham", "spam"], dtype),
            "gold": np.array(["spam", "ham", "ham"], dtype),
            "ids": np.array(["a", "b", "c"], dtype),
            "probs": ROWS,
        }
        scores = reading(tmp_path, "a.npz", arrays)

        assert scores.classes == ("ham", "spam")
        assert scores.gold.tolist() == [1, 0, 0]
        assert scores.ids == ["a", "b", "c"]

    @pytest.mark.parametrize("gold", [GOLD.astype(bool), GOLD.astype("f2"), GOLD.astype("u1")])
    def test_gold_labels_may_be_of_other_types(self, tmp_path: Path, gold: np.ndarray) -> None:
        assert reading(tmp_path, "a.npz", {"gold": gold, "probs": ROWS}).gold.tolist() == [1, 0, 0]

    def test_other_arrays_of_n_are_kept_and_the_rest_is_noted(self, tmp_path: Path) -> None:
        arrays = {
            "gold": GOLD,
            "probs": ROWS,
            "lang": np.array(["de", "fr", "de"]),
            "price": np.array([1.5, 2, 3]),
            "embedding": np.ones((3, 7)),
            "temperature": np.float64(1.3),
            "edges": np.arange(16),
            "when": np.array(["2024-01-01"] * 3, "M8[D]"),
        }
        scores = reading(tmp_path, "a.npz", arrays)

        assert scores.columns is not None
        assert scores.columns.to_pydict() == {"lang": ["de", "fr", "de"], "price": [1.5, 2, 3]}
        assert scores.notes[-1] == (
            "left out: 'embedding', an array of shape (3, 7); 'temperature', an array of shape (); "
            "'when', an array of dtype datetime64[D]; 'edges', 16 values for 3 rows"
        )

    def test_what_is_read_can_be_scored(self, tmp_path: Path) -> None:
        scores = reading(tmp_path, "a.npz", {"gold": GOLD, "probs": ROWS})

        check(scores.probabilities, scores.gold)


class TestPickles:
    def test_an_array_of_objects_is_left_out_and_noted(self, tmp_path: Path) -> None:
        texts = np.array(["good", None, Trap(tmp_path / "touched")], object)
        scores = reading(tmp_path, "a.npz", {"gold": GOLD, "probs": ROWS, "texts": texts})

        assert scores.notes[-1] == "left out: 'texts', an array of Python objects, which only a pickle could hold"
        assert not (tmp_path / "touched").exists()

    def test_gold_labels_that_are_objects_are_refused(self, tmp_path: Path) -> None:
        assert refusal(tmp_path, "a.npz", {"gold": GOLD.astype(object), "probs": ROWS}) == (
            "'gold' is an array of Python objects, which only a pickle could hold\n"
            "  where     a.npz\n"
            "  expected  one label for each row, as text or as whole numbers\n"
            "  remedy    save it as text: gold.astype(str)"
        )

    def test_so_are_those_that_the_user_names(self, tmp_path: Path) -> None:
        arrays = {"topic": np.array(["a", "b", "b"], object), "probs": ROWS}

        assert refusal(tmp_path, "a.npz", arrays, label_column="topic") == (
            "'topic' is an array of Python objects, which only a pickle could hold\n"
            "  where     a.npz\n"
            "  expected  one label for each row, as text or as whole numbers\n"
            "  remedy    save it as text: topic.astype(str)"
        )

    def test_so_are_probabilities(self, tmp_path: Path) -> None:
        assert refusal(tmp_path, "a.npz", {"gold": GOLD, "probs": ROWS.astype(object)}) == (
            "there are no probabilities and no logits\n"
            "  where     a.npz\n"
            "  expected  probabilities or logits with a number for each class, or arrays p_<class> or logit_<class>\n"
            "            the file has 'gold'\n"
            "            left out: 'probs', an array of Python objects, which only a pickle could hold\n"
            "  remedy    rename them so; arrays with the bare names of the classes are found by --classes"
        )


class TestGoldLabels:
    def test_one_hot_rows_are_told_by_their_name(self, tmp_path: Path) -> None:
        assert refusal(tmp_path, "a.npz", {"y_true": np.eye(2)[GOLD], "probs": ROWS}) == (
            "the gold labels are one-hot: each row holds a single 1 among 2 numbers\n"
            "  where     a.npz, array 'y_true'\n"
            "  expected  the name or the number of a class in each row\n"
            "  remedy    give its argmax: y_true.argmax(axis=1)"
        )

    def test_other_rows_of_several_are_not(self, tmp_path: Path) -> None:
        assert refusal(tmp_path, "a.npz", {"y_true": np.ones((3, 2)), "probs": ROWS}).startswith(
            "a gold label is one value, but here each row holds several\n"
        )

    def test_beside_one_label_a_row_they_are_left_out(self, tmp_path: Path) -> None:
        scores = reading(tmp_path, "a.npz", {"y": GOLD, "labels": np.eye(2)[GOLD], "probs": ROWS})

        assert scores.gold.tolist() == [1, 0, 0]
        assert scores.notes[-1] == "left out: 'labels', lists of numbers"

    def test_arrays_without_names_are_to_be_named(self, tmp_path: Path) -> None:
        np.savez(tmp_path / "a.npz", ROWS, GOLD)

        assert refused(tmp_path / "a.npz") == (
            "no array has a usual name of gold labels\n"
            "  where     a.npz\n"
            "  expected  gold, y_true, true_label, actual, y_test, label, labels, y, target, targets, stars or rating\n"
            "            the file has 'arr_1'\n"
            "            left out: 'arr_0', an array of shape (3, 2)\n"
            "  remedy    save them with their names: np.savez(file, probabilities=P, gold=y)"
        )


class TestDamage:
    @pytest.mark.parametrize("content", [b"PK\x03\x04", b"\x93NUMPY", "gold,p_a,p_b\n"])
    def test_another_file_is_no_archive(self, tmp_path: Path, content: bytes | str) -> None:
        assert refusal(tmp_path, "a.npz", content) == (
            "the file is no .npz archive, or is cut short\n"
            "  where     a.npz\n"
            "  expected  an archive as np.savez writes it\n"
            "  remedy    save it again with np.savez('predictions.npz', gold=gold, probabilities=probabilities)"
        )

    def test_a_damaged_array_is_named(self, tmp_path: Path) -> None:
        path = written(tmp_path, "a.npz", {"gold": GOLD, "probs": ROWS})
        content = path.read_bytes()
        path.write_bytes(content.replace(ROWS.tobytes(), ROWS.tobytes()[::-1]))

        assert refused(path, PredictionsError) == (
            "the archive is damaged: Bad CRC-32 for file 'probs.npy'\n"
            "  where     a.npz, array 'probs'\n"
            "  remedy    write or fetch it again"
        )

    def test_a_zip_archive_of_other_files_has_no_labels(self, tmp_path: Path) -> None:
        with zipfile.ZipFile(tmp_path / "a.npz", "w") as archive:
            archive.writestr("gold.txt", "1")

        assert "the file has no array\n            left out: 'gold.txt', no array\n" in refused(tmp_path / "a.npz")


class TestRows:
    def test_two_lengths_are_told(self, tmp_path: Path) -> None:
        assert refusal(tmp_path, "a.npz", {"gold": GOLD[:2], "probs": ROWS}) == (
            "3 rows in 'probs', and 2 gold labels in 'gold'\n"
            "  where     a.npz\n"
            "  expected  one gold label for each row\n"
            "  remedy    take both from the same examples, in the same order"
        )

    def test_rows_are_counted_from_0_as_numpy_counts_them(self, tmp_path: Path) -> None:
        rows = ROWS.copy()
        rows[2, 1] = np.nan

        assert refusal(tmp_path, "a.npz", {"gold": GOLD, "probs": rows}) == (
            "numbers are NaN or infinite\n"
            "  where     a.npz, array 'probs', row 2, counted from 0\n"
            "  expected  finite numbers\n"
            "  remedy    look at what made these rows"
        )

    def test_a_gold_label_that_is_nan_is_missing(self, tmp_path: Path) -> None:
        assert refusal(tmp_path, "a.npz", {"gold": np.array([1, np.nan, 0]), "probs": ROWS}) == (
            "rows have no gold label\n"
            "  where     a.npz, array 'gold', row 1, counted from 0\n"
            "  expected  a label in every row\n"
            "  remedy    fill the labels in, or leave the rows out"
        )

    @pytest.mark.parametrize("names", [["a", "b", "c"], ["a"]])
    def test_classes_of_another_number_are_refused(self, tmp_path: Path, names: list[str]) -> None:
        assert refusal(tmp_path, "a.npz", {"gold": GOLD, "probs": ROWS, "classes": np.array(names)}) == (
            f"the file names {len(names)} classes, and 'probs' is of 2\n"
            "  where     a.npz\n"
            f"  expected  one of the classes for each number: {', '.join(names)}\n"
            "  remedy    write the file again with as many names as numbers"
        )
