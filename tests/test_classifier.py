"""The three stages, over checkpoints of several families."""

from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from support import checkpoints
from support.checkpoints import edited

from harness import checkpoint
from harness.classifier import Classifier
from harness.errors import ClassifierError, UsageError
from harness.options import Settings

KINDS = ("bert", "distilbert", "roberta")
TEXTS = [
    "I really loved this book",
    "worst product ever",
    "good",
    "it was not bad, but not great: " + "would you buy it? " * 12,
    "happy",
    "this movie is awful and poor " * 4,
]
XLNET = {"d_model": 32, "n_layer": 2, "n_head": 4, "d_inner": 64}
KNOWN = "nlptown/bert-base-multilingual-uncased-sentiment"

ROUNDING = {"float32": 2e-5, "bfloat16": 0.1}
"""How far a logit may move with its neighbours: some hundred roundings of 2⁻²⁴ or 2⁻⁹ of values below 8."""


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    """One tiny checkpoint of each family."""
    root = tmp_path_factory.mktemp("checkpoints")
    return {kind: checkpoints.bert(root / kind, kind=kind) for kind in KINDS}


@pytest.fixture(scope="module")
def bert(folders):
    """Loaded once: the stages keep no state, so every test may share it."""
    return Classifier.load(str(folders["bert"]), device="cpu")


@pytest.fixture(scope="module", params=KINDS)
def classifier(request, folders):
    """One classifier of each family."""
    return Classifier.load(str(folders[request.param]), device="cpu")


def foreign(folder, model_type, tokenizer, **config):
    """A checkpoint that goes with a tokenizer of another family."""
    tokenizer.save_pretrained(folder)
    checkpoints.model(model_type, len(tokenizer), classes=checkpoints.STARS, **config).save_pretrained(folder)
    return folder


def bare_tokenizer(**special):
    """Byte pairs without a token that is put around a text, as GPT-2 has them."""
    from transformers import PreTrainedTokenizerFast

    backend = checkpoints.tokenizer("roberta").backend_tokenizer
    backend.post_processor = None
    return PreTrainedTokenizerFast(tokenizer_object=backend, model_max_length=64, **special)


class TestStages:
    def test_tokenize_gives_what_transformers_gives(self, classifier, folders):
        from transformers import AutoTokenizer

        theirs = AutoTokenizer.from_pretrained(folders[classifier.record.name])

        assert classifier.tokenize(TEXTS).input_ids == theirs(TEXTS, truncation=True)["input_ids"]

    def test_forward_gives_the_logits_that_transformers_gives(self, classifier, folders):
        from transformers import AutoModelForSequenceClassification, AutoTokenizer

        folder = folders[classifier.record.name]
        inputs = AutoTokenizer.from_pretrained(folder)(TEXTS, padding=True, return_tensors="pt")
        expected = AutoModelForSequenceClassification.from_pretrained(folder).eval()(**inputs).logits

        logits = classifier.forward(classifier.tokenize(TEXTS))

        torch.testing.assert_close(logits, expected.detach(), atol=2e-5, rtol=0)

    def test_forward_takes_a_placed_batch_as_well(self, classifier):
        encoding = classifier.tokenize(TEXTS)

        assert torch.equal(classifier.forward(classifier.place(encoding)), classifier.forward(encoding))

    def test_only_bert_takes_token_types(self, folders):
        taken = {kind: Classifier.load(str(folders[kind])).tokenize(["good"]).token_types for kind in KINDS}

        assert taken == {"bert": [[0, 0, 0]], "distilbert": None, "roberta": None}

    def test_no_texts_give_no_rows(self, classifier):
        encoding = classifier.tokenize([])

        assert classifier.forward(encoding).shape == (0, 5)
        assert classifier.softmax(classifier.forward(encoding)).shape == (0, 5)
        assert classifier.classify([]).shape == (0, 5)

    def test_nothing_is_kept_for_a_backward_pass(self, classifier):
        logits = classifier.forward(classifier.tokenize(["good"]))

        assert not logits.requires_grad and logits.is_inference()

    def test_tokenize_may_run_in_another_thread_during_forward(self, classifier):
        expected = classifier.classify(TEXTS)
        ids = classifier.tokenize(TEXTS * 20).input_ids

        with ThreadPoolExecutor(2) as pool:
            tokenized = [pool.submit(lambda: classifier.tokenize(TEXTS * 20).input_ids) for _ in range(6)]
            classified = [classifier.classify(TEXTS) for _ in range(6)]

        assert all(each.result() == ids for each in tokenized)
        assert all(np.array_equal(each, expected) for each in classified)


class TestParts:
    def test_the_model_is_the_one_that_forward_calls(self, bert):
        batch = bert.place(bert.tokenize(TEXTS))
        with torch.inference_mode():
            logits = bert.model(batch.input_ids, batch.attention_mask, batch.token_types).logits

        assert torch.equal(logits, bert.forward(batch))
        assert not bert.model.training

    def test_the_bare_call_gives_the_same_ids(self, classifier):
        texts = [*TEXTS, "good " * 600]

        assert [each.ids for each in classifier.bare_tokenize(texts)] == classifier.tokenize(texts).input_ids

    @pytest.mark.parametrize("name", ["model", "bare_tokenize"])
    def test_cannot_be_exchanged(self, bert, name):
        with pytest.raises(AttributeError):
            setattr(bert, name, None)


class TestSoftmax:
    def test_the_published_run_of_nlptown(self, bert):
        logits = torch.tensor([[-2.1545, -1.9765, -0.1540, 1.3983, 2.2185]])

        # The published logits are rounded to four places, and so are the probabilities.
        assert bert.softmax(logits)[0].tolist() == pytest.approx([0.0081, 0.0097, 0.0597, 0.2821, 0.6405], abs=1e-4)

    @settings(deadline=None)
    @given(hnp.arrays(np.float32, (7, 5), elements=st.floats(-80, 80, width=32)))
    def test_is_the_definition_in_float64(self, bert, logits):
        exponents = np.exp(logits.astype(np.float64) - logits.max(axis=1, keepdims=True))
        expected = exponents / exponents.sum(axis=1, keepdims=True)

        np.testing.assert_allclose(bert.softmax(torch.from_numpy(logits)).numpy(), expected, atol=1e-6)

    @pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
    def test_is_computed_in_float32_whatever_the_dtype(self, bert, dtype):
        logits = torch.tensor([[-3.0, 0.25, 4.5]], dtype=dtype)

        assert torch.equal(bert.softmax(logits), torch.softmax(logits.float(), dim=-1))


class TestClassify:
    def test_is_tokenize_forward_softmax(self, classifier):
        by_hand = classifier.softmax(classifier.forward(classifier.tokenize(TEXTS))).numpy()

        np.testing.assert_allclose(classifier.classify(TEXTS), by_hand, atol=1e-5)

    def test_gives_float32_rows_that_sum_to_one(self, classifier):
        probabilities = classifier.classify(TEXTS)

        assert (probabilities.dtype, probabilities.shape) == (np.float32, (len(TEXTS), 5))
        np.testing.assert_allclose(probabilities.sum(axis=1), 1, atol=1e-6)

    @pytest.mark.parametrize("budget", [1, 16, 64, 4_096])
    def test_results_are_in_the_order_given_under_any_budget(self, folders, bert, budget):
        expected = bert.classify(TEXTS)
        other = Classifier.load(str(folders["bert"]), device="cpu", token_budget=budget)

        for order in ([0, 1, 2, 3, 4, 5], [5, 4, 3, 2, 1, 0], [3, 0, 3, 1], [2]):
            np.testing.assert_allclose(other.classify([TEXTS[i] for i in order]), expected[order], atol=1e-5)

    def test_different_texts_get_different_answers(self, classifier):
        """Else the tests above would hold of a classifier that ignores its input."""
        assert len(np.unique(classifier.classify(TEXTS).round(3), axis=0)) == len(TEXTS)


class TestBatching:
    """A result does not depend on who else is in the batch, nor on padding, beyond rounding."""

    @pytest.mark.parametrize("dtype", ROUNDING)
    @pytest.mark.parametrize("kind", KINDS)
    def test_logits_alone_and_in_company_are_the_same(self, folders, kind, dtype):
        classifier = Classifier.load(str(folders[kind]), device="cpu", dtype=dtype)
        encoding = classifier.tokenize(TEXTS)
        alone = torch.cat([classifier.forward(encoding.select(np.array([i]))) for i in range(len(TEXTS))])
        together = classifier.forward(encoding)
        in_pairs = torch.cat([classifier.forward(encoding.select(np.array([i, 3])))[:1] for i in range(len(TEXTS))])

        assert float((together - alone).abs().max()) <= ROUNDING[dtype]
        assert float((in_pairs - alone).abs().max()) <= ROUNDING[dtype]

    @pytest.mark.parametrize("kind", KINDS)
    def test_padding_that_is_seen_would_be_noticed(self, folders, kind):
        """The tolerance is far below what a forgotten attention mask does."""
        classifier = Classifier.load(str(folders[kind]), device="cpu")
        encoding = classifier.tokenize(TEXTS)
        batch = classifier.place(encoding)
        batch.attention_mask.fill_(1)

        difference = (classifier.forward(batch) - classifier.forward(encoding)).abs().max()

        assert float(difference) > 10 * ROUNDING["float32"]


class TestFamilies:
    def test_a_decoder_finds_the_last_token_of_each_text(self, tmp_path):
        tokenizer = bare_tokenizer(pad_token="<pad>")
        folder = foreign(tmp_path / "gpt2", "gpt2", tokenizer, n_positions=64)
        classifier = Classifier.load(str(folder), device="cpu")
        alone = np.concatenate([classifier.classify([text]) for text in TEXTS])

        together = classifier.softmax(classifier.forward(classifier.tokenize(TEXTS))).numpy()
        np.testing.assert_allclose(together, alone, atol=1e-5)

    def test_a_checkpoint_without_a_padding_token_is_refused(self, tmp_path):
        folder = foreign(tmp_path / "gpt2", "gpt2", bare_tokenizer(), n_positions=64)

        with pytest.raises(ClassifierError) as caught:
            Classifier.load(str(folder))
        assert str(caught.value) == (
            "the checkpoint has no padding token, so texts of different lengths cannot share a batch\n"
            f"  where     {folder}, config.json: pad_token_id\n"
            "  expected  the id of the token it was trained to be padded with\n"
            "  remedy    set pad_token_id in config.json (for GPT-2 it is usually eos_token_id)"
        )

    def test_the_remedy_for_a_missing_padding_token_helps(self, tmp_path):
        folder = foreign(tmp_path / "gpt2", "gpt2", bare_tokenizer(), n_positions=64, pad_token_id=1)

        assert Classifier.load(str(folder), device="cpu").classify(TEXTS).shape == (len(TEXTS), 5)

    def test_xlnet_reads_the_last_position_so_it_is_padded_on_the_left(self, tmp_path):
        folder = foreign(tmp_path / "xlnet", "xlnet", checkpoints.tokenizer("bert", model_max_length=128), **XLNET)
        classifier = Classifier.load(str(folder), device="cpu")
        alone = np.concatenate([classifier.classify([text]) for text in TEXTS])

        together = classifier.softmax(classifier.forward(classifier.tokenize(TEXTS))).numpy()
        np.testing.assert_allclose(together, alone, atol=1e-5)

    def test_a_tokenizer_without_rust_is_fine(self, tmp_path):
        from transformers import ByT5Tokenizer

        folder = foreign(tmp_path / "bytes", "bert", ByT5Tokenizer(model_max_length=40))
        classifier = Classifier.load(str(folder), device="cpu")

        assert classifier.tokenize(["good", "b" * 60]).cut.tolist() == [False, True]
        assert classifier.bare_tokenize is None
        assert classifier.classify(TEXTS).shape == (len(TEXTS), 5)

    def test_classes_come_in_id_order_whatever_they_are(self, tmp_path):
        folder = checkpoints.bert(tmp_path / "tone", classes=("neutral", "positive", "negative"))

        assert Classifier.load(str(folder)).classes == ("neutral", "positive", "negative")

    def test_more_than_ten_classes_are_ordered_by_number(self, tmp_path):
        names = tuple(f"class {number}" for number in range(12))

        assert Classifier.load(str(checkpoints.bert(tmp_path / "many", classes=names))).classes == names

    def test_unnamed_classes_are_as_transformers_names_them(self, folders, tmp_path):
        folder = edited(folders["bert"], tmp_path / "unnamed", id2label=None, label2id=None, num_labels=5)

        assert Classifier.load(str(folder)).classes == ("LABEL_0", "LABEL_1", "LABEL_2", "LABEL_3", "LABEL_4")

    def test_float16_runs_on_the_cpu_too(self, folders):
        classifier = Classifier.load(str(folders["bert"]), device="cpu", dtype="float16")

        assert classifier.forward(classifier.tokenize(["good"])).dtype == torch.float16


class TestMaxLength:
    def test_is_the_checkpoints_own_limit_by_default(self, classifier):
        assert classifier.record.max_length == 512
        assert classifier.tokenize(["good " * 600]).lengths.tolist() == [512]
        assert classifier.classify(["good " * 600]).shape == (1, 5)

    def test_a_smaller_one_may_be_asked_for(self, folders):
        classifier = Classifier.load(str(folders["roberta"]), max_length=8)
        encoding = classifier.tokenize(["good " * 6, "good " * 7])

        assert (encoding.lengths.tolist(), classifier.record.max_length) == ([8, 8], 8)

    def test_a_larger_one_than_the_limit_is_refused(self, folders):
        with pytest.raises(UsageError) as caught:
            Classifier.load(str(folders["roberta"]), max_length=513)

        assert str(caught.value) == (
            "max length 513 is more than the checkpoint takes\n"
            "  where     option --max-length 513\n"
            "  expected  at most 512 tokens: the tokenizer's model_max_length\n"
            "  remedy    use --max-length 512, or leave it out"
        )

    def test_positions_limit_where_the_tokenizer_knows_no_limit(self, tmp_path):
        folder = checkpoints.bert(tmp_path / "c", kind="roberta")
        checkpoints.tokenizer("roberta", model_max_length=int(1e30)).save_pretrained(folder)

        assert Classifier.load(str(folder)).record.max_length == 512
        with pytest.raises(UsageError) as caught:
            Classifier.load(str(folder), max_length=514)
        assert caught.value.expected == "at most 512 tokens: the model's position embeddings"

    def test_a_checkpoint_without_any_limit_needs_one_given(self, tmp_path):
        endless = checkpoints.tokenizer("bert", model_max_length=int(1e30))
        folder = foreign(tmp_path / "xlnet", "xlnet", endless, **XLNET)

        with pytest.raises(UsageError, match="states no longest input"):
            Classifier.load(str(folder))
        assert Classifier.load(str(folder), max_length=32).record.max_length == 32


class TestLoad:
    def test_the_record_tells_the_system_under_test(self, folders):
        record = Classifier.load(str(folders["bert"]), device="cpu", dtype="bfloat16").record
        weights = folders["bert"] / "model.safetensors"

        assert (record.id, record.name, record.revision) == ("bert-bfloat16", "bert", None)
        assert (record.architecture, record.attention) == ("BertForSequenceClassification", "sdpa")
        assert (record.device, record.dtype, record.max_length) == ("cpu", "bfloat16", 512)
        assert (record.weights_bytes, record.weights_sha256) == (weights.stat().st_size, checkpoint.sha256([weights]))
        assert record.parameters == sum(
            parameter.numel() for parameter in checkpoints.model("bert", 166, classes=checkpoints.STARS).parameters()
        )
        assert record.remote_code_sha256 is None
        assert record.load_seconds > 0
        assert record.device_name

    def test_the_same_files_in_another_place_are_the_same_classifier(self, folders, tmp_path):
        hashes = ("weights_sha256", "tokenizer_sha256", "config_sha256")
        here = Classifier.load(str(folders["bert"])).record
        there = Classifier.load(str(edited(folders["bert"], tmp_path / "copy"))).record

        assert [getattr(here, name) for name in hashes] == [getattr(there, name) for name in hashes]

    def test_another_tokenizer_is_another_classifier(self, folders, tmp_path):
        folder = edited(folders["bert"], tmp_path / "copy")
        path = folder / "tokenizer.json"
        path.write_text(path.read_text().replace('"lowercase": true', '"lowercase": false'))

        here, there = Classifier.load(str(folders["bert"])).record, Classifier.load(str(folder)).record
        assert here.weights_sha256 == there.weights_sha256
        assert here.tokenizer_sha256 != there.tokenizer_sha256

    def test_settings_say_how(self, folders):
        asked = Settings(dtype="bfloat16", device="cpu", max_length=16, token_budget=99)
        classifier = Classifier.of(str(folders["bert"]), asked)

        assert (classifier.record.dtype, classifier.record.max_length, classifier.token_budget) == ("bfloat16", 16, 99)

    def test_the_record_tells_the_memory(self, bert):
        record = bert.record
        # Two int64 buffers of BERT: positions and token types, 512 of each.
        assert record.memory_bytes == 4 * record.parameters + 2 * 8 * 512
        assert record.load_peak_bytes >= record.load_before_bytes > 0

    def test_importing_the_architecture_is_no_part_of_loading_it(self):
        code = (
            "from harness.classifier import Classifier; r = Classifier.load('shape:tiny', device='cpu').record;"
            "print(r.load_peak_bytes - r.load_before_bytes)"
        )
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

        # 17 MiB of weights and the tokenizer; the import alone takes more than 100 MiB.
        assert 16 << 20 < int(done.stdout) < 80 << 20

    def test_a_pickle_and_code_need_their_options(self, folders, tmp_path):
        folder = checkpoints.pickled(folders["bert"], tmp_path / "pickled")

        with pytest.raises(ClassifierError, match="are a pickle"):
            Classifier.of(str(folder), Settings(device="cpu"))
        assert Classifier.of(str(folder), Settings(device="cpu", allow_pickle=True)).classify(["good"]).shape == (1, 5)

    def test_the_token_budget_is_the_devices_where_none_is_given(self, bert):
        assert bert.token_budget == 1_024

    def test_nothing_is_shown(self, folders, capfd):
        Classifier.load(str(folders["roberta"]), device="cpu").classify(TEXTS)

        assert capfd.readouterr() == ("", "")

    def test_a_wrong_option_stops_before_any_file_is_read(self):
        with pytest.raises(UsageError, match="device cannot be 'gpu'"):
            Classifier.load("./nowhere", device="gpu")


class TestImport:
    def loaded_by(self, statement: str) -> list[str]:
        code = f"import sys; {statement}; print(*(m for m in ('torch', 'transformers') if m in sys.modules))"
        return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()

    @pytest.mark.parametrize(
        "module",
        ["classifier", "checkpoint", "hub", "loading", "encoding", "devices", "conversion", "shapes", "resident"],
    )
    def test_is_light(self, module):
        assert self.loaded_by(f"import harness.{module}") == []

    def test_what_is_heavy_would_be_seen(self):
        assert self.loaded_by("import torch") == ["torch"]


class TestHub:
    def test_a_checkpoint_of_the_cache_is_loaded_offline(self, folders, tmp_path):
        commit = "89abcdef0123456789abcdef0123456789abcdef"
        checkpoints.cached(folders["bert"], tmp_path / "hub", "team/stars", commit)
        code = (
            "from harness.classifier import Classifier; c = Classifier.load('team/stars', device='cpu');"
            "print(c.record.id, c.record.name, c.record.revision, c.classify(['good']).shape)"
        )
        done = subprocess.run(
            [sys.executable, "-c", code],
            env=os.environ | {"HF_HOME": str(tmp_path), "HF_HUB_OFFLINE": "1"},
            capture_output=True,
            text=True,
        )

        assert (done.stderr, done.stdout) == ("", f"team-stars@89abcde team/stars {commit} (1, 5)\n")

    @pytest.mark.hub
    def test_the_published_run_of_nlptown(self):
        try:
            classifier = Classifier.load(KNOWN, device="cpu")
        except ClassifierError as error:
            pytest.skip(f"the checkpoint cannot be had: {error.message}")
        encoding = classifier.tokenize(["I loved that movie"])
        logits = classifier.forward(encoding)

        assert encoding.input_ids == [[101, 151, 46747, 10203, 13113, 102]]
        assert logits[0].tolist() == pytest.approx([-2.1545, -1.9765, -0.1540, 1.3983, 2.2185], abs=2e-4)
        assert classifier.softmax(logits)[0].tolist() == pytest.approx(
            [0.0081, 0.0097, 0.0597, 0.2821, 0.6405], abs=1e-4
        )
        assert classifier.classes == ("1 star", "2 stars", "3 stars", "4 stars", "5 stars")
