"""A BERT model small enough for tests: 32 wide, two layers, the characters of a few texts as its vocabulary."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from transformers import BertConfig, BertModel, BertTokenizerFast

from kefu.training.neural import bert_files
from kefu.training.neural import checkpoint as checkpoints
from kefu.training.neural.bert import BertJoint
from kefu.training.neural.network import Shape
from kefu.understanding.bert import BertMeta, Tokens, load_tokens, signature
from kefu.understanding.encoder.joint import NAMES
from kefu.understanding.runtimes.port import Tensors
from kefu.understanding.slots.specs import SlotSpec

SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
INTENTS = ("logistics", "refund", "thanks")
SLOTS = (SlotSpec("amount"), SlotSpec("order"))
TEXTS = ("我要退款", "快递到哪了，订单123456，谢谢", "退50元", "ok")


def checkpoint(folder: Path, texts: Iterable[str], *, seed: int = 3, places: int = 64) -> Path:
    """An untaught checkpoint in a folder, as `save_pretrained` writes it."""
    characters = sorted({char for text in texts for char in text.lower() if not char.isspace()})
    words = [*SPECIAL, *characters, *(f"##{char}" for char in characters if char.isascii())]
    torch.manual_seed(seed)
    config = BertConfig(
        vocab_size=len(words),
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=64,
        max_position_embeddings=places,
    )
    BertModel(config).save_pretrained(folder)
    tokenizer = BertTokenizerFast(vocab={word: at for at, word in enumerate(words)})
    tokenizer.save_pretrained(folder)
    return folder


@dataclass(frozen=True, slots=True)
class Written:
    """An untaught model as files, and PyTorch's own network to compare with."""

    folder: Path
    meta: BertMeta
    tokens: Tokens
    network: BertJoint

    def expected(self, texts: Sequence[str]) -> Tensors:
        """What PyTorch gives."""
        inputs = (torch.from_numpy(each) for each in self.tokens.cut(texts).inputs)
        with torch.inference_mode():
            given = self.network(*inputs)
        return {name: np.asarray(each) for name, each in zip(NAMES, given, strict=True)}


def written(
    folder: Path, texts: Sequence[str] = TEXTS, intents: Sequence[str] = INTENTS
) -> Written:
    """A model with weights by chance, exported to `folder`/model."""
    read = checkpoints.read(str(checkpoint(folder / "checkpoint", texts)))
    shape = Shape(len(intents), len(SLOTS), width=read.width, vector=16)
    torch.manual_seed(5)
    network = BertJoint(read.encoder, shape).eval()
    meta = BertMeta(
        checkpoint="tiny",
        intents=tuple(intents),
        slots=SLOTS,
        signature=signature(shape.intents, shape.slots, shape.vector),
        before=read.before,
        after=read.after,
        pad=read.pad,
        longest=read.longest,
        data="",
    )
    model = folder / "model"
    meta = bert_files.write(model, network, read.tokenizer, meta, {})
    return Written(model, meta, load_tokens(model, meta), network)
