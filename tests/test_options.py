"""Options: declared once, read from five places in a fixed order, refused with the nearest name."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.errors import UsageError
from harness.options import Settings, declared, project_root, read_table, resolve, under_pytest


def settings(root: Path, given: dict[str, object] | None = None, **environ: str) -> Settings:
    return resolve(given or {}, root, environ)


class TestDeclared:
    def test_names_follow_from_the_field(self) -> None:
        option = declared()["max_length"]

        assert (option.flag, option.pytest_flag, option.pytest_dest) == (
            "--max-length", "--harness-max-length", "harness_max_length",
        )  # fmt: skip
        assert (option.variable, option.key) == ("HARNESS_MAX_LENGTH", "max-length")

    def test_only_the_classifier_and_the_review_set_have_short_names_under_pytest(self) -> None:
        """`--device` and `--output` belong to other plugins."""
        short = {name for name, option in declared().items() if not option.pytest_flag.startswith("--harness-")}

        assert short == {"model", "dataset"}

    def test_every_option_has_a_help_and_every_integer_a_unit_or_a_metavar(self) -> None:
        for option in declared().values():
            assert option.help, option.name
            assert option.kind != "integer" or option.unit or option.metavar, option.name


class TestResolve:
    def test_defaults_where_nothing_is_given(self, tmp_path: Path) -> None:
        assert settings(tmp_path) == Settings()

    def test_option_beats_environment_beats_ini_beats_harness_toml_beats_pyproject(self, tmp_path: Path) -> None:
        seen = []
        (tmp_path / "pyproject.toml").write_text("[tool.harness]\nseed = 1\n")
        seen.append(settings(tmp_path).seed)
        (tmp_path / "harness.toml").write_text("seed = 2\n")
        seen.append(settings(tmp_path).seed)
        seen.append(resolve({}, tmp_path, {}, {"seed": "3"}).seed)
        seen.append(resolve({}, tmp_path, {"HARNESS_SEED": "4"}, {"seed": "3"}).seed)
        seen.append(resolve({"seed": "5"}, tmp_path, {"HARNESS_SEED": "4"}, {"seed": "3"}).seed)

        assert seen == [1, 2, 3, 4, 5]

    def test_values_arrive_in_the_type_of_the_field(self, tmp_path: Path) -> None:
        found = settings(
            tmp_path,
            {
                "batch_sizes": "1, 8,32",
                "model": ("a", "b"),
                "output": "elsewhere",
                "no_cache": True,
                "confidence": "0.9",
            },
        )

        assert found.batch_sizes == (1, 8, 32)
        assert found.model == ("a", "b")
        assert found.output == Path("elsewhere")
        assert found.no_cache is True
        assert found.confidence == 0.9

    def test_columns_of_slices_are_repeated_on_the_command_line_and_a_list_in_a_file(self, tmp_path: Path) -> None:
        given = settings(tmp_path, {"slice_by": ("language", "length")})
        (tmp_path / "harness.toml").write_text('slice-by = ["language", "length"]\ncluster-by = "product_id"\n')
        read = settings(tmp_path)

        assert given.slice_by == read.slice_by == ("language", "length")
        assert (given.cluster_by, read.cluster_by) == (None, "product_id")

    def test_name_of_a_column_may_hold_a_comma(self, tmp_path: Path) -> None:
        assert settings(tmp_path, HARNESS_SLICE_BY="country, city").slice_by == ("country, city",)

    def test_gates_are_left_to_their_own_reader(self, tmp_path: Path) -> None:
        (tmp_path / "pyproject.toml").write_text("[tool.harness.gates]\naccuracy = 0.5\n")

        assert settings(tmp_path) == Settings()

    def test_what_the_table_of_the_gates_may_say_too_has_no_default_of_its_own(self, tmp_path: Path) -> None:
        """None leaves it to the table; `harness.gates.reading` has the defaults."""
        found = settings(tmp_path)

        assert (found.gate, found.baseline, found.alpha, found.inconclusive) == ((), None, None, None)

    def test_a_rule_may_hold_a_comma_and_is_repeated(self, tmp_path: Path) -> None:
        assert settings(tmp_path, HARNESS_GATE="accuracy@city=Bonn,D>=0.4").gate == ("accuracy@city=Bonn,D>=0.4",)
        assert settings(tmp_path, {"gate": ("accuracy>=0.5", "macro_f1>=0.4")}).gate == (
            "accuracy>=0.5", "macro_f1>=0.4",
        )  # fmt: skip

    def test_an_unknown_key_names_the_file_and_the_nearest_key(self, tmp_path: Path) -> None:
        (tmp_path / "harness.toml").write_text('dtpye = "float32"\n')

        with pytest.raises(UsageError) as caught:
            settings(tmp_path)

        assert caught.value.message == "unknown setting 'dtpye'"
        assert caught.value.where == str(tmp_path / "harness.toml")
        assert caught.value.remedy == "did you mean 'dtype'? remove or rename the key"

    def test_broken_toml_names_the_file(self, tmp_path: Path) -> None:
        (tmp_path / "harness.toml").write_text("seed = = 1\n")

        with pytest.raises(UsageError, match=r"harness\.toml is not valid TOML"):
            settings(tmp_path)

    @pytest.mark.parametrize(
        ("name", "value", "message", "expected"),
        [
            ("dtype", "int8", "dtype cannot be 'int8'", "auto, float32, bfloat16, float16"),
            ("max_length", "many", "max-length cannot be 'many'", "a whole number"),
            ("token_budget", "0", "token-budget cannot be '0'", "a positive whole number"),
            ("confidence", "95", "confidence cannot be '95'", "a number between 0 and 1"),
            ("confidence", "nan", "confidence cannot be 'nan'", "a number between 0 and 1"),
            ("alpha", "1", "alpha cannot be '1'", "a number between 0 and 1"),
            ("inconclusive", "pass", "inconclusive cannot be 'pass'", "show, fail"),
            ("no_cache", "perhaps", "no-cache cannot be 'perhaps'", "true or false"),
            ("resamples", "0", "resamples cannot be '0'", "a positive whole number"),
            ("batch_sizes", "1,two", "batch-sizes cannot be 'two'", "a whole number"),
        ],
    )
    def test_a_value_of_the_wrong_kind_says_what_was_expected_and_where(
        self, tmp_path: Path, name: str, value: str, message: str, expected: str
    ) -> None:
        with pytest.raises(UsageError) as caught:
            settings(tmp_path, {}, **{f"HARNESS_{name.upper()}": value})

        assert (caught.value.message, caught.value.expected) == (message, expected)
        assert caught.value.where == f"environment variable HARNESS_{name.upper()}"


class TestReadTable:
    def test_is_what_either_file_says_to_the_harness(self, tmp_path: Path) -> None:
        (tmp_path / "harness.toml").write_text("[gates.accuracy]\nmin = 0.5\n")
        (tmp_path / "pyproject.toml").write_text("[tool.other]\na = 1\n[tool.harness]\nseed = 3\n")

        assert read_table(tmp_path / "harness.toml") == {"gates": {"accuracy": {"min": 0.5}}}
        assert read_table(tmp_path / "pyproject.toml") == {"seed": 3}
        assert read_table(tmp_path / "none.toml") == {}

    @pytest.mark.parametrize("text", ["tool = 3\n", "[tool]\nharness = 3\n"])
    def test_a_value_in_the_place_of_the_table_is_an_error(self, tmp_path: Path, text: str) -> None:
        (tmp_path / "pyproject.toml").write_text(text)

        with pytest.raises(UsageError) as caught:
            settings(tmp_path)

        assert caught.value.message == "tool.harness is no table"
        assert caught.value.where == str(tmp_path / "pyproject.toml")


class TestProjectRoot:
    def test_is_the_nearest_folder_with_settings(self, tmp_path: Path) -> None:
        (tmp_path / "harness.toml").write_text("")
        inner = tmp_path / "a" / "b"
        inner.mkdir(parents=True)

        assert project_root(inner) == tmp_path


class TestUnderPytest:
    def test_names_options_as_pytest_knows_them(self) -> None:
        said = under_pytest("leave the rows out with --on-bad-row skip, or name another --dataset")

        assert said == "leave the rows out with --harness-on-bad-row skip, or name another --dataset"
