"""Which texts stand, whole or nearly, in another list: exact after folding, or near by MinHash.

Near means an estimated Jaccard similarity of at least 0.7 between the sets of five-character
shingles (Broder 1997), on texts of 25 characters and more: shorter ones are compared exactly,
since "great product" is no copy of "great product!" by anybody in particular.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

import numpy as np
from datasketch import MinHash, MinHashLSH

NEAR = 0.7
PERMUTATIONS = 64
SHORTEST = 25


def folded(text: str) -> str:
    return re.sub(r"\W+", " ", text.casefold()).strip()


def sketch(text: str) -> MinHash:
    result = MinHash(num_perm=PERMUTATIONS, seed=1)
    result.update_batch([text[i : i + 5].encode() for i in range(max(1, len(text) - 4))])
    return result


def overlapping(texts: Sequence[str], others: Iterable[str]) -> set[int]:
    """Indices of the texts that overlap one of `others`."""
    exact: set[str] = set()
    index = MinHashLSH(threshold=NEAR, num_perm=PERMUTATIONS)
    sketches: list[MinHash] = []
    for other in map(folded, others):
        if other not in exact and len(other) >= SHORTEST:
            index.insert(len(sketches), sketch(other))
            sketches.append(sketch(other))
        exact.add(other)
    found = set()
    for number, text in enumerate(map(folded, texts)):
        if text in exact:
            found.add(number)
        elif len(text) >= SHORTEST:
            mine = sketch(text)
            if any(mine.jaccard(sketches[key]) >= NEAR for key in index.query(mine)):
                found.add(number)
    return found


def near_duplicates(texts: Sequence[str]) -> list[tuple[int, int, float]]:
    """Pairs (first, second, similarity) within one list, the most alike first."""
    index = MinHashLSH(threshold=0.4, num_perm=PERMUTATIONS)
    sketches = [sketch(folded(text)) for text in texts]
    pairs = []
    for number, mine in enumerate(sketches):
        pairs += [(int(key), number, float(mine.jaccard(sketches[key]))) for key in index.query(mine)]
        index.insert(number, mine)
    return sorted(pairs, key=lambda pair: -pair[2])


def most_alike(texts: Sequence[str]) -> np.ndarray:
    """For each text the greatest similarity with any other, (N,) float64; quadratic, for small sets."""
    hashes = np.array([sketch(folded(text)).hashvalues for text in texts])
    best = np.zeros(len(texts))
    for number, row in enumerate(hashes):
        alike = (hashes == row).mean(axis=1)
        alike[number] = 0
        best[number] = alike.max()
    return best
