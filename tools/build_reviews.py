"""Make the built-in review set from what its authors wrote and what the second raters said.

    python tools/build_reviews.py --written written.jsonl --ratings ratings.csv --output harness/builtin/reviews

`written.jsonl` has one object a review (id, text, stars, language, domain, phenomena), in the
order in which it was shown to the second raters; `ratings.csv` has id and stars, given blind.
Reviews on which the two differ by more than one star are left out. The rest become
`reviews.jsonl`; `second_ratings.csv` keeps both ratings of every review, also of those left out,
so that the agreement can be computed again. The figures for the card are printed.
"""

from __future__ import annotations

import argparse
import csv
import json
import statistics
from collections import Counter
from pathlib import Path

import numpy as np
from overlap import most_alike
from sklearn.metrics import cohen_kappa_score

FIELDS = ("id", "text", "stars", "language", "domain", "phenomena")
STARS = [1, 2, 3, 4, 5]


def agreement(first: np.ndarray, second: np.ndarray) -> str:
    """Exact and off-by-one agreement, and quadratic-weighted kappa (Cohen 1968)."""
    kappa = cohen_kappa_score(first, second, labels=STARS, weights="quadratic")
    apart = np.abs(first - second)
    return f"{len(first):>5} | {np.mean(apart == 0):6.1%} | {np.mean(apart <= 1):6.1%} | {kappa:.3f}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--written", type=Path, required=True)
    parser.add_argument("--ratings", type=Path, required=True)
    parser.add_argument("--output", type=Path, required=True)
    arguments = parser.parse_args()

    written = [json.loads(line) for line in arguments.written.read_text(encoding="utf-8").splitlines()]
    with arguments.ratings.open(encoding="utf-8", newline="") as file:
        second = {row["id"]: int(row["stars"]) for row in csv.DictReader(file)}
    missing = [review["id"] for review in written if review["id"] not in second]
    if missing:
        raise SystemExit(f"{len(missing)} reviews have no second rating: {', '.join(missing[:10])}")

    first = np.array([review["stars"] for review in written])
    other = np.array([second[review["id"]] for review in written])
    languages = np.array([review["language"] for review in written])
    print("agreement: language | reviews | exact | off by one | quadratic-weighted kappa")
    for language in sorted(set(languages)):
        here = languages == language
        print(f"  {language}  | {agreement(first[here], other[here])}")
    print(f"  all | {agreement(first, other)}")

    kept = [review for review, apart in zip(written, np.abs(first - other), strict=True) if apart <= 1]
    print(f"left out as more than one star apart: {len(written) - len(kept)}; kept: {len(kept)}")
    pairs = Counter((review["language"], review["stars"]) for review in kept)
    print(f"reviews for each language and stars: {min(pairs.values())} to {max(pairs.values())}")
    lengths = [len(review["text"].split()) for review in kept]
    print(f"words: {min(lengths)} to {max(lengths)}, median {statistics.median(lengths)}")
    alike = most_alike([review["text"] for review in kept])
    print(f"greatest MinHash similarity of two texts: {alike.max():.2f}; above 0.5: {(alike > 0.5).sum()}")
    print("phenomena:", dict(Counter(name for review in kept for name in review["phenomena"]).most_common()))

    arguments.output.mkdir(parents=True, exist_ok=True)
    with (arguments.output / "reviews.jsonl").open("w", encoding="utf-8") as file:
        for review in kept:
            file.write(json.dumps({field: review[field] for field in FIELDS}, ensure_ascii=False) + "\n")
    with (arguments.output / "second_ratings.csv").open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(["id", "stars", "second_stars", "kept"])
        for review, theirs in zip(written, other, strict=True):
            table.writerow([review["id"], review["stars"], theirs, int(abs(review["stars"] - theirs) <= 1)])


if __name__ == "__main__":
    main()
