"""Small random checkpoints, in the files that people's own checkpoints have.

A checkpoint of `bert` loads like any other: `config.json`, `model.safetensors`, `tokenizer.json`,
`tokenizer_config.json`. Its logits mean nothing, but they differ from text to text.
"""

from __future__ import annotations

import json
import shutil
import string
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

Kind = Literal["bert", "distilbert", "roberta", "mpnet"]

STARS = ("1 star", "2 stars", "3 stars", "4 stars", "5 stars")
WORDS = (
    "a an and are awful bad best book but buy day did for from good great had happy hate i in is it love loved"
    " movie much never not of old on one poor product read really so star still that the this time to very was"
    " well with worst would you"
)
SUFFIXES = ("ed", "er", "est", "ful", "ing", "ly", "ness", "s")


def bert(folder: Path, *, classes: Sequence[str] = STARS, kind: Kind = "bert", seed: int = 0, **config: Any) -> Path:
    """Make a tiny random sequence classifier in `folder`, and return it.

    Args:
        folder: Where the files go; made where it does not exist.
        classes: `id2label`, in id order.
        kind: Architecture, with the tokenizer that goes with it: WordPiece, or byte-level BPE for RoBERTa.
        seed: Of the weights. The same arguments give the same bytes.
        config: Further or other keys of the architecture's configuration.
    """
    made = tokenizer(kind)
    made.save_pretrained(folder)
    model(kind, len(made), classes=classes, seed=seed, **config).save_pretrained(folder)
    return folder


def tokenizer(kind: Kind = "bert", **settings: Any) -> PreTrainedTokenizerBase:
    """A tokenizer over a small vocabulary of real words and all ASCII characters, without its files."""
    from transformers import BertTokenizer, RobertaTokenizer

    settings = {"model_max_length": 512} | settings
    if kind == "roberta":
        vocabulary, merges = byte_pairs()
        return RobertaTokenizer(vocab=vocabulary, merges=merges, **settings)
    inputs = ["input_ids", "attention_mask"] + (["token_type_ids"] if kind == "bert" else [])
    return BertTokenizer(vocab=word_pieces(), model_input_names=inputs, **settings)


def model(kind: Kind, vocabulary: int, *, classes: Sequence[str], seed: int = 0, **config: Any) -> PreTrainedModel:
    """A random classifier of two small layers, float32, without its files."""
    import torch
    from transformers import AutoConfig, AutoModelForSequenceClassification

    labels = {
        "id2label": dict(enumerate(classes)),
        "label2id": {name: index for index, name in enumerate(classes)},
    }
    # Wider than the usual 0.02, so that different texts get clearly different logits.
    shared: dict[str, Any] = {"vocab_size": vocabulary, "initializer_range": 0.3} | labels
    if kind == "distilbert":
        shared |= {"dim": 32, "n_layers": 2, "n_heads": 4, "hidden_dim": 64, "max_position_embeddings": 512}
    else:
        shared |= {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 4, "intermediate_size": 64}
        shared |= {"max_position_embeddings": 514, "type_vocab_size": 1} if kind == "roberta" else {}
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        made: PreTrainedModel = AutoModelForSequenceClassification.from_config(
            AutoConfig.for_model(kind, **shared | config)
        )
    return made.eval()


def word_pieces() -> dict[str, int]:
    """A WordPiece vocabulary: special tokens, characters on their own and within words, words, suffixes."""
    characters = string.ascii_lowercase + string.digits
    pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *string.punctuation, *characters]
    pieces += [f"##{each}" for each in [*characters, *SUFFIXES]]
    pieces += [word for word in WORDS.split() if len(word) > 1]
    return {piece: index for index, piece in enumerate(dict.fromkeys(pieces))}


def byte_pairs() -> tuple[dict[str, int], list[tuple[str, str]]]:
    """A byte-level BPE vocabulary and its merges: every byte, and each word put together from the left."""
    from tokenizers.pre_tokenizers import ByteLevel

    pieces = ["<s>", "<pad>", "</s>", "<unk>", *sorted(ByteLevel.alphabet())]
    merges: list[tuple[str, str]] = []
    for word in [start + word for start in ("Ġ", "") for word in WORDS.split()]:
        for end in range(1, len(word)):
            merges.append((word[:end], word[end]))
            pieces.append(word[: end + 1])
    pieces.append("<mask>")
    return {piece: index for index, piece in enumerate(dict.fromkeys(pieces))}, list(dict.fromkeys(merges))


def edited(source: Path, folder: Path, *, without: Sequence[str] = (), **config: Any) -> Path:
    """A copy of a checkpoint with other keys in its `config.json`, and without some of its files.

    A key that is None is removed.
    """
    shutil.copytree(source, folder, ignore=shutil.ignore_patterns(*without))
    path = folder / "config.json"
    if config:
        removed = {key for key, value in config.items() if value is None}
        keys = {key: value for key, value in (json.loads(path.read_text()) | config).items() if key not in removed}
        path.write_text(json.dumps(keys, indent=2))
    return folder


def pickled(source: Path, folder: Path, *, shards: int = 1) -> Path:
    """A copy of a checkpoint whose weights are a pickle, in one file or in several."""
    import torch
    from safetensors.torch import load_file

    edited(source, folder, without=("*.safetensors",))
    weights = load_file(source / "model.safetensors")
    if shards == 1:
        torch.save(weights, folder / "pytorch_model.bin")
        return folder
    names = sorted(weights)
    where = {name: f"pytorch_model-{i % shards + 1:05}-of-{shards:05}.bin" for i, name in enumerate(names)}
    for file in sorted(set(where.values())):
        torch.save({name: weights[name] for name in names if where[name] == file}, folder / file)
    (folder / "pytorch_model.bin.index.json").write_text(json.dumps({"metadata": {}, "weight_map": where}))
    return folder


def cached(source: Path, cache: Path, name: str, commit: str) -> Path:
    """A checkpoint as huggingface_hub keeps it in its cache folder, as revision `main`; returns the snapshot."""
    place = cache / f"models--{name.replace('/', '--')}"
    (place / "refs").mkdir(parents=True)
    (place / "refs" / "main").write_text(commit)
    shutil.copytree(source, place / "snapshots" / commit)
    return place / "snapshots" / commit


def sharded(source: Path, folder: Path) -> Path:
    """A copy of a checkpoint whose weights are in several safetensors files with an index."""
    from transformers import AutoModelForSequenceClassification

    edited(source, folder, without=("*.safetensors",))
    AutoModelForSequenceClassification.from_pretrained(source).save_pretrained(folder, max_shard_size="50KB")
    return folder
