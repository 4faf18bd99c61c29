"""The gates of a project: two files and the options, rule by rule; what is wrong is named with its table."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.errors import UsageError
from harness.gates import reading
from harness.gates.reading import read
from harness.gates.rules import Gates, Rule, parse
from harness.options import Settings

EVERYTHING = """
[tool.harness]
seed = 3

[tool.harness.gates]
alpha = 0.1
inconclusive = "fail"
baseline = "main"
against = "builtin"

[tool.harness.gates.accuracy]
min = 0.52
max_drop = 0.01
no_worse = true
reason = "a promise to the shop"

[tool.harness.gates.accuracy.slices.language.de]
min = 0.45

[tool.harness.gates.accuracy.slices."length in tokens"."1–16"]
min = 0.4
reason = "short reviews are hard"

[tool.harness.gates.expected_calibration_error]
max = 0.15

[tool.harness.gates.forward]
max_slowdown = 0.05

[tool.harness.gates.single-stream]
max-slowdown = 0.1
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A folder without settings."""
    return tmp_path


def pyproject(project: Path, text: str) -> Path:
    (project / "pyproject.toml").write_text(text, encoding="utf-8")
    return project


def ids(gates: Gates) -> list[str]:
    return [rule.id for rule in gates.rules]


def refused(project: Path, *given: str, **options: object) -> tuple[str, str, str, str]:
    with pytest.raises(UsageError) as caught:
        read(project, given, **options)
    error = caught.value
    return error.message, error.where, error.expected, error.remedy


class TestRead:
    def test_of_nothing_is_no_rule_and_the_customary_levels(self, project):
        assert read(project) == Gates((), alpha=0.05, inconclusive="show", baseline=None, against=None)

    def test_takes_everything_from_a_file_in_its_order(self, project):
        gates = read(pyproject(project, EVERYTHING))

        assert ids(gates) == [
            "accuracy>=0.52",
            "accuracy-drop<=0.01",
            "accuracy-no-worse",
            "accuracy@language=de>=0.45",
            "accuracy@length%20in%20tokens=1%E2%80%9316>=0.4",
            "expected_calibration_error<=0.15",
            "forward-slowdown<=5%",
            "single-stream-slowdown<=10%",
        ]
        assert (gates.alpha, gates.inconclusive, gates.baseline, gates.against) == (0.1, "fail", "main", "builtin")

    def test_rules_know_their_reason_and_their_table(self, project):
        rules = {rule.id: rule for rule in read(pyproject(project, EVERYTHING)).rules}

        assert rules["accuracy-no-worse"].reason == "a promise to the shop"
        assert rules["accuracy@language=de>=0.45"].reason == "a promise to the shop"
        assert rules["accuracy@length%20in%20tokens=1%E2%80%9316>=0.4"].reason == "short reviews are hard"
        assert rules["accuracy>=0.52"].where == "pyproject.toml, [tool.harness.gates.accuracy]"
        assert rules["accuracy@length%20in%20tokens=1%E2%80%9316>=0.4"].where == (
            'pyproject.toml, [tool.harness.gates.accuracy.slices."length in tokens"."1–16"]'
        )

    def test_each_rule_of_harness_toml_goes_before_that_of_pyproject(self, project):
        pyproject(project, EVERYTHING)
        (project / "harness.toml").write_text(
            '[gates]\nbaseline = "next"\n[gates.accuracy]\nmin = 0.6\n[gates.macro_f1]\nmin = 0.5\n'
        )

        gates = read(project)

        assert ids(gates)[:2] == ["accuracy>=0.6", "accuracy-drop<=0.01"]
        assert ids(gates)[-1] == "macro_f1>=0.5"
        assert gates.rules[0].where == "harness.toml, [gates.accuracy]"
        assert (gates.baseline, gates.alpha) == ("next", 0.1)

    def test_an_option_takes_the_place_of_the_rule_of_its_kind_subject_and_slice_alone(self, project):
        pyproject(project, EVERYTHING)

        found = ids(read(project, ["accuracy>=0.3", "forward-slowdown<=20%", "accuracy<=0.99"]))

        assert found[:2] == ["accuracy>=0.3", "accuracy-drop<=0.01"]
        assert "accuracy@language=de>=0.45" in found
        assert "forward-slowdown<=20%" in found
        assert found[-1] == "accuracy<=0.99"
        assert len(found) == 9

    def test_no_worse_is_taken_back_by_the_file_that_goes_first(self, project):
        pyproject(project, EVERYTHING)
        (project / "harness.toml").write_text("[gates.accuracy]\nno_worse = false\n")

        assert "accuracy-no-worse" not in ids(read(project))
        assert "accuracy-no-worse" in ids(read(project, ["accuracy-no-worse"]))

    def test_options_hold_before_the_files_and_none_leaves_it_to_them(self, project):
        pyproject(project, EVERYTHING)

        gates = read(project, alpha=0.2, inconclusive="show", baseline="other", against="shape:bert-base")

        assert (gates.alpha, gates.inconclusive) == (0.2, "show")
        assert (gates.baseline, gates.against) == ("other", "shape:bert-base")

    def test_two_spellings_of_a_scenario_are_one(self, project):
        pyproject(project, "[tool.harness.gates.single_stream]\nmax_slowdown = 0.05\n")

        assert read(project).rules == (Rule("max_slowdown", "single-stream", 0.05),)

    def test_a_table_per_rule_says_the_same_as_its_option(self, project):
        from_file = read(pyproject(project, EVERYTHING)).rules

        assert tuple(parse(rule.id) for rule in from_file) == from_file


class TestRefused:
    """Each with message, where, what was expected, and the remedy."""

    @pytest.mark.parametrize(
        ("table", "message", "where", "expected", "remedy"),
        [
            ("[gates]\nalpah = 0.1", "unknown key 'alpah'", "[gates]",
             "alpha, inconclusive, baseline, against, and tables of metrics, stages and scenarios",
             "did you mean 'alpha'? correct or remove the key"),
            ("[gates]\naccuracy = 0.5", "'accuracy' needs a table of its own", "[gates]",
             "min, max, max_drop, no_worse or max_slowdown", "write [gates.accuracy] and the rule below it"),
            ("[gates.acuracy]\nmin = 0.5", "'acuracy' is no metric, stage or scenario", "[gates.acuracy]",
             "a metric of docs/words.md, a stage (tokenize, place, forward, softmax, classify) "
             "or a scenario (offline, single-stream, server)", "did you mean 'accuracy'? correct the name"),
            ("[gates.accuracy]\nminn = 0.5", "unknown key 'minn'", "[gates.accuracy]",
             "min, max, max_drop, no_worse, max_slowdown, reason, slices",
             "did you mean 'min'? correct or remove the key"),
            ("[gates.accuracy.language.de]\nmin = 0.5", "unknown key 'language'", "[gates.accuracy]",
             "min, max, max_drop, no_worse, max_slowdown, reason, slices",
             "correct or remove the key; a slice is written [gates.accuracy.slices.language.VALUE]"),
            ("[gates.accuracy.slices.language.de]\nmni = 0.5", "unknown key 'mni'",
             "[gates.accuracy.slices.language.de]", "min, max, max_drop, no_worse, max_slowdown, reason",
             "did you mean 'min'? correct or remove the key"),
            ("[gates.accuracy.slices.language]\nde = 0.5", "de is no table: 0.5", "[gates.accuracy.slices.language]",
             "slices.COLUMN.VALUE, and min, max, max_drop or no_worse in it",
             "write a table such as [….accuracy.slices.language.de]"),
            ("[gates.accuracy.slices]", "the table has no slice", "[gates.accuracy.slices]", "slices.COLUMN.VALUE",
             "remove the table"),
            ("[gates.accuracy]\nreason = 'why'", "the table has no rule", "[gates.accuracy]",
             "min, max, max_drop, no_worse, max_slowdown", "add one of them, or remove the table"),
            ("[gates.accuracy]\nmin = '0.5'", "min cannot be '0.5'", "[gates.accuracy]", "a number",
             "correct the value"),
            ("[gates.accuracy]\nmin = true", "min cannot be True", "[gates.accuracy]", "a number", "correct the value"),
            ("[gates.accuracy]\nmin = nan", "accuracy cannot be nan", "[gates.accuracy]", "a number from 0 to 1",
             "correct the limit; 50 % is written 0.5"),
            ("[gates.accuracy]\nno_worse = 1", "no_worse cannot be 1", "[gates.accuracy]", "true or false",
             "correct the value"),
            ("[gates.accuracy]\nmin = 0.5\nreason = 3", "reason cannot be 3", "[gates.accuracy]", "a text",
             "correct the value"),
            ("[gates.accuracy]\nmin = 1.5", "accuracy cannot be 1.5", "[gates.accuracy]", "a number from 0 to 1",
             "correct the limit; 50 % is written 0.5"),
            ("[gates.accuracy]\nmax_slowdown = 0.1",
             "a largest slowdown cannot be asked of accuracy, which is a metric", "[gates.accuracy]",
             "of a metric: min (>=), max (<=), max_drop (-drop<=) or no_worse (-no-worse)\n"
             "of a stage or a scenario: max_slowdown (-slowdown<=)", "change the rule, or its subject"),
            ("[gates.forward]\nmax_drop = 0.1", "a largest drop cannot be asked of forward, which is a stage",
             "[gates.forward]", "of a metric: min (>=), max (<=), max_drop (-drop<=) or no_worse (-no-worse)\n"
             "of a stage or a scenario: max_slowdown (-slowdown<=)", "change the rule, or its subject"),
            ("[gates.forward.slices.language.de]\nmax_slowdown = 0.1",
             "forward has no slices: a stage is timed as a whole", "[gates.forward.slices.language.de]",
             "slices of a metric", "leave the slice out"),
            ("[gates.forward]\nmax_slowdown = 5", "forward cannot be held to a slowdown of 5", "[gates.forward]",
             "a share above 0 and at most 1", "write 0.05 in a settings file, and 5% in an option, for 5 %"),
            ("[gates.accuracy]\nmax_drop = 0.1\nmax-drop = 0.2", "'max_drop' and 'max-drop' are the same key",
             "[gates.accuracy]", "", "leave one of them out"),
            ("[gates.single-stream]\nmax_slowdown = 0.1\n[gates.single_stream]\nmax_slowdown = 0.2",
             "'single-stream' and 'single_stream' are the same key", "[gates]", "", "leave one of them out"),
            ("[gates]\nalpha = 0.5", "alpha cannot be 0.5", "[gates]", "a number between 0 and 0.5; 0.05 is customary",
             "correct the value"),
            ("[gates]\ninconclusive = 'pass'", "inconclusive cannot be 'pass'", "[gates]", "show or fail",
             "correct the value"),
            ("[gates]\nbaseline = 3", "baseline cannot be 3", "[gates]", "the name of a baseline", "correct the value"),
            ("[gates]\nagainst = ''", "against cannot be ''", "[gates]", "a classifier", "correct the value"),
        ],
    )  # fmt: skip
    def test_names_the_file_and_the_table(self, project, table, message, where, expected, remedy):
        (project / "harness.toml").write_text(table + "\n", encoding="utf-8")

        assert refused(project) == (message, f"harness.toml, {where}", expected, remedy)

    def test_a_number_too_large_for_a_float(self, project):
        (project / "harness.toml").write_text("[gates.temperature]\nmax = 1" + "0" * 400 + "\n")

        assert refused(project)[0].startswith("max cannot be 1000")

    def test_gates_that_are_no_table(self, project):
        pyproject(project, "[tool.harness]\ngates = 3\n")

        assert refused(project) == (
            "gates is no table: 3",
            "pyproject.toml",
            "[tool.harness.gates], and [tool.harness.gates.accuracy] with min = 0.52",
            "write the rules as tables",
        )

    def test_the_same_option_twice(self, project):
        assert refused(project, "accuracy>=0.5", "accuracy >= 0.50") == (
            "accuracy>=0.5 and accuracy>=0.5 are rules of one kind for one subject",
            "option --gate accuracy>=0.5\noption --gate accuracy >= 0.50",
            "one of them",
            "leave one of them out",
        )

    def test_two_limits_of_one_kind(self, project):
        assert refused(project, "accuracy@x=y>=0.5", "accuracy@x=y>=0.6")[0] == (
            "accuracy@x=y>=0.5 and accuracy@x=y>=0.6 are rules of one kind for one subject"
        )

    def test_a_floor_of_the_file_above_the_ceiling_of_an_option(self, project):
        pyproject(project, EVERYTHING)

        assert refused(project, "accuracy<=0.5") == (
            "no value meets both accuracy>=0.52 and accuracy<=0.5",
            "pyproject.toml, [tool.harness.gates.accuracy]\noption --gate accuracy<=0.5",
            "a floor that is at most the ceiling",
            "correct one of the two",
        )

    def test_a_level_of_one_half(self, project):
        assert refused(project, alpha=0.5) == (
            "alpha cannot be 0.5",
            "option --alpha",
            "a number between 0 and 0.5",
            "0.05 is customary",
        )


class TestOf:
    def test_takes_what_the_settings_of_a_run_say(self, tmp_path):
        asked = Settings(gate=("accuracy>=0.5",), alpha=0.1, inconclusive="fail", baseline="main", against="builtin")

        assert reading.of(asked, tmp_path) == Gates(
            (parse("accuracy>=0.5"),), alpha=0.1, inconclusive="fail", baseline="main", against="builtin"
        )
