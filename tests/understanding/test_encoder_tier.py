"""The compact encoder over its files: a tiny one, trained here; damaged ones; and texts nobody would write."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from kefu.deadline import Deadline
from kefu.errors import PackError
from kefu.messages import Meaning
from kefu.training.data import Example, load
from kefu.understanding.cascade import Cascade
from kefu.understanding.context import ReadingContext
from kefu.understanding.encoder.pieces import LONGEST
from kefu.understanding.encoder.tier import GRAPH, META, SYLLABLES, EncoderTier
from kefu.understanding.linear import LinearTier
from kefu.understanding.reader import Reader
from kefu.understanding.text import flatten
from kefu.understanding.tier import Guess, Question
from kefu.understanding.tiers import open_encoder, open_reader

CONTEXT = ReadingContext(datetime(2026, 11, 21, 2, 30, tzinfo=UTC))
SHORT = ("我要挂号", "好的", "要带医保卡吗", "cancel it please", "改到明天下午3点", "👍")
LONG = "我想问一下你们周末上班吗，我孩子昨天发烧了要挂儿科，另外挂号费多少钱，能不能用医保，" * 4


@pytest.fixture(scope="module")
def examples(encoder_pack: Path) -> Sequence[Example]:
    """What the encoder was taught."""
    return load(encoder_pack).examples


def model_of(pack: Path, into: Path) -> Path:
    """A copy of the taught model that a test may damage."""
    shutil.copytree(pack / "model", into / "model")
    return into / "model"


async def encoder_of(pack: Path) -> EncoderTier:
    linear = await asyncio.to_thread(LinearTier.load, pack / "model")
    tier = await open_encoder(pack / "model", linear.artefact)
    assert tier is not None
    return tier


def asked(text: str) -> Question:
    return Question(flatten(text), CONTEXT)


async def read(reader: Reader, text: str) -> Meaning:
    return await reader.read(text, CONTEXT, Deadline.after(30.0))


async def test_a_reader_over_a_folder_with_an_encoder_asks_it(encoder_pack: Path) -> None:
    reader = await open_reader(encoder_pack / "model")
    meaning = await read(reader, "我要挂号")
    assert (meaning.tier, meaning.intents[0].name) == ("encoder", "appointment_book")
    assert 0.0 < meaning.confidence <= 1.0
    await reader.close()


async def test_it_reads_most_of_what_it_was_taught(
    encoder_pack: Path, examples: Sequence[Example]
) -> None:
    tier = await encoder_of(encoder_pack)
    guesses = await tier.read([asked(example.text) for example in examples])
    right = [
        guess.wanted[0].name == example.intents[0]
        for guess, example in zip(guesses, examples, strict=True)
    ]
    assert np.mean(right) > 0.6
    assert len(tier.meta.intents) > 8, "and that is no luck"
    await tier.close()


def same(one: Guess, other: Guess) -> bool:
    """Whether two guesses are the same up to the order in which numbers were added."""
    numbers = [
        [guess.confidence, *guess.vector, *(wish.confidence for wish in guess.wanted)]
        for guess in (one, other)
    ]
    places = [[(w.name, w.start, w.end) for w in guess.wanted] for guess in (one, other)]
    return (
        places[0] == places[1]
        and one.slots == other.slots
        and one.emotion.label == other.emotion.label
        and np.allclose(*numbers, atol=1e-4)
    )


async def test_a_text_is_read_the_same_alone_and_beside_longer_ones(
    encoder_pack: Path, examples: Sequence[Example]
) -> None:
    tier = await encoder_of(encoder_pack)
    texts = [*SHORT, LONG, *(example.text for example in examples[::4])]
    together = await tier.read([asked(text) for text in texts])
    for text, beside in zip(texts, together, strict=True):
        [alone] = await tier.read([asked(text)])
        assert same(alone, beside), text
    await tier.close()


async def test_many_texts_are_read_as_each_alone(encoder_pack: Path) -> None:
    reader = await open_reader(encoder_pack / "model")
    together = await reader.read_all(SHORT, CONTEXT)
    for text, beside in zip(SHORT, together, strict=True):
        alone = await read(reader, text)
        assert [i.name for i in alone.intents] == [i.name for i in beside.intents]
        assert alone.slots == beside.slots
        assert alone.confidence == pytest.approx(beside.confidence, abs=1e-3)
    await reader.close()


async def test_the_sentence_vector_has_unit_length(encoder_pack: Path) -> None:
    tier = await encoder_of(encoder_pack)
    for guess in await tier.read([asked(text) for text in SHORT]):
        assert np.linalg.norm(guess.vector) == pytest.approx(1.0, abs=0.01)
    await tier.close()


async def test_sentence_vectors_are_those_of_guesses(encoder_pack: Path) -> None:
    reader = await open_reader(encoder_pack / "model")
    vectors = await reader.vectors([LONG, *SHORT])
    assert vectors is not None
    for text, vector in zip([LONG, *SHORT], vectors, strict=True):
        assert np.allclose((await read(reader, text)).vector, vector, atol=1e-4)
    await reader.close()


async def test_an_encoder_whose_vectors_were_not_taught_gives_none(
    encoder_pack: Path, tmp_path: Path
) -> None:
    model = model_of(encoder_pack, tmp_path)
    described = msgspec.json.decode((model / META).read_bytes())
    assert described.pop("vectors") is True
    (model / META).write_bytes(msgspec.json.encode(described))
    reader = await open_reader(model)
    assert await reader.vectors(SHORT) is None
    meaning = await read(reader, "我要挂号")
    assert (meaning.tier, meaning.vector) == ("encoder", msgspec.UNSET)
    await reader.close()


async def test_a_reader_without_an_encoder_has_no_vectors(encoder_pack: Path) -> None:
    linear = await asyncio.to_thread(LinearTier.load, encoder_pack / "model")
    reader = Reader(Cascade(linear))
    assert await reader.vectors(SHORT) is None
    assert (await read(reader, "我要挂号")).vector is msgspec.UNSET
    await reader.close()


async def test_many_texts_at_once_are_read_without_vectors(encoder_pack: Path) -> None:
    reader = await open_reader(encoder_pack / "model")
    meanings = await reader.read_all(SHORT, CONTEXT)
    assert b"vector" not in msgspec.json.encode(meanings)
    await reader.close()


def emptied(path: Path) -> None:
    path.write_bytes(b"")


def shortened(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-300])


def overwritten(path: Path) -> None:
    path.write_bytes(b"no model at all " * 40)


def described(**fields: Any) -> Callable[[Path], None]:
    """The description with other fields."""

    def change(path: Path) -> None:
        path.write_bytes(msgspec.json.encode({**msgspec.json.decode(path.read_bytes()), **fields}))

    return change


def too_few_sounds(path: Path) -> None:
    np.savez(path, syllables=np.zeros(7, np.uint16))


DAMAGES = [
    *((name, damage) for name in (GRAPH, SYLLABLES) for damage in (Path.unlink,)),
    *(
        (name, damage)
        for name in (GRAPH, SYLLABLES, META)
        for damage in (emptied, shortened, overwritten)
    ),
    (SYLLABLES, too_few_sounds),
    (META, described(format=99)),
    (META, described(data="another training")),
    (META, described(weighing={"sharpness": "very"})),
]


@pytest.mark.parametrize(("name", "damage"), DAMAGES)
async def test_a_damaged_file_is_named_with_a_remedy_and_tier_0_keeps_serving(
    encoder_pack: Path, tmp_path: Path, name: str, damage: Callable[[Path], None]
) -> None:
    model = model_of(encoder_pack, tmp_path)
    damage(model / name)
    with pytest.raises(PackError, match=f"{name}.*(?s:.*)kefu train PACK"):
        await open_reader(model)
    failures: list[tuple[str, Exception]] = []
    reader = await open_reader(model, lambda *failure: failures.append(failure))
    assert [(tier, type(exc)) for tier, exc in failures] == [("encoder", PackError)]
    assert (await read(reader, "我要挂号")).tier == "linear"
    await reader.close()


async def test_an_encoder_of_other_labels_is_refused(encoder_pack: Path, tmp_path: Path) -> None:
    model = model_of(encoder_pack, tmp_path)
    described(intents=["a", "b"])(model / META)
    with pytest.raises(PackError, match=r"another model: intents .*kefu train PACK"):
        await open_reader(model)


async def test_a_folder_without_an_encoder_is_read_by_tier_0(
    encoder_pack: Path, tmp_path: Path
) -> None:
    model = model_of(encoder_pack, tmp_path)
    (model / META).unlink()
    reader = await open_reader(model)
    assert (await read(reader, "我要挂号")).tier == "linear"


@pytest.mark.parametrize("name", ["model.npz", "meta.json"])
@pytest.mark.parametrize("damage", [Path.unlink, emptied, shortened, overwritten])
async def test_without_tier_0_there_is_no_reader_and_the_remedy_is_named(
    encoder_pack: Path, tmp_path: Path, name: str, damage: Callable[[Path], None]
) -> None:
    model = model_of(encoder_pack, tmp_path)
    damage(model / name)
    with pytest.raises(PackError, match="kefu train PACK"):
        await open_reader(model, lambda *_: None)


ODD = {
    "nothing": "",
    "blanks": " \t\n\u3000",
    "emoji": "👍🏽👨‍👩‍👧‍👦🇨🇳",
    "2000 characters": "我要挂号，" * 400,
    "one character 2000 times": "啊" * 2000,
    "2000 digits": "1" * 2000,
    "2000 Latin letters": "a" * 2000,
    "1000 words": "go " * 1000,
    "digits": "202611180042187",
    "punctuation": "？！。，…～—《》",
    "blanks between characters": "我 要 挂 号",
    "blanks before every line": "\r\n\t 我要\r\n\t 挂号",
    "nothing one could see": "我\u200b要\u200d挂\ufeff号\u2060",
    "only nothing one could see": "\u200b\u200b\ufeff",
    "half a character": "\ud83d",
    "half characters": "我要\udc4d挂\ud83d号",
    "control characters": "\x00\x07我要挂号\x1b[31m",
    "from right to left": "\u202eأريد تحديد موعد",
    "Russian": "Хочу записаться к врачу",
    "Japanese": "予約をキャンセルしたいです",
    "Korean": "예약하고 싶어요",
    "accents piled up": "e" + "\u0301" * 200,
    "rare characters": "𠮷野家在哪𪚥",
    "full width": "ｃａｎｃｅｌ　ｉｔ　ｐｌｅａｓｅ",
    "placeholders": "<PHONE_1><NAME_2><NOBODY_KNOWS_3>",
    "half a placeholder": "<PHONE_<<PHONE_1>>",
    "our own signs": "\ue100\ue0f0\ue1ff",
    "apostrophes": "'" * 500,
    "dates that are none": "13月45日99点",
}


@pytest.fixture(params=["linear alone", "cascade"])
async def reader(request: pytest.FixtureRequest, encoder_pack: Path, tmp_path: Path) -> Any:
    model = encoder_pack / "model"
    if request.param == "linear alone":
        model = model_of(encoder_pack, tmp_path)
        (model / META).unlink()
    opened = await open_reader(model)
    yield opened
    await opened.close()


@pytest.mark.parametrize("text", ODD.values(), ids=list(ODD))
async def test_whatever_is_written_has_a_defined_reading(reader: Reader, text: str) -> None:
    [together] = await reader.read_all([text], CONTEXT)
    for meaning in (await read(reader, text), together):
        assert meaning.intents
        assert 0.0 <= meaning.confidence <= 1.0
        for intent in meaning.intents:
            assert 0.0 <= intent.confidence <= 1.0
            assert 0 <= intent.start <= intent.end <= len(text)
        assert all(text[slot.start : slot.end] == slot.raw for slot in meaning.slots)
        assert meaning.emotion.label in ("negative", "neutral", "positive")


async def test_each_tier_takes_any_text_by_itself(encoder_pack: Path) -> None:
    encoder = await encoder_of(encoder_pack)
    linear = await asyncio.to_thread(LinearTier.load, encoder_pack / "model")
    questions: Sequence[Question] = [asked(text) for text in ODD.values()]
    for tier in (linear, encoder):
        guesses = await tier.read(questions)
        assert len(guesses) == len(questions)
        assert all(guess.wanted for guess in guesses)
    await encoder.close()


async def test_the_end_of_a_text_that_is_too_long_is_read_too(encoder_pack: Path) -> None:
    tier = await encoder_of(encoder_pack)
    text = "嗯" * (2 * LONGEST)
    [plain] = await tier.read([asked(text)])
    [asking] = await tier.read([asked(text + "我要挂号")])
    assert asking.wanted != plain.wanted
    await tier.close()
