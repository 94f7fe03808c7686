"""The training of tier 1, on a network small enough for tests."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
import torch
from torch.optim.optimizer import register_optimizer_step_post_hook

from kefu.training import course
from kefu.training.data import TrainingData, load
from kefu.training.neural import graph
from kefu.training.neural.encoder import Lecture, held_out, sounds
from kefu.training.neural.network import Joint, Shape
from kefu.training.neural.reading import ReadingCourse
from kefu.training.neural.teach import Course
from kefu.training.neural.weigh import believe
from kefu.understanding.artefact import load as load_linear
from kefu.understanding.belief import Belief
from kefu.understanding.encoder.joint import NAMES
from kefu.understanding.encoder.pieces import BITS, Cutter
from kefu.understanding.encoder.tier import GRAPH, META, SYLLABLES, cutter, read_meta
from taught import few
from trained import CLINIC

LECTURE = Lecture(
    ReadingCourse(epochs=2), Course(epochs=2, batch=32, rate=1e-2), width=16, layers=1
)
FILES = (GRAPH, SYLLABLES, META, "model.npz", "meta.json")
READ_ONCE, TAUGHT_ONCE = course.LINEAR_TICKS + 1, course.LINEAR_TICKS + 3
"""Ticks by which the encoder has read, or was taught, for one epoch of two."""


class PowerCut(Exception):
    """Somebody pulled the plug."""


@pytest.fixture(scope="module")
def data() -> TrainingData:
    return few(load(CLINIC))


@dataclass(frozen=True, slots=True)
class Made:
    """A model, and what its training did."""

    folder: Path
    ticks: int
    steps: int


@pytest.fixture(scope="module")
def whole(data: TrainingData, tmp_path_factory: pytest.TempPathFactory) -> Made:
    """A model that was trained without a break."""
    torch.set_num_threads(1)
    folder = tmp_path_factory.mktemp("whole")
    ticks: list[int] = []
    with counted() as steps:
        course.train(data, folder, lambda: ticks.append(1), LECTURE)
    return Made(folder, len(ticks), len(steps))


@contextmanager
def counted() -> Iterator[list[int]]:
    """Grows with every step of an optimiser."""
    taken: list[int] = []
    hook = register_optimizer_step_post_hook(lambda *_: taken.append(1))
    yield taken
    hook.remove()


def same_files(one: Path, other: Path) -> bool:
    return all((one / name).read_bytes() == (other / name).read_bytes() for name in FILES)


def interrupted(data: TrainingData, out: Path, after: int) -> None:
    """A training that ends after so many ticks."""
    ticks = [0]

    def tick() -> None:
        ticks[0] += 1
        if ticks[0] == after:
            raise PowerCut

    with pytest.raises(PowerCut):
        course.train(data, out, tick, LECTURE)


def test_the_same_data_and_seed_give_the_same_files(
    data: TrainingData, whole: Made, tmp_path: Path
) -> None:
    course.train(data, tmp_path, lambda: None, LECTURE)
    assert same_files(whole.folder, tmp_path)
    assert whole.ticks == course.LINEAR_TICKS + LECTURE.ticks
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(FILES), "and nothing else"


@pytest.mark.parametrize("after", [READ_ONCE, TAUGHT_ONCE], ids=["reading", "taught"])
def test_an_interrupted_training_goes_on_where_it_was_and_ends_the_same(
    data: TrainingData, whole: Made, tmp_path: Path, after: int
) -> None:
    with counted() as steps:
        interrupted(data, tmp_path, after)
        done = len(steps)
        course.train(data, tmp_path, lambda: None, LECTURE)
    assert same_files(whole.folder, tmp_path)
    assert 0 < done < whole.steps
    assert len(steps) == whole.steps, "nothing was done twice"


def test_where_another_training_was_interrupted_this_one_begins_anew(
    data: TrainingData, whole: Made, tmp_path: Path
) -> None:
    other = replace(data, examples=data.examples[::2], digest="another")
    interrupted(other, tmp_path, TAUGHT_ONCE)
    course.train(data, tmp_path, lambda: None, LECTURE)
    assert same_files(whole.folder, tmp_path)


def test_a_damaged_bookmark_is_no_bookmark(data: TrainingData, whole: Made, tmp_path: Path) -> None:
    interrupted(data, tmp_path, TAUGHT_ONCE)
    for mark in tmp_path.glob(".*.pt"):
        mark.write_bytes(mark.read_bytes()[:2000])
    course.train(data, tmp_path, lambda: None, LECTURE)
    assert same_files(whole.folder, tmp_path)


def test_without_a_lecture_an_encoder_from_before_is_taken_away(
    data: TrainingData, whole: Made, tmp_path: Path
) -> None:
    shutil.copytree(whole.folder, tmp_path / "model")
    made = course.train(data, tmp_path / "model", lambda: None, None)
    assert made.encoder is None
    assert read_meta(tmp_path / "model") is None


def test_the_files_tell_what_they_were_made_of(data: TrainingData, whole: Made) -> None:
    meta = read_meta(whole.folder)
    assert meta is not None
    assert (meta.intents, meta.data) == (data.intents, data.digest)
    assert meta.slots == tuple(spec.name for spec in data.slots)
    assert 0.0 < meta.trust <= 1.01


@pytest.fixture(scope="module")
def pieces(whole: Made) -> Cutter:
    return cutter(load_linear(whole.folder), sounds())


def test_in_eight_bits_it_says_nearly_the_same(
    data: TrainingData, pieces: Cutter, tmp_path: Path
) -> None:
    torch.manual_seed(4)
    network = Joint(Shape(len(data.intents), len(data.slots), width=16, layers=2)).eval()
    rows = pieces.cut([example.text for example in data.examples]).rows
    size = graph.write(network, tmp_path / GRAPH, rows[::2])
    assert size < 0.3 * 4 * 2**BITS * 16, "a number takes a byte, not four"
    session = onnxruntime.InferenceSession(tmp_path / GRAPH)
    small = session.run(list(NAMES), {"rows": rows})
    with torch.inference_mode():
        wide = [tensor.numpy() for tensor in network(torch.from_numpy(rows))]
    real = rows[:, :, 0] != 0
    for name, ours, theirs in zip(NAMES, small, wide, strict=True):
        if theirs.ndim == 3:
            ours, theirs = ours[real], theirs[real]
        assert np.abs(ours - theirs).mean() < 0.02 * theirs.std(), name
        assert np.abs(ours - theirs).max() < 0.2 * theirs.std(), name


def test_what_is_held_out_is_the_same_every_time_and_nothing_is_lost(data: TrainingData) -> None:
    taught, kept = held_out(data)
    assert held_out(data) == (taught, kept)
    for part in ("examples", "several", "moods"):
        both = [*getattr(taught, part), *getattr(kept, part)]
        assert sorted(map(repr, both)) == sorted(map(repr, getattr(data, part)))
    assert len(kept.examples) == -(-len(data.examples) // 12)


def error(said: np.ndarray, true: np.ndarray, bins: int = 10) -> float:
    """The expected calibration error (Naeini et al. 2015), in bins of equal width."""
    places = np.minimum((said * bins).astype(int), bins - 1)
    return float(
        sum(
            abs(said[places == at].mean() - true[places == at].mean()) * np.mean(places == at)
            for at in set(places.tolist())
        )
    )


def made_up(readings: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Confidences that promise too much: of what is said with 0.8, 0.64 is right."""
    rng = np.random.default_rng(seed)
    said = rng.random(readings)
    return said, rng.random(readings) < said**2


def test_belief_puts_right_what_promised_too_much() -> None:
    belief = believe(*made_up(2000, seed=1))
    said, true = made_up(5000, seed=2)
    believed = np.array([belief.of(each) for each in said])
    assert error(said, true) > 0.12
    assert error(believed, true) < 0.03


def test_belief_rises_and_is_never_certain() -> None:
    belief = believe(*made_up(300, seed=3))
    assert list(belief.said) == sorted(belief.said)
    assert list(belief.true) == sorted(belief.true)
    assert 0.0 < belief.true[0] < belief.true[-1] < 1.0
    sure = believe(np.linspace(0.5, 1.0, 100), np.ones(100, bool))
    assert sure.of(1.0) < 1.0, "a hundred hits are no proof"


def test_of_too_few_readings_nothing_is_concluded() -> None:
    assert believe(*made_up(20, seed=4)) == Belief()


def test_the_linear_tier_is_trusted_where_that_costs_less_than_a_third_of_a_point(
    encoder_pack: Path,
) -> None:
    linear = load_linear(encoder_pack / "model")
    shown = load(CLINIC).examples
    sure = np.linspace(0.31, 0.99, len(shown))
    for right_from in (0.0, 0.6, 0.8):
        true = sure >= right_from
        trust = asyncio.run(course._trust(encoder_pack / "model", linear, shown, list(sure), true))
        assert trust <= max(right_from, 0.31) + 0.02, "where it is right it is trusted"
        wrong = (sure >= trust) & ~true
        assert wrong.mean() <= 0.003
    never = asyncio.run(
        course._trust(encoder_pack / "model", linear, shown, list(sure), np.zeros(len(shown), bool))
    )
    assert never > 0.98, "where it is wrong it is not"
