"""Fixtures in a user's own tests: loaded in setup, once a session, with errors for a person."""

from __future__ import annotations

import json
import re

OWN = """
import json

def test_own(classifier, review_set, evaluation, metrics, predictions, record_metrics, request):
    assert classifier.classify(["great kettle"]).argmax() == 3
    assert len(review_set) == 60
    assert evaluation.probabilities.shape == (60, 5)
    assert evaluation.gold.tolist() == [i % 5 for i in range(60)]
    assert metrics["accuracy"].value == 1
    assert (predictions.probabilities == evaluation.probabilities).all()
    assert len(predictions.ids) == 60
    record_metrics("accuracy", "quadratic_weighted_kappa")
    with open("properties.json", "w") as out:
        json.dump(request.node.user_properties, out)

def test_again(classifier, metrics): pass
"""


class TestFixtures:
    def test_give_a_users_own_tests_everything(self, project):
        project.write(test_own=OWN)

        project.run().assert_outcomes(passed=2)

    def test_load_a_classifier_once_a_session(self, project):
        project.write(test_own=OWN, test_other=OWN)

        project.run().assert_outcomes(passed=4)
        assert project.loads == ["right main"]

    def test_load_nothing_at_collection(self, project):
        project.write(test_own=OWN)

        assert project.run("--collect-only").ret == 0
        assert project.loads == project.runs == []

    def test_load_only_what_the_chosen_tests_need(self, project):
        project.write(test_own="def test_r(review_set): pass\ndef test_c(classifier): pass")

        project.run("-k", "test_r").assert_outcomes(passed=1, deselected=1)
        assert project.loads == []

    def test_without_a_measurement_write_no_run(self, project):
        project.write(test_own="def test_r(review_set): pass\ndef test_c(classifier): pass")

        result = project.run()

        result.assert_outcomes(passed=2)
        assert project.runs == []
        result.stdout.no_fnmatch_line("*run folder*")

    def test_can_be_asked_for_while_a_test_runs(self, project):
        project.write(
            test_own="def test_late(request): assert request.getfixturevalue('metrics')['accuracy'].value == 1"
        )

        project.run().assert_outcomes(passed=1)


class TestTimingOnly:
    CONFTEST = """
        import sys
        from support import rule_classifier

        rule_classifier.install()

        class Shape(rule_classifier.RuleClassifier):
            def __init__(self, name, settings):
                super().__init__(name, settings)
                self.record = self.record.model_copy(update={"timing_only": True})

            def forward(self, batch):
                raise AssertionError("there is no need to run it")

        sys.modules["harness.classifier"].Classifier = Shape
    """

    def test_is_skipped_before_a_forward_pass(self, project):
        project.write(conftest=self.CONFTEST, test_own="def test_own(metrics): pass\ndef test_c(classifier): pass")

        result = project.run("-rs")

        result.assert_outcomes(skipped=1, passed=1)
        result.stdout.fnmatch_lines(["SKIPPED * right has random weights: it is timed, and its accuracy means nothing"])
        assert project.runs == []

    def test_a_set_that_cannot_be_is_known_first(self, project):
        project.write(conftest=self.CONFTEST, test_own="def test_own(metrics): pass")

        project.run("--dataset", "none.csv").assert_outcomes(errors=1)
        assert project.loads == []


class TestRecordMetrics:
    def test_puts_value_and_interval_among_the_properties(self, project):
        project.write(test_own=OWN)
        project.run()

        found = dict(json.loads((project.path / "properties.json").read_text()))

        accuracy = project.record["evaluations"][0]["metrics"]["accuracy"]
        assert found["harness.evaluation"] == "right-reviews"
        assert found["harness.accuracy"] == accuracy["value"] == 1
        assert found["harness.accuracy.low"] == accuracy["low"]
        assert found["harness.accuracy.high"] == accuracy["high"]

    def test_puts_the_reason_where_there_is_no_figure(self, project):
        (project.path / "reviews.csv").write_text("text,sentiment\n" + "good,positive\nbad,negative\n" * 30)
        (project.path / "harness.toml").write_text('model = ["right"]\ndataset = ["reviews.csv"]\nresamples = 200\n')
        project.write(
            test_own="""
            def test_own(record_metrics, request):
                record_metrics("off_by_one_accuracy")
                assert dict(request.node.user_properties)["harness.off_by_one_accuracy"] == (
                    "the classes have no order"
                )
            """
        )

        project.run().assert_outcomes(passed=1)


class TestErrors:
    def test_in_setup_are_shown_as_a_message_without_a_traceback(self, project):
        project.write(test_own="def test_own(metrics): pass\ndef test_c(classifier): pass\ndef test_plain(): pass")
        result = project.run("--model", "none")

        result.assert_outcomes(errors=2, passed=1)
        shown = result.stdout.str()
        [found] = re.findall(r"_+ ERROR at setup of test_own\[none-reviews\] _+\n(.*?)\n_+ ERROR", shown, re.DOTALL)
        assert found == "no classifier is called 'none'\n  where     option --model\n  remedy    say right"
        assert "classifier.py" not in shown
        result.stdout.fnmatch_lines(["ERROR test_own.py::test_own* - harness.errors.ClassifierError: n*"])

    def test_keep_their_traceback_with_full_trace(self, project):
        project.write(test_own="def test_own(metrics): pass")

        project.run("--model", "none", "--full-trace").stdout.fnmatch_lines(["*raise ClassifierError(*"])

    def test_of_one_classifier_leave_the_other_alone(self, project):
        project.write(test_own="def test_own(metrics): pass")

        project.run("--model", "none", "--model", "right").assert_outcomes(errors=1, passed=1)
        assert [each["id"] for each in project.record["classifiers"]] == ["right"]

    def test_of_the_test_itself_keep_their_traceback(self, project):
        project.write(test_own="def test_own(metrics): assert metrics['accuracy'].value < 0.5")

        project.run().stdout.fnmatch_lines([">*assert metrics*", "E*assert 1.0 < 0.5*"])
