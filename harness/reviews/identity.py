"""Ids that stay the same when a set is sorted or labelled anew."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence

ID_DIGITS = 16
"""Hexadecimal digits of a made id: 64 bits, so that two texts of a million share one with odds of 1 in 37 million."""


def made_ids(texts: Sequence[str]) -> list[str]:
    """An id for each text: the beginning of its SHA-256 and the number of its occurrence, from 1.

    >>> made_ids(["good", "bad", "good"])
    ['770e607624d68926-1', '2f05d4b689d270ca-1', '770e607624d68926-2']
    """
    seen: Counter[str] = Counter()
    ids = []
    for text in texts:
        # Counted by the digits, not by the text: ids stay distinct even where two texts share them.
        digits = hashlib.sha256(text.encode()).hexdigest()[:ID_DIGITS]
        seen[digits] += 1
        ids.append(f"{digits}-{seen[digits]}")
    return ids


def repeated(texts: Sequence[str]) -> int:
    """Texts that stand earlier too."""
    return len(texts) - len(set(texts))
