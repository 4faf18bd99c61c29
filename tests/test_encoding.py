"""Tokenized texts: the same ids as transformers gives, and none of them twice."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from support import checkpoints

from harness.encoding import Encoding, Padding, Tokenizer, padded
from harness.errors import ClassifierError, UsageError

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

# ByT5 warns of a text that says </s> itself; its ids are right all the same.
pytestmark = pytest.mark.filterwarnings("ignore:This sequence already has </s>")

KINDS = ("bert", "distilbert", "roberta")
WORDS = [*checkpoints.WORDS.split(), "[SEP]", "</s>", "<pad>", "naïve", "書", "🙂", "\n"]
TEXTS = st.lists(
    st.one_of(
        st.text(max_size=40),
        st.lists(
            st.sampled_from([*checkpoints.WORDS.split(), "[SEP]", "</s>", "<pad>", "naïve", "書", "🙂", "\n"])
        ).map(" ".join),
    ),
    max_size=6,
)


def slow_bert(folder: Path):
    """A WordPiece tokenizer in Python, without a Rust backend."""
    from transformers.models.bert.tokenization_bert_legacy import BertTokenizerLegacy

    vocabulary = folder / "vocab.txt"
    vocabulary.write_text("\n".join(checkpoints.word_pieces()) + "\n")
    return BertTokenizerLegacy(str(vocabulary))


def slow_bytes(folder: Path):
    """Bytes as tokens, with one special token at the end only."""
    from transformers import ByT5Tokenizer

    return ByT5Tokenizer()


def fast(kind):
    return lambda folder: checkpoints.tokenizer(kind)


def two_types(folder: Path):
    """A fast tokenizer whose closing token has a type of its own, as XLNet's has."""
    from tokenizers.processors import TemplateProcessing

    made = checkpoints.tokenizer("bert")
    made.backend_tokenizer.post_processor = TemplateProcessing(
        single="$A:0 [SEP]:0 [CLS]:2", special_tokens=[("[SEP]", 3), ("[CLS]", 2)]
    )
    return made


FAMILIES = {
    **{kind: fast(kind) for kind in KINDS},
    "slow WordPiece": slow_bert,
    "slow bytes": slow_bytes,
    "two token types": two_types,
}


class Family:
    """Tokenizers of one family: one that transformers alone uses, and ours by max length."""

    def __init__(self, make: Callable[[Path], PreTrainedTokenizerBase], folder: Path) -> None:
        self.theirs = make(folder)
        self.ours = cache(lambda length: Tokenizer(make(folder), max_length=length, token_types=True))


@pytest.fixture(scope="module", params=FAMILIES)
def family(request, tmp_path_factory):
    return Family(FAMILIES[request.param], tmp_path_factory.mktemp("tokenizer"))


def ragged(*rows: list[int]) -> Encoding:
    offsets = np.cumsum([0, *map(len, rows)])
    flat = np.array([token for row in rows for token in row], dtype=np.int32)
    return Encoding(flat, offsets, np.zeros(len(rows), dtype=bool), flat % 2)


class TestTokenizer:
    @settings(deadline=None, max_examples=60)
    @given(texts=TEXTS, max_length=st.integers(3, 24))
    def test_gives_the_ids_that_transformers_gives(self, family, texts, max_length):
        texts = [text for text in texts if text]
        settings = {"truncation": True, "max_length": max_length, "return_token_type_ids": True}
        expected = [family.theirs(text, **settings) for text in texts]

        encoding = family.ours(max_length)(texts)

        assert encoding.input_ids == [each["input_ids"] for each in expected]
        if "token_type_ids" in family.theirs.model_input_names:
            assert encoding.token_types == [each["token_type_ids"] for each in expected]

    @settings(deadline=None, max_examples=60)
    @given(texts=TEXTS, max_length=st.integers(3, 24))
    def test_a_text_is_cut_exactly_where_it_has_more_tokens_than_the_max_length(self, family, texts, max_length):
        # ByT5 closes a text unless it ends with </s> itself: there transformers cuts texts that would fit.
        texts = [text for text in texts if text and (family.theirs.is_fast or "</s>" not in text)]
        whole = [len(family.theirs(text, verbose=False)["input_ids"]) for text in texts]

        encoding = family.ours(max_length)(texts)

        assert encoding.cut.tolist() == [length > max_length for length in whole]
        assert encoding.lengths.tolist() == [min(length, max_length) for length in whole]

    @pytest.mark.parametrize("kind", KINDS)
    def test_the_special_tokens_survive_the_cut(self, kind):
        tokenizer = checkpoints.tokenizer(kind)
        (ids,) = Tokenizer(checkpoints.tokenizer(kind), max_length=6, token_types=False)(["good " * 50]).input_ids

        assert [ids[0], ids[-1], len(ids)] == [tokenizer.cls_token_id, tokenizer.sep_token_id, 6]

    def test_no_texts_are_fine(self, family):
        encoding = family.ours(8)([])

        assert (len(encoding), encoding.input_ids, encoding.token_types, encoding.lengths.tolist()) == (0, [], [], [])

    @pytest.mark.parametrize("kind", KINDS)
    def test_token_types_are_none_where_the_classifier_takes_none(self, kind):
        assert Tokenizer(checkpoints.tokenizer(kind), max_length=8, token_types=False)(["good"]).token_types is None

    def test_arrays_have_the_dtypes_that_are_promised(self, family):
        encoding = family.ours(8)(["good", "bad"])
        arrays = (encoding.flat_ids, encoding.offsets, encoding.lengths, encoding.cut, encoding.flat_types)

        assert [str(array.dtype) for array in arrays] == ["int32", "int64", "int32", "bool", "int32"]

    def test_a_max_length_without_room_for_text_is_refused(self):
        with pytest.raises(UsageError) as caught:
            Tokenizer(checkpoints.tokenizer("bert"), max_length=2, token_types=False)

        assert str(caught.value) == (
            "max length 2 leaves no room for text\n"
            "  where     option --max-length 2\n"
            "  expected  more than the 2 special tokens that every text gets\n"
            "  remedy    use a larger one, or leave it out"
        )

    def test_half_a_surrogate_pair_is_named(self):
        tokenizer = Tokenizer(checkpoints.tokenizer("bert"), max_length=8, token_types=False)

        with pytest.raises(ClassifierError, match="half of a surrogate pair") as caught:
            tokenizer(["good", "bad \ud83d"])
        assert caught.value.where == "text 2 of 2"

    def test_what_is_no_text_is_named(self):
        tokenizer = Tokenizer(checkpoints.tokenizer("bert"), max_length=8, token_types=False)

        with pytest.raises(ClassifierError, match="a text is float, not str") as caught:
            tokenizer(["good", float("nan")])
        assert caught.value.where == "text 2 of 2"

    def test_a_text_without_tokens_is_named(self):
        from tokenizers.processors import TemplateProcessing

        bare = checkpoints.tokenizer("bert")
        bare.backend_tokenizer.post_processor = TemplateProcessing(single="$A:0", special_tokens=[])

        with pytest.raises(ClassifierError, match="makes no token of the text ''") as caught:
            Tokenizer(bare, max_length=8, token_types=False)(["good", ""])
        assert caught.value.where == "text 2 of 2"

    def test_threads_do_not_disturb_each_other(self):
        tokenizer = Tokenizer(checkpoints.tokenizer("bert"), max_length=12, token_types=False)
        lists = [[f"{word} " * count for count in range(1, 30)] for word in checkpoints.WORDS.split()[:16]]
        alone = [tokenizer(texts).input_ids for texts in lists]

        with ThreadPoolExecutor(4) as pool:
            assert list(pool.map(lambda texts: tokenizer(texts).input_ids, lists)) == alone


class TestEncoding:
    @given(st.lists(st.lists(st.integers(0, 99), min_size=1, max_size=5), min_size=1, max_size=8), st.data())
    def test_select_is_the_rows_at_the_indices(self, rows, data):
        indices = data.draw(st.lists(st.integers(0, len(rows) - 1), max_size=10))
        selected = ragged(*rows).select(np.array(indices, dtype=np.int64))

        assert selected.input_ids == [rows[index] for index in indices]
        assert selected.token_types == [[token % 2 for token in rows[index]] for index in indices]
        assert selected.lengths.tolist() == [len(rows[index]) for index in indices]

    def test_select_keeps_what_was_cut(self):
        encoding = Encoding(np.arange(3, dtype=np.int32), np.array([0, 1, 3]), np.array([False, True]))

        assert encoding.select(np.array([1])).cut.tolist() == [True]


class TestPadded:
    def test_rows_are_padded_on_the_right_to_the_longest(self):
        batch = padded(ragged([5, 6, 7], [8]), Padding(token=1), torch.device("cpu"))

        assert batch.input_ids.tolist() == [[5, 6, 7], [8, 1, 1]]
        assert batch.attention_mask.tolist() == [[1, 1, 1], [1, 0, 0]]
        assert batch.token_types.tolist() == [[1, 0, 1], [0, 0, 0]]
        assert {tensor.dtype for tensor in (batch.input_ids, batch.attention_mask, batch.token_types)} == {torch.int64}

    def test_rows_are_padded_on_the_left_where_the_model_reads_the_last_position(self):
        batch = padded(ragged([5, 6, 7], [8]), Padding(token=1, left=True), torch.device("cpu"))

        assert batch.input_ids.tolist() == [[5, 6, 7], [1, 1, 8]]
        assert batch.attention_mask.tolist() == [[1, 1, 1], [0, 0, 1]]

    def test_nothing_makes_an_empty_batch(self):
        assert len(padded(ragged(), Padding(token=0), torch.device("cpu"))) == 0


FORK = """
import os
from harness.encoding import Tokenizer
from support import checkpoints
tokenizer = Tokenizer(checkpoints.tokenizer("bert"), max_length=8, token_types=False)
texts = ["good book"] * 64
assert tokenizer(texts).lengths.tolist() == [4] * 64
child = os.fork()
if not child:
    os._exit(0 if tokenizer(texts).lengths.tolist() == [4] * 64 else 1)
assert os.waitpid(child, 0)[1] == 0
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_a_forked_child_tokenizes_without_a_warning():
    tests = Path(__file__).parent
    environment = {key: value for key, value in os.environ.items() if key != "TOKENIZERS_PARALLELISM"}
    done = subprocess.run(
        [sys.executable, "-W", "ignore::DeprecationWarning", "-c", FORK],
        env=environment | {"PYTHONPATH": f"{tests.parent}{os.pathsep}{tests}", "RAYON_NUM_THREADS": "2"},
        capture_output=True,
        text=True,
        timeout=120,
    )

    assert (done.returncode, done.stderr) == (0, "")
