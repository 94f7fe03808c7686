"""Tier 2: a BERT-type encoder with a BiGRU and the joint heads, wherever it runs.

This is its text side: flat texts to token numbers and their places, and the tensors that come back to one
text's share each. The tokenizer is the checkpoint's own, read by `tokenizers`; neither PyTorch nor transformers
is needed to serve.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

from kefu.errors import MissingExtra, ModelBroken, PackError
from kefu.understanding.encoder.joint import NAMES, Said, Weighing
from kefu.understanding.runtimes.port import FREE, Signature, Tensors, TensorSpec
from kefu.understanding.slots.specs import SlotSpec
from kefu.understanding.text import MARKS

FORMAT = 1
META, TOKENIZER = "meta.json", "tokenizer.json"
ONNX, SMALL_ONNX, TORCHSCRIPT = "model.onnx", "model.int8.onnx", "model.pt"
EXTRA = "bert"
IDS, MASK = "input_ids", "attention_mask"
_LEAST = 3
"""Tokens of the shortest row: one before, one after, and one piece even where a text has none."""
_TAIL = 0.3
_REMEDY = "make it again with: kefu train PACK --checkpoint NAME"

Numbers = npt.NDArray[np.int64]
Places = npt.NDArray[np.int32]


class BertMeta(msgspec.Struct, frozen=True, kw_only=True):
    """What describes a trained folder. `files` are SHA-256 digests by name, `data` that of the examples.

    `before` and `after` are the numbers of the tokens around a text ([CLS], [SEP]), `pad` fills a row,
    `longest` is how many pieces of a text are looked at.
    """

    checkpoint: str
    intents: tuple[str, ...]
    slots: tuple[SlotSpec, ...]
    signature: Signature
    before: int
    after: int
    pad: int
    longest: int
    data: str
    files: Mapping[str, str] = {}
    weighing: Weighing = Weighing()
    metrics: Mapping[str, float] = {}
    format: int = FORMAT

    @property
    def served_name(self) -> str:
        """A name for it on a model server: another after every training, so that no two are mixed up."""
        return f"kefu-{self.files[ONNX][:12]}"


@dataclass(frozen=True, slots=True)
class Batch:
    """Texts as the model sees them.

    `tensors` are (texts, tokens); `starts` and `ends` are (texts, pieces) places in the flat texts, `sizes` is
    (texts,) how many pieces each has. Piece i is token i + 1, so there are two pieces less than tokens.
    """

    tensors: Tensors
    starts: Places
    ends: Places
    sizes: Numbers

    @property
    def inputs(self) -> tuple[Numbers, ...]:
        """The tensors in the order of the signature."""
        return tuple(self.tensors.values())


class Tokens:
    """Cuts flat texts with the checkpoint's own tokenizer."""

    def __init__(self, tokenizer: Any, meta: BertMeta) -> None:
        self._tokenizer = tokenizer
        self._meta = meta

    def cut(self, texts: Sequence[str]) -> Batch:
        """The rows of flat texts, padded to the longest; of a text that is too long, beginning and end."""
        cuts = [
            _middle(cut.ids, cut.offsets, self._meta.longest)
            for cut in self._tokenizer.encode_batch(list(texts), add_special_tokens=False)
        ]
        sizes = np.array([len(ids) for ids, _ in cuts], np.int64)
        tokens = max(_LEAST, int(sizes.max(initial=0)) + 2)
        ids = np.full((len(texts), tokens), self._meta.pad, np.int64)
        places = np.zeros((len(texts), tokens - 2, 2), np.int32)
        ids[:, 0] = self._meta.before
        for at, (numbers, offsets) in enumerate(cuts):
            size = len(numbers)
            ids[at, 1 : size + 1] = numbers
            ids[at, size + 1] = self._meta.after
            if size:
                places[at, :size] = offsets
        mask = (np.arange(tokens) < sizes[:, None] + 2).astype(np.int64)
        return Batch({IDS: ids, MASK: mask}, places[:, :, 0], places[:, :, 1], sizes)


def read(outputs: Tensors, batch: Batch) -> list[Said]:
    """Each text's share of what the model gave, without padding; never fewer than one piece.

    Raises ModelBroken where it is not as long as the batch.
    """
    shape = batch.starts.shape
    for name in NAMES[:3]:
        if outputs[name].shape[:2] != shape:
            raise ModelBroken(
                f"{name} is for {outputs[name].shape[:2]} texts and pieces, asked were {shape}"
            )
    return [_share(outputs, batch, at) for at in range(len(batch.sizes))]


def load_meta(directory: Path) -> BertMeta:
    """The description of a trained folder. Raises PackError naming file and remedy."""
    path = directory / META
    try:
        meta = msgspec.json.decode(path.read_bytes(), type=BertMeta)
    except (OSError, msgspec.DecodeError) as exc:
        raise PackError(f"{path}: no description of a BERT model ({exc}); {_REMEDY}") from exc
    if meta.format != FORMAT:
        raise PackError(f"{path}: format {meta.format}, this version reads {FORMAT}; {_REMEDY}")
    return meta


def load_tokens(directory: Path, meta: BertMeta) -> Tokens:
    """The tokenizer of a trained folder. Raises PackError, MissingExtra."""
    try:
        from tokenizers import Tokenizer
    except ImportError as exc:
        raise MissingExtra("tokenizers", EXTRA) from exc
    path = whole(directory, TOKENIZER, meta)
    try:
        tokenizer = Tokenizer.from_file(str(path))
    except Exception as exc:  # tokenizers raises Exception itself
        raise PackError(f"{path}: {exc}; {_REMEDY}") from exc
    tokenizer.no_truncation()
    tokenizer.no_padding()
    tokenizer.encode_special_tokens = True  # a customer who writes </s> means those four characters
    return Tokens(tokenizer, meta)


def whole(directory: Path, name: str, meta: BertMeta) -> Path:
    """The path of a file of the folder, once it is the one that was written. Raises PackError.

    Reads all of it: call it in a thread.
    """
    path = directory / name
    if name not in meta.files:
        raise PackError(
            f"{path}: not part of this model, only {', '.join(sorted(meta.files))}; {_REMEDY}"
        )
    try:
        found = digest(path)
    except OSError as exc:
        raise PackError(f"{path}: missing ({exc.strerror}); {_REMEDY}") from exc
    if found != meta.files[name]:
        raise PackError(f"{path}: damaged or from another training (SHA-256 differs); {_REMEDY}")
    return path


def digest(path: Path) -> str:
    """The SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def signature(intents: int, slots: int, vector: int) -> Signature:
    """The tensors of a model that tells so many intents and slots apart, with vectors so long."""
    per_piece = {"intents": intents, "places": 2, "slots": 2 * slots + 1}
    per_text = {"mood": 4, "vector": vector}
    return Signature(
        tuple(TensorSpec(name, "int64", (FREE, FREE)) for name in (IDS, MASK)),
        (
            *(TensorSpec(name, "float32", (FREE, FREE, size)) for name, size in per_piece.items()),
            *(TensorSpec(name, "float32", (FREE, size)) for name, size in per_text.items()),
        ),
    )


def marks() -> list[str]:
    """The characters that stand for a placeholder, which a checkpoint's tokenizer must learn."""
    return sorted(MARKS)


def _share(outputs: Tensors, batch: Batch, at: int) -> Said:
    size = max(1, int(batch.sizes[at]))
    return Said(
        batch.starts[at, :size],
        batch.ends[at, :size],
        *(outputs[name][at, :size] for name in NAMES[:3]),
        *(outputs[name][at] for name in NAMES[3:]),
    )


def _middle(
    ids: Sequence[int], offsets: Sequence[tuple[int, int]], longest: int
) -> tuple[Sequence[int], Sequence[tuple[int, int]]]:
    """Without the middle of a text that is too long: wishes stand at the beginning and at the end."""
    if len(ids) <= longest:
        return ids, offsets
    tail = int(longest * _TAIL)
    head = longest - tail
    return [*ids[:head], *ids[-tail:]], [*offsets[:head], *offsets[-tail:]]
