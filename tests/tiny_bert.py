"""A BERT model small enough for tests: 32 wide, two layers, the characters of a few texts as its vocabulary."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from tokenizers import ByteLevelBPETokenizer
from tokenizers.processors import RobertaProcessing
from transformers import (
    BertConfig,
    BertModel,
    BertTokenizerFast,
    ElectraConfig,
    ElectraModel,
    PretrainedConfig,
    PreTrainedModel,
    PreTrainedTokenizerFast,
    RobertaConfig,
    RobertaModel,
)

from kefu.training.neural import bert_files
from kefu.training.neural import checkpoint as checkpoints
from kefu.training.neural.bert import BertJoint
from kefu.training.neural.network import Shape
from kefu.understanding.bert import BertMeta, Tokens, load_tokens, signature
from kefu.understanding.encoder.joint import NAMES
from kefu.understanding.runtimes.port import Tensors
from kefu.understanding.slots.specs import SlotSpec

torch.set_num_threads(1)  # on so small a model more threads wait for each other

SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
INTENTS = ("logistics", "refund", "thanks")
SLOTS = (SlotSpec("amount"), SlotSpec("order"))
TEXTS = ("我要退款", "快递到哪了，订单123456，谢谢", "退50元", "ok")


def checkpoint(folder: Path, texts: Iterable[str], *, seed: int = 3, places: int = 64) -> Path:
    """An untaught BERT in a folder, as `save_pretrained` writes it."""
    tokenizer = _word_pieces(texts)
    config = BertConfig(**_small(len(tokenizer)), max_position_embeddings=places)
    return _saved(folder, BertModel, config, tokenizer, seed)


def electra(folder: Path, texts: Iterable[str]) -> Path:
    """The same as an ELECTRA, whose embeddings are narrower than its layers."""
    tokenizer = _word_pieces(texts)
    config = ElectraConfig(**_small(len(tokenizer)), embedding_size=16)
    return _saved(folder, ElectraModel, config, tokenizer)


def roberta(folder: Path, texts: Iterable[str]) -> Path:
    """The same as a RoBERTa, which cuts a text into bytes: a Chinese character is one piece, or up to three."""
    cutter = ByteLevelBPETokenizer()
    special = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]
    cutter.train_from_iterator(list(texts), 300, special_tokens=special, show_progress=False)
    cutter.post_processor = RobertaProcessing(("</s>", 2), ("<s>", 0))
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=cutter._tokenizer, bos_token="<s>", eos_token="</s>", pad_token="<pad>"
    )
    config = RobertaConfig(**_small(len(tokenizer)), max_position_embeddings=66, pad_token_id=1)
    return _saved(folder, RobertaModel, config, tokenizer)


def _word_pieces(texts: Iterable[str]) -> BertTokenizerFast:
    characters = sorted({char for text in texts for char in text.lower() if not char.isspace()})
    words = [*SPECIAL, *characters, *(f"##{char}" for char in characters if char.isascii())]
    return BertTokenizerFast(vocab={word: at for at, word in enumerate(words)})


def _small(words: int) -> dict[str, int]:
    heads = {"num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 64}
    return {"vocab_size": words, "hidden_size": 32, **heads}


def _saved(
    folder: Path,
    model: type[PreTrainedModel],
    config: PretrainedConfig,
    tokenizer: PreTrainedTokenizerFast,
    seed: int = 3,
) -> Path:
    torch.manual_seed(seed)
    model(config).save_pretrained(folder)
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
    folder: Path,
    texts: Sequence[str] = TEXTS,
    intents: Sequence[str] = INTENTS,
    make: Callable[[Path, Iterable[str]], Path] = checkpoint,
) -> Written:
    """A model with weights by chance, exported to `folder`/model."""
    read = checkpoints.read(str(make(folder / "checkpoint", texts)))
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
