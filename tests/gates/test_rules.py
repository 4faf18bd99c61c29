"""A rule and its one line of text: what it asks, in ASCII, and back; and what is refused, with where and why."""

from __future__ import annotations

import math
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.errors import UsageError
from harness.gates.limits import check, check_together
from harness.gates.rules import Gates, Rule, parse, require_baseline, require_reference
from harness.gates.subjects import NAMES, RANGES, SCENARIOS, STAGES
from harness.metrics.scales import SCALES

WORDS = Path(__file__).parents[2] / "docs" / "words.md"
GATED = [name for name, scale in SCALES.items() if scale.better and scale.paired]


def limits(low: float, high: float, **ends: bool) -> st.SearchStrategy[float]:
    bounds = {"min_value": low if math.isfinite(low) else None, "max_value": high if math.isfinite(high) else None}
    return st.floats(allow_nan=False, allow_infinity=False, **bounds, **ends)


@st.composite
def rules(draw: st.DrawFn) -> Rule:
    """Any rule that can be followed; a slice of any text, lone surrogates of a command line among it."""
    kind = draw(st.sampled_from(["floor", "ceiling", "max_drop", "no_worse", "max_slowdown"]))
    if kind == "max_slowdown":
        return Rule(kind, draw(st.sampled_from(STAGES + SCENARIOS)), draw(limits(0, 1, exclude_min=True)))
    anything = st.text(st.characters())
    column, value = draw(st.just((None, None)) | st.tuples(anything.filter(bool), anything))
    if kind in ("floor", "ceiling"):
        subject = draw(st.sampled_from(sorted(SCALES)))
        return Rule(kind, subject, draw(limits(*RANGES[subject])), column, value)
    subject = draw(st.sampled_from(GATED))
    low, high = RANGES[subject]
    ends = {"exclude_min": True} | ({"exclude_max": True} if math.isfinite(high) else {})
    limit = draw(limits(0, high - low, **ends)) if kind == "max_drop" else 0.0
    return Rule(kind, subject, limit, column, value)


class TestId:
    @pytest.mark.parametrize(
        ("rule", "text"),
        [
            (Rule("floor", "accuracy", 0.52), "accuracy>=0.52"),
            (Rule("floor", "accuracy", 1), "accuracy>=1"),
            (Rule("ceiling", "expected_calibration_error", 0.15), "expected_calibration_error<=0.15"),
            (Rule("max_drop", "accuracy", 0.01), "accuracy-drop<=0.01"),
            (Rule("no_worse", "accuracy", 0.0), "accuracy-no-worse"),
            (Rule("floor", "accuracy", 0.45, "language", "de"), "accuracy@language=de>=0.45"),
            (Rule("max_drop", "accuracy", 0.01, "language", "de"), "accuracy-drop@language=de<=0.01"),
            (Rule("no_worse", "accuracy", 0.0, "language", "de"), "accuracy-no-worse@language=de"),
            (Rule("max_slowdown", "forward", 0.05), "forward-slowdown<=5%"),
            (Rule("max_slowdown", "single-stream", 0.07), "single-stream-slowdown<=7%"),
            (Rule("max_slowdown", "forward", 0.025), "forward-slowdown<=2.5%"),
            (Rule("max_slowdown", "forward", 1.0), "forward-slowdown<=100%"),
            (Rule("floor", "accuracy", 0.4, "Größe", "50 % [x]::y"),
             "accuracy@Gr%C3%B6%C3%9Fe=50%20%25%20%5Bx%5D%3A%3Ay>=0.4"),
        ],
    )  # fmt: skip
    def test_reads_as_the_rule(self, rule, text):
        assert rule.id == text

    @given(rules())
    def test_is_parsed_to_the_same_rule(self, rule):
        check(rule)

        assert parse(rule.id) == rule
        assert parse(rule.id).id == rule.id

    @given(rules())
    def test_is_printable_ascii_without_what_pytest_and_a_shell_pattern_take_for_their_own(self, rule):
        assert re.fullmatch(r"[A-Za-z0-9_.,~%@=<>+-]+", rule.id)

    @given(rules(), rules())
    def test_is_equal_for_equal_rules_alone(self, one, other):
        assert (one.id == other.id) == (one == other)

    def test_is_the_same_for_zero_of_either_sign(self):
        assert Rule("floor", "confidence_gap", -0.0).id == "confidence_gap>=0"


class TestRule:
    def test_is_what_it_asks_and_not_why_or_where(self):
        one = Rule("floor", "accuracy", 0.5, reason="a promise", where="pyproject.toml, [tool.harness.gates.accuracy]")

        assert one == Rule("floor", "accuracy", 0.5)
        assert hash(one) == hash(Rule("floor", "accuracy", 0.5))


class TestParse:
    def test_leaves_room_for_spaces(self):
        assert parse("  accuracy @language = de >= 0.45 ") == Rule("floor", "accuracy", 0.45, "language", "de")
        assert parse("forward-slowdown <= 5 %") == Rule("max_slowdown", "forward", 0.05)

    def test_takes_a_slice_in_any_script(self):
        assert parse("accuracy@言語=日本語>=0.4") == Rule("floor", "accuracy", 0.4, "言語", "日本語")

    def test_takes_a_value_that_looks_like_the_end_of_a_rule(self):
        assert parse("accuracy@tag=x-drop>=0.4") == Rule("floor", "accuracy", 0.4, "tag", "x-drop")
        assert parse("accuracy@tag=>=0.4") == Rule("floor", "accuracy", 0.4, "tag", "")

    def test_takes_a_slowdown_as_a_share_too(self):
        assert parse("forward-slowdown<=0.05") == parse("forward-slowdown<=5%")

    def test_tells_where_it_was_given(self):
        assert parse("accuracy>=0.5").where == "option --gate accuracy>=0.5"
        assert parse("accuracy>=0.5", "environment variable HARNESS_GATE").where == "environment variable HARNESS_GATE"

    @pytest.mark.parametrize(
        ("text", "message", "remedy"),
        [
            ("acuracy>=0.5", "'acuracy' is no metric, stage or scenario", "did you mean 'accuracy'? correct the name"),
            ("forwrad-slowdown<=5%", "'forwrad' is no metric, stage or scenario",
             "did you mean 'forward'? correct the name"),
            ("accuracy-dorp<=0.01", "'accuracy-dorp<=0.01' is no rule of the gate",
             "did you mean '-drop'? correct '-dorp'"),
            ("single-stream-slow<=5%", "'single-stream-slow<=5%' is no rule of the gate",
             "did you mean '-slowdown'? correct '-slow'"),
            ("accuracy", "'accuracy' is no rule of the gate",
             "put the rule in quotes, since a shell takes < and > for files; and name its limit"),
            ("accuracy-drop", "'accuracy-drop' is no rule of the gate",
             "put the rule in quotes, since a shell takes < and > for files; and name its limit"),
            ("accuracy>0.5", "'accuracy>0.5' is no rule of the gate",
             "write it as in 'accuracy>=0.52' or 'forward-slowdown<=5%'"),
            ("accuracy@language>=0.5", "'accuracy@language>=0.5' is no rule of the gate",
             "write it as in 'accuracy>=0.52' or 'forward-slowdown<=5%'"),
            ("accuracy-drop>=0.01", "'accuracy-drop>=0.01' is no rule of the gate", "write 'accuracy-drop<=…'"),
            ("accuracy-no-worse<=0", "'accuracy-no-worse<=0' is no rule of the gate", "write 'accuracy-no-worse'"),
            ("accuracy>=half", "'half' is no limit", "correct the limit"),
            ("accuracy>=52%", "'52%' is no limit", "correct the limit"),
            ("accuracy>=nan", "'nan' is no limit", "correct the limit"),
            ("accuracy>=1_0", "'1_0' is no limit", "correct the limit"),
            ("accuracy>=1.5", "accuracy cannot be 1.5", "correct the limit; 50 % is written 0.5"),
            ("accuracy>=52", "accuracy cannot be 52", "correct the limit; 50 % is written 0.5"),
            ("accuracy<=-0.1", "accuracy cannot be -0.1", "correct the limit; 50 % is written 0.5"),
            ("brier_score<=3", "brier_score cannot be 3", "correct the limit"),
            ("temperature<=1e999", "temperature cannot be inf", "correct the limit"),
            ("accuracy-drop<=0", "accuracy cannot be held to a drop of 0",
             "correct the limit: one point is 0.01; for no drop at all use no_worse (-no-worse)"),
            ("accuracy-drop<=1", "accuracy cannot be held to a drop of 1",
             "correct the limit: one point is 0.01; for no drop at all use no_worse (-no-worse)"),
            ("confidence_gap-drop<=0.1", "a largest drop cannot be asked of confidence_gap: neither way is better",
             "bound it with min (>=) or max (<=)"),
            ("expected_calibration_error-no-worse",
             "to be no worse cannot be asked of expected_calibration_error: "
             "no interval of its difference is known to hold",
             "bound it with min (>=) or max (<=)"),
            ("forward>=0.1", "a floor cannot be asked of forward, which is a stage", "change the rule, or its subject"),
            ("server-drop<=0.1", "a largest drop cannot be asked of server, which is a scenario",
             "change the rule, or its subject"),
            ("accuracy-slowdown<=5%", "a largest slowdown cannot be asked of accuracy, which is a metric",
             "change the rule, or its subject"),
            ("forward-slowdown@language=de<=5%", "forward has no slices: a stage is timed as a whole",
             "leave the slice out"),
            ("forward-slowdown<=5", "forward cannot be held to a slowdown of 5",
             "write 0.05 in a settings file, and 5% in an option, for 5 %"),
            ("forward-slowdown<=0%", "forward cannot be held to a slowdown of 0",
             "write 0.05 in a settings file, and 5% in an option, for 5 %"),
            ("accuracy@=de>=0.5", "a slice needs a column and a value", "name both"),
            ("accuracy@language=100%ff>=0.5", "'100%ff' has a percent sign that encodes no character",
             "write %25 for a percent sign"),
        ],
    )  # fmt: skip
    def test_refuses_with_the_place_and_a_remedy(self, text, message, remedy):
        with pytest.raises(UsageError) as caught:
            parse(text)

        assert (caught.value.message, caught.value.remedy) == (message, remedy)
        assert caught.value.where == f"option --gate {text}"

    def test_says_what_is_a_rule(self):
        with pytest.raises(UsageError) as caught:
            parse("accuracy")

        assert caught.value.expected == (
            "METRIC>=NUMBER, METRIC<=NUMBER, METRIC-drop<=NUMBER, METRIC-no-worse or STAGE-slowdown<=PERCENT%;\n"
            "for a slice with @COLUMN=VALUE behind the name"
        )

    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("accuracy>=2", "a number from 0 to 1"),
            ("cohen_kappa>=2", "a number from -1 to 1"),
            ("mean_absolute_error<=-1", "a number that is at least 0"),
            ("mean_signed_error<=1e999", "a number"),
            ("accuracy-drop<=2", "a number above 0 and below 1, in the unit of the metric"),
            ("mean_absolute_error-drop<=0", "a number above 0, in the unit of the metric"),
            ("forward-slowdown<=x", "a percentage such as 5%"),
            ("place-drop<=1", "of a metric: min (>=), max (<=), max_drop (-drop<=) or no_worse (-no-worse)\n"
             "of a stage or a scenario: max_slowdown (-slowdown<=)"),
            ("x>=1", "a metric of docs/words.md, a stage (tokenize, place, forward, softmax, classify) "
             "or a scenario (offline, single-stream, server)"),
        ],
    )  # fmt: skip
    def test_says_what_a_limit_may_be(self, text, expected):
        with pytest.raises(UsageError) as caught:
            parse(text)

        assert caught.value.expected == expected

    @given(st.text(st.sampled_from("accuracy@=<>-.%05 drop") | st.characters(), max_size=30))
    def test_of_any_text_is_a_rule_or_an_error_for_a_person(self, text):
        try:
            rule = parse(text)
        except UsageError as error:
            where = error.where
        else:
            where = rule.where
            assert parse(rule.id) == rule

        assert where == f"option --gate {text}"


class TestTogether:
    def test_a_floor_above_the_ceiling_is_refused(self):
        both = parse("accuracy>=0.6"), parse("accuracy<=0.5")

        with pytest.raises(UsageError) as caught:
            check_together(both)

        assert caught.value.message == "no value meets both accuracy>=0.6 and accuracy<=0.5"
        assert caught.value.where == "option --gate accuracy>=0.6\noption --gate accuracy<=0.5"

    def test_other_slices_and_a_floor_at_the_ceiling_are_fine(self):
        check_together(tuple(map(parse, ["accuracy>=0.6", "accuracy@language=de<=0.5", "accuracy<=0.6"])))


class TestRequired:
    def test_a_slowdown_needs_a_reference_before_any_work(self):
        gates = Gates((parse("accuracy>=0.5"), parse("forward-slowdown<=5%"), parse("server-slowdown<=5%")))

        with pytest.raises(UsageError) as caught:
            require_reference(gates)

        assert str(caught.value) == (
            "forward-slowdown<=5%, server-slowdown<=5%: nothing to be timed against\n"
            "  where     option --gate forward-slowdown<=5%\n"
            "            option --gate server-slowdown<=5%\n"
            "  expected  a reference, which is timed in the same run: times of another run are never compared\n"
            "  remedy    name a classifier with --against, or leave the rule out"
        )

    def test_a_drop_and_no_worse_need_a_baseline(self):
        gates = Gates((parse("accuracy-drop<=0.01"), parse("macro_f1-no-worse"), parse("accuracy>=0.5")))

        with pytest.raises(UsageError) as caught:
            require_baseline(gates)

        assert str(caught.value) == (
            "accuracy-drop<=0.01, macro_f1-no-worse: no baseline to be compared with\n"
            "  where     option --gate accuracy-drop<=0.01\n"
            "            option --gate macro_f1-no-worse\n"
            "  expected  the name of a baseline, or a classifier that is evaluated beside this one\n"
            "  remedy    name it with --baseline, or as baseline in the table of the gates "
            "(`harness baseline promote RUN --name main` makes one); or name the classifier with --against"
        )

    def test_either_may_come_with_the_gates_or_beside_them(self):
        rules = (parse("accuracy-no-worse"), parse("forward-slowdown<=5%"))

        require_baseline(Gates(rules, baseline="main"))
        require_baseline(Gates(rules), "main")
        require_reference(Gates(rules, against="builtin"))
        require_reference(Gates(rules), "builtin")

    def test_rules_that_compare_nothing_need_neither(self):
        require_baseline(Gates((parse("accuracy>=0.5"), parse("forward-slowdown<=5%"))))
        require_reference(Gates((parse("accuracy-no-worse"),)))


class TestSubjects:
    def test_names_are_distinct_and_none_ends_as_a_rule_does(self):
        assert len(set(NAMES)) == len(NAMES)
        assert not [name for name in NAMES if name.endswith(("-drop", "-no-worse", "-slowdown"))]

    def test_metrics_and_their_ranges_are_those_of_the_words(self):
        """What depends on the number of classes, K, is open here."""
        metrics = WORDS.read_text(encoding="utf-8").split("## Metrics")[1]
        rows = re.findall(r"^\| `(\w+)` \| .* \| ([^|]*)\|$", metrics, re.M)
        said = {name: cell.split(",")[0].strip() for name, cell in rows}

        def end(text: str, of_classes: float) -> float:
            return of_classes if "K" in text or "∞" in text else float(text.replace("−", "-"))

        for name, cell in said.items():
            low, high = re.fullmatch(r"(−\(K−1\)|−?[0-9.]+)–(.+)", cell).groups() if cell else ("−∞", "∞")
            assert RANGES[name] == (end(low, -math.inf), end(high, math.inf)), name
        assert set(said) == set(RANGES) == set(SCALES)

    def test_the_way_that_is_better_ends_at_the_best_value_of_the_words(self):
        rows = re.findall(r"^\| `(\w+)` \| .* \| ([^|]*, [01]) \|$", WORDS.read_text(encoding="utf-8"), re.M)

        for name, cell in rows:
            low, high = RANGES[name]
            best = float(cell[-1])
            better = {low: "lower", high: "higher"}.get(best, "")
            assert SCALES[name].better == better, name
