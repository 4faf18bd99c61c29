"""The work of one call: its floating-point operations, and the least that it must move through memory.

Divided by the seconds of the call they are compared with what the machine can do at most, see
`machine`. Bytes are lower bounds: each value is counted once where it enters and once where it
leaves, as if caches held everything between.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from math import prod
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch

    from harness.classifier import Batch, Classifier, Encoding

PRODUCT = re.compile(r"attention|matmul|conv|rnn|lstm|gru|(^|_)(linear|[a-z0-9]*mm|[a-z]*mv|[a-z]*dot)(_|$)")
"""Names of torch operators that multiply matrices, whether or not there is a formula for them."""
KNOWN = ("", "aten", "prim", "prims", "profiler")
"""Namespaces whose other operators multiply none. What an operator of another package does is not known."""


def flops_of_forward(classifier: Classifier, batch: Batch) -> int | None:
    """Floating-point operations of one forward pass: 2 for each multiply-add of a matrix product or an attention.

    Counted by torch's `FlopCounterMode` over a real pass, so padding and masked positions count as
    what they cost, and causal attention counts as the whole square. The formulas here are for what
    that counter leaves out: attention on a CPU (pytorch/pytorch#195460: "FlopCounterMode counts 0
    FLOPs for CPU scaled_dot_product_attention") and on Apple's GPU, grouped products (mixtures of
    experts) and products with a vector. Some kernels on CUDA pad narrow heads to a multiple of 8,
    and count them so. Additions, activations, norms and Fourier transforms are not counted.

    Args:
        classifier: Whose `forward` is called, once.
        batch: N texts of T padded tokens, on the device.

    Returns:
        None where the pass called an operator that multiplies matrices unseen, as attention from
        the `flash_attn` package does: a count without it would be too low.
    """
    from torch.utils.flop_counter import FlopCounterMode

    counter = FlopCounterMode(display=False, custom_mapping=_formulas())
    called: set[Any] = set()
    # The counter comes second: it takes composite operators apart, and passes on what it counts.
    with _recorder(called), counter:
        classifier.forward(batch)
    counted = counter.get_flop_counts().get("Global", {})
    missed = [operator for operator in called if operator not in counted and _multiplies(operator)]
    return None if missed else counter.get_total_flops()


def bytes_of_forward(model: torch.nn.Module, batch: Batch, logits: torch.Tensor) -> int:
    """The least that one forward pass moves: parameters and token ids are read, logits are written.

    Every parameter is read once (all the experts of a mixture among them), except embedding tables.
    Of the table of words the rows of the different ids in the batch are read, padding's among them;
    other tables (positions, token types) and buffers are left out: of them, too, a pass reads a
    part, and all of it is small. Activations are left out.

    Args:
        model: The classifier's torch module.
        batch: (N, T) token ids, mask and token types.
        logits: (N, K), what the pass answered.
    """
    from torch import nn

    words = _words(model)
    tables = {id(module.weight) for module in model.modules() if isinstance(module, nn.Embedding)} | {id(words)}
    dense = sum(parameter.nbytes for parameter in model.parameters() if id(parameter) not in tables)
    different = len(set(batch.input_ids.flatten().tolist()))
    looked_up = 0 if words is None else different * words[0].nbytes
    return dense + looked_up + _placed(batch) + logits.nbytes


def bytes_of_softmax(logits: torch.Tensor) -> int:
    """The least that `softmax` moves: (N, K) logits are read, as many float32 probabilities are written."""
    return logits.nbytes + 4 * logits.numel()


def bytes_of_tokenize(texts: Sequence[str], encoding: Encoding) -> int:
    """The least that `tokenize` moves: the texts' UTF-8 is read, their token ids (int32) are written.

    Args:
        texts: N texts; also what is cut off is read.
        encoding: What they came to.
    """
    return sum(len(text.encode("utf-8")) for text in texts) + encoding.flat_ids.nbytes


def bytes_of_place(encoding: Encoding, batch: Batch) -> int:
    """The least that `place` moves: token ids and types are read, the batch's tensors are written.

    Args:
        encoding: N texts without padding.
        batch: The same as (N, T) tensors.
    """
    types = 0 if encoding.flat_types is None or batch.token_types is None else encoding.flat_types.nbytes
    return encoding.flat_ids.nbytes + types + _placed(batch)


def _placed(batch: Batch) -> int:
    tensors = (batch.input_ids, batch.attention_mask, batch.token_types)
    return sum(tensor.nbytes for tensor in tensors if tensor is not None)


def _words(model: Any) -> torch.Tensor | None:
    """The (words, width) table that token ids are looked up in; None where the architecture has none."""
    try:
        table = getattr(model.get_input_embeddings(), "weight", None)
    except NotImplementedError:  # CANINE: characters are hashed into many small tables
        return None
    return table if table is not None and table.ndim == 2 else None


def _attention(query: Sequence[int], key: Sequence[int], value: Sequence[int], *_: Any, **__: Any) -> int:
    """Shapes (N, heads, T, width); keys and values may have another T, fewer heads and their own width."""
    return 2 * prod(query[:-1]) * key[-2] * (query[-1] + value[-1])


def _grouped(left: Sequence[int], right: Sequence[int], *_: Any, **__: Any) -> int:
    """Shapes (rows, inner) or (groups, rows, inner), and (inner, columns) or (groups, inner, columns)."""
    groups = left[0] if len(left) == len(right) == 3 else 1
    return 2 * groups * left[-2] * left[-1] * right[-1]


def _vector(left: Sequence[int], *_: Any, **__: Any) -> int:
    return 2 * prod(left)


def _formulas() -> dict[Any, Callable[..., int]]:
    """By operator, those that this torch has. Each gets the shapes of the arguments."""
    import torch

    aten = torch.ops.aten
    formulas: dict[str, Callable[..., int]] = {
        "_scaled_dot_product_flash_attention_for_cpu": _attention,
        "_scaled_dot_product_attention_math_for_mps": _attention,
        "_grouped_mm": _grouped,
        "mv": _vector,
        "dot": _vector,
    }
    return {getattr(aten, name): formula for name, formula in formulas.items() if hasattr(aten, name)}


def _multiplies(operator: Any) -> bool:
    namespace, _, name = str(operator).rpartition(".")
    return PRODUCT.search(name) is not None or namespace not in KNOWN


def _recorder(called: set[Any]) -> Any:
    """A mode that notes every operator that runs within it."""
    from torch.utils._python_dispatch import TorchDispatchMode

    class Recorder(TorchDispatchMode):  # type: ignore[no-untyped-call]
        supports_higher_order_operators = True

        def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
            called.add(getattr(func, "overloadpacket", func))
            return func(*args, **(kwargs or {}))

    return Recorder()  # type: ignore[no-untyped-call]
