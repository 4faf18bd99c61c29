"""Train the built-in classifier, stars-mini, from review files.

    python tools/train_builtin.py --base MINILM --lexicon tools/lexicon \
        --graded marc/train/*.jsonl.gz --thin bakeries.csv … --polarity books.csv \
        --exclude marc/eval/*.csv harness/builtin/reviews/reviews.jsonl --output out/

One run does all of it, seeded: drop what overlaps the evaluation files, train a WordPiece
vocabulary, graft it onto the base model's body, train, average, fit a temperature on held-out
reviews, and save a folder that `from_pretrained` loads. A run that was stopped goes on from its
last checkpoint when the same command is given again.

What was chosen, and why:

* Each new embedding starts from the English gloss of its word where the lexicon has one, since
  the base model knows only English (the idea of WECHSEL, Minixhofer et al., NAACL 2022, with a
  word list in place of aligned embeddings); otherwise from the mean of its old pieces.
* Some tokens are masked in every pass and predicted by a tied language-model head: it adapts the
  body to the other languages, and the masking regularises the classifier at no further cost.
* The loss is cross-entropy plus the ranked probability score (Epstein 1969), which charges a
  miss by its distance in stars. A positive/negative label is the sum of its stars' probabilities.
* A share of the English reviews is written over, word by word, into Dutch or Italian through the
  lexicon, because the graded training files hold next to none in those languages.
* Languages with few graded reviews get a last short stage on reviews of their own (`--last`),
  among three times as many others, so that nothing is forgotten.
* The saved weights are an exponential moving average of the training weights.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import json
import math
import random
import re
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from overlap import overlapping
from scipy.optimize import minimize_scalar
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers
from torch import nn
from torch.nn import functional as F
from transformers import AutoModel, AutoTokenizer, BertConfig, BertForSequenceClassification, BertTokenizerFast

SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
PAD, UNK, CLS, SEP, MASK = range(5)
STARS = 5
WORD = re.compile(r"[^\W\d_]+")
POLARITY = {"negative": (0, 1), "positive": (3, 4)}


@dataclass(frozen=True)
class Review:
    """One training review. `classes` holds every star index that its label allows."""

    text: str
    classes: tuple[int, ...]
    language: str


def rows(path: Path) -> Iterator[dict[str, str]]:
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding="utf-8", newline="") as lines:
        if ".jsonl" in path.name:
            yield from (json.loads(line) for line in lines)
        else:
            yield from csv.DictReader(lines)


def text_of(row: dict[str, str]) -> str:
    return row["review_body"] if "review_body" in row else row["text"]


def graded(path: Path) -> list[Review]:
    return [Review(text_of(row), (int(float(row["stars"])) - 1,), row["language"]) for row in rows(path)]


def thinned(path: Path, keep_fives: int, rng: random.Random) -> list[Review]:
    """A file that is mostly five stars: all the rest, and a sample of the fives."""
    reviews = graded(path)
    fives = [review for review in reviews if review.classes == (4,)]
    others = [review for review in reviews if review.classes != (4,)]
    return others + rng.sample(fives, min(keep_fives, len(fives)))


def polarity(path: Path) -> list[Review]:
    return [Review(text_of(row), POLARITY[row["label"]], row["language"]) for row in rows(path)]


def read_lexicon(folder: Path) -> dict[str, dict[str, str]]:
    """language -> word -> English gloss."""
    lexicon: dict[str, dict[str, str]] = {}
    for path in sorted(folder.glob("*.tsv")):
        lines = path.read_text(encoding="utf-8").splitlines()
        lexicon[path.stem] = dict(line.split("\t") for line in lines)
    return lexicon


class CodeSwitch:
    """Writes an English text over into another language, word by word, as far as the lexicon goes."""

    def __init__(self, lexicon: dict[str, dict[str, str]], targets: tuple[str, ...], rng: random.Random) -> None:
        self.rng = rng
        self.by_gloss: dict[str, dict[str, list[str]]] = {}
        for language in targets:
            renderings: dict[str, list[str]] = defaultdict(list)
            for word, gloss in lexicon[language].items():
                renderings[gloss].append(word)
            self.by_gloss[language] = renderings

    def __call__(self, text: str) -> str:
        renderings = self.by_gloss[self.rng.choice(sorted(self.by_gloss))]
        return WORD.sub(
            lambda match: self.rng.choice(renderings.get(match[0].lower(), [match[0]])),
            text,
        )


def train_vocabulary(reviews: list[Review], lexicon: dict[str, dict[str, str]], size: int) -> Tokenizer:
    """A WordPiece tokenizer: lower-cased, accents kept (German `schon` and `schön` differ).

    Lexicon words of languages with little training text are repeated, so that they become
    words of the vocabulary.
    """
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True, strip_accents=False)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.decoder = decoders.WordPiece()
    trainer = trainers.WordPieceTrainer(
        vocab_size=size, special_tokens=SPECIAL, limit_alphabet=500, show_progress=False
    )
    small = [word for language in ("it", "nl") for word in lexicon.get(language, {})]
    texts = [review.text for review in reviews] + 25 * [" ".join(small)]
    tokenizer.train_from_iterator(texts, trainer)
    # The trainer numbers tokens of equal count differently in each process; the alphabet does not.
    words = SPECIAL + sorted(set(tokenizer.get_vocab()) - set(SPECIAL))
    tokenizer.model = models.WordPiece({word: number for number, word in enumerate(words)}, unk_token="[UNK]")
    tokenizer.post_processor = processors.BertProcessing(("[SEP]", SEP), ("[CLS]", CLS))
    return tokenizer


def graft(
    base: Path, tokenizer: Tokenizer, reviews: list[Review], lexicon: dict[str, dict[str, str]]
) -> BertForSequenceClassification:
    """The base model's body under the new vocabulary's embeddings and a new 5-star head."""
    body = AutoModel.from_pretrained(base, dtype=torch.float32)
    base_tokenizer = AutoTokenizer.from_pretrained(base)
    old = body.embeddings.word_embeddings.weight.detach()
    counts: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for review in reviews:
        for word in WORD.findall(review.text.lower()):
            counts[word][review.language] += 1

    def mean_of(text: str) -> torch.Tensor:
        ids = base_tokenizer(text, add_special_tokens=False)["input_ids"]
        ids = [i for i in ids if i != base_tokenizer.unk_token_id] or [base_tokenizer.unk_token_id]
        return old[ids].mean(0)

    def start(token: str) -> torch.Tensor:
        if token.startswith("##") or not WORD.fullmatch(token):
            return mean_of(token.removeprefix("##"))
        senses = []
        for language, count in counts[token].items():
            gloss = lexicon.get(language, {}).get(token)
            senses.append((count, mean_of(gloss or token)))
        senses += [(1, mean_of(entries[token])) for entries in lexicon.values() if token in entries]
        if not senses:
            return mean_of(token)
        total = sum(count for count, _ in senses)
        return torch.stack([vector * (count / total) for count, vector in senses]).sum(0)

    vocabulary = sorted(tokenizer.get_vocab().items(), key=lambda item: item[1])
    embeddings = torch.stack([start(token) for token, _ in vocabulary])
    for mine, theirs in zip(range(5), ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"), strict=True):
        embeddings[mine] = old[base_tokenizer.convert_tokens_to_ids(theirs)]

    names = {i: f"{i + 1} star{'s' if i else ''}" for i in range(STARS)}
    config = BertConfig(
        **{
            **{
                k: getattr(body.config, k)
                for k in (
                    "hidden_size",
                    "num_hidden_layers",
                    "num_attention_heads",
                    "intermediate_size",
                    "hidden_act",
                    "max_position_embeddings",
                    "type_vocab_size",
                    "layer_norm_eps",
                )
            },
            "vocab_size": len(vocabulary),
            "hidden_dropout_prob": 0.1,
            "attention_probs_dropout_prob": 0.0,
            "id2label": names,
            "label2id": {name: i for i, name in names.items()},
            "problem_type": "single_label_classification",
            "pad_token_id": PAD,
        }
    )
    # On a CPU the backward pass of fused attention takes four times that of plain products.
    config._attn_implementation = "eager"
    model = BertForSequenceClassification(config)
    state = body.state_dict()
    state["embeddings.word_embeddings.weight"] = embeddings
    model.bert.load_state_dict(state)
    return model


class WithMaskedWords(nn.Module):
    """The classifier with a language-model head beside it, tied to the word embeddings."""

    def __init__(self, classifier: BertForSequenceClassification) -> None:
        super().__init__()
        width = classifier.config.hidden_size
        self.classifier = classifier
        self.transform = nn.Linear(width, width)
        self.norm = nn.LayerNorm(width)
        self.bias = nn.Parameter(torch.zeros(classifier.config.vocab_size))

    def forward(
        self, ids: torch.Tensor, attention: torch.Tensor, masked: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """ids, attention (N, T); masked (N, T) bool -> logits (N, 5), word logits (masked, V)."""
        output = self.classifier.bert(ids, attention_mask=attention)
        logits = self.classifier.classifier(self.classifier.dropout(output.pooler_output))
        hidden = self.norm(F.gelu(self.transform(output.last_hidden_state[masked])))
        words = F.linear(hidden, self.classifier.bert.embeddings.word_embeddings.weight, self.bias)
        return logits, words


def star_loss(logits: torch.Tensor, allowed: torch.Tensor, ranked_weight: float, smoothing: float) -> torch.Tensor:
    """Cross-entropy on the allowed stars plus the ranked probability score. Shapes (N, 5), (N, 5)."""
    log_probabilities = logits.float().log_softmax(-1)
    probabilities = log_probabilities.exp()
    likelihood = torch.logsumexp(log_probabilities.masked_fill(allowed == 0, -math.inf), -1)
    single = allowed.sum(-1) == 1
    spread = F.conv1d(allowed[:, None].float(), torch.tensor([[[0.5, 0.0, 0.5]]]), padding=1)[:, 0]
    spread = spread / spread.sum(-1, keepdim=True)
    neighbours = (spread * log_probabilities).sum(-1)
    cross_entropy = -torch.where(single, (1 - smoothing) * likelihood + smoothing * neighbours, likelihood)
    # For a set of stars the nearest allowed outcome is the model's own share within the set.
    within = probabilities * allowed
    target = torch.where(single[:, None], allowed.float(), (within / within.sum(-1, keepdim=True)).detach())
    ranked = (probabilities.cumsum(-1) - target.cumsum(-1)).square().sum(-1)
    return (cross_entropy + ranked_weight * ranked).mean()


def batches(lengths: np.ndarray, budget: int, rng: np.random.Generator) -> list[np.ndarray]:
    """Random batches of like lengths, each of at most `budget` padded tokens."""
    order = rng.permutation(len(lengths))
    made: list[np.ndarray] = []
    for pool in np.array_split(order, max(1, len(order) // 2048)):
        pool = pool[np.argsort(lengths[pool], kind="stable")]
        batch: list[int] = []
        for index in pool:
            if batch and lengths[index] * (len(batch) + 1) > budget:
                made.append(np.array(batch))
                batch = []
            batch.append(int(index))
        made.append(np.array(batch))
    return [made[i] for i in rng.permutation(len(made))]


def mask(
    ids: torch.Tensor, share: float, vocabulary: int, generator: torch.Generator
) -> tuple[torch.Tensor, torch.Tensor]:
    """BERT's masking (Devlin et al. 2019, §3.1): of the chosen tokens 80 % masked, 10 % random, 10 % kept."""
    draw = torch.rand(ids.shape, generator=generator)
    chosen = (draw < share) & (ids > MASK)
    how = torch.rand(ids.shape, generator=generator)
    random_ids = torch.randint(len(SPECIAL), vocabulary, ids.shape, generator=generator)
    masked = torch.where(chosen & (how < 0.8), torch.full_like(ids, MASK), ids)
    return torch.where(chosen & (how >= 0.9), random_ids, masked), chosen


def padded(encodings: list[list[int]]) -> tuple[torch.Tensor, torch.Tensor]:
    width = max(map(len, encodings))
    ids = torch.full((len(encodings), width), PAD)
    for row, encoding in enumerate(encodings):
        ids[row, : len(encoding)] = torch.tensor(encoding)
    return ids, (ids != PAD).long()


@torch.inference_mode()
def predict(model: BertForSequenceClassification, encodings: list[list[int]]) -> np.ndarray:
    """Logits (N, 5) float32 in the given order."""
    model.eval()
    order = sorted(range(len(encodings)), key=lambda i: len(encodings[i]))
    logits = np.empty((len(encodings), STARS), np.float32)
    for begin in range(0, len(order), 32):
        rows_ = order[begin : begin + 32]
        ids, attention = padded([encodings[i] for i in rows_])
        with torch.autocast("cpu", torch.bfloat16):
            output = model(ids, attention_mask=attention)
        logits[rows_] = output.logits.float().numpy()
    return logits


def score(logits: np.ndarray, gold: np.ndarray) -> str:
    distance = np.abs(logits.argmax(1) - gold)
    return f"exact {np.mean(distance == 0):.4f}  off by one {np.mean(distance <= 1):.4f}  MAE {distance.mean():.4f}"


def temperature(logits: np.ndarray, gold: np.ndarray) -> float:
    """The one scale that minimises the negative log-likelihood (Guo et al. 2017, §4.2)."""
    scaled = torch.tensor(logits, dtype=torch.float64)
    labels = torch.tensor(gold)
    fit = minimize_scalar(
        lambda t: F.cross_entropy(scaled / math.exp(t), labels).item(), bounds=(-2, 2), method="bounded"
    )
    return math.exp(fit.x)


def rate_at(time: float, epochs: int) -> float:
    """Share of the peak learning rate, `time` epochs into the training.

    A fifth of an epoch of warm-up, a quarter of the peak less with every epoch, and to 0 in the last.
    """
    last = epochs - 1
    height = 1 - time / 4 if time < last else (1 - last / 4) * (epochs - time)
    return min(1.0, time / 0.2) * height


def parameter_groups(model: WithMaskedWords, rate: float, embedding_rate: float) -> list[dict]:
    groups: dict[tuple[float, float], list[nn.Parameter]] = defaultdict(list)
    for name, parameter in model.named_parameters():
        decay = 0.0 if parameter.ndim < 2 or "embeddings" in name else 0.01
        groups[(embedding_rate if "word_embeddings" in name else rate, decay)].append(parameter)
    return [{"params": p, "lr": lr, "peak": lr, "weight_decay": wd} for (lr, wd), p in groups.items()]


@dataclass(frozen=True)
class Data:
    """The reviews of one training, split and encoded."""

    reviews: list[Review]
    allowed: torch.Tensor
    """(N, 5) int64, 1 for each star that the label allows."""
    held_ids: list[list[int]]
    held_gold: np.ndarray
    """(M,) int64, stars less one of the held-out reviews."""
    held_languages: np.ndarray
    dropped: int
    """Reviews left out as overlapping the evaluation texts."""


def without_overlap(reviews: list[Review], arguments: argparse.Namespace) -> list[Review]:
    """The reviews that overlap none of the `--exclude` files."""
    forbidden = [text_of(row) for path in arguments.exclude for row in rows(path)]
    dropped = overlapping([review.text for review in reviews], forbidden)
    print(f"{len(reviews)} training reviews, {len(dropped)} dropped as overlapping the evaluation texts", flush=True)
    return [review for i, review in enumerate(reviews) if i not in dropped]


def read_reviews(arguments: argparse.Namespace, rng: random.Random) -> tuple[list[Review], list[Review], int]:
    """Training reviews, held-out reviews, and the number dropped for overlapping the evaluation texts."""
    reviews = [review for path in arguments.graded for review in graded(path)]
    reviews += [review for path in arguments.thin for review in thinned(path, arguments.keep_fives, rng)]
    reviews += [review for path in arguments.polarity for review in polarity(path)]
    given = len(reviews)
    reviews = without_overlap(reviews, arguments)
    rng.shuffle(reviews)
    single = [i for i, review in enumerate(reviews) if len(review.classes) == 1]
    held = set(single[: arguments.held_out])
    held_out = [reviews[i] for i in sorted(held)]
    return [review for i, review in enumerate(reviews) if i not in held], held_out, given - len(reviews)


def stars_allowed(reviews: list[Review]) -> torch.Tensor:
    """(N, 5) int64, 1 for each star that the label allows."""
    allowed = torch.zeros(len(reviews), STARS, dtype=torch.long)
    for i, review in enumerate(reviews):
        allowed[i, list(review.classes)] = 1
    return allowed


def encode(tokenizer: Tokenizer, texts: list[str]) -> list[list[int]]:
    return [encoding.ids for encoding in tokenizer.encode_batch(texts)]


class Training:
    """The state of a training: the model, its average, the optimiser, and how far it is."""

    def __init__(self, arguments: argparse.Namespace, model: WithMaskedWords, tokenizer: Tokenizer, data: Data) -> None:
        self.arguments = arguments
        self.model = model
        self.tokenizer = tokenizer
        self.data = data
        self.average = WithMaskedWords(BertForSequenceClassification(model.classifier.config))
        self.average.load_state_dict(model.state_dict())
        self.optimizer = torch.optim.AdamW(
            parameter_groups(model, arguments.rate, arguments.embedding_rate), betas=(0.9, 0.98), fused=True
        )
        self.epoch = 0
        self.step = 0
        self.checkpoint = arguments.output / "checkpoint.pt"

    def resume(self) -> None:
        """Go on after the last finished epoch, where there is a checkpoint."""
        if not self.checkpoint.exists():
            return
        saved = torch.load(self.checkpoint, weights_only=True)
        self.model.load_state_dict(saved["model"])
        self.average.load_state_dict(saved["average"])
        self.optimizer.load_state_dict(saved["optimizer"])
        self.epoch, self.step = saved["epoch"], saved["step"]
        print(f"resumed after epoch {self.epoch}", flush=True)

    def run(self, switch: CodeSwitch) -> None:
        while self.epoch < self.arguments.epochs:
            self._epoch(switch)
            self.epoch += 1
            self._report()
            state = {"epoch": self.epoch, "step": self.step, "optimizer": self.optimizer.state_dict()}
            state |= {"model": self.model.state_dict(), "average": self.average.state_dict()}
            torch.save(state, self.checkpoint)

    def _epoch(self, switch: CodeSwitch) -> None:
        # Seeded by epoch, so that a resumed run draws what an unbroken one would have drawn.
        seed = 1000 * self.arguments.seed + self.epoch
        draw = np.random.default_rng([self.arguments.seed, self.epoch])
        generator = torch.Generator().manual_seed(seed)
        torch.manual_seed(seed)
        switch.rng.seed(seed)
        texts = [
            switch(review.text) if review.language == "en" and draw.random() < self.arguments.switch else review.text
            for review in self.data.reviews
        ]
        encodings = encode(self.tokenizer, texts)
        plan = batches(np.array([len(ids) for ids in encodings]), self.arguments.budget, draw)
        begun, seen, losses = time.time(), 0, []
        self.model.train()
        for number, batch in enumerate(plan, 1):
            height = rate_at(self.epoch + (number - 1) / len(plan), self.arguments.epochs)
            losses.append(self._step([encodings[i] for i in batch], self.data.allowed[batch], height, generator))
            seen += len(batch)
            if number % 50 == 0:
                speed = seen / (time.time() - begun)
                loss = np.mean(losses[-50:])
                print(f"epoch {self.epoch} step {number}/{len(plan)} loss {loss:.4f} {speed:.1f} reviews/s", flush=True)

    def _step(
        self, encodings: list[list[int]], allowed: torch.Tensor, height: float, generator: torch.Generator
    ) -> float:
        for group in self.optimizer.param_groups:
            group["lr"] = group["peak"] * height
        ids, attention = padded(encodings)
        share = self.arguments.mask - 0.025 * self.epoch
        inputs, masked = mask(ids, share, self.model.bias.numel(), generator)
        with torch.autocast("cpu", torch.bfloat16):
            logits, words = self.model(inputs, attention, masked)
        loss = star_loss(logits, allowed, self.arguments.ranked, self.arguments.smoothing)
        if masked.any():
            loss = loss + self.arguments.words * F.cross_entropy(words.float(), ids[masked])
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        self.optimizer.step()
        self.step += 1
        keep = min(self.arguments.average, (1 + self.step) / (10 + self.step))
        with torch.no_grad():
            torch._foreach_lerp_(list(self.average.parameters()), list(self.model.parameters()), 1 - keep)
        return loss.item()

    def finish(self, extra: list[Review], rng: random.Random) -> None:
        """A last short stage, from the averaged weights: languages that the rest has few graded reviews of.

        Each pass takes the extra reviews and as many times over of the others, at a low rate that
        falls to 0; the average starts anew.
        """
        arguments = self.arguments
        self.model.load_state_dict(self.average.state_dict())
        others = rng.sample(
            range(len(self.data.reviews)), min(arguments.last_others * len(extra), len(self.data.reviews))
        )
        reviews = [self.data.reviews[i] for i in others] + extra
        allowed = torch.cat([self.data.allowed[others], stars_allowed(extra)])
        encodings = encode(self.tokenizer, [review.text for review in reviews])
        lengths = np.array([len(ids) for ids in encodings])
        draw = np.random.default_rng([arguments.seed, 99])
        generator = torch.Generator().manual_seed(1000 * arguments.seed + 99)
        plan = [batch for _ in range(arguments.last_epochs) for batch in batches(lengths, arguments.budget, draw)]
        self.optimizer.state.clear()
        self.model.train()
        self.step = 0  # the average begins anew, with a short memory
        begun, seen = time.time(), 0
        for number, batch in enumerate(plan):
            height = arguments.last_height * min(1.0, (number + 1) / 50) * (1 - number / len(plan))
            self._step([encodings[i] for i in batch], allowed[batch], height, generator)
            seen += len(batch)
            if number % 50 == 49:
                print(f"last stage {number + 1}/{len(plan)} {seen / (time.time() - begun):.1f} reviews/s", flush=True)
        self._report()

    def _report(self) -> None:
        logits = predict(self.average.classifier, self.data.held_ids)
        gold, languages = self.data.held_gold, self.data.held_languages
        print(f"after epoch {self.epoch}, held out: {score(logits, gold)}", flush=True)
        for language in sorted(set(languages)):
            here = languages == language
            print(f"    {language} ({here.sum()}): {score(logits[here], gold[here])}", flush=True)


def train(arguments: argparse.Namespace) -> None:
    torch.manual_seed(arguments.seed)
    rng = random.Random(arguments.seed)
    arguments.output.mkdir(parents=True, exist_ok=True)
    lexicon = read_lexicon(arguments.lexicon)
    reviews, held_out, dropped = read_reviews(arguments, rng)
    kept = arguments.output / "tokenizer.json"
    if kept.exists():
        tokenizer = Tokenizer.from_file(str(kept))
    else:
        tokenizer = train_vocabulary(reviews, lexicon, arguments.vocabulary)
        tokenizer.save(str(kept))
    model = WithMaskedWords(graft(arguments.base, tokenizer, reviews, lexicon))
    tokenizer.enable_truncation(arguments.length)
    data = Data(
        reviews=reviews,
        allowed=stars_allowed(reviews),
        held_ids=encode(tokenizer, [review.text for review in held_out]),
        held_gold=np.array([review.classes[0] for review in held_out]),
        held_languages=np.array([review.language for review in held_out]),
        dropped=dropped,
    )
    training = Training(arguments, model, tokenizer, data)
    training.resume()
    training.run(CodeSwitch(lexicon, ("it", "nl"), rng))
    extra = without_overlap([review for path in arguments.last for review in graded(path)], arguments)
    if extra:
        training.finish(extra, random.Random(arguments.seed))
    save(training)


def save(training: Training) -> None:
    """The checkpoint folder: 16-bit weights that `dtype="auto"` loads as float32, and what was measured."""
    arguments, data, tokenizer = training.arguments, training.data, training.tokenizer
    model = training.average.classifier
    logits = predict(model, data.held_ids)
    folder = arguments.output / "stars-mini"
    tokenizer.no_truncation()
    # Trained with plain products; a user's attention is the library's choice.
    model.config._attn_implementation = None
    model.half().save_pretrained(folder)
    config_path = folder / "config.json"
    config = json.loads(config_path.read_text())
    config["dtype"] = "float32"
    config_path.write_text(json.dumps(config, indent=2, ensure_ascii=False) + "\n")
    names = {f"{name}_token": f"[{name.upper()}]" for name in ("pad", "unk", "cls", "sep", "mask")}
    fast = BertTokenizerFast(
        tokenizer_object=tokenizer, do_lower_case=True, strip_accents=False, model_max_length=512, **names
    )
    fast.save_pretrained(folder)
    record = {
        "seed": arguments.seed,
        "epochs": arguments.epochs,
        "training_reviews": len(data.reviews),
        "dropped_as_overlapping": data.dropped,
        "held_out_reviews": len(data.held_gold),
        "held_out": score(logits, data.held_gold),
        "temperature": round(temperature(logits, data.held_gold), 4),
    }
    (arguments.output / "training.json").write_text(json.dumps(record, indent=2) + "\n")
    print(json.dumps(record, indent=2))


def arguments_from(command_line: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add = parser.add_argument
    add("--base", type=Path, required=True, help="folder of the base model (MiniLM-L6)")
    add("--lexicon", type=Path, required=True, help="folder of <language>.tsv: word, English gloss")
    add("--graded", type=Path, nargs="+", required=True, help="review files with balanced stars")
    add("--thin", type=Path, nargs="*", default=[], help="review files with stars, mostly fives")
    add("--polarity", type=Path, nargs="*", default=[], help="review files labelled positive/negative")
    add("--last", type=Path, nargs="*", default=[], help="review files with stars for a last short stage")
    add("--last-epochs", type=int, default=3)
    add("--last-others", type=int, default=3, help="other reviews in the last stage for each of its own")
    add("--last-height", type=float, default=0.4, help="learning rate of the last stage, as a share of the peak")
    add("--exclude", type=Path, nargs="+", required=True, help="files that no training review may overlap")
    add("--output", type=Path, required=True)
    add("--keep-fives", type=int, default=700, help="five-star reviews kept from each --thin file")
    add("--held-out", type=int, default=1500, help="reviews kept for the temperature")
    add("--vocabulary", type=int, default=11_500)
    add("--length", type=int, default=128, help="tokens a review is cut at in training")
    add("--epochs", type=int, default=3)
    add("--budget", type=int, default=2048, help="padded tokens in a batch")
    add("--rate", type=float, default=1.5e-4)
    add("--embedding-rate", type=float, default=6e-4)
    add("--mask", type=float, default=0.15, help="share of tokens masked in the first epoch")
    add("--words", type=float, default=0.2, help="weight of the masked-word loss")
    add("--ranked", type=float, default=1.0, help="weight of the ranked probability score")
    add("--smoothing", type=float, default=0.1, help="label mass given to the neighbouring stars")
    add("--switch", type=float, default=0.2, help="share of English reviews written over into Dutch or Italian")
    add("--average", type=float, default=0.998, help="decay of the moving average of the weights")
    add("--seed", type=int, default=0)
    return parser.parse_args(command_line)


if __name__ == "__main__":
    train(arguments_from())
