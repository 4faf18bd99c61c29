"""Shapes: the architecture that was published, weights that mean nothing and are always the same."""

from __future__ import annotations

import dataclasses

import pytest
import torch

from harness import checkpoint, loading, shapes
from harness.classifier import Classifier
from harness.errors import ClassifierError, UsageError
from harness.shapes import SHAPES

CPU = torch.device("cpu")
PARAMETERS = {
    "tiny": 4_386_565,
    "minilm": 33_361_925,
    "distilbert": 66_957_317,
    "bert-base": 109_486_085,
    "bert-base-multilingual": 167_360_261,
    "bert-large": 335_147_013,
    "roberta-base": 124_649_477,
    "xlm-roberta-base": 278_047_493,
    "modernbert-base": 149_608_709,
}
"""Of the published checkpoints, with a head of five classes: for `bert-base` 109,482,240 and 5 × (768 + 1) more."""
FAMILIES = ("tiny", "distilbert", "roberta-base", "xlm-roberta-base", "modernbert-base")


def plain(config):
    """The model as transformers alone makes it."""
    from transformers import AutoConfig, AutoModelForSequenceClassification

    return AutoModelForSequenceClassification.from_config(AutoConfig.for_model(**config))


def made(found, dtype="auto"):
    return shapes.make_model(found, dtype=dtype, device=CPU)


@pytest.fixture(scope="module", params=FAMILIES)
def small(request):
    """One shape of each architecture, made small."""
    shape = SHAPES[request.param]
    size = {"layers": 4, "width": 32, "heads": 2, "intermediate": 64, "vocabulary": 12_000}
    other = dataclasses.replace(shape, **size)
    found = shapes.find(f"shape:{request.param}")
    return dataclasses.replace(found, shape=other, config={**found.config, **other.config()})


class TestShapes:
    @pytest.mark.parametrize("name", SHAPES)
    def test_have_as_many_parameters_as_was_published(self, name):
        with torch.device("meta"):
            model = plain(shapes.find(f"shape:{name}").config)

        assert sum(parameter.numel() for parameter in model.parameters()) == PARAMETERS[name]

    def test_of_nlptown_is_a_bert_base_with_its_own_vocabulary(self):
        base, theirs = SHAPES["bert-base"], SHAPES["bert-base-multilingual"]

        assert (theirs.layers, theirs.width, theirs.heads, theirs.intermediate) == (12, 768, 12, 3_072)
        assert (theirs.vocabulary, theirs.positions) == (105_879, 512)
        assert dataclasses.replace(theirs, vocabulary=base.vocabulary, source=base.source) == base

    @pytest.mark.parametrize("name", SHAPES)
    def test_have_room_for_the_built_in_tokenizer(self, name):
        builtin = checkpoint.find(checkpoint.BUILTIN)
        shape = SHAPES[name]

        assert shape.vocabulary >= builtin.config["vocab_size"]
        assert shape.positions >= 512

    def test_name_their_source(self):
        assert all("config.json of " in shape.source for shape in SHAPES.values())


class TestFind:
    def test_gives_the_built_ins_classes_and_padding(self):
        builtin = checkpoint.find(checkpoint.BUILTIN)
        found = shapes.find("shape:roberta-base")
        tokenizer = loading.load_tokenizer(found, trust_remote_code=False)

        assert found.config["id2label"] == builtin.config["id2label"]
        assert found.config["pad_token_id"] == tokenizer.pad_token_id
        assert (found.weights, found.revision, found.timing_only) == ((), None, True)

    def test_an_unknown_shape_is_refused_with_those_that_are_known(self):
        with pytest.raises(ClassifierError) as caught:
            shapes.find("shape:Bert-Bas")

        assert str(caught.value) == (
            "there is no shape 'Bert-Bas'\n"
            "  where     --model shape:Bert-Bas\n"
            "  expected  shape:tiny, shape:minilm, shape:distilbert, shape:bert-base, shape:bert-base-multilingual, "
            "shape:bert-large, shape:roberta-base, shape:xlm-roberta-base, shape:modernbert-base\n"
            "  remedy    did you mean 'bert-base'? name one of these"
        )

    @pytest.mark.parametrize("name", ["shape:", "shape:gpt-5000"])
    def test_where_none_is_near_none_is_proposed(self, name):
        with pytest.raises(ClassifierError) as caught:
            shapes.find(name)

        assert caught.value.remedy == "name one of these"


class TestMakeModel:
    def test_everything_is_there(self, small):
        model = made(small)

        assert {tensor.device.type for tensor in [*model.parameters(), *model.buffers()]} == {"cpu"}
        assert all(parameter.isfinite().all() for parameter in model.parameters())
        assert (model.training, model.config._attn_implementation) == (False, "sdpa")

    @pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
    def test_is_what_transformers_makes_but_for_the_values(self, small, dtype):
        ours, theirs = made(small, dtype), plain(small.config | {"dtype": dtype})
        described = [
            {name: (tensor.shape, tensor.dtype, tensor.requires_grad) for name, tensor in model.named_parameters()}
            for model in (ours, theirs)
        ]
        buffers = dict(theirs.named_buffers())

        assert described[0] == described[1]
        assert [name for name, _ in ours.named_buffers()] == list(buffers)
        assert all(torch.equal(values, buffers[name]) for name, values in ours.named_buffers())

    def test_weights_have_the_spread_of_a_fresh_bert(self, small):
        parameters = dict(made(small).named_parameters())
        matrices = [parameter for parameter in parameters.values() if parameter.ndim > 1 and parameter.numel() > 1_000]
        vectors = {name: parameter for name, parameter in parameters.items() if parameter.ndim == 1}

        assert matrices and vectors
        assert all(float(each.detach().std()) == pytest.approx(0.02, rel=0.1) for each in matrices)
        assert all((each == float(name.endswith("weight"))).all() for name, each in vectors.items())

    def test_weights_are_the_same_at_every_dtype(self, small):
        exact, cast = made(small).state_dict(), made(small, "bfloat16").state_dict()

        assert all(torch.equal(values.to(cast[name].dtype), cast[name]) for name, values in exact.items())
        assert made(small, "float16").dtype == torch.float16

    def test_neither_reads_nor_moves_the_global_random_state(self, small):
        torch.manual_seed(1)
        first, before = made(small).state_dict(), torch.random.get_rng_state()
        second = made(small).state_dict()

        assert torch.equal(torch.random.get_rng_state(), before)
        assert all(torch.equal(values, second[name]) for name, values in first.items())

    def test_padding_is_the_tokenizers_and_is_not_seen(self, small):
        model = made(small).double()
        ids = torch.tensor([[2, 500, 600, 700, 3]])
        wide = torch.nn.functional.pad(ids, (0, 7), value=small.config["pad_token_id"])
        with torch.inference_mode():
            alone = model(input_ids=ids, attention_mask=torch.ones_like(ids)).logits
            padded = model(input_ids=wide, attention_mask=(torch.arange(12) < 5).long()[None]).logits

        torch.testing.assert_close(padded, alone, atol=1e-6, rtol=0)

    def test_an_unknown_dtype_is_refused(self):
        with pytest.raises(UsageError, match="dtype cannot be 'int8'"):
            made(shapes.find("shape:tiny"), "int8")


class TestClassifierOfAShape:
    def test_the_record_says_that_it_is_for_timing(self):
        record = Classifier.load("shape:tiny", device="cpu").record

        assert (record.id, record.name, record.revision, record.timing_only) == ("shape-tiny", "shape:tiny", None, True)
        assert (record.architecture, record.attention) == ("BertForSequenceClassification", "sdpa")
        assert (record.dtype, record.max_length, record.parameters) == ("float32", 512, PARAMETERS["tiny"])
        assert (record.weights_bytes, record.memory_bytes) == (0, 4 * PARAMETERS["tiny"] + 2 * 8 * 512)
        assert record.classes == ("1 star", "2 stars", "3 stars", "4 stars", "5 stars")

    def test_another_dtype_is_in_the_id(self):
        record = Classifier.load("shape:tiny", device="cpu", dtype="bfloat16").record

        assert (record.id, record.dtype) == ("shape-tiny-bfloat16", "bfloat16")

    def test_the_tokenizer_is_the_built_ins(self):
        shaped, builtin = Classifier.load("shape:tiny", device="cpu"), Classifier.load("builtin", device="cpu")
        texts = ["I loved this film", "word " * 600]

        assert shaped.record.tokenizer_sha256 == builtin.record.tokenizer_sha256
        assert shaped.tokenize(texts).input_ids == builtin.tokenize(texts).input_ids
        assert shaped.classify(texts).shape == (2, 5)

    def test_only_an_architecture_with_several_token_types_is_given_them(self, monkeypatch):
        small = dataclasses.replace(SHAPES["roberta-base"], layers=1, width=32, heads=2, intermediate=64)
        monkeypatch.setitem(shapes.SHAPES, "small", small)
        taken = {name: Classifier.load(f"shape:{name}").tokenize(["good"]).token_types for name in ("tiny", "small")}

        assert taken == {"tiny": [[0, 0, 0]], "small": None}

    def test_a_folder_of_that_name_is_not_looked_at(self, tmp_path, monkeypatch):
        (tmp_path / "shape:tiny").mkdir()
        monkeypatch.chdir(tmp_path)

        assert Classifier.load("shape:tiny", device="cpu").record.timing_only


class TestWeightsSha256:
    def test_tells_shapes_apart(self):
        assert len({shapes.find(f"shape:{name}").weights_sha256() for name in SHAPES}) == len(SHAPES)

    def test_follows_what_determines_the_weights_and_not_who_told_the_sizes(self, monkeypatch):
        found = shapes.find("shape:tiny")
        before = found.weights_sha256()
        reworded = dataclasses.replace(found, shape=dataclasses.replace(found.shape, source="elsewhere"))

        assert (len(before), reworded.weights_sha256()) == (64, before)
        monkeypatch.setattr(torch, "__version__", "99.0")
        other = found.weights_sha256()
        monkeypatch.setattr(shapes, "SEED", 1)
        assert len({before, other, found.weights_sha256()}) == 3
