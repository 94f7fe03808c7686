from __future__ import annotations

import asyncio
import random
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from kefu.deadline import Deadline
from kefu.messages import Meaning
from kefu.training import augment, export, fit
from kefu.training.data import Example, Mark, MoodExample, TrainingData, load
from kefu.training.evaluate import cross_validate, measure, shared_out, split
from kefu.training.labelled import of_pack
from kefu.training.leaks import between
from kefu.training.rows import clauses, count, matrix, vocabulary
from kefu.training.sentences import single
from kefu.understanding.concepts import Concepts
from kefu.understanding.reader import ReadingContext
from kefu.understanding.slots.specs import SlotSpec
from kefu.understanding.tagging import spans
from kefu.understanding.tiers import open_reader
from kefu.understanding.wishes import Grouper, Price, at_most, runs, tidy

CLINIC = Path(__file__).parents[2] / "examples" / "clinic"
SPECS = (SlotSpec("phone", "phone"), SlotSpec("product", words=("冰箱", "tv")))


@pytest.fixture(scope="session")
def clinic() -> TrainingData:
    return load(CLINIC)


@pytest.fixture(scope="session")
def model(clinic: TrainingData, tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("model")
    export.write(fit.fit(clinic, lambda: None), directory, {"single_exact": 0.5})
    return directory


def test_the_same_files_give_the_same_model(
    clinic: TrainingData, model: Path, tmp_path: Path
) -> None:
    export.write(fit.fit(clinic, lambda: None), tmp_path, {"single_exact": 0.5})
    for name in ("model.npz", "meta.json"):
        assert (tmp_path / name).read_bytes() == (model / name).read_bytes()


def test_a_trained_model_reads_what_it_was_shown(clinic: TrainingData, model: Path) -> None:
    score = measure(model, of_pack(clinic))
    assert score.metrics()["single_exact"] > 0.9


def test_fitting_ticks_as_often_as_it_says(clinic: TrainingData) -> None:
    ticks: list[int] = []
    fit.fit(clinic, lambda: ticks.append(1))
    assert len(ticks) == fit.STEPS


def test_the_reader_counts_features_as_the_training_does(clinic: TrainingData) -> None:
    concepts = Concepts({"visit": ("挂号", "看病")})
    linear = fit.fit_sentences(clinic, concepts, lambda: None)
    rows = [single(example, concepts) for example in clinic.examples[:20]]
    trained = matrix([row.counts for row in rows], linear.known) @ linear.weights + linear.bias
    reader = linear.reader()
    for example, wanted in zip(clinic.examples[:20], trained, strict=True):
        sums = reader.sums(clauses(example.text))
        assert np.allclose(reader.logits(sums[-1:])[0], wanted, atol=1e-3)


def test_rare_features_are_left_out() -> None:
    concepts = Concepts({})
    known = vocabulary([count(["退款"], concepts), count(["退货"], concepts)])
    assert "退" in known.columns
    assert "款" not in known.columns


def test_values_change_places_within_their_script() -> None:
    example = Example("买冰箱", ("buy",), (Mark("product", 1, 3),))
    pool = augment.pool([example], SPECS)
    texts = {augment.swapped(example, pool, random.Random(seed)).text for seed in range(9)}
    assert texts == {"买冰箱"}
    longer = {"product": ("洗衣机",)}
    swapped = augment.swapped(example, longer, random.Random(1))
    assert (swapped.text, swapped.marks) == ("买洗衣机", (Mark("product", 1, 4),))


def test_personal_values_are_hidden_as_the_guard_hides_them() -> None:
    example = Example(
        "打13800138000,尾号8000", ("x",), (Mark("phone", 1, 12), Mark("phone", 15, 19))
    )
    assert augment.hidden(example, SPECS).text == "打<PHONE_1>,尾号8000"


def test_a_slip_leaves_the_marks_on_their_words() -> None:
    example = Example("我想要买一台冰箱", ("buy",), (Mark("product", 6, 8),))
    for seed in range(30):
        slipped = augment.slipped(example, random.Random(seed))
        mark = slipped.marks[0]
        assert slipped.text[mark.start : mark.end] == "冰箱"
    short = Example("买冰箱", ("buy",), (Mark("product", 1, 3),))
    assert augment.slipped(short, random.Random(1)) == short


def test_folds_hold_out_everything_once(clinic: TrainingData) -> None:
    held = [example for _, test in split(clinic, 3) for example in test.examples]
    assert sorted(e.text for e in held) == sorted(e.text for e in clinic.examples)
    for train_part, test_part in split(clinic, 3):
        assert len(train_part.examples) + len(test_part.examples) == len(clinic.examples)


def test_near_duplicates_are_never_on_both_sides_of_a_split(clinic: TrainingData) -> None:
    twins = tuple(replace(example, text=f"{example.text}！") for example in clinic.examples[::3])
    moody = (MoodExample(clinic.examples[0].text, "neutral"),)
    more = replace(clinic, examples=(*clinic.examples, *twins), moods=(*clinic.moods, *moody))
    for taught, tested in split(more, 3):
        learnt = [one.text for one in of_pack(taught)]
        assert between([one.text for one in of_pack(tested)], learnt) == []


def test_folds_are_of_one_size() -> None:
    family = [0, 0, 0, *range(3, 30)]
    kinds = [0] * 15 + [1] * 15
    found = shared_out(family, kinds, 3)
    assert found[0] == found[1] == found[2]
    for kind in (0, 1):
        sizes = [
            sum(f == fold and k == kind for f, k in zip(found, kinds, strict=True))
            for fold in range(3)
        ]
        assert max(sizes) - min(sizes) <= 1
    assert found == shared_out(family, kinds, 3)


def test_every_example_is_read_by_a_model_that_has_not_seen_it(clinic: TrainingData) -> None:
    score = cross_validate(clinic, 2, fit.Weighing(), lambda: None)
    assert {one.meant.text for one in score.verdicts} == {one.text for one in of_pack(clinic)}
    assert len(score.verdicts) == len(of_pack(clinic))


def test_tags_become_spans() -> None:
    assert spans([0, 1, 2, 1, 0, 3, 4, 4]) == [(0, 1, 3), (0, 3, 4), (1, 5, 8)]


def test_weak_guesses_are_out_of_scope_and_courtesies_fall_away() -> None:
    grouper = Grouper(("greeting", "refund", "affirm"), 1.0, Price(known=0.5))
    scores = np.log(np.array([[0.4, 0.3, 0.3]], np.float32))
    weak = tidy(grouper.best(grouper.chances(scores), [(0, 4)]), sure=0.4, known=0.5)
    assert weak[0].name == "out_of_scope"
    rows = np.full((3, 3), -9.0, np.float32)
    firsts, lasts, whole = runs(2)
    for row, (first, last) in enumerate(zip(firsts, lasts, strict=True)):
        rows[row, 0 if (first, last) == (0, 1) else 1] = 9.0
    assert whole == 1
    wishes = tidy(grouper.best(grouper.chances(rows), [(0, 2), (3, 9)]), sure=0.4, known=0.5)
    assert [wish.name for wish in wishes] == ["refund"]


def test_too_many_clauses_are_joined_at_the_end() -> None:
    spans_ = [(at, at + 1) for at in range(40)]
    assert len(at_most(spans_)) == 12
    assert at_most(spans_)[-1] == (11, 40)


def test_unmarked_moods_get_plain_company(clinic: TrainingData) -> None:
    plain = fit.plain_examples(clinic)
    assert plain
    assert {example.label for example in plain} == {"neutral"}


async def read(model: Path, text: str, context: ReadingContext) -> Meaning:
    reader = await open_reader(model)
    return await reader.read(text, context, Deadline.after(30.0))


def test_a_reader_of_another_trade_knows_its_own_words(model: Path) -> None:
    context = ReadingContext(datetime(2026, 11, 21, tzinfo=UTC))
    meaning = asyncio.run(read(model, "我要挂号", context))
    assert meaning.intents[0].name == "appointment_book"
