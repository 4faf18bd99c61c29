"""The built-in reviews keep what their card promises."""

from __future__ import annotations

import csv
import json
import re
import statistics
import sys
from collections import Counter
from itertools import product
from pathlib import Path

import pytest
from sklearn.metrics import cohen_kappa_score

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "harness" / "builtin" / "reviews"
LANGUAGES = ("de", "en", "es", "fr", "it", "nl")
PHENOMENA = {
    "negation", "irony", "mixed", "typo", "emoji", "comparison", "delivery", "title", "caps", "update", "gift",
}  # fmt: skip
STAR_COUNT = re.compile(
    r"\b(one|two|three|four|five|[1-5]|eine?n?|zwei|drei|vier|fünf|une?|deux|trois|quatre|cinq|una?|due|tre|quattro"
    r"|cinque|dos|tres|cuatro|cinco|één|twee|drie|vier|vijf)[ -]*(stars?|sterne?n?|étoiles?|stell[ae]|estrellas?"
    r"|ster(ren)?)\b|\b\d+ ?/ ?(5|10)\b|[⭐★]",
    re.IGNORECASE,
)


@pytest.fixture(scope="module")
def reviews() -> list[dict]:
    return [json.loads(line) for line in (FOLDER / "reviews.jsonl").read_text(encoding="utf-8").splitlines()]


@pytest.fixture(scope="module")
def ratings() -> list[dict]:
    with (FOLDER / "second_ratings.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_there_are_1200_or_more_and_40_or_more_for_each_language_and_star_count(reviews: list[dict]) -> None:
    pairs = Counter((review["language"], review["stars"]) for review in reviews)

    assert len(reviews) >= 1200
    assert set(pairs) == set(product(LANGUAGES, range(1, 6)))
    assert min(pairs.values()) >= 40
    assert max(pairs.values()) - min(pairs.values()) <= 7


def test_every_review_has_the_fields_of_the_card(reviews: list[dict]) -> None:
    for review in reviews:
        assert list(review) == ["id", "text", "stars", "language", "domain", "phenomena"]
        assert set(review["phenomena"]) <= PHENOMENA
    assert len({review["id"] for review in reviews}) == len(reviews)
    assert len({review["domain"] for review in reviews}) >= 10


def test_lengths_are_those_of_people(reviews: list[dict]) -> None:
    words = [len(review["text"].split()) for review in reviews]

    assert min(words) >= 3
    assert max(words) <= 200
    assert 20 <= statistics.median(words) <= 30


def test_no_review_names_its_own_star_count(reviews: list[dict]) -> None:
    assert [review["text"] for review in reviews if STAR_COUNT.search(review["text"])] == []


@pytest.mark.parametrize("text", ["Gave it 5 stars", "drei Sterne", "a solid 7/10", "⭐⭐ meh", "cinco estrellas"])
def test_the_search_for_star_counts_can_fail(text: str) -> None:
    assert STAR_COUNT.search(text)


def test_no_two_reviews_are_near_duplicates(reviews: list[dict], monkeypatch: pytest.MonkeyPatch) -> None:
    """By MinHash over five-character shingles: no pair reaches a Jaccard similarity of 0.5."""
    monkeypatch.syspath_prepend(str(ROOT / "tools"))
    from overlap import most_alike

    texts = [review["text"] for review in reviews]

    assert most_alike(texts).max() < 0.5
    assert most_alike([*texts[:50], texts[0] + "!"]).max() > 0.8, "the measure must find a planted near duplicate"
    sys.modules.pop("overlap")


def test_no_kept_review_was_rated_more_than_one_star_apart(reviews: list[dict], ratings: list[dict]) -> None:
    apart = {row["id"]: abs(int(row["stars"]) - int(row["second_stars"])) for row in ratings}

    assert max(apart[review["id"]] for review in reviews) <= 1
    assert {row["id"] for row in ratings if row["kept"] == "1"} == {review["id"] for review in reviews}


def test_the_agreement_in_the_card_is_that_of_the_ratings(ratings: list[dict]) -> None:
    first = [int(row["stars"]) for row in ratings]
    second = [int(row["second_stars"]) for row in ratings]
    exact = sum(a == b for a, b in zip(first, second, strict=True)) / len(first)
    near = sum(abs(a - b) <= 1 for a, b in zip(first, second, strict=True)) / len(first)
    kappa = cohen_kappa_score(first, second, labels=[1, 2, 3, 4, 5], weights="quadratic")

    card = (FOLDER / "README.md").read_text(encoding="utf-8")
    assert f"| all | {len(first):,} | {exact:.1%} | {near:.1%} | {kappa:.3f} |" in card
