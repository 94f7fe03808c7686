"""The sentence vector is taught by itself: nothing else of a network changes."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from torch.nn import functional

from kefu.training.data import TrainingData, load
from kefu.training.fit import gazetteer_words
from kefu.training.neural.encoder import sounds
from kefu.training.neural.network import Joint, Shape
from kefu.training.neural.vectors import Drill, Features, features, loss, pooled, teach_vectors
from kefu.understanding.encoder.lexicon import Lexicon
from kefu.understanding.encoder.pieces import Cutter
from trained import CLINIC

QUICK = Drill(steps=20)


@pytest.fixture(scope="module")
def data() -> TrainingData:
    return load(CLINIC)


@pytest.fixture(scope="module")
def pieces(data: TrainingData) -> Cutter:
    return Cutter(sounds(), Lexicon(gazetteer_words(data), data.concepts))


def fresh(data: TrainingData, width: int = 16) -> Joint:
    torch.set_num_threads(1)
    torch.manual_seed(5)
    return Joint(Shape(len(data.intents), len(data.slots), width=width, layers=1))


def measured(network: Joint, known: Features) -> float:
    with torch.no_grad():
        return float(loss(network.heads.vector(known.pooled), known, QUICK))


def test_the_questions_of_each_faq_entry_are_read(data: TrainingData) -> None:
    assert len(data.faq) > 2
    assert all(len(questions) > 1 for questions in data.faq)
    assert all(text for questions in data.faq for text in questions)


@pytest.mark.parametrize("width", [16, 96])
def test_the_contrastive_loss_falls(data: TrainingData, pieces: Cutter, width: int) -> None:
    network = fresh(data, width)
    known = features(network, data, pieces)
    before = measured(network, known)
    assert teach_vectors(network, data, pieces, QUICK)
    assert measured(network, known) < before


def test_more_steps_make_the_loss_smaller_than_the_start_alone(
    data: TrainingData, pieces: Cutter
) -> None:
    started, drilled = fresh(data), fresh(data)
    known = features(started, data, pieces)
    teach_vectors(started, data, pieces, Drill(steps=0))
    teach_vectors(drilled, data, pieces, QUICK)
    assert measured(drilled, known) < measured(started, known)


def test_no_other_parameter_changes(data: TrainingData, pieces: Cutter) -> None:
    network = fresh(data)
    before = {name: tensor.clone() for name, tensor in network.state_dict().items()}
    teach_vectors(network, data, pieces, QUICK)
    changed = {
        name
        for name, tensor in network.state_dict().items()
        if not torch.equal(tensor, before[name])
    }
    assert changed == {"heads.vector.weight", "heads.vector.bias"}
    assert all(each.requires_grad for each in network.parameters())


def test_the_same_network_and_data_give_the_same_head(data: TrainingData, pieces: Cutter) -> None:
    one, other = fresh(data), fresh(data)
    teach_vectors(one, data, pieces, QUICK)
    torch.manual_seed(99)
    teach_vectors(other, data, pieces, QUICK)
    assert torch.equal(one.heads.vector.weight, other.heads.vector.weight)
    assert torch.equal(one.heads.vector.bias, other.heads.vector.bias)


def test_it_draws_from_no_chance_but_its_own(data: TrainingData, pieces: Cutter) -> None:
    network = fresh(data)
    before = torch.get_rng_state()
    teach_vectors(network, data, pieces, QUICK)
    assert torch.equal(torch.get_rng_state(), before)


def test_what_the_head_is_taught_on_is_what_it_reads_at_work(
    data: TrainingData, pieces: Cutter
) -> None:
    network = fresh(data)
    teach_vectors(network, data, pieces, QUICK)
    texts = [questions[0] for questions in data.faq]
    with torch.no_grad():
        alone = functional.normalize(network.heads.vector(pooled(network, texts, pieces)), dim=1)
        whole = network(torch.from_numpy(pieces.cut(texts).rows).long())[-1]
    assert torch.allclose(alone, whole, atol=1e-5)


def test_without_questions_to_tell_apart_nothing_is_taught(
    data: TrainingData, pieces: Cutter
) -> None:
    network = fresh(data)
    before = network.heads.vector.weight.clone()
    for faq in ((), data.faq[:1], tuple(questions[:1] for questions in data.faq)):
        assert not teach_vectors(network, replace(data, faq=faq), pieces, QUICK)
    assert torch.equal(network.heads.vector.weight, before)


def test_a_shared_entry_attracts_more_than_a_shared_intent() -> None:
    """Three texts of one intent; the first two of one entry too. The first is near one of them alone."""
    entry, intent = torch.tensor([0, 0, -1]), torch.tensor([0, 0, 0])
    near_entry = torch.tensor([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0]])
    near_intent = torch.tensor([[1.0, 0.0], [0.0, 1.0], [1.0, 0.0]])
    known = Features(near_entry, entry, intent)
    assert loss(near_entry, known, QUICK) < loss(near_intent, known, QUICK)
