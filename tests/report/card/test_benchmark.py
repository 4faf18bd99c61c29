from __future__ import annotations

import dataclasses
from functools import cache

import huggingface_hub
import pytest
import yaml
from huggingface_hub import EvalResultEntry, parse_eval_result_entries
from support import sample_run

from harness.errors import NothingMeasured, UsageError
from harness.records import Metric, Run
from harness.report.card import benchmark, subject


@cache
def on_hub(source: str = "owner/set@abc:en/test", sets: tuple[str, ...] = ("shop",)) -> Run:
    run = sample_run.sample(reviews=60, sets=sets, timings=False).run
    found = tuple(each.model_copy(update={"source": source}) for each in run.review_sets)
    return run.model_copy(update={"review_sets": found})


def entry(run: Run, url: str | None = None) -> EvalResultEntry:
    return benchmark.entry(run, subject.choose(run), "stars", url)


class TestEntry:
    def test_accuracy_is_the_result_of_the_task(self):
        run = on_hub()
        metric = run.evaluations[0].metrics["accuracy"]

        assert entry(run, "https://example.org/run") == EvalResultEntry(
            dataset_id="owner/set",
            task_id="stars",
            value=round(metric.value, 4),
            dataset_revision="abc",
            date="2025-11-23T19:03:00+00:00",
            source_url="https://example.org/run",
            source_name="review-harness",
            notes=f"accuracy as a share, 95 % interval {100 * metric.low:.1f}–{100 * metric.high:.1f} %, 60 reviews,"
            " review-harness 0.1.0",
        )

    def test_no_proof_is_claimed_and_no_source_that_was_not_given(self):
        found = entry(on_hub())

        assert (found.verify_token, found.source_url, found.source_name) == (None, None, None)

    def test_local_file_is_no_benchmark(self):
        with pytest.raises(UsageError) as caught:
            entry(on_hub("shop.csv"))

        assert str(caught.value) == (
            "'shop.csv' is no benchmark: it has no id on the hub\n"
            "  where     option --benchmark-task stars\n"
            "  expected  an evaluation of a data set of the hub, owner/name:split\n"
            "  remedy    leave the option out; the results are in the model-index all the same"
        )

    def test_several_evaluations_are_refused(self):
        with pytest.raises(UsageError) as caught:
            entry(on_hub(sets=("shop", "books")))

        assert str(caught.value) == (
            "a task of a benchmark has one result, not 2\n"
            "  where     option --benchmark-task stars\n"
            "  expected  one of builtin-shop, builtin-books\n"
            "  remedy    choose it with --evaluation ID"
        )

    def test_undefined_accuracy_is_nothing_measured(self):
        run = on_hub()
        one = run.evaluations[0]
        metrics = one.metrics | {"accuracy": Metric(value=None, reason="no review is labelled")}
        run = run.model_copy(update={"evaluations": (one.model_copy(update={"metrics": metrics}),)})

        with pytest.raises(NothingMeasured) as caught:
            entry(run)

        assert str(caught.value) == (
            "nothing measured: the accuracy is not defined\n"
            "  where     builtin-shop\n"
            "  remedy    evaluate on labelled reviews of every class"
        )

    @pytest.mark.parametrize("known", [None, dataclasses.make_dataclass("EvalResultEntry", ["dataset_id", "value"])])
    def test_huggingface_hub_that_does_not_know_the_form_is_refused(self, known, monkeypatch):
        if known is None:
            monkeypatch.delitem(vars(huggingface_hub), "EvalResultEntry", raising=False)
            monkeypatch.setattr(huggingface_hub, "__getattr__", _unknown)
        else:
            monkeypatch.setattr(huggingface_hub, "EvalResultEntry", known, raising=False)
        monkeypatch.setattr(huggingface_hub, "__version__", "1.0.0")

        with pytest.raises(UsageError) as caught:
            entry(on_hub())

        assert str(caught.value) == (
            "huggingface_hub 1.0.0 does not know results of benchmarks\n"
            "  where     option --benchmark-task\n"
            "  remedy    pip install --upgrade huggingface_hub; or leave the option out, for the model-index alone"
        )


def _unknown(name: str) -> None:
    raise AttributeError(name)


class TestUpdated:
    def test_file_is_what_the_hub_reads(self, tmp_path):
        found = benchmark.updated(tmp_path, entry(on_hub()))

        assert found.path == tmp_path / ".eval_results" / "owner-set-stars.yaml"
        assert parse_eval_result_entries(yaml.safe_load(found.content)) == [entry(on_hub())]

    def test_the_same_again_writes_nothing(self, tmp_path):
        assert benchmark.updated(tmp_path, entry(on_hub())).write()
        assert not benchmark.updated(tmp_path, entry(on_hub())).write()

    def test_earlier_result_is_replaced_and_what_else_there_is_stays(self, tmp_path):
        ours = {"dataset": {"id": "owner/set", "task_id": "stars", "revision": "abc"}, "value": 0.1}
        others = [
            {**ours, "verifyToken": "x"},
            {**ours, "dataset": {**ours["dataset"], "task_id": "other"}},
            {**ours, "dataset": {**ours["dataset"], "revision": "def"}},
            {"value": 1},
        ]
        path = tmp_path / ".eval_results" / "owner-set-stars.yaml"
        path.parent.mkdir()
        path.write_text(yaml.safe_dump([others[0], ours, *others[1:]]))
        now = yaml.safe_load(benchmark.updated(tmp_path, entry(on_hub())).content)

        assert [now[0], *now[2:]] == others
        assert now[1]["value"] == entry(on_hub()).value

    @pytest.mark.parametrize(
        ("content", "reason"),
        [
            ("a: b", ""),
            ("- a", ""),
            ("[", ": while parsing a flow node expected the node content, but found '<stream end>' in"),
        ],
    )
    def test_file_of_another_form_is_refused(self, content, reason, tmp_path):
        path = tmp_path / ".eval_results" / "owner-set-stars.yaml"
        path.parent.mkdir()
        path.write_text(content)

        with pytest.raises(UsageError) as caught:
            benchmark.updated(tmp_path, entry(on_hub()))

        first, *others = str(caught.value).splitlines()
        assert first.startswith(f"the results of the benchmark cannot be read{reason}")
        assert others == [
            f"  where     {path}",
            "  expected  a list of results in YAML",
            "  remedy    correct the file, or remove it; nothing was written",
        ]
