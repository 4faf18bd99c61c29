"""Shapes without weights: the architecture of a known checkpoint, with random weights, to be timed.

How long a forward pass takes depends on the shape of its matrices and not on what stands in them. So
the times of an architecture can be measured where its weights are not at hand. The tokenizer and the
five classes are those of the built-in classifier. What such a classifier predicts means nothing.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from harness import checkpoint, loading
from harness.checkpoint import Checkpoint
from harness.errors import ClassifierError, UsageError
from harness.options import nearest

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel

PREFIX = "shape:"
SEED = 20_181_011
"""Of the weights of every shape."""
SPREAD = 0.02
"""Standard deviation of a weight: `initializer_range` of BERT."""


@dataclass(frozen=True)
class Shape:
    """The sizes of an architecture, as its makers published them."""

    model_type: str
    """As transformers calls the architecture."""
    layers: int
    width: int
    """Of the hidden states."""
    heads: int
    intermediate: int
    """Width within the feed-forward part."""
    vocabulary: int
    """Rows of the word embeddings."""
    source: str
    """Who published these sizes."""
    positions: int = 512
    token_types: int | None = None
    """Rows of the token type embeddings; None where the architecture has none."""

    def config(self) -> Mapping[str, Any]:
        """The sizes under the names that config.json has for them."""
        names = DISTILBERT_NAMES if self.model_type == "distilbert" else NAMES
        sizes = {key: getattr(self, size) for size, key in names.items()}
        return {"model_type": self.model_type} | {key: size for key, size in sizes.items() if size is not None}


NAMES = {
    "layers": "num_hidden_layers",
    "width": "hidden_size",
    "heads": "num_attention_heads",
    "intermediate": "intermediate_size",
    "vocabulary": "vocab_size",
    "positions": "max_position_embeddings",
    "token_types": "type_vocab_size",
}
DISTILBERT_NAMES = NAMES | {"layers": "n_layers", "width": "dim", "heads": "n_heads", "intermediate": "hidden_dim"}

SHAPES: Mapping[str, Shape] = {
    "tiny": Shape(
        "bert", 2, 128, 2, 512, 30_522, token_types=2,
        source="Turc et al. 2019, arXiv:1908.08962, BERT-Tiny; config.json of google/bert_uncased_L-2_H-128_A-2",
    ),
    "minilm": Shape(
        "bert", 12, 384, 12, 1_536, 30_522, token_types=2,
        source="Wang et al. 2020, arXiv:2002.10957; config.json of microsoft/MiniLM-L12-H384-uncased",
    ),
    "distilbert": Shape(
        "distilbert", 6, 768, 12, 3_072, 30_522,
        source="Sanh et al. 2019, arXiv:1910.01108; config.json of distilbert/distilbert-base-uncased",
    ),
    "bert-base": Shape(
        "bert", 12, 768, 12, 3_072, 30_522, token_types=2,
        source="Devlin et al. 2018, arXiv:1810.04805; config.json of google-bert/bert-base-uncased",
    ),
    "bert-base-multilingual": Shape(
        "bert", 12, 768, 12, 3_072, 105_879, token_types=2,
        source="config.json of google-bert/bert-base-multilingual-uncased, which nlptown's classifier of stars is",
    ),
    "bert-large": Shape(
        "bert", 24, 1_024, 16, 4_096, 30_522, token_types=2,
        source="Devlin et al. 2018, arXiv:1810.04805; config.json of google-bert/bert-large-uncased",
    ),
    "roberta-base": Shape(
        "roberta", 12, 768, 12, 3_072, 50_265, positions=514, token_types=1,
        source="Liu et al. 2019, arXiv:1907.11692; config.json of FacebookAI/roberta-base",
    ),
    "xlm-roberta-base": Shape(
        "xlm-roberta", 12, 768, 12, 3_072, 250_002, positions=514, token_types=1,
        source="Conneau et al. 2019, arXiv:1911.02116; config.json of FacebookAI/xlm-roberta-base",
    ),
    "modernbert-base": Shape(
        "modernbert", 22, 768, 12, 1_152, 50_368, positions=8_192,
        source="Warner et al. 2024, arXiv:2412.13663; config.json of answerdotai/ModernBERT-base",
    ),
}  # fmt: skip


@dataclass(frozen=True)
class ShapedCheckpoint(Checkpoint):
    """A shape in a checkpoint's place: the built-in's folder for the tokenizer, and no weights in it."""

    shape: Shape
    timing_only: ClassVar[bool] = True

    def weights_sha256(self) -> str:
        """SHA-256 of what determines the weights: the sizes, the seed, and torch and transformers by version."""
        import torch
        import transformers

        sizes = {name: value for name, value in dataclasses.asdict(self.shape).items() if name != "source"}
        versions = {"torch": str(torch.__version__), "transformers": transformers.__version__}
        decided = sizes | versions | {"seed": SEED, "spread": SPREAD}
        return hashlib.sha256(json.dumps(decided, sort_keys=True).encode()).hexdigest()


def is_shape(name: str) -> bool:
    """Whether a classifier's name asks for a shape; a folder of such a name is never looked for.

    >>> is_shape("shape:tiny"), is_shape("tiny")
    (True, False)
    """
    return name.startswith(PREFIX)


def refuse(name: str) -> None:
    """Stop where accuracy is asked of a shape, before anything is loaded.

    Raises:
        UsageError: The name asks for a shape.
    """
    if is_shape(name):
        raise UsageError(
            f"{name} has random weights: it can be timed, and its accuracy means nothing",
            where=f"option --model {name}",
            remedy="add --timing-only, or name a checkpoint",
        )


def find(name: str) -> ShapedCheckpoint:
    """The shape of that name, `shape:tiny` for instance, with the built-in's tokenizer and classes.

    Raises:
        ClassifierError: No such shape, or no built-in classifier in this installation.
    """
    wanted = name.removeprefix(PREFIX)
    if wanted not in SHAPES:
        raise ClassifierError(
            f"there is no shape {wanted!r}",
            where=f"--model {name}",
            expected=", ".join(f"{PREFIX}{known}" for known in SHAPES),
            remedy=f"{nearest(wanted.lower(), SHAPES)}name one of these",
        )
    shape = SHAPES[wanted]
    builtin = checkpoint.find(checkpoint.BUILTIN)
    # The padding token is the tokenizer's: embeddings are made with it, and RoBERTa counts positions from it.
    config = {**shape.config(), **{key: builtin.config[key] for key in ("pad_token_id", "id2label", "label2id")}}
    return ShapedCheckpoint(
        name=name,
        given=name,
        folder=builtin.folder,
        revision=None,
        config=config,
        weights=(),
        pickled=False,
        shape=shape,
    )


def make_model(found: ShapedCheckpoint, *, dtype: str, device: torch.device) -> PreTrainedModel:
    """The sequence classifier of that shape, in eval mode on the device, with `sdpa` attention.

    Its weights are drawn in float32 and then cast, so that they are the same at every dtype. Biases are 0
    and scales of norms 1. Torch's global random state is left as it was.

    Args:
        found: The shape.
        dtype: `auto` is float32.
        device: Where it goes.

    Raises:
        UsageError: An unknown dtype.
    """
    import torch
    from transformers import AutoConfig, AutoModelForSequenceClassification

    wanted = loading.dtype_of(dtype) or torch.float32
    config = AutoConfig.for_model(**found.config)
    with _without_values():
        untyped: Any = AutoModelForSequenceClassification
        model: PreTrainedModel = untyped.from_config(config, dtype=wanted, attn_implementation="sdpa")
    drawn = torch.Generator().manual_seed(SEED)
    weights = {}
    for name, parameter in model.named_parameters():
        values = torch.empty(parameter.shape, dtype=torch.float32)
        if parameter.ndim > 1:
            values.normal_(0.0, SPREAD, generator=drawn)
        else:
            values.fill_(1.0 if name.endswith("weight") else 0.0)
        weights[name] = values.to(device, wanted)
    model.load_state_dict(weights, strict=False, assign=True)
    model.train(False)
    torch.nn.Module.to(model, device)
    return model


def _without_values() -> Any:
    """Modules made within get parameters without memory or values, and buffers with theirs.

    Drawing the weights as the architecture would takes seconds for BERT and minutes for ModernBERT, whose
    truncated normal distribution is slow on a CPU, and draws from the global random state.
    """
    import torch
    from torch.overrides import TorchFunctionMode

    class WithoutValues(TorchFunctionMode):
        """Layers of torch allocate their parameters with `torch.empty`, and nothing else does."""

        def __torch_function__(self, function: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
            on_meta = {"device": "meta"} if function is torch.empty else {}
            return function(*args, **{**(kwargs or {}), **on_meta})

    return WithoutValues()
