"""The work of one call: floating-point operations and the least bytes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from support import checkpoints
from torch import nn
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.nn.functional import scaled_dot_product_attention

from harness.classifier import Batch, Classifier, Encoding
from harness.timing import work

EVEN = ["the movie was great", "the book was awful"]
RAGGED = ["great", "the best movie that you would love", "not good"]
WIDTH, LAYERS = 32, 2


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return checkpoints.bert(tmp_path_factory.mktemp("work") / "bert")


@pytest.fixture(scope="module", params=["sdpa", "eager"])
def attention(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def load(folder: Path) -> Callable[[str, str], Classifier]:
    def loaded(dtype: str, attention: str) -> Classifier:
        classifier = Classifier.load(str(folder), device="cpu", dtype=dtype)
        classifier._model.set_attn_implementation(attention)
        return classifier

    return loaded


@pytest.fixture(scope="module")
def classifier(folder: Path) -> Classifier:
    return Classifier.load(str(folder), device="cpu")


def analytic(model: nn.Module, texts: int, width: int) -> int:
    """Each dense layer multiplies each token, the pooler and the classifier one token of a text."""
    weights = {name: module.weight.numel() for name, module in model.named_modules() if isinstance(module, nn.Linear)}
    once = sum(count for name, count in weights.items() if name in ("bert.pooler.dense", "classifier"))
    each = sum(weights.values()) - once
    return texts * width * (2 * each + LAYERS * 4 * width * WIDTH) + texts * 2 * once


def calling(forward: Callable[[Any], Any]) -> Any:
    """A classifier of which only `forward` is asked."""
    return SimpleNamespace(forward=forward)


@pytest.fixture
def foreign_attention() -> Iterator[Callable[[torch.Tensor], torch.Tensor]]:
    """An attention of another package than torch, as `flash_attn` brings one."""
    with torch.library._scoped_library("harness_tests", "DEF") as library:
        library.define("attend(Tensor x) -> Tensor")
        library.impl("attend", lambda x: x @ x, "CPU")
        yield torch.ops.harness_tests.attend.default


class TestFlopsOfForward:
    @pytest.mark.parametrize("dtype", ["float32", "bfloat16", "float16"])
    @pytest.mark.parametrize("texts", [EVEN, RAGGED], ids=["without padding", "with padding"])
    def test_is_the_analytic_count_to_the_last_digit(
        self, load: Callable[[str, str], Classifier], dtype: str, attention: str, texts: list[str]
    ):
        classifier = load(dtype, attention)
        batch = classifier.place(classifier.tokenize(texts))
        padded = not bool(batch.attention_mask.all())

        assert padded == (texts is RAGGED)
        assert work.flops_of_forward(classifier, batch) == analytic(classifier._model, *batch.input_ids.shape)

    def test_attention_that_torch_spells_out_counts_as_much(self, classifier):
        batch = classifier.place(classifier.tokenize(RAGGED))
        with sdpa_kernel(SDPBackend.MATH):
            spelled_out = work.flops_of_forward(classifier, batch)

        assert spelled_out == work.flops_of_forward(classifier, batch)

    def test_attention_over_other_shapes_counts_both_products(self):
        query, key, value = torch.rand(2, 4, 3, 8), torch.rand(2, 4, 5, 8), torch.rand(2, 4, 5, 8)

        counted = work.flops_of_forward(calling(lambda _: scaled_dot_product_attention(query, key, value)), None)

        assert counted == 2 * 2 * 4 * 3 * 5 * (8 + 8)

    def test_shared_heads_count_for_every_query(self):
        query, key = torch.rand(2, 4, 3, 8), torch.rand(2, 2, 5, 8)

        def attend(_: Any) -> torch.Tensor:
            return scaled_dot_product_attention(query, key, key, enable_gqa=True)

        assert work.flops_of_forward(calling(attend), None) == 2 * 2 * 4 * 3 * 5 * (8 + 8)

    @pytest.mark.parametrize("left", [(7, 4), (4,)], ids=["mv", "dot"])
    def test_a_product_with_a_vector_counts(self, left: tuple[int, ...]):
        matrix, vector = torch.rand(left), torch.rand(4)

        assert work.flops_of_forward(calling(lambda _: matrix @ vector), None) == 2 * matrix.numel()

    def test_a_product_of_experts_counts_each_row_once(self):
        if not hasattr(torch.ops.aten, "_grouped_mm"):
            pytest.skip("this torch has no grouped product")
        rows, experts = torch.rand(6, 8).bfloat16(), torch.rand(2, 8, 16).bfloat16()
        ends = torch.tensor([2, 6], dtype=torch.int32)

        counted = work.flops_of_forward(calling(lambda _: torch.ops.aten._grouped_mm(rows, experts, ends)), None)

        assert counted == 2 * 6 * 8 * 16

    @pytest.mark.parametrize(
        ("left", "right", "flops"),
        [
            ((6, 8), (2, 8, 16), 1_536),
            ((2, 3, 8), (2, 8, 16), 1_536),
            ((2, 3, 8), (8, 32), 1_536),
            ((3, 8), (8, 5), 240),
        ],
    )
    def test_grouped_products_of_every_kind_of_shape_have_a_formula(
        self, left: Sequence[int], right: Sequence[int], flops: int
    ):
        assert work._grouped(left, right) == flops

    def test_the_attention_of_another_package_leaves_the_count_unknown(self, foreign_attention):
        square = torch.rand(4, 4)

        assert work.flops_of_forward(calling(lambda _: foreign_attention(square @ square)), None) is None

    def test_a_product_of_torch_without_a_formula_leaves_the_count_unknown(self):
        square = torch.rand(4, 4)

        assert work.flops_of_forward(calling(lambda _: torch.addmv(square[0], square, square[0])), None) is None

    def test_what_is_no_product_does_not_count(self):
        assert work.flops_of_forward(calling(lambda _: torch.lgamma(torch.ones(8)).softmax(0)), None) == 0

    def test_calls_the_forward_of_the_classifier_once(self):
        batches: list[Any] = []

        work.flops_of_forward(calling(batches.append), "batch")

        assert batches == ["batch"]


class TestBytesOfForward:
    def test_reads_each_parameter_once_and_of_the_words_those_that_occur(self, classifier):
        encoding = classifier.tokenize(RAGGED)
        batch = classifier.place(encoding)
        logits = classifier.forward(batch)
        model = classifier._model
        tables = sum(each.weight.numel() for each in model.modules() if isinstance(each, nn.Embedding))
        dense = sum(each.numel() for each in model.parameters()) - tables
        words = {0, *encoding.flat_ids.tolist()}
        assert batch.token_types is not None

        expected = 4 * dense + 4 * WIDTH * len(words) + 3 * 8 * batch.input_ids.numel() + 4 * logits.numel()

        assert work.bytes_of_forward(model, batch, logits) == expected

    def test_half_the_dtype_moves_half_the_parameters(self, load):
        moved = {}
        for dtype in ("float32", "bfloat16"):
            classifier = load(dtype, "sdpa")
            batch = classifier.place(classifier.tokenize(EVEN))
            inputs = 3 * batch.input_ids.nbytes
            moved[dtype] = work.bytes_of_forward(classifier._model, batch, classifier.forward(batch)) - inputs

        assert moved["float32"] == 2 * moved["bfloat16"]

    def test_the_same_text_again_reads_the_same_words(self, classifier):
        def moved(texts: list[str]) -> int:
            batch = classifier.place(classifier.tokenize(texts))
            logits = classifier.forward(batch)
            return work.bytes_of_forward(classifier._model, batch, logits) - 3 * batch.input_ids.nbytes - logits.nbytes

        assert moved(EVEN[:1]) == moved(EVEN[:1] * 5)
        assert moved(EVEN[:1]) < moved(EVEN)

    def test_a_table_that_two_places_share_is_read_once(self):
        table = nn.Embedding(10, 4)
        model = nn.ModuleDict({"encoder": table, "decoder": table, "dense": nn.Linear(4, 2)})
        model.get_input_embeddings = lambda: table
        ids = torch.tensor([[1, 2, 2]])

        moved = work.bytes_of_forward(model, Batch(ids, torch.ones_like(ids), None), torch.zeros(1, 2))

        assert moved == 4 * (4 * 2 + 2) + 2 * 16 + 2 * 24 + 8

    def test_an_architecture_without_a_table_of_words_reads_no_row(self):
        def missing() -> nn.Module:
            raise NotImplementedError("please override in the subclass")

        model = nn.ModuleDict({"hashed": nn.Embedding(10, 4), "dense": nn.Linear(4, 2)})
        model.get_input_embeddings = missing
        ids = torch.tensor([[1, 2, 2]])

        moved = work.bytes_of_forward(model, Batch(ids, torch.ones_like(ids), None), torch.zeros(1, 2))

        assert moved == 4 * (4 * 2 + 2) + 2 * 24 + 8

    def test_buffers_are_left_out(self):
        model = nn.BatchNorm1d(4)
        model.get_input_embeddings = lambda: None
        ids = torch.tensor([[1]])

        assert work.bytes_of_forward(model, Batch(ids, ids, None), torch.zeros(1, 2)) == 4 * 8 + 2 * 8 + 8


class TestBytesOfTheOtherSteps:
    @pytest.mark.parametrize(("dtype", "each"), [(torch.float32, 8), (torch.bfloat16, 6)])
    def test_softmax_reads_logits_and_writes_float32(self, dtype: torch.dtype, each: int):
        assert work.bytes_of_softmax(torch.zeros(3, 5, dtype=dtype)) == 15 * each

    def test_tokenize_reads_utf8_and_writes_ids(self):
        encoding = Encoding(np.zeros(7, dtype=np.int32), np.array([0, 3, 7]), np.zeros(2, dtype=bool))

        assert work.bytes_of_tokenize(["héé", "☆"], encoding) == 5 + 3 + 7 * 4

    def test_place_reads_tokens_and_writes_padded_tensors(self, classifier):
        encoding = classifier.tokenize(RAGGED)
        batch = classifier.place(encoding)
        tokens, padded = int(encoding.lengths.sum()), batch.input_ids.numel()

        assert work.bytes_of_place(encoding, batch) == 2 * 4 * tokens + 3 * 8 * padded

    def test_place_without_token_types_moves_two_tensors(self):
        encoding = Encoding(np.ones(3, dtype=np.int32), np.array([0, 1, 3]), np.zeros(2, dtype=bool))
        ids = torch.ones(2, 2, dtype=torch.int64)

        assert work.bytes_of_place(encoding, Batch(ids, ids, None)) == 3 * 4 + 2 * 4 * 8
