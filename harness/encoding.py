"""Tokenized texts, and the tokenizer that makes them: ragged, on the host, cut at the max length."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from typing import TYPE_CHECKING, Any

import numpy as np

from harness.errors import ClassifierError, UsageError

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedTokenizerBase


@dataclass(frozen=True, eq=False)
class Encoding:
    """Token ids of N texts, one behind the other, without padding."""

    flat_ids: np.ndarray
    """(T,) int32: the ids of all texts."""
    offsets: np.ndarray
    """(N + 1,) int64: text n has `flat_ids[offsets[n]:offsets[n + 1]]`."""
    cut: np.ndarray
    """(N,) bool: the text was longer than the max length."""
    flat_types: np.ndarray | None = None
    """(T,) int32 token types; None where the classifier takes none."""

    def __len__(self) -> int:
        return len(self.cut)

    @cached_property
    def lengths(self) -> np.ndarray:
        """(N,) int32: tokens of each text, special tokens among them."""
        return np.diff(self.offsets).astype(np.int32)

    @property
    def input_ids(self) -> list[list[int]]:
        """Token ids of each text."""
        return self._rows(self.flat_ids)

    @property
    def token_types(self) -> list[list[int]] | None:
        """Token types of each text; None where the classifier takes none."""
        return None if self.flat_types is None else self._rows(self.flat_types)

    def select(self, indices: np.ndarray) -> Encoding:
        """The texts at `indices`, (n,) integers, in their order."""
        lengths = self.lengths[indices].astype(np.int64)
        offsets = np.concatenate([[0], np.cumsum(lengths)])
        # Position of each token here: its place in its text, counted from where that text starts.
        tokens = np.arange(offsets[-1]) + np.repeat(self.offsets[:-1][indices] - offsets[:-1], lengths)
        types = None if self.flat_types is None else self.flat_types[tokens]
        return Encoding(self.flat_ids[tokens], offsets, self.cut[indices], types)

    def _rows(self, flat: np.ndarray) -> list[list[int]]:
        return [part.tolist() for part in np.split(flat, self.offsets[1:-1])] if len(self) else []


@dataclass(frozen=True, eq=False)
class Batch:
    """Tokenized texts as `forward` takes them: padded to the longest, on the device."""

    input_ids: torch.Tensor
    """(N, T) int64."""
    attention_mask: torch.Tensor
    """(N, T) int64: 1 for a token, 0 for padding."""
    token_types: torch.Tensor | None
    """(N, T) int64; None where the classifier takes none."""

    def __len__(self) -> int:
        return int(self.input_ids.shape[0])


@dataclass(frozen=True)
class Padding:
    """How the rows of a batch are brought to one length."""

    token: int
    """Id of the padding token."""
    left: bool = False


def padded(encoding: Encoding, padding: Padding, device: torch.device) -> Batch:
    """The texts as padded tensors on the device.

    To CUDA they go through pinned memory, without waiting: the copy runs beside the kernels.
    """
    lengths = encoding.lengths[:, None]
    width = int(lengths.max(initial=0))
    columns = np.arange(width)[None, :]
    real = columns >= width - lengths if padding.left else columns < lengths

    def on_device(values: np.ndarray | int, fill: int) -> torch.Tensor:
        import torch

        rows = np.full(real.shape, fill, dtype=np.int64)
        rows[real] = values
        tensor = torch.from_numpy(rows)
        return tensor.pin_memory().to(device, non_blocking=True) if device.type == "cuda" else tensor.to(device)

    types = encoding.flat_types
    return Batch(
        on_device(encoding.flat_ids, padding.token), on_device(1, 0), None if types is None else on_device(types, 0)
    )


class Tokenizer:
    """A checkpoint's tokenizer, set to one max length. Keeps no state between calls."""

    def __init__(self, tokenizer: PreTrainedTokenizerBase, *, max_length: int, token_types: bool) -> None:
        """
        Args:
            tokenizer: As transformers loads it. A fast one is set to cut at `max_length` and belongs
                to this object from here on.
            max_length: Longest input, special tokens among them.
            token_types: Whether the classifier takes token types.

        Raises:
            UsageError: A max length that leaves no room between the special tokens.
        """
        self._tokenizer = tokenizer
        self._max_length = max_length
        special = tokenizer.num_special_tokens_to_add()
        if max_length <= special:
            raise UsageError(
                f"max length {max_length} leaves no room for text",
                where=f"option --max-length {max_length}",
                expected=f"more than the {special} special tokens that every text gets",
                remedy="use a larger one, or leave it out",
            )
        self._token_types = token_types
        # One text alone has type 0 throughout in most families; where it has not, types are read from each encoding.
        self._types_vary = token_types and any(tokenizer("a a", return_token_type_ids=True)["token_type_ids"])
        self._backend = _backend_of(tokenizer)
        if self._backend is not None:
            # Set once, and after the call above, which resets it: in each call, threads would disturb each other.
            self._backend.no_padding()
            self._backend.enable_truncation(max_length, direction=tokenizer.truncation_side)
            self._backend.encode_special_tokens = tokenizer.split_special_tokens

    def __call__(self, texts: Sequence[str]) -> Encoding:
        """The texts' token ids, as `tokenizer(text, truncation=True)` of transformers gives them.

        Raises:
            ClassifierError: A text that the tokenizer makes no token of, or cannot read.
        """
        if not texts:
            return self._encoding([], np.zeros(0, dtype=bool), [])
        encoding = self._fast(texts) if self._backend is not None else self._one_by_one(texts)
        if not encoding.lengths.all():
            number = int(np.argmin(encoding.lengths))
            raise ClassifierError(
                f"the tokenizer makes no token of the text {texts[number]!r}",
                where=f"text {number + 1} of {len(texts):,}",
                remedy="leave the text out",
            )
        return encoding

    @property
    def bare(self) -> Callable[[list[str]], object] | None:
        """The plain call of the `tokenizers` library, cut at the max length; None where there is no Rust tokenizer.

        It gives N encodings of that library, and no arrays: all that a call of this object adds is left out.
        """
        return None if self._backend is None else self._backend.encode_batch_fast

    def _fast(self, texts: Sequence[str]) -> Encoding:
        try:
            encodings = self._backend.encode_batch_fast(list(texts))
        except (TypeError, UnicodeEncodeError):
            raise _unreadable(texts) from None
        ids = [encoding.ids for encoding in encodings]
        # What was cut off lies in `overflowing`; only a text of exactly the max length can have any.
        cut = [len(row) >= self._max_length and bool(e.overflowing) for row, e in zip(ids, encodings, strict=True)]
        types = [encoding.type_ids for encoding in encodings] if self._types_vary else []
        return self._encoding(ids, np.array(cut, dtype=bool), types)

    def _one_by_one(self, texts: Sequence[str]) -> Encoding:
        made = [
            self._tokenizer(
                text,
                truncation=True,
                max_length=self._max_length,
                return_attention_mask=False,
                return_token_type_ids=self._types_vary,
                return_overflowing_tokens=True,
                verbose=False,
            )
            for text in texts
        ]
        cut = np.array([bool(each.get("overflowing_tokens")) for each in made], dtype=bool)
        types = [each["token_type_ids"] for each in made] if self._types_vary else []
        return self._encoding([each["input_ids"] for each in made], cut, types)

    def _encoding(self, ids: Sequence[Sequence[int]], cut: np.ndarray, types: Sequence[Sequence[int]]) -> Encoding:
        offsets = np.zeros(len(ids) + 1, dtype=np.int64)
        np.cumsum([len(row) for row in ids], out=offsets[1:])
        flat_types = None
        if self._token_types:
            flat_types = _flat(types, offsets[-1]) if self._types_vary else np.zeros(offsets[-1], dtype=np.int32)
        return Encoding(_flat(ids, offsets[-1]), offsets, cut, flat_types)


def _flat(rows: Iterable[Sequence[int]], total: int) -> np.ndarray:
    return np.fromiter(chain.from_iterable(rows), dtype=np.int32, count=total)


def _backend_of(tokenizer: PreTrainedTokenizerBase) -> Any:
    """The Rust tokenizer where transformers itself would do nothing else than call it, else None."""
    from transformers import PreTrainedTokenizerFast

    kind = type(tokenizer)
    same = isinstance(tokenizer, PreTrainedTokenizerFast) and all(
        getattr(kind, method) is getattr(PreTrainedTokenizerFast, method) for method in ("__call__", "_encode_plus")
    )
    return tokenizer.backend_tokenizer if same else None


def _unreadable(texts: Sequence[str]) -> ClassifierError:
    for number, text in enumerate(texts, 1):
        if not isinstance(text, str):
            reason = f"a text is {type(text).__name__}, not str"
        elif any("\ud800" <= character <= "\udfff" for character in text):
            reason = "a text holds half of a surrogate pair, which is no character"
        else:
            continue
        return ClassifierError(
            reason,
            where=f"text {number} of {len(texts):,}",
            expected="texts",
            remedy="correct the text, or leave it out",
        )
    return ClassifierError("the tokenizer cannot read the texts", expected="texts")
