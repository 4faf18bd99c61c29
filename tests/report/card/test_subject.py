from __future__ import annotations

import pytest
from support import sample_run

from harness.errors import NothingMeasured, UsageError
from harness.report.card import subject


@pytest.fixture(scope="module")
def four():
    return sample_run.sample(reviews=20, classifiers=("one", "two"), sets=("shop", "books"), timings=False).run


class TestChoose:
    def test_all_evaluations_of_the_one_classifier_go_in(self, four):
        chosen = subject.choose(four.model_copy(update={"evaluations": four.evaluations[:2]}))

        assert [each.id for each in chosen.evaluations] == ["one-shop", "one-books"]
        assert chosen.classifier.id == "one"
        assert sorted(chosen.review_sets) == ["books", "shop"]

    def test_several_classifiers_are_refused_with_the_evaluations_of_each(self, four):
        with pytest.raises(UsageError) as caught:
            subject.choose(four)

        assert str(caught.value) == (
            "a card is of one classifier, and these evaluations are of 2\n"
            "  where     one: one-shop, one-books\n"
            "            two: two-shop, two-books\n"
            "  remedy    choose the evaluations of one with --evaluation ID, once for each"
        )

    def test_named_evaluations_choose_the_classifier_and_count_once(self, four):
        chosen = subject.choose(four, ("two-books", "two-shop", "two-books"))

        assert chosen.classifier.id == "two"
        assert [each.id for each in chosen.evaluations] == ["two-books", "two-shop"]

    def test_an_id_that_no_evaluation_has_is_refused_with_those_that_are_there(self, four):
        with pytest.raises(UsageError) as caught:
            subject.choose(four, ("one-toys",))

        assert str(caught.value) == (
            "the run has no evaluation 'one-toys'\n"
            "  where     option --evaluation\n"
            "  expected  one-shop, one-books, two-shop, two-books\n"
            "  remedy    name one of these, or leave the option out for all"
        )

    def test_run_of_timings_alone_measured_nothing_for_a_card(self):
        with pytest.raises(NothingMeasured) as caught:
            subject.choose(sample_run.sample(sets=()).run)

        assert caught.value.exit_code == 3
        assert str(caught.value) == (
            "nothing measured: the run has no evaluation, so a card has nothing to tell\n"
            "  where     20251123T190211Z-sample\n"
            "  remedy    harness evaluate --model MODEL --dataset SET"
        )

    @pytest.mark.parametrize(("settings", "level"), [({}, 0.95), ({"confidence": 0.9}, 0.9)])
    def test_level_of_the_intervals_is_that_of_the_run(self, four, settings, level):
        run = four.model_copy(update={"settings": settings})

        assert subject.choose(run, ("one-shop",)).confidence == level
