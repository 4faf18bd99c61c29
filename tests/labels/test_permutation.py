"""Does another assignment of the classes fit better? Never for a bad classifier, always for a permuted one."""

from __future__ import annotations

from collections.abc import Iterator
from math import comb, exp

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linear_sum_assignment
from scipy.stats import norm

from harness.labels import match, permutation_check
from harness.labels.permutation import _log_assignments

STARS = ("1 star", "2 stars", "3 stars", "4 stars", "5 stars")
PRIORS = {2: [0.2, 0.8], 3: [0.25, 0.1, 0.65], 5: [0.15, 0.05, 0.08, 0.2, 0.52]}
"""Shares of the classes as in real reviews: the best one first, the middle ones rare."""


def names(classes: int) -> list[str]:
    return [f"class {i}" for i in range(classes)]


def rates(classes: int, *, noise: float, shift: float = 0.0) -> np.ndarray:
    """(gold, predicted) probabilities of a classifier that sees the gold step, shifted, through normal noise."""
    steps = np.arange(classes)
    edges = np.concatenate([[-np.inf], steps[:-1] + 0.5, [np.inf]])
    return np.diff(norm.cdf(edges[None, :], loc=steps[:, None] + shift, scale=noise), axis=1)


def draw(random: np.random.Generator, rates: np.ndarray, shares: np.ndarray, reviews: int) -> np.ndarray:
    """A confusion of so many reviews."""
    golds = random.multinomial(reviews, shares)
    return np.array([random.multinomial(count, row) for count, row in zip(golds, rates, strict=True)])


def any_shares(random: np.random.Generator, classes: int) -> np.ndarray:
    """From nearly even shares to sets where some classes hardly occur."""
    return random.dirichlet(np.full(classes, random.choice([0.3, 1.0, 10.0])))


def misplacing(random: np.random.Generator, classes: int) -> np.ndarray:
    """A permutation that leaves no class in its place."""
    while True:
        permutation = random.permutation(classes)
        if (permutation != np.arange(classes)).all():
            return permutation


def alarms(confusions: Iterator[np.ndarray]) -> float:
    found = [permutation_check(counts, names(len(counts))) is not None for counts in confusions]
    return sum(found) / len(found)


@pytest.mark.parametrize("reviews", [30, 300, 20_000])
@pytest.mark.parametrize("classes", [2, 3, 5])
class TestNoAlarm:
    """60 classifiers of each kind; the shares of classes and of guesses are drawn anew for each."""

    def test_for_guessing(self, classes: int, reviews: int):
        random = np.random.default_rng([classes, reviews, 0])

        def guesses() -> Iterator[np.ndarray]:
            for _ in range(60):
                told = np.tile(any_shares(random, classes), (classes, 1))
                yield draw(random, told, any_shares(random, classes), reviews)

        assert alarms(guesses()) == 0

    def test_for_mostly_guessing(self, classes: int, reviews: int):
        random = np.random.default_rng([classes, reviews, 1])

        def guesses() -> Iterator[np.ndarray]:
            for _ in range(60):
                seen = random.uniform(0, 0.4)
                told = seen * np.eye(classes) + (1 - seen) * any_shares(random, classes)
                yield draw(random, told, any_shares(random, classes), reviews)

        assert alarms(guesses()) == 0

    def test_for_harshness_and_leniency(self, classes: int, reviews: int):
        random = np.random.default_rng([classes, reviews, 2])

        def biased() -> Iterator[np.ndarray]:
            for _ in range(60):
                shift = random.choice([-2.0, -1.5, -1.0, -0.7, 0.7, 1.0, 1.5, 2.0])
                told = rates(classes, noise=random.choice([0.05, 0.3, 0.6, 1.0, 2.0]), shift=shift)
                at_random = random.choice([0.0, 0.01, 0.1])
                yield draw(random, (1 - at_random) * told + at_random / classes, any_shares(random, classes), reviews)

        assert alarms(biased()) == 0

    def test_for_a_good_or_mediocre_classifier(self, classes: int, reviews: int):
        random = np.random.default_rng([classes, reviews, 3])

        def fair() -> Iterator[np.ndarray]:
            for _ in range(60):
                yield draw(random, rates(classes, noise=random.uniform(0.2, 2)), any_shares(random, classes), reviews)

        assert alarms(fair()) == 0


class TestAlarm:
    @pytest.mark.parametrize("even", [True, False], ids=["even shares", "shares as in reviews"])
    @pytest.mark.parametrize(
        ("classes", "noise", "reviews"), [(2, 0.5, 150), (3, 0.5, 300), (5, 0.5, 300), (5, 0.8, 1000)]
    )
    def test_for_every_permutation_of_a_decent_classifier(self, classes: int, noise: float, reviews: int, even: bool):
        random = np.random.default_rng([classes, reviews])
        shares = np.full(classes, 1 / classes) if even else np.array(PRIORS[classes])

        def permuted() -> Iterator[np.ndarray]:
            for _ in range(60):
                yield draw(random, rates(classes, noise=noise), shares, reviews)[:, misplacing(random, classes)]

        assert alarms(permuted()) == 1

    def test_the_permutation_is_found(self):
        random = np.random.default_rng(0)
        for _ in range(20):
            permutation = misplacing(random, 5)
            counts = draw(random, rates(5, noise=0.4), np.full(5, 0.2), 2_000)[:, permutation]

            finding = permutation_check(counts, STARS)

            assert finding is not None
            assert finding.assignment == {STARS[i]: STARS[to] for i, to in enumerate(permutation)}
            assert finding.accuracy == np.trace(counts) / 2_000
            assert finding.assigned_accuracy == counts[permutation, range(5)].sum() / 2_000
            assert finding.p_value < 1e-6

    def test_two_swapped_classes_are_found_among_many(self):
        random = np.random.default_rng(0)
        counts = draw(random, 0.7 * np.eye(77) + 0.3 / 77, np.full(77, 1 / 77), 3_000)
        counts[:, [3, 40]] = counts[:, [40, 3]]

        finding = permutation_check(counts, names(77))

        assert finding is not None
        assert finding.assignment == {"class 3": "class 40", "class 40": "class 3"}

    def test_a_class_that_is_hardly_predicted_hides_no_permutation(self):
        told = rates(5, noise=0.4)
        told[:, [0, 2]] += told[:, [1]] / 2
        told[:, 1] = 0
        counts = draw(np.random.default_rng(0), told, np.full(5, 0.2), 2_000)[:, [2, 0, 4, 1, 3]]

        finding = permutation_check(counts, STARS)

        assert finding is not None
        assert finding.assignment == {
            "1 star": "3 stars",
            "2 stars": "1 star",
            "3 stars": "5 stars",
            "4 stars": "2 stars",
            "5 stars": "4 stars",
        }


class TestWhatEachConditionIsFor:
    """Each guard alone keeps a false alarm away: without it, the counts below would raise one."""

    def test_accuracy_alone_would_call_a_harsh_classifier_permuted(self):
        harsh = np.array(
            [[100, 0, 0, 0, 0], [150, 0, 0, 0, 0], [0, 100, 0, 0, 0], [0, 0, 100, 0, 0], [0, 0, 0, 300, 0]]
        )

        gold, predicted = linear_sum_assignment(harsh, maximize=True)

        assert np.trace(harsh) == 100
        assert harsh[gold, predicted].sum() == 650
        assert permutation_check(harsh, STARS) is None

    def test_accuracy_alone_would_call_a_guess_of_the_rare_class_permuted(self):
        guess = np.array([[95, 5], [855, 45]])

        assert np.trace(guess) == 140
        assert np.trace(guess[::-1]) == 860
        assert permutation_check(guess, ["negative", "positive"]) is None

    def test_circles_alone_would_trade_a_higher_accuracy_for_a_lower_one(self):
        against_the_labels_but_for_the_frequent_class = np.array([[20, 180], [400, 1_400]])

        assert permutation_check(against_the_labels_but_for_the_frequent_class, ["negative", "positive"]) is None
        assert permutation_check([[20, 180], [1_400, 400]], ["negative", "positive"]) is not None

    def test_two_names_of_three_are_no_permutation_where_the_third_is_right(self):
        third_right = [[100, 850, 50], [50, 750, 200], [700, 0, 300]]
        third_wrong = [[100, 850, 50], [50, 650, 300], [800, 0, 200]]

        assert permutation_check(third_right, ["a", "b", "c"]) is None
        assert permutation_check(third_wrong, ["a", "b", "c"]) is not None

    def test_a_handful_of_reviews_is_no_evidence(self):
        assert permutation_check([[0, 4], [4, 0]], ["negative", "positive"]) is None
        assert permutation_check([[0, 30], [30, 0]], ["negative", "positive"]) is not None

    @pytest.mark.parametrize(("classes", "found"), [(3, True), (40, False)])
    def test_among_more_assignments_the_same_counts_are_less_evidence(self, classes: int, found: bool):
        counts = np.diag([9] * classes)
        counts[:2, :2] = [[2, 16], [16, 2]]

        assert (permutation_check(counts, names(classes)) is not None) == found

    @settings(deadline=None)
    @given(st.integers(2, 40))
    def test_the_level_is_shared_among_all_assignments_that_move_a_class(self, classes: int):
        derangements = [1, 0]
        for moved in range(2, classes + 1):
            derangements.append((moved - 1) * (derangements[-1] + derangements[-2]))

        shares = [
            comb(classes, moved) * derangements[moved] / exp(_log_assignments(classes, moved))
            for moved in range(2, classes + 1)
        ]

        assert shares == pytest.approx([1 / (classes - 1)] * (classes - 1))


class TestFinding:
    COUNTS = ((4, 1, 0, 95, 0), (1, 90, 9, 0, 0), (0, 4, 88, 4, 4), (90, 3, 7, 0, 0), (0, 0, 5, 5, 90))

    def test_the_sentence_has_both_accuracies_and_the_assignment(self):
        finding = permutation_check(self.COUNTS, STARS)

        assert finding is not None
        assert finding.sentence == (
            "id2label may be permuted: accuracy is 54.4% as given and 90.6% if '1 star' means '4 stars' and "
            "'4 stars' means '1 star' (500 reviews; p < 0.001 over all assignments)"
        )
        assert finding.remedy == (
            "classify a text whose class is beyond doubt with `harness predict`; if the name is wrong, correct "
            "id2label in the classifier's config.json, or give --label-map '1 star=4 stars,4 stars=1 star'"
        )

    def test_the_remedy_names_the_labels_of_the_set_each_once(self):
        gold_of = {"1": 0, "1.0": 0, "2": 1, "3": 2, "4": 3, "5": 4, "so-so": None}

        finding = permutation_check(self.COUNTS, STARS, gold_of)

        assert finding is not None
        assert finding.remedy.endswith("or give --label-map '1=4 stars,4=1 star'")

    def test_the_remedy_works(self):
        permutation = [2, 0, 4, 1, 3]
        counts = draw(np.random.default_rng(0), rates(5, noise=0.3), np.full(5, 0.2), 1_000)[:, permutation]
        labels = dict.fromkeys("12345", 200)
        finding = permutation_check(counts, STARS, _gold_of(labels, None))
        assert finding is not None
        label_map = dict(pair.split("=") for pair in finding.remedy.split("'")[-2].split(","))

        gold_of = _gold_of(labels, label_map)

        settled = np.zeros_like(counts)
        for label, row in zip("12345", counts, strict=True):
            settled[gold_of[label]] = row
        assert np.trace(settled) / 1_000 == finding.assigned_accuracy
        assert permutation_check(settled, STARS) is None

    @pytest.mark.parametrize("counts", [np.zeros((5, 5), int), np.diag([5, 0, 0, 0, 0])])
    def test_no_reviews_or_no_mistakes_are_no_finding(self, counts: np.ndarray):
        assert permutation_check(counts, STARS) is None

    def test_one_class_is_no_finding(self):
        assert permutation_check([[7]], ["only"]) is None

    @pytest.mark.parametrize(
        ("confusion", "message"),
        [
            ([[1, 2]], r"confusion of 5 classes has the shape \(1, 2\)"),
            (np.full((5, 5), -1), "a confusion holds counts: whole numbers from 0"),
            (np.full((5, 5), 0.5), "a confusion holds counts: whole numbers from 0"),
        ],
    )
    def test_what_is_no_confusion_is_refused(self, confusion: object, message: str):
        with pytest.raises(ValueError, match=message):
            permutation_check(confusion, STARS)


def _gold_of(labels: dict[str, int], label_map: dict[str, str] | None) -> dict[str, int]:
    found = match(
        labels, STARS, label_map=label_map, label_base=None, neutral="drop", where="", rows_of=lambda label: []
    )
    return {label: gold for label, gold in found.gold_of.items() if gold is not None}
