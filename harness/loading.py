"""A checkpoint's model and tokenizer through transformers: quietly, and never with a random part."""

from __future__ import annotations

import pickle
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harness import checkpoint as files
from harness.checkpoint import Checkpoint
from harness.errors import ClassifierError, UsageError

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

DTYPES = ("auto", "float32", "bfloat16", "float16")
NO_LIMIT = 1_000_000
"""Tokenizers that know no longest input say 10³⁰."""
FAILED = "cannot be loaded as a sequence classifier"


def import_architecture(checkpoint: Checkpoint) -> None:
    """Import what this checkpoint will need: the first of its kind takes seconds and 100 MB that are not its own.

    Raises:
        ClassifierError: A library is missing that this architecture needs.
    """
    from transformers import CONFIG_MAPPING, MODEL_FOR_SEQUENCE_CLASSIFICATION_MAPPING, AutoTokenizer  # noqa: F401

    kind = checkpoint.config.get("model_type")
    # What transformers does not know comes with its own code, or is refused while it is loaded.
    if isinstance(kind, str) and kind in CONFIG_MAPPING:
        with _quiet(), _explained(checkpoint, FAILED):
            config = CONFIG_MAPPING[kind]
            if config in MODEL_FOR_SEQUENCE_CLASSIFICATION_MAPPING:
                MODEL_FOR_SEQUENCE_CLASSIFICATION_MAPPING[config]


def dtype_of(name: str) -> torch.dtype | None:
    """The dtype of that name; None for `auto`.

    Raises:
        UsageError: An unknown dtype.
    """
    import torch

    if name not in DTYPES:
        raise UsageError(
            f"dtype cannot be {name!r}",
            where=f"option --dtype {name}",
            expected=", ".join(DTYPES),
            remedy="correct the option, or leave it out",
        )
    dtype: torch.dtype | None = None if name == "auto" else getattr(torch, name)
    return dtype


def load_model(checkpoint: Checkpoint, *, dtype: str, device: torch.device, trust_remote_code: bool) -> PreTrainedModel:
    """The sequence classifier, in eval mode on the device, with `sdpa` attention where it has that.

    Args:
        checkpoint: Found and admitted.
        dtype: `auto` is the dtype that config.json names, else the one that the weights are stored in.
        device: Where it goes.
        trust_remote_code: Run the Python code that the checkpoint brings along.

    Raises:
        UsageError: An unknown dtype.
        ClassifierError: The architecture has no sequence classifier, or the weights lack a part of
            it or have other shapes.
    """
    import torch

    settings = _permissions(trust_remote_code) | {
        "dtype": dtype_of(dtype) or "auto",
        "use_safetensors": not checkpoint.pickled,
        "weights_only": True,
        "output_loading_info": True,
        # Other shapes are reported with all else that does not fit, and refused below.
        "ignore_mismatched_sizes": True,
    }
    with _quiet(), _explained(checkpoint, FAILED):
        model, report = _from_pretrained(checkpoint.folder, settings)
    _check_shapes(checkpoint, report, len(model.config.id2label or {}))
    _check_complete(checkpoint, report, type(model).__name__)
    model.train(False)
    torch.nn.Module.to(model, device)
    return model


def load_tokenizer(checkpoint: Checkpoint, *, trust_remote_code: bool) -> PreTrainedTokenizerBase:
    """The checkpoint's tokenizer, a fast one where there is one.

    Raises:
        ClassifierError: No tokenizer, or one without its vocabulary.
    """
    from transformers import AutoTokenizer

    with _quiet(), _explained(checkpoint, "has no tokenizer that can be loaded"):
        tokenizer: PreTrainedTokenizerBase = AutoTokenizer.from_pretrained(
            checkpoint.folder, **_permissions(trust_remote_code)
        )
    # Without its files transformers makes a tokenizer all the same, with five tokens, and every word is unknown.
    names = {key: name for key, name in tokenizer.vocab_files_names.items() if not key.endswith("config_file")}
    whole = (checkpoint.folder / "tokenizer.json").is_file()
    if names and not whole and not any((checkpoint.folder / name).is_file() for name in names.values()):
        raise ClassifierError(
            "the checkpoint has no vocabulary for its tokenizer",
            where=checkpoint.given,
            expected=" or ".join(sorted({"tokenizer.json", *names.values()})),
            remedy="save the tokenizer beside the weights: tokenizer.save_pretrained(folder)",
        )
    return tokenizer


def tokenizer_files(folder: Path, tokenizer: PreTrainedTokenizerBase) -> list[Path]:
    """The files that decide a tokenizer's ids."""
    settings = ("tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json")
    names = {*settings, *tokenizer.vocab_files_names.values()}
    return sorted(folder / name for name in names if (folder / name).is_file())


def length_limits(model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase) -> dict[str, int]:
    """The longest input by what limits it, in tokens; empty where nothing does.

    RoBERTa and its relatives count positions from the padding index + 1, so that two of their
    position embeddings are never used.
    """
    from torch import nn

    limits = {}
    if tokenizer.model_max_length < NO_LIMIT:
        limits["the tokenizer's model_max_length"] = int(tokenizer.model_max_length)
    positions = getattr(model.config.get_text_config(), "max_position_embeddings", None)
    usable = [positions] if isinstance(positions, int) and positions > 0 else []
    for name, module in model.named_modules():
        if name.endswith("position_embeddings") and isinstance(module, nn.Embedding) and module.padding_idx is not None:
            usable.append(module.num_embeddings - module.padding_idx - 1)
    if usable:
        limits["the model's position embeddings"] = min(usable)
    return limits


def remote_code_sha256(*loaded: object) -> str | None:
    """SHA-256 of the Python files that a checkpoint brought along and that ran; None where there are none."""
    folders = set()
    for each in loaded:
        module = sys.modules.get(type(each).__module__)
        if module is not None and module.__name__.partition(".")[0] == "transformers_modules" and module.__file__:
            folders.add(Path(module.__file__).parent)
    code = [file for folder in sorted(folders) for file in folder.glob("*.py") if file.name != "__init__.py"]
    return files.sha256(code, names=True) if code else None


# ── within ──


def _from_pretrained(folder: Path, settings: Mapping[str, Any]) -> tuple[PreTrainedModel, Mapping[str, Any]]:
    from transformers import AutoModelForSequenceClassification

    try:
        made = AutoModelForSequenceClassification.from_pretrained(folder, attn_implementation="sdpa", **settings)
    except ValueError as error:
        # Raised before any weight is read, by architectures that have no fused attention.
        if "scaled_dot_product_attention" not in str(error):
            raise
        made = AutoModelForSequenceClassification.from_pretrained(folder, attn_implementation="eager", **settings)
    model, report = made
    return model, report


def _permissions(trust_remote_code: bool) -> dict[str, Any]:
    # The files are here already; only a checkpoint's own code may come from yet another repository.
    return {"trust_remote_code": True} if trust_remote_code else {"trust_remote_code": False, "local_files_only": True}


@contextmanager
def _quiet() -> Iterator[None]:
    """No progress bars and no warnings of transformers; what they would say is checked and raised here."""
    from transformers.utils import logging as untyped

    logging: Any = untyped
    level, bars = logging.get_verbosity(), logging.is_progress_bar_enabled()
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        logging.set_verbosity(level)
        if bars:
            logging.enable_progress_bar()


@contextmanager
def _explained(checkpoint: Checkpoint, failed: str) -> Iterator[None]:
    """Whatever transformers raises on a checkpoint, as an error for a person."""
    try:
        yield
    except pickle.UnpicklingError as error:
        raise ClassifierError(
            "the checkpoint's pickle holds more than tensors, so it is not loaded",
            where=checkpoint.given,
            expected="a state dict that can be read weights-only",
            remedy="ask its maker for safetensors",
        ) from error
    except Exception as error:
        reason = next((line.strip() for line in str(error).splitlines() if line.strip()), type(error).__name__)
        if "trust_remote_code" in str(error):
            raise ClassifierError(
                "the checkpoint needs Python code that it brings along, and that may do anything on this machine",
                where=f"{checkpoint.given}: auto_map",
                remedy="read that code, then allow it with --trust-remote-code",
            ) from error
        if "Unrecognized configuration class" in reason:
            raise ClassifierError(
                f"transformers has no sequence classifier of type {checkpoint.config.get('model_type')!r}",
                where=checkpoint.given,
                expected="an architecture of AutoModelForSequenceClassification",
                remedy="give a checkpoint that was trained as a sequence classifier",
            ) from error
        raise ClassifierError(
            f"the checkpoint {failed}: {reason}",
            where=checkpoint.given,
            remedy="check that its files are whole and made for this version of transformers",
        ) from error


def _check_shapes(checkpoint: Checkpoint, report: Mapping[str, Any], classes: int) -> None:
    wrong = sorted((name, tuple(stored), tuple(wanted)) for name, stored, wanted in report["mismatched_keys"])
    if not wrong:
        return
    for name, stored, wanted in wrong:
        if wanted[0] == classes != stored[0] and wanted[1:] == stored[1:]:
            names = "id2label" if "id2label" in checkpoint.config else "the default, without id2label,"
            raise ClassifierError(
                f"the classification head has {stored[0]} rows and {names} has {classes} classes",
                where=f"{checkpoint.given}: {name}",
                expected="one name for each row of the head",
                remedy=f"give {stored[0]} names under id2label in config.json, in the order of the head",
            )
    name, stored, wanted = wrong[0]
    raise ClassifierError(
        f"{len(wrong)} of the weights have other shapes than config.json says: {name} is {stored}, not {wanted}",
        where=checkpoint.given,
        remedy="restore the config.json that belongs to these weights",
    )


def _check_complete(checkpoint: Checkpoint, report: Mapping[str, Any], architecture: str) -> None:
    missing = sorted(report["missing_keys"])
    if not missing and not report["error_msgs"]:
        return
    saved = ", ".join(checkpoint.config.get("architectures") or ["an unnamed architecture"])
    shown = ", ".join(missing[:3]) + (f" and {len(missing) - 3} more" if len(missing) > 3 else "")
    raise ClassifierError(
        f"the weights have no values for {shown}: its predictions would be random"
        if missing
        else f"the weights do not load: {report['error_msgs'][0]}",
        where=f"{checkpoint.given}, saved as {saved}",
        expected=f"all weights of {architecture}",
        remedy="give a checkpoint that was fine-tuned as a sequence classifier",
    )
