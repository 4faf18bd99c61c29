"""Models and tokenizers through transformers: nothing random, nothing silent, nothing on the terminal."""

from __future__ import annotations

import json
import logging

import pytest
import torch
from support import checkpoints
from support.checkpoints import edited

from harness import checkpoint, loading
from harness.errors import ClassifierError, UsageError

CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A checkpoint that can be loaded."""
    return checkpoints.bert(tmp_path_factory.mktemp("checkpoint") / "stars")


@pytest.fixture
def own_modules(tmp_path, monkeypatch):
    """Code of checkpoints is copied into a folder of this test."""
    from transformers import dynamic_module_utils

    monkeypatch.setattr(dynamic_module_utils, "HF_MODULES_CACHE", str(tmp_path / "modules"))
    monkeypatch.syspath_prepend(str(tmp_path / "modules"))


def load(folder, *, dtype="auto", allow_pickle=False, trust_remote_code=False):
    found = checkpoint.find(str(folder), allow_pickle=allow_pickle)
    return loading.load_model(found, dtype=dtype, device=CPU, trust_remote_code=trust_remote_code)


def refused(folder, **settings) -> ClassifierError:
    with pytest.raises(ClassifierError) as caught:
        load(folder, **settings)
    return caught.value


class TestLoadModel:
    def test_is_in_eval_mode_with_fused_attention(self, whole):
        model = load(whole)

        assert (model.training, model.config._attn_implementation) == (False, "sdpa")

    def test_attention_is_eager_where_the_architecture_has_no_other(self, tmp_path):
        folder = checkpoints.bert(tmp_path / "c", kind="mpnet")

        assert load(folder).config._attn_implementation == "eager"

    def test_shards_are_one_model(self, whole, tmp_path):
        together, apart = load(whole), load(checkpoints.sharded(whole, tmp_path / "sharded"))

        assert all(
            torch.equal(one, other) for one, other in zip(together.parameters(), apart.parameters(), strict=True)
        )

    @pytest.mark.parametrize("legacy", [False, True])
    def test_a_pickle_that_is_allowed_loads_the_same_weights(self, whole, tmp_path, legacy):
        folder = checkpoints.pickled(whole, tmp_path / "pickled")
        if legacy:
            weights = torch.load(folder / "pytorch_model.bin")
            torch.save(weights, folder / "pytorch_model.bin", _use_new_zipfile_serialization=False)
        model = load(folder, allow_pickle=True)

        assert all(
            torch.equal(one, other) for one, other in zip(load(whole).parameters(), model.parameters(), strict=True)
        )

    def test_an_allowed_pickle_still_runs_nothing(self, whole, tmp_path, capfd):
        folder = checkpoints.pickled(whole, tmp_path / "pickled")
        torch.save({"classifier.bias": Runs()}, folder / "pytorch_model.bin")
        error = refused(folder, allow_pickle=True)

        assert error.message == "the checkpoint's pickle holds more than tensors, so it is not loaded"
        assert "it ran" not in capfd.readouterr().out


class TestDtype:
    def test_auto_is_the_dtype_of_config_json(self, whole, tmp_path):
        folder = stored_as(torch.float16, whole, tmp_path, dtype="float32")

        assert load(folder).dtype == torch.float32

    def test_auto_is_the_dtype_of_the_weights_where_config_json_names_none(self, whole, tmp_path):
        assert load(stored_as(torch.float16, whole, tmp_path, dtype=None)).dtype == torch.float16

    def test_the_key_of_older_checkpoints_counts_too(self, whole, tmp_path):
        folder = stored_as(torch.float32, whole, tmp_path, dtype=None, torch_dtype="bfloat16")

        assert load(folder).dtype == torch.bfloat16

    @pytest.mark.parametrize("dtype", ["float32", "bfloat16", "float16"])
    def test_another_may_be_asked_for(self, whole, dtype):
        assert {parameter.dtype for parameter in load(whole, dtype=dtype).parameters()} == {getattr(torch, dtype)}

    def test_an_unknown_one_is_refused(self, whole):
        with pytest.raises(UsageError, match="dtype cannot be 'int8'") as caught:
            load(whole, dtype="int8")
        assert caught.value.expected == "auto, float32, bfloat16, float16"


class TestNothingRandom:
    """A part that the weights do not have would be made up: its predictions would be noise."""

    def test_a_model_without_a_head(self, whole, tmp_path):
        error = refused(saved_as("AutoModel", whole, tmp_path))

        assert error.message == (
            "the weights have no values for classifier.bias, classifier.weight: its predictions would be random"
        )
        assert error.where.endswith(", saved as BertModel")
        assert error.remedy == "give a checkpoint that was fine-tuned as a sequence classifier"

    @pytest.mark.parametrize(
        "kind", ["AutoModelForMaskedLM", "AutoModelForCausalLM", "AutoModelForTokenClassification"]
    )
    @pytest.mark.filterwarnings("ignore:If you want to use")
    def test_a_model_with_another_head(self, whole, tmp_path, kind):
        assert "predictions would be random" in refused(saved_as(kind, whole, tmp_path)).message

    def test_many_missing_weights_are_counted(self, whole, tmp_path):
        error = refused(edited(whole, tmp_path / "c", num_hidden_layers=3))

        assert " and 13 more: its predictions would be random" in error.message

    def test_fewer_names_than_rows_of_the_head(self, whole, tmp_path):
        error = refused(edited(whole, tmp_path / "c", id2label={"0": "a", "1": "b", "2": "c"}))

        assert error.message == "the classification head has 5 rows and id2label has 3 classes"
        assert error.remedy == "give 5 names under id2label in config.json, in the order of the head"

    def test_no_names_for_a_head_that_is_not_binary(self, whole, tmp_path):
        error = refused(edited(whole, tmp_path / "c", id2label=None))

        assert error.message == "the classification head has 5 rows and the default, without id2label, has 2 classes"

    def test_other_shapes_than_config_json_says(self, whole, tmp_path):
        error = refused(edited(whole, tmp_path / "c", intermediate_size=48))

        assert error.message.startswith("6 of the weights have other shapes than config.json says: ")
        assert error.remedy == "restore the config.json that belongs to these weights"


class TestErrors:
    def test_an_architecture_without_a_sequence_classifier(self, whole, tmp_path):
        error = refused(edited(whole, tmp_path / "c", model_type="vit"))

        assert error.message == "transformers has no sequence classifier of type 'vit'"

    @pytest.mark.parametrize(
        ("model_type", "said"), [("unheard-of", "does not recognize this architecture"), (None, "model_type")]
    )
    def test_an_unknown_architecture(self, whole, tmp_path, model_type, said):
        error = refused(edited(whole, tmp_path / "c", model_type=model_type))

        assert error.message.startswith("the checkpoint cannot be loaded as a sequence classifier: ")
        assert said in error.message

    def test_truncated_weights(self, whole, tmp_path):
        folder = edited(whole, tmp_path / "c")
        (folder / "model.safetensors").write_bytes((whole / "model.safetensors").read_bytes()[:5_000])
        error = refused(folder)

        assert error.message.startswith("the checkpoint cannot be loaded as a sequence classifier: ")
        assert error.remedy == "check that its files are whole and made for this version of transformers"


class TestQuiet:
    def test_nothing_is_shown_and_the_settings_come_back(self, whole, capfd, caplog):
        from transformers.utils import logging as theirs

        level, bars = theirs.get_verbosity(), theirs.is_progress_bar_enabled()
        model = load(whole)
        loading.load_tokenizer(checkpoint.find(str(whole)), trust_remote_code=False)

        assert isinstance(model, torch.nn.Module)
        assert capfd.readouterr() == ("", "")
        assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []
        assert (theirs.get_verbosity(), theirs.is_progress_bar_enabled()) == (level, bars)


class TestLoadTokenizer:
    def tokenizer(self, folder):
        return loading.load_tokenizer(checkpoint.find(str(folder)), trust_remote_code=False)

    @pytest.mark.parametrize("without", [["tokenizer.json", "tokenizer_config.json"], ["tokenizer.json"]])
    def test_a_tokenizer_without_its_vocabulary_is_refused(self, whole, tmp_path, without):
        folder = edited(whole, tmp_path / "c", without=without)

        with pytest.raises(ClassifierError) as caught:
            self.tokenizer(folder)
        assert caught.value.message == "the checkpoint has no vocabulary for its tokenizer"
        assert caught.value.expected == "tokenizer.json or vocab.txt"

    def test_transformers_would_make_one_all_the_same(self, whole, tmp_path):
        """Why the check is there: five tokens, and every word unknown."""
        from transformers import AutoTokenizer

        folder = edited(whole, tmp_path / "c", without=["tokenizer.json", "tokenizer_config.json"])

        assert len(AutoTokenizer.from_pretrained(folder)) == 5

    def test_a_vocabulary_alone_is_enough_for_wordpiece(self, whole, tmp_path):
        folder = edited(whole, tmp_path / "c", without=["tokenizer.json", "tokenizer_config.json"])
        (folder / "vocab.txt").write_text("\n".join(checkpoints.word_pieces()) + "\n")

        assert self.tokenizer(folder)("a good book").input_ids == self.tokenizer(whole)("a good book").input_ids

    def test_byte_pairs_need_their_merges_too(self, tmp_path):
        folder = checkpoints.bert(tmp_path / "c", kind="roberta")
        vocabulary, _ = checkpoints.byte_pairs()
        (folder / "tokenizer.json").unlink()
        (folder / "vocab.json").write_text(json.dumps(vocabulary))

        with pytest.raises(ClassifierError, match="has no tokenizer that can be loaded"):
            self.tokenizer(folder)

    def test_a_broken_tokenizer_is_refused(self, whole, tmp_path):
        folder = edited(whole, tmp_path / "c")
        (folder / "tokenizer.json").write_text("{")

        with pytest.raises(ClassifierError, match="has no tokenizer that can be loaded"):
            self.tokenizer(folder)


class TestTokenizerFiles:
    def test_are_those_that_decide_its_ids(self, whole):
        tokenizer = loading.load_tokenizer(checkpoint.find(str(whole)), trust_remote_code=False)

        files = loading.tokenizer_files(whole, tokenizer)

        assert [file.name for file in files] == ["tokenizer.json", "tokenizer_config.json"]


class TestLengthLimits:
    @pytest.mark.parametrize(
        ("kind", "expected"), [("bert", 512), ("distilbert", 512), ("roberta", 512), ("mpnet", 510)]
    )
    def test_a_text_of_the_limit_passes_and_one_token_more_does_not(self, tmp_path, kind, expected):
        folder = checkpoints.bert(tmp_path / "c", kind=kind)
        model = load(folder)
        limits = loading.length_limits(model, checkpoints.tokenizer(kind))
        limit = limits["the model's position embeddings"]

        assert limit == expected
        assert model(input_ids=torch.full((1, limit), 7)).logits.shape == (1, 5)
        with pytest.raises((RuntimeError, IndexError)):
            model(input_ids=torch.full((1, limit + 1), 7))

    def test_a_tokenizer_that_knows_none_sets_none(self, whole):
        limits = loading.length_limits(load(whole), checkpoints.tokenizer("bert", model_max_length=int(1e30)))

        assert limits == {"the model's position embeddings": 512}


class TestRemoteCode:
    def test_is_not_run_without_permission(self, whole, tmp_path, own_modules):
        error = refused(with_code(whole, tmp_path / "own"))

        assert error.message == (
            "the checkpoint needs Python code that it brings along, and that may do anything on this machine"
        )
        assert error.remedy == "read that code, then allow it with --trust-remote-code"

    def test_runs_where_it_is_allowed_and_its_content_is_recorded(self, whole, tmp_path, own_modules):
        folder = with_code(whole, tmp_path / "own")
        model = load(folder, trust_remote_code=True)

        assert type(model).__name__ == "OwnForSequenceClassification"
        assert loading.remote_code_sha256(model) == checkpoint.sha256([folder / "modeling_own.py"], names=True)

    def test_an_architecture_of_transformers_needs_none(self, whole, tmp_path):
        folder = edited(whole, tmp_path / "c", auto_map={"AutoModelForSequenceClassification": "modeling_own.Own"})
        model = load(folder)

        assert type(model).__name__ == "BertForSequenceClassification"
        assert loading.remote_code_sha256(model) is None


OWN = """
from transformers import BertConfig, BertForSequenceClassification
class OwnConfig(BertConfig):
    model_type = "own-bert"
class OwnForSequenceClassification(BertForSequenceClassification):
    config_class = OwnConfig
"""


def with_code(source, folder):
    """A checkpoint of an architecture that it brings along."""
    classes = {"AutoConfig": "OwnConfig", "AutoModelForSequenceClassification": "OwnForSequenceClassification"}
    auto_map = {key: f"modeling_own.{name}" for key, name in classes.items()}
    edited(source, folder, model_type="own-bert", auto_map=auto_map)
    (folder / "modeling_own.py").write_text(OWN)
    return folder


def stored_as(stored, source, tmp_path, **config):
    """A checkpoint whose file has weights of this dtype, whatever its config.json says."""
    from safetensors.torch import load_file, save_file

    folder = edited(source, tmp_path / "stored", **config)
    weights = {name: tensor.to(stored) for name, tensor in load_file(source / "model.safetensors").items()}
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    return folder


def saved_as(kind, source, tmp_path):
    """The checkpoint's encoder with the head of another task."""
    import transformers

    folder = edited(source, tmp_path / "other", without=["*.safetensors"])
    getattr(transformers, kind).from_pretrained(source).save_pretrained(folder)
    return folder


class Runs:
    """Prints when it is unpickled by anything that runs what a pickle says."""

    def __reduce__(self):
        return print, ("it ran",)
