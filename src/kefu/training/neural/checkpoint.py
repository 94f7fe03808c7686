"""A pre-trained checkpoint, read by name or from a folder, and made ready for flat texts.

Whatever transformers' AutoModel reads and has one token before and one after a text: BERT, RoBERTa, MacBERT,
ERNIE, ELECTRA … (`hfl/chinese-bert-wwm-ext`: Cui et al. 2021).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import nn

from kefu.errors import MissingExtra, PackError
from kefu.understanding.bert import marks

EXTRA = "train-bert"
LONGEST = 256
"""Pieces of one text that are looked at, where the checkpoint has places for so many."""
_KEPT = 4
"""Places that are not for pieces: the tokens around a text, and two that RoBERTa keeps for padding."""
_REMEDY = (
    "give a folder saved by transformers, or a name on the Hugging Face Hub:"
    " hfl/chinese-bert-wwm-ext"
)


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """`tokenizer` is the fast one; `before`, `after`, `pad` are token numbers, `longest` counts pieces."""

    encoder: nn.Module
    tokenizer: Any
    width: int
    before: int
    after: int
    pad: int
    longest: int


def read(name: str) -> Checkpoint:
    """The checkpoint of a name or a folder. Raises PackError where it does not fit, MissingExtra."""
    try:
        from transformers import AutoModel, AutoTokenizer
    except ImportError as exc:
        raise MissingExtra("transformers", EXTRA) from exc
    try:
        wrapped = AutoTokenizer.from_pretrained(name)
        # Plain attention is what every exporter can follow; weights stored in half precision are widened.
        encoder = AutoModel.from_pretrained(name, attn_implementation="eager", dtype=torch.float32)
    except (OSError, ValueError, KeyError) as exc:
        raise PackError(f"checkpoint {name}: {exc}; {_REMEDY}") from exc
    tokenizer = getattr(wrapped, "backend_tokenizer", None)
    if tokenizer is None:
        raise PackError(f"checkpoint {name}: it has no fast tokenizer (tokenizer.json); {_REMEDY}")
    _teach_placeholders(tokenizer)
    _part_digits(tokenizer)
    encoder.resize_token_embeddings(tokenizer.get_vocab_size(), mean_resizing=False)
    if getattr(encoder, "pooler", None) is not None:
        encoder.pooler = None  # nobody asks for it
    before, after = _around(name, tokenizer)
    places = int(getattr(encoder.config, "max_position_embeddings", LONGEST + _KEPT))
    return Checkpoint(
        encoder=encoder,
        tokenizer=tokenizer,
        width=int(encoder.config.hidden_size),
        before=before,
        after=after,
        pad=int(wrapped.pad_token_id or 0),
        longest=min(LONGEST, places - _KEPT),
    )


def _teach_placeholders(tokenizer: Any) -> None:
    """A token for each character that stands for a personal value: BERT's tokenizer drops private-use ones."""
    from tokenizers import AddedToken

    tokenizer.add_tokens([AddedToken(mark, normalized=False) for mark in marks()])


def _part_digits(tokenizer: Any) -> None:
    """A number is a word of its own, beside Latin letters too: 10kg is 10 and kg; a slot may end between."""
    from tokenizers import pre_tokenizers

    if isinstance(tokenizer.pre_tokenizer, pre_tokenizers.BertPreTokenizer):
        digits = pre_tokenizers.Digits(individual_digits=False)
        tokenizer.pre_tokenizer = pre_tokenizers.Sequence([digits, tokenizer.pre_tokenizer])


def _around(name: str, tokenizer: Any) -> tuple[int, int]:
    """The tokens before and after a text. Raises PackError where there is not one on each side."""
    cut = tokenizer.encode(marks()[0])
    special = cut.special_tokens_mask
    if sum(special) != 2 or not (special[0] and special[-1]):
        raise PackError(
            f"checkpoint {name}: not of BERT's kind, whose texts stand between two tokens; {_REMEDY}"
        )
    return cut.ids[0], cut.ids[-1]
