"""Texts of a wanted token count, made of real reviews.

A tokenizer is as fast as its text allows: one repeated word, or random letters, would time
something that nobody sends. So the texts of a timing come from the review set, those nearest to the
wanted length first, joined where they are too short and cut at a word's end where too long.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from harness.errors import UsageError

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

CountTokens = Callable[[Sequence[str]], "npt.NDArray[np.integer[Any]]"]

SAMPLE = 1000
"""Reviews whose tokens are counted: enough to find every length, and quick for any set."""


class TextSource:
    """Reviews of one set, measured in the tokens of one classifier.

    Args:
        texts: The review texts, in the set's order.
        count_tokens: Texts (N) -> tokens (N,) int, special tokens included. A text that the
            classifier would cut must count more than the classifier's max length.
    """

    def __init__(self, texts: Sequence[str], count_tokens: CountTokens) -> None:
        import numpy as np

        rows = np.unique(np.linspace(0, len(texts) - 1, min(len(texts), SAMPLE)).round().astype(int))
        self._words = [words for row in rows if (words := texts[row].split())]
        self._count_tokens = count_tokens
        self._lengths = np.asarray(count_tokens([" ".join(words) for words in self._words]))

    def near(self, tokens: int, count: int) -> list[str]:
        """`count` texts of at most `tokens` tokens each, and of as many of them as whole words allow.

        The same arguments give the same texts. A set smaller than `count` repeats its reviews.

        Raises:
            UsageError: Not one character fits beside the special tokens.
        """
        import numpy as np

        nearest = np.argsort(np.abs(self._lengths - tokens), kind="stable")
        joined = self._join(nearest, tokens, count)
        return self._cut(joined, tokens)

    def _join(self, nearest: npt.NDArray[np.intp], tokens: int, count: int) -> list[list[str]]:
        """Words of `count` texts, each joined with further reviews until it has `tokens` or more."""
        following = count
        texts = [list(self._words[nearest[i % len(nearest)]]) for i in range(count)]
        short = list(range(count))
        # A review adds at least one token, so `tokens` turns always reach the length.
        for _ in range(tokens):
            lengths = self._count_tokens([" ".join(texts[i]) for i in short])
            short = [i for i, length in zip(short, lengths, strict=True) if length < tokens]
            if not short:
                break
            for i in short:
                texts[i] += self._words[nearest[following % len(nearest)]]
                following += 1
        return texts

    def _cut(self, texts: Sequence[Sequence[str]], tokens: int) -> list[str]:
        words = self._most_that_fit(texts, " ", tokens)
        fitted = [" ".join(text[:n]) for text, n in zip(texts, words, strict=True)]
        # A first word that is too long for itself (a language without spaces, an address) is cut inside.
        whole = [i for i, text in enumerate(fitted) if not text]
        letters = self._most_that_fit([texts[i][0] for i in whole], "", tokens)
        for i, n in zip(whole, letters, strict=True):
            fitted[i] = texts[i][0][:n]
        if not all(fitted):
            raise UsageError(
                f"a sequence length of {tokens} leaves no room for a word",
                where="option --harness-seq-lens",
                remedy="name longer sequences",
            )
        return fitted

    def _most_that_fit(self, texts: Sequence[Sequence[str]], glue: str, tokens: int) -> list[int]:
        """For each text, how many of its first pieces have at most `tokens` tokens: all are halved together."""
        import numpy as np

        low = np.zeros(len(texts), dtype=int)
        high = np.array([len(pieces) for pieces in texts], dtype=int)
        while (low < high).any():
            middle = (low + high + 1) // 2
            lengths = self._count_tokens([glue.join(p[:n]) for p, n in zip(texts, middle, strict=True)])
            fits = np.asarray(lengths) <= tokens
            low, high = np.where(fits, middle, low), np.where(fits, high, middle - 1)
        return [int(n) for n in low]
