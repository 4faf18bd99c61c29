"""The system under test: three stages over any sequence classification checkpoint.

    texts ── tokenize ──► Encoding ── forward ──► logits ── softmax ──► probabilities

An evaluation and the timing suites call the same three methods.
"""

from __future__ import annotations

import inspect
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from harness import batching, checkpoint, devices, loading, resident, shapes
from harness.collector import uncollected
from harness.encoding import Batch, Encoding, Padding, Tokenizer, padded
from harness.errors import ClassifierError, UsageError
from harness.options import Settings
from harness.records import ClassifierRecord

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

    from harness.checkpoint import Checkpoint
    from harness.resident import Watch

__all__ = ["Batch", "Classifier", "Encoding"]


class Classifier:
    """A checkpoint on a device, at a dtype and a max length.

    Nothing changes after `load`: one instance may be shared, and `tokenize` may run in another
    thread while `forward` runs in this one.
    """

    record: ClassifierRecord
    classes: tuple[str, ...]
    """Names of `id2label`, in id order."""
    token_budget: int
    """Padded tokens in one forward pass, as given or by device."""

    def __init__(
        self,
        model: PreTrainedModel,
        tokenizer: Tokenizer,
        record: ClassifierRecord,
        *,
        padding: Padding,
        token_budget: int,
    ) -> None:
        """From parts that fit together; `load` makes them from a name."""
        self.record = record
        self.classes = record.classes
        self.token_budget = token_budget
        self._model = model
        self._device = model.device
        self._tokenizer = tokenizer
        self._padding = padding

    @classmethod
    def of(cls, name: str, settings: Settings) -> Classifier:
        """The classifier of that name, loaded as the settings say, see `load`."""
        return cls.load(
            name,
            device=settings.device,
            dtype=settings.dtype,
            max_length=settings.max_length,
            token_budget=settings.token_budget,
            allow_pickle=settings.allow_pickle,
            trust_remote_code=settings.trust_remote_code,
        )

    @classmethod
    def load(
        cls,
        name: str,
        *,
        device: str = "auto",
        dtype: str = "auto",
        max_length: int | None = None,
        token_budget: int | None = None,
        allow_pickle: bool = False,
        trust_remote_code: bool = False,
    ) -> Classifier:
        """Load a checkpoint, or make a shape.

        Args:
            name: `builtin`, a local folder, a hub id with `@revision` if wanted, or a shape such as `shape:bert-base`.
            device: `auto` (cuda, else mps, else cpu), `cpu`, `cuda`, `cuda:N` or `mps`.
            dtype: `auto` (the checkpoint's own; float32 for a shape), `float32`, `bfloat16` or `float16`.
            max_length: Longest input in tokens; by default the checkpoint's own limit.
            token_budget: Padded tokens in one forward pass; by default as the device has room.
            allow_pickle: Load weights-only where there is no safetensors file.
            trust_remote_code: Run the Python code that a checkpoint brings along.

        Raises:
            UsageError: An option that this machine or this checkpoint cannot follow.
            ClassifierError: No such checkpoint or shape, or none that gives probabilities over classes.
        """
        place = devices.resolve(device)
        if shapes.is_shape(name):
            found: Checkpoint = shapes.find(name)
        else:
            found = checkpoint.find(name, allow_pickle=allow_pickle, trust_remote_code=trust_remote_code)
        # A million objects are made that live as long as the process: collecting is a quarter of the time.
        with uncollected():
            loading.import_architecture(found)
            with resident.watched() as memory:
                started = time.perf_counter()
                if isinstance(found, shapes.ShapedCheckpoint):
                    model = shapes.make_model(found, dtype=dtype, device=place)
                else:
                    model = loading.load_model(found, dtype=dtype, device=place, trust_remote_code=trust_remote_code)
                fast = loading.load_tokenizer(found, trust_remote_code=trust_remote_code)
                loaded = time.perf_counter() - started
        length = _max_length(found, loading.length_limits(model, fast), max_length)
        padding = _padding(found, model, fast)
        tokenizer = Tokenizer(fast, max_length=length, token_types=_takes_types(model, fast))
        record = _record(found, model, fast, memory, asked_dtype=dtype, max_length=length, load_seconds=loaded)
        return cls(model, tokenizer, record, padding=padding, token_budget=token_budget or devices.token_budget(place))

    @property
    def model(self) -> torch.nn.Module:
        """The module that `forward` calls, on the device and in eval mode."""
        return self._model

    @property
    def bare_tokenize(self) -> Callable[[list[str]], object] | None:
        """The plain call of the `tokenizers` library on texts, to compare `tokenize` with.

        Set to cut at the max length, as it is within `tokenize`. None where the tokenizer is not of that library.
        """
        return self._tokenizer.bare

    def tokenize(self, texts: Sequence[str]) -> Encoding:
        """N texts to their token ids, on the host, cut at the max length.

        Raises:
            ClassifierError: A text that the tokenizer cannot read or makes no token of.
        """
        return self._tokenizer(texts)

    def place(self, encoding: Encoding) -> Batch:
        """N encoded texts as (N, T) tensors on the device, padded to the longest."""
        return padded(encoding, self._padding, self._device)

    def forward(self, encoding: Encoding | Batch) -> torch.Tensor:
        """N encoded texts to (N, K) logits in the model's dtype, on the device; one pass, whatever its size."""
        import torch

        batch = self.place(encoding) if isinstance(encoding, Encoding) else encoding
        if not len(batch):
            return torch.empty((0, len(self.classes)), dtype=self._model.dtype, device=self._device)
        inputs = {"input_ids": batch.input_ids, "attention_mask": batch.attention_mask}
        if batch.token_types is not None:
            inputs["token_type_ids"] = batch.token_types
        with torch.inference_mode():
            logits: torch.Tensor = self._model(**inputs).logits
        return logits

    def softmax(self, logits: torch.Tensor) -> torch.Tensor:
        """(N, K) logits to (N, K) float32 probabilities, computed in float32 whatever the dtype."""
        import torch

        with torch.inference_mode():
            return torch.softmax(logits.float(), dim=-1)

    def classify(self, texts: Sequence[str]) -> np.ndarray:
        """N texts to (N, K) float32 probabilities in the order given, in batches under the token budget.

        Raises:
            ClassifierError: A text that the tokenizer cannot read or makes no token of.
        """
        return self.classify_encoding(self.tokenize(texts))

    def classify_encoding(self, encoding: Encoding) -> np.ndarray:
        """N tokenized texts to (N, K) float32 probabilities, as `classify` does once it has tokenized."""
        probabilities = np.empty((len(encoding), len(self.classes)), dtype=np.float32)
        batches = batching.plan(encoding.lengths, self.token_budget)
        # All passes are queued before the first result is fetched: fetching waits for the device.
        results = [self.softmax(self.forward(encoding.select(batch))) for batch in batches]
        for batch, result in zip(batches, results, strict=True):
            probabilities[batch] = result.cpu().numpy()
        return probabilities


def _max_length(found: Checkpoint, limits: dict[str, int], asked: int | None) -> int:
    if not limits:
        if asked is None:
            raise UsageError(
                "the checkpoint states no longest input",
                where=found.given,
                remedy="give one: --max-length 512, for instance",
            )
        return asked
    source, limit = min(limits.items(), key=lambda item: item[1])
    if asked is not None and asked > limit:
        raise UsageError(
            f"max length {asked} is more than the checkpoint takes",
            where=f"option --max-length {asked}",
            expected=f"at most {limit} tokens: {source}",
            remedy=f"use --max-length {limit}, or leave it out",
        )
    return asked or limit


def _padding(found: Checkpoint, model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase) -> Padding:
    """The model's own padding token goes before the tokenizer's: some models find a text's last token by it."""
    config = model.config.get_text_config()
    token = config.pad_token_id
    if token is None or not 0 <= token < config.vocab_size:
        token = tokenizer.pad_token_id
    if token is None:
        raise ClassifierError(
            "the checkpoint has no padding token, so texts of different lengths cannot share a batch",
            where=f"{found.given}, config.json: pad_token_id",
            expected="the id of the token it was trained to be padded with",
            remedy="set pad_token_id in config.json (for GPT-2 it is usually eos_token_id)",
        )
    config.pad_token_id = token
    # XLNet reads the last position, whatever stands there.
    return Padding(int(token), left=getattr(config, "summary_type", None) == "last")


def _takes_types(model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase) -> bool:
    types = "token_type_ids"
    taken = types in tokenizer.model_input_names and types in inspect.signature(model.forward).parameters
    # RoBERTa's relatives know one type alone. Their own tokenizers give none, and the built-in's, on a shape, does.
    return taken and getattr(model.config.get_text_config(), "type_vocab_size", 2) != 1


def _record(
    found: Checkpoint,
    model: PreTrainedModel,
    tokenizer: PreTrainedTokenizerBase,
    memory: Watch,
    *,
    asked_dtype: str,
    max_length: int,
    load_seconds: float,
) -> ClassifierRecord:
    names = dict(model.config.id2label or {})
    return ClassifierRecord(
        id=found.id if asked_dtype == "auto" else f"{found.id}-{asked_dtype}",
        name=found.name,
        revision=found.revision,
        architecture=type(model).__name__,
        classes=tuple(str(name) for _, name in sorted(names.items())),
        device=str(model.device),
        device_name=devices.name_of(model.device),
        dtype=str(model.dtype).removeprefix("torch."),
        attention=str(model.config._attn_implementation),
        max_length=max_length,
        parameters=sum(parameter.numel() for parameter in model.parameters()),
        weights_bytes=sum(file.stat().st_size for file in found.weights),
        weights_sha256=found.weights_sha256(),
        tokenizer_sha256=checkpoint.sha256(loading.tokenizer_files(found.folder, tokenizer), names=True),
        config_sha256=checkpoint.config_sha256(found.config),
        remote_code_sha256=loading.remote_code_sha256(model, model.config, tokenizer),
        load_seconds=load_seconds,
        timing_only=found.timing_only,
        memory_bytes=resident.tensor_bytes(model),
        load_before_bytes=memory.before,
        load_peak_bytes=memory.peak,
    )
