"""A pack's compact encoder: read, taught, weighed, written."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TypeVar

import msgspec
import numpy as np
import numpy.typing as npt
import torch

from kefu.errors import MissingExtra
from kefu.training import augment
from kefu.training.chance import dice
from kefu.training.data import TrainingData
from kefu.training.neural import graph, weigh
from kefu.training.neural.bookmark import Bookmark
from kefu.training.neural.lessons import Lessons
from kefu.training.neural.network import Joint, Shape
from kefu.training.neural.reading import ReadingCourse, pretrain
from kefu.training.neural.teach import Course, Tick, teach
from kefu.understanding.artefact import Artefact
from kefu.understanding.encoder.joint import Weighing
from kefu.understanding.encoder.pieces import Cutter
from kefu.understanding.encoder.tier import GRAPH, META, SYLLABLES, Meta, cutter
from kefu.understanding.linear import opinion
from kefu.understanding.text import flatten, fold

try:
    from pypinyin import Style, lazy_pinyin
except ImportError as exc:  # pragma: no cover  # the base install has no pypinyin
    raise MissingExtra("pypinyin", "train") from exc

T = TypeVar("T")
_FIRST, _LAST = 0x4E00, 0x9FA5
_ALIKE = (("zh", "z"), ("ch", "c"), ("sh", "s"), ("ng", "n"))
"""Sounds that many speakers and most slips do not tell apart."""
_SHOWN = 512
"""Texts of the pack that tell how large numbers get in the network."""
_HELD_OUT = 12
"""One example in so many is kept for the weighing."""


@dataclass(frozen=True, slots=True)
class Lecture:
    """The whole training of an encoder: first it reads, then it is taught."""

    reading: ReadingCourse = field(default_factory=ReadingCourse)
    teaching: Course = field(default_factory=lambda: Course(epochs=9, rate=1.5e-3))
    width: int = 160
    layers: int = 2

    @property
    def ticks(self) -> int:
        """How often `train` ticks."""
        return self.reading.epochs + self.teaching.epochs + 2


def train(
    data: TrainingData,
    linear: Artefact,
    trial: Artefact,
    out: Path,
    lecture: Lecture,
    tick: Tick,
    unlabelled: Sequence[str] = (),
) -> Meta:
    """Train on a pack's data and write the encoder beside its linear model; what describes it.

    `trial` is a linear model that was not taught what is held out: the weighing is measured with it.

    Interrupted, it goes on after its last whole epoch. The same data, course and number of threads always
    give the same encoder.
    """
    taught, held = held_out(data)
    syllables = sounds()
    pieces = cutter(linear, syllables)
    torch.manual_seed(lecture.teaching.seed)
    shape = Shape(len(data.intents), len(data.slots), width=lecture.width, layers=lecture.layers)
    network = Joint(shape)
    lessons = Lessons(taught)
    key = _key(data, lecture, unlabelled)
    read, done = out / ".read.pt", out / ".taught.pt"
    texts = list(dict.fromkeys([*map(fold, unlabelled), *_own(lessons)]))
    pretrain(network.encoder, texts, pieces, lecture.reading, tick, Bookmark(read, key))
    teach(network, lessons.epoch, pieces, lecture.teaching, tick, bookmark=Bookmark(done, key))
    weighing = _weighed(network, pieces, held, trial)
    tick()
    meta = Meta(
        intents=data.intents,
        slots=tuple(spec.name for spec in data.slots),
        weighing=weighing,
        data=linear.meta.data,
    )
    graph.write(network, out / GRAPH, pieces.cut(texts[-_SHOWN:]).rows)
    np.savez_compressed(out / SYLLABLES, syllables=syllables)
    describe(out, meta)
    for mark in (read, done):
        mark.unlink(missing_ok=True)
    tick()
    return meta


def describe(out: Path, meta: Meta) -> None:
    """Write what describes an encoder."""
    encoded = msgspec.json.encode(meta, enc_hook=float)  # a weighing may hold numbers of numpy
    (out / META).write_bytes(msgspec.json.format(encoded, indent=1) + b"\n")


def held_out(data: TrainingData) -> tuple[TrainingData, TrainingData]:
    """What is taught and what is kept for the weighing; the same every time."""
    examples, several, moods = _parts(data.examples), _parts(data.several), _parts(data.moods)
    taught = replace(data, examples=examples[0], several=several[0], moods=moods[0])
    return taught, replace(data, examples=examples[1], several=several[1], moods=moods[1])


def _parts(items: Sequence[T]) -> tuple[tuple[T, ...], tuple[T, ...]]:
    order = list(items)
    dice(17).shuffle(order)
    kept = tuple(order[::_HELD_OUT])
    return tuple(item for at, item in enumerate(order) if at % _HELD_OUT), kept


def _weighed(network: Joint, pieces: Cutter, held: TrainingData, trial: Artefact) -> Weighing:
    shown = [augment.hidden(example, held.slots) for example in (*held.examples, *held.several)]
    said = weigh.hear(network, pieces, [example.text for example in shown])
    heard = [
        weigh.Heard(example, one, partial(opinion, trial, flatten(example.text).text))
        for example, one in zip(shown, said, strict=True)
    ]
    felt = weigh.hear(network, pieces, [mood.text for mood in held.moods])
    return weigh.weigh(heard, list(zip(held.moods, felt, strict=True)), held.intents)


def sounds() -> npt.NDArray[np.uint16]:
    """(65536,) a number per character of the first plane for how it is said; 0 where it is no Chinese one."""
    table = np.zeros(1 << 16, np.uint16)
    known: dict[str, int] = {}
    for code in range(_FIRST, _LAST + 1):
        said = lazy_pinyin(chr(code), style=Style.NORMAL)[0]
        for sharp, blunt in _ALIKE:
            said = said.replace(sharp, blunt)
        table[code] = known.setdefault(said, len(known) + 1)
    return table


def _own(lessons: Lessons) -> list[str]:
    rng = dice(19)
    return [lesson.text for lesson in lessons.epoch(rng)]


def _key(data: TrainingData, lecture: Lecture, unlabelled: Sequence[str]) -> str:
    total = hashlib.sha256(f"{data.digest} {lecture}".encode())
    for text in unlabelled:
        total.update(text.encode() + b"\n")
    return total.hexdigest()
