"""The built-in classifier: small, loaded like any other, and right about raves and rants."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from harness.classifier import Classifier

FOLDER = Path(__file__).parents[2] / "harness" / "builtin" / "stars-mini"

RAVES_AND_RANTS = {
    "en": (
        "Absolutely love it, best purchase I have made in years!",
        "Broke after one day. Total waste of money, avoid.",
    ),
    "nl": ("Geweldig boek, ik heb er ontzettend van genoten!", "Wat een waardeloos ding, na een dag al kapot."),
    "de": ("Bin rundum begeistert, klare Empfehlung!", "Absoluter Schrott, nach zwei Tagen kaputt. Nie wieder."),
    "fr": ("Superbe qualité, je recommande les yeux fermés !", "Très déçu, produit cassé à l'arrivée, à fuir."),
    "it": ("Fantastico, lo consiglio a tutti, perfetto!", "Pessimo prodotto, rotto dopo un giorno. Soldi buttati."),
    "es": ("Una maravilla, estoy encantada con la compra.", "Una estafa, no funciona y nadie responde. Horrible."),
}


@pytest.fixture(scope="module")
def classifier() -> Classifier:
    """Loaded once: the stages keep no state, so every test may share it."""
    return Classifier.load("builtin", device="cpu")


def stars(classifier: Classifier, texts: list[str]) -> np.ndarray:
    """Expected stars, (N,)."""
    expected: np.ndarray = classifier.classify(texts) @ np.arange(1, 6)
    return expected


def test_folder_is_under_32_megabytes() -> None:
    assert sum(path.stat().st_size for path in FOLDER.rglob("*")) <= 32_000_000


def test_loads_as_float32_from_16_bit_weights(classifier: Classifier) -> None:
    assert classifier.record.dtype == "float32"
    assert classifier.record.architecture == "BertForSequenceClassification"
    assert classifier.classes == ("1 star", "2 stars", "3 stars", "4 stars", "5 stars")


@pytest.mark.parametrize("language", RAVES_AND_RANTS)
def test_a_rave_scores_above_a_rant(classifier: Classifier, language: str) -> None:
    rave, rant = stars(classifier, list(RAVES_AND_RANTS[language]))

    assert rave > 4 > 2 > rant


def test_degrees_of_praise_are_in_order(classifier: Classifier) -> None:
    texts = [
        "Terrible. It never worked and they refused a refund.",
        "Disappointing, it works but it is flimsy and much too loud.",
        "It's okay. Does the job, nothing special.",
        "Good quality for the price, only the instructions could be better.",
        "Perfect! I love everything about it and would buy it again.",
    ]

    assert np.all(np.diff(stars(classifier, texts)) > 0)


def test_transformers_loads_it_like_any_other_checkpoint() -> None:
    """In a fresh process: what a user does with the folder, without the harness."""
    program = (
        "from transformers import AutoModelForSequenceClassification as M, AutoTokenizer as T\n"
        f"m, t = M.from_pretrained({str(FOLDER)!r}), T.from_pretrained({str(FOLDER)!r})\n"
        "print(m.dtype, m.config.id2label[int(m(**t('I love it', return_tensors='pt')).logits.argmax())])\n"
    )
    out = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout

    assert out.strip() == "torch.float32 5 stars"


def test_the_card_says_what_the_weights_come_from_and_are_for() -> None:
    card = (FOLDER / "README.md").read_text(encoding="utf-8")

    assert "research-only and scraped reviews" in card
    assert "for demonstration and tests, not for a product" in " ".join(card.split())


def test_the_weights_are_16_bit() -> None:
    with (FOLDER / "model.safetensors").open("rb") as file:
        header = json.loads(file.read(int.from_bytes(file.read(8), "little")))

    assert {entry["dtype"] for name, entry in header.items() if name != "__metadata__"} == {"F16"}
