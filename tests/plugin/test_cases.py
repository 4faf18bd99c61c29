"""Every classifier on every review set: ids, order, and fixtures of other projects."""

from __future__ import annotations

from .conftest import Project

BOTH = (
    "--model",
    "right",
    "--model",
    "tiny/bert.v2",
    "--dataset",
    "marc/en.test.csv",
    "--dataset",
    "hub/amazon:de/test",
)


def collected(project: Project, *arguments: str) -> list[str]:
    result = project.run("--collect-only", "-q", *arguments)
    return [line for line in result.outlines if "::" in line]


class TestIds:
    def test_are_the_product_of_models_and_sets(self, project):
        project.write(test_own="def test_accuracy(metrics): pass")

        assert sorted(collected(project, *BOTH)) == [
            "test_own.py::test_accuracy[bert.v2-amazon.de.test]",
            "test_own.py::test_accuracy[bert.v2-en.test]",
            "test_own.py::test_accuracy[right-amazon.de.test]",
            "test_own.py::test_accuracy[right-en.test]",
        ]

    def test_name_only_what_a_test_asks_for(self, project):
        project.write(test_own="def test_c(classifier): pass\ndef test_r(review_set): pass\ndef test_n(): pass")

        assert collected(project) == [
            "test_own.py::test_c[right]",
            "test_own.py::test_r[reviews]",
            "test_own.py::test_n",
        ]

    def test_stay_unique_where_names_could_run_together(self, project):
        project.write(test_own="def test_m(metrics): pass")

        found = collected(project, "--model", "a-b", "--model", "a", "--dataset", "c", "--dataset", "b-c")

        assert len(set(found)) == len(found) == 4

    def test_a_name_given_twice_is_one_case(self, project):
        project.write(test_own="def test_c(classifier): pass")

        assert collected(project, "--model", "right", "--model", "right") == ["test_own.py::test_c[right]"]

    def test_of_stages_name_batch_size_and_length(self, project):
        project.write(test_own="def test_t(stage_case, benchmark): pass")

        shapes = ("--harness-batch-sizes", "1,32", "--harness-seq-lens", "16")
        found = collected(project, *shapes, "-k", "forward or softmax")

        assert found == [
            "test_own.py::test_t[right-reviews-forward-1x16]",
            "test_own.py::test_t[right-reviews-softmax-1x16]",
            "test_own.py::test_t[right-reviews-forward-32x16]",
            "test_own.py::test_t[right-reviews-softmax-32x16]",
        ]

    def test_of_stages_name_dtype_and_device_where_there_are_several(self, project):
        project.write(test_own="def test_t(stage_case, benchmark): pass")

        given = ("--harness-dtypes", "float32,bfloat16", "--harness-timing-devices", "cpu,cuda")
        shapes = ("--harness-batch-sizes", "1", "--harness-seq-lens", "16")
        found = collected(project, *given, *shapes, "-k", "forward")

        assert found == [
            "test_own.py::test_t[right-reviews-forward-1x16-float32-cpu]",
            "test_own.py::test_t[right-reviews-forward-1x16-bfloat16-cpu]",
            "test_own.py::test_t[right-reviews-forward-1x16-float32-cuda]",
            "test_own.py::test_t[right-reviews-forward-1x16-bfloat16-cuda]",
        ]

    def test_combine_with_a_users_own_parameters(self, project):
        project.write(
            test_own="""
            import pytest

            @pytest.mark.parametrize("word", ["good", "bad"])
            def test_w(classifier, word): pass
            """
        )

        assert sorted(collected(project)) == ["test_own.py::test_w[right-bad]", "test_own.py::test_w[right-good]"]


class TestOrder:
    def test_tests_of_one_classifier_and_set_run_together(self, project):
        project.write(test_a="def test_a(metrics): pass", test_b="def test_b(evaluation): pass")

        pairs = [line.partition("[")[2] for line in collected(project, *BOTH)]

        assert pairs == [pair for pair in dict.fromkeys(pairs) for _ in range(2)]

    def test_each_classifier_is_done_with_before_the_next(self, project):
        own = "def test_m(metrics): pass\ndef test_c(classifier): pass\ndef test_r(review_set): pass"
        project.write(test_a=own, test_b=own)
        given = [part for n in "123" for part in ("--model", f"m{n}", "--dataset", f"d{n}")]

        found = [line.partition("[")[2][:2] for line in collected(project, *given)]

        models = [each for each in found if each.startswith("m")]
        assert models == sorted(models)


class TestForeignFixtures:
    def test_a_project_with_fixtures_of_the_same_names_is_left_alone(self, project):
        project.write(
            test_own="""
            import pytest

            @pytest.fixture
            def classifier(): return "theirs"

            @pytest.fixture
            def metrics(classifier): return [classifier]

            def test_theirs(classifier, metrics): assert metrics == ["theirs"]
            """
        )
        result = project.run("-v", *BOTH)

        result.stdout.fnmatch_lines(["test_own.py::test_theirs PASSED*"])
        assert project.runs == []

    def test_a_fixture_that_extends_ours_keeps_its_cases(self, project):
        project.write(
            test_own="""
            import pytest

            @pytest.fixture
            def classifier(classifier): return classifier.record.id

            def test_theirs(classifier): assert classifier == "right"
            """
        )

        project.run("-v").stdout.fnmatch_lines(["test_own.py::test_theirs[[]right[]] PASSED*"])
