"""What a run may be compared with: the same review set, the same label scheme, a classifier that is meant."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from support import sample_run
from support.sample_run import SampleRun

from harness import baselines
from harness.baselines import Baseline
from harness.errors import BaselineError
from harness.records import Evaluation, Run
from harness.runs import PredictionTable


def sample(**options: Any) -> SampleRun:
    return sample_run.sample(**{"reviews": 60, "timings": False} | options)


def promoted(sampled: SampleRun, where: Path) -> Baseline:
    (where / "run").mkdir()
    path = sampled.write(where / "run")
    baselines.promote(path, sampled.run, "main", where / "baselines")
    return baselines.find("main", where / "baselines")


def another(run: Run, *, fingerprint: str = "ef" * 32, **labels: Any) -> Run:
    """The run on a set of that content, its labels matched otherwise."""
    sets = tuple(one.model_copy(update={"fingerprint": fingerprint}) for one in run.review_sets)
    changed = tuple(
        one.model_copy(update={"label_match": one.label_match.model_copy(update=labels)}) for one in run.evaluations
    )
    return run.model_copy(update={"review_sets": sets, "evaluations": changed})


def refused(baseline: Baseline, run: Run, evaluation: Evaluation | None = None) -> str:
    with pytest.raises(BaselineError) as raised:
        baselines.match(baseline, run, evaluation or run.evaluations[0])
    return str(raised.value)


SAMPLE = sample()


@pytest.fixture(scope="module")
def baseline(tmp_path_factory: pytest.TempPathFactory) -> Baseline:
    """Of one classifier on one set, read only."""
    return promoted(SAMPLE, tmp_path_factory.mktemp("one"))


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Baseline:
    """Of two classifiers on one set, read only."""
    return promoted(sample(reviews=10, classifiers=("old", "new")), tmp_path_factory.mktemp("two"))


class TestMatch:
    def test_is_by_the_content_of_the_review_set_whatever_it_and_the_classifier_are_called(
        self, baseline: Baseline
    ) -> None:
        run = sample(reviews=10, classifiers=("challenger",), sets=("renamed",)).run

        assert baselines.match(baseline, run, run.evaluations[0]) == baseline.record.evaluations[0]

    def test_another_review_set_is_refused_with_both_sides(self, baseline: Baseline) -> None:
        assert refused(baseline, another(SAMPLE.run, fingerprint="12" * 32)) == (
            "the baseline 'main' is of another review set\n"
            "  where     evaluation builtin-shop: shop, 60 reviews, fingerprint 121212121212…\n"
            "  expected  shop, 60 reviews, fingerprint efefefefefef…\n"
            "  remedy    evaluate on the set of the baseline, or make one of this set: "
            "`harness baseline promote latest --name NAME`"
        )

    REMEDY = "evaluate with the same --label-map, --label-base and --neutral, or promote this run under another name"

    def test_other_classes_are_refused_with_both_sides(self, baseline: Baseline) -> None:
        assert refused(baseline, another(SAMPLE.run, classes=("bad", "good"))) == (
            "the baseline 'main' has another label scheme\n"
            "  where     evaluation builtin-shop, classes: bad, good\n"
            "  expected  1 star, 2 stars, 3 stars, 4 stars, 5 stars\n"
            f"  remedy    {self.REMEDY}"
        )

    def test_labels_that_stand_for_other_classes_are_refused_with_both_sides(self, baseline: Baseline) -> None:
        labels = SAMPLE.run.evaluations[0].label_match.labels | {"1": "5 stars", "3": None}

        assert refused(baseline, another(SAMPLE.run, labels=labels)) == (
            "the baseline 'main' has another label scheme\n"
            "  where     evaluation builtin-shop, labels: 1 is 5 stars, 3 is left out\n"
            "  expected  1 is 1 star, 3 is 3 stars\n"
            f"  remedy    {self.REMEDY}"
        )

    def test_labels_that_differ_by_many_are_shown_in_part(self, baseline: Baseline) -> None:
        labels = {f"grade {place}": "1 star" for place in range(9)}

        assert (
            "labels: grade 0 is 1 star, grade 1 is 1 star, grade 2 is 1 star, grade 3 is 1 star, grade 4 is 1 star "
            "and 4 more\n"
        ) in refused(baseline, another(SAMPLE.run, labels=labels))

    def test_order_of_the_classes_is_no_other_scheme(self, baseline: Baseline) -> None:
        run = another(SAMPLE.run, classes=tuple(reversed(sample_run.STARS)), ordinal=False)

        assert baselines.match(baseline, run, run.evaluations[0]).id == "builtin-shop"

    def test_of_several_classifiers_it_is_the_one_of_the_same_id(self, two: Baseline) -> None:
        run = sample(reviews=10, classifiers=("new",)).run

        assert baselines.match(two, run, run.evaluations[0]).classifier == "new"

    def test_of_several_classifiers_none_of_the_same_id_is_an_error_that_lists_them(self, two: Baseline) -> None:
        assert refused(two, SAMPLE.run) == (
            "the baseline 'main' has 2 classifiers on this review set, and none is called 'builtin'\n"
            "  where     evaluation builtin-shop\n"
            "  expected  old, new\n"
            "  remedy    promote a run of the one classifier that others are compared with, under a name of its own"
        )


def candidate(**changes: Any) -> PredictionTable:
    return replace(SAMPLE.predictions["builtin-shop"], **changes)


class TestPaired:
    def test_rows_come_in_the_order_of_the_candidate(self, baseline: Baseline) -> None:
        mine, order = candidate(), np.random.default_rng(1).permutation(60)
        shuffled = candidate(
            ids=[mine.ids[k] for k in order],
            **{name: getattr(mine, name)[order] for name in ("gold", "logits", "probabilities", "tokens", "cut")},
        )

        found = baselines.paired(baseline, baseline.record.evaluations[0], shuffled)

        assert found.ids == shuffled.ids
        for name in ("gold", "logits", "probabilities", "tokens", "cut"):
            assert getattr(found, name).tolist() == getattr(shuffled, name).tolist()

    def test_classes_come_in_the_order_of_the_candidate(self, baseline: Baseline) -> None:
        mine, order = candidate(), [3, 0, 4, 1, 2]
        turned = candidate(
            classes=tuple(mine.classes[k] for k in order),
            probabilities=mine.probabilities[:, order],
            gold=np.argsort(order)[mine.gold].astype(np.int32),
        )

        found = baselines.paired(baseline, baseline.record.evaluations[0], turned)

        assert found.classes == turned.classes
        assert found.probabilities.tolist() == turned.probabilities.tolist()
        assert (found.gold.tolist(), found.gold.dtype) == (turned.gold.tolist(), np.int32)
        assert found.logit_classes == mine.logit_classes

    @pytest.mark.parametrize(
        ("changes", "message"),
        [
            ({"ids": ["x", *candidate().ids[1:]]}, "different reviews"),
            ({"ids": [candidate().ids[1], *candidate().ids[1:]]}, "different reviews"),
            ({"classes": ("a", "b", "c", "d", "e")}, "different classes"),
            ({"gold": (candidate().gold + 1) % 5}, "different gold labels"),
        ],
        ids=["another review", "a review twice", "classes", "gold"],
    )
    def test_what_is_not_of_the_same_reviews_is_refused(
        self, baseline: Baseline, changes: dict[str, Any], message: str
    ) -> None:
        with pytest.raises(BaselineError, match=f"the baseline 'main' and the candidate have {message}"):
            baselines.paired(baseline, baseline.record.evaluations[0], candidate(**changes))

    def test_gold_labels_that_differ_are_counted_and_the_first_is_named(self, baseline: Baseline) -> None:
        gold = candidate().gold.copy()
        gold[[7, 9]] = (gold[[7, 9]] + 1) % 5
        (one,) = baseline.record.evaluations

        with pytest.raises(BaselineError) as raised:
            baselines.paired(baseline, one, candidate(gold=gold))

        assert str(raised.value) == (
            "the baseline 'main' and the candidate have different gold labels\n"
            f"  where     {baseline.folder / one.predictions}: review 'r000007' (2 such in all)\n"
            "  expected  the same gold labels in both\n"
            "  remedy    make one of the runs again, and promote the one that others are compared with "
            "(`harness baseline promote latest --name main`)"
        )
