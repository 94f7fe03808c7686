"""An encoder small enough for tests: 16 wide, one layer of attention, a few epochs on the clinic's examples."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import msgspec
import torch

import trained
from kefu.training import course
from kefu.training.data import TrainingData, load
from kefu.training.neural.encoder import Lecture, describe
from kefu.training.neural.reading import ReadingCourse
from kefu.training.neural.teach import Course

torch.set_num_threads(1)  # on so small a network more threads wait for each other

ALWAYS = 1.01
"""No confidence of the linear tier is so high that the encoder would not be asked."""
LECTURE = Lecture(
    ReadingCourse(epochs=1), Course(epochs=6, batch=32, rate=2e-2), width=16, layers=1
)


def clinic(folder: Path) -> Path:
    """A copy of the clinic's pack in a folder, with a linear model and an encoder, which is asked always."""
    pack = trained.clinic(folder)
    made = course.train(load(pack), pack / "model", lambda: None, LECTURE)
    assert made.encoder is not None
    describe(pack / "model", msgspec.structs.replace(made.encoder, trust=ALWAYS))
    return pack


def few(data: TrainingData) -> TrainingData:
    """A part of the data that is taught in a second: every intent, few texts."""
    return replace(
        data, examples=data.examples[::3], several=data.several[:4], moods=data.moods[::4]
    )
