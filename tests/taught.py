"""An encoder small enough for tests: 16 wide, one layer of attention, a few epochs on the clinic's examples."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import torch

import trained
from kefu.training import course
from kefu.training.data import TrainingData, load
from kefu.training.neural.encoder import Lecture
from kefu.training.neural.reading import ReadingCourse
from kefu.training.neural.teach import Course

torch.set_num_threads(1)  # on so small a network more threads wait for each other

LECTURE = Lecture(
    ReadingCourse(epochs=1), Course(epochs=4, batch=32, rate=6e-3), width=16, layers=1
)


def clinic(folder: Path) -> Path:
    """A copy of the clinic's pack in a folder, with a linear model and an encoder, which is asked always."""
    pack = trained.clinic(folder)
    course.train(load(pack), pack / "model", lambda: None, LECTURE)
    return pack


def few(data: TrainingData) -> TrainingData:
    """A part of the data that is taught in a second: every intent, few texts."""
    return replace(
        data, examples=data.examples[::3], several=data.several[:4], moods=data.moods[::4]
    )
