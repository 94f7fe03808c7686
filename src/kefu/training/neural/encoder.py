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
from kefu.training.neural import distil, graph, weigh
from kefu.training.neural.bookmark import Bookmark
from kefu.training.neural.lessons import Lessons
from kefu.training.neural.network import Joint, Shape
from kefu.training.neural.reading import ReadingCourse, pretrain
from kefu.training.neural.teach import Course, Doubts, Tick, teach
from kefu.training.neural.vectors import teach_vectors
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
    teaching: Course = field(default_factory=lambda: Course(epochs=8, rate=1.5e-3))
    width: int = 160
    layers: int = 2
    teachers: int = 0
    """Networks of other seeds that are taught first; the encoder then learns from their doubts too."""

    @property
    def ticks(self) -> int:
        """How often `train` ticks."""
        return self.reading.epochs + (self.teachers + 1) * self.teaching.epochs + 3


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
    lessons = Lessons(taught)
    texts = list(dict.fromkeys([*map(fold, unlabelled), *_own(lessons)]))
    classroom = _Classroom(lessons, pieces, texts, lecture, out, _key(data, lecture, unlabelled))
    network = classroom.student(tick)
    alike = teach_vectors(network, data, pieces)
    tick()
    weighing = _weighed(network, pieces, held, trial)
    tick()
    meta = Meta(
        intents=data.intents,
        slots=tuple(spec.name for spec in data.slots),
        weighing=weighing,
        data=linear.meta.data,
        vectors=alike,
    )
    graph.write(network, out / GRAPH, pieces.cut(texts[-_SHOWN:]).rows)
    np.savez_compressed(out / SYLLABLES, syllables=syllables)
    describe(out, meta)
    for mark in classroom.marks:
        mark.unlink(missing_ok=True)
    tick()
    return meta


@dataclass(slots=True)
class _Classroom:
    """Networks in the making, all of one shape and from one reading."""

    lessons: Lessons
    pieces: Cutter
    texts: Sequence[str]
    lecture: Lecture
    out: Path
    key: str
    marks: list[Path] = field(default_factory=list)

    def student(self, tick: Tick) -> Joint:
        """The encoder, with its teachers where the lecture wants any."""
        read = self._fresh()
        pretrain(
            read.encoder,
            self.texts,
            self.pieces,
            self.lecture.reading,
            tick,
            self._mark(".read.pt"),
        )
        course = self.lecture.teaching
        seeds = range(course.seed + 1, course.seed + 1 + self.lecture.teachers)
        taught = [self._taught(read, replace(course, seed=seed), tick) for seed in seeds]
        doubts = distil.Teachers(taught).loss if taught else None
        return self._taught(read, course, tick, doubts)

    def _taught(
        self, read: Joint, course: Course, tick: Tick, doubts: Doubts | None = None
    ) -> Joint:
        torch.manual_seed(course.seed)
        network = self._fresh()
        network.encoder.load_state_dict(read.encoder.state_dict())
        mark = self._mark(f".taught{course.seed}.pt")
        teach(network, self.lessons.epoch, self.pieces, course, tick, bookmark=mark, doubts=doubts)
        return network

    def _fresh(self) -> Joint:
        torch.manual_seed(self.lecture.teaching.seed)
        data = self.lessons.data
        return Joint(
            Shape(
                len(data.intents),
                len(data.slots),
                width=self.lecture.width,
                layers=self.lecture.layers,
            )
        )

    def _mark(self, name: str) -> Bookmark:
        self.marks.append(self.out / name)
        return Bookmark(self.out / name, self.key)


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
