"""The content key: predictions with one key are the same predictions, whoever asks."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.environment import versions

if TYPE_CHECKING:
    from harness.prediction.stages import Reviews
    from harness.records import ClassifierRecord

LIBRARIES = ("torch", "transformers", "tokenizers")


@dataclass(frozen=True)
class ContentKey:
    """Everything that decides a logit, by name. Labels, ids and batching do not."""

    parts: Mapping[str, str]

    @property
    def digest(self) -> str:
        """SHA-256 of the parts."""
        return hashlib.sha256(json.dumps(dict(self.parts), sort_keys=True).encode()).hexdigest()

    def differences(self, other: Mapping[str, object]) -> str:
        """What another key's parts have otherwise, for a person: `dtype was float32 and is bfloat16`."""
        found = []
        for name, value in self.parts.items():
            before = str(other.get(name, "unknown"))
            if before != value:
                hashed = len(value) == 64 or len(before) == 64
                words = f"{name} differs" if hashed else f"{name} was {before} and is {value}"
                found.append(words.replace("_", " "))
        return ", ".join(found)


def content_key(record: ClassifierRecord, review_set: Reviews) -> ContentKey:
    """The key of a classifier's predictions on a review set.

    Weights, configuration, tokenizer, review texts in order, kind of device, dtype, attention, max length, the
    versions of the libraries that compute, and the code that a checkpoint brought along.
    """
    parts = {
        "weights": record.weights_sha256,
        "config": record.config_sha256,
        "tokenizer": record.tokenizer_sha256,
        "review_texts": review_set.texts_fingerprint,
        "device": record.device.partition(":")[0],
        "dtype": record.dtype,
        "attention": record.attention,
        "max_length": str(record.max_length),
        "remote_code": record.remote_code_sha256 or "none",
    }
    installed = versions(LIBRARIES)
    return ContentKey(parts | {name: installed.get(name, "none") for name in LIBRARIES})


def key_of(record: ClassifierRecord, review_set: Reviews) -> str:
    """The content key as one hexadecimal text, see `content_key`."""
    return content_key(record, review_set).digest
