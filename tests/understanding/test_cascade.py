"""The cascade over a real linear tier; the tiers above it do as they are told."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

import numpy as np
import pytest

from kefu.deadline import Deadline
from kefu.errors import ModelBroken, Overloaded
from kefu.messages import Emotion
from kefu.understanding import tiers
from kefu.understanding.cascade import Cascade, Judged, Step
from kefu.understanding.context import ReadingContext
from kefu.understanding.linear import LinearTier
from kefu.understanding.reader import Reader
from kefu.understanding.text import flatten
from kefu.understanding.tier import Guess, Question, Vectors
from kefu.understanding.tiers import Patience
from kefu.understanding.wishes import Wanted
from trained import clinic

CONTEXT = ReadingContext(datetime(2026, 11, 21, 2, 30, tzinfo=UTC))
EASY, HARD = "好的", "那什么,帮我看看那个吧"
ALWAYS, NEVER = 1.01, 0.0
ENOUGH = Patience(0.0, 5.0)
Told = list[tuple[str, str]]


@pytest.fixture(scope="module")
def linear(tmp_path_factory: pytest.TempPathFactory) -> LinearTier:
    return LinearTier.load(clinic(tmp_path_factory.mktemp("packs")) / "model")


@dataclass(slots=True)
class Upper:
    """A tier that takes everything for one wish, unless it is told to fail, to wait, or to be unsure."""

    name: str = "encoder"
    fails: Callable[[str], Exception | None] = lambda _: None
    waits_s: float = 0.0
    confidence: float = 1.0
    vector: tuple[float, ...] = (1.0,)
    batches: list[list[str]] = field(default_factory=list)
    closed: bool = False

    async def read(self, questions: Sequence[Question]) -> Sequence[Guess]:
        """A guess per question."""
        texts = [asked.flat.text for asked in questions]
        self.batches.append(texts)
        await asyncio.sleep(self.waits_s)
        for error in map(self.fails, texts):
            if error is not None:
                raise error
        return [self._guess(text) for text in texts]

    async def close(self) -> None:
        """Remember that somebody let go."""
        self.closed = True

    def _guess(self, text: str) -> Guess:
        wish = Wanted("visit_info", self.confidence, 0, len(text))
        return Guess((wish,), (), Emotion("neutral", 1.0), self.confidence, self.vector)

    @property
    def asked(self) -> list[str]:
        """All texts it was asked about."""
        return [text for batch in self.batches for text in batch]


def step(tier: Upper, trust: float = ALWAYS, patience: Patience = ENOUGH) -> Step:
    return tiers._batched(tier, trust, patience)


def asked(text: str) -> Question:
    return Question(flatten(text), CONTEXT)


async def read(cascade: Cascade, text: str, seconds: float = 30.0) -> Judged:
    return await cascade.read(asked(text), Deadline.after(seconds))


def told(into: Told) -> Callable[[str, Exception], None]:
    return lambda tier, exc: into.append((tier, type(exc).__name__))


async def test_the_linear_tier_alone_answers_everything(linear: LinearTier) -> None:
    judged = await read(Cascade(linear), HARD)
    assert (judged.tier, judged.whole) == ("linear", True)
    assert judged.guess == linear.guess(flatten(HARD), CONTEXT.now)


async def test_the_next_tier_is_asked_only_below_trust(linear: LinearTier) -> None:
    sure, unsure = (linear.guess(flatten(text), CONTEXT.now).confidence for text in (EASY, HARD))
    assert unsure < sure
    upper = Upper()
    cascade = Cascade(linear, [step(upper, trust=(sure + unsure) / 2)])
    assert (await read(cascade, EASY)).tier == "linear"
    assert (await read(cascade, HARD)).tier == "encoder"
    assert upper.asked == [HARD]


async def test_a_third_tier_is_asked_only_while_the_second_is_unsure(linear: LinearTier) -> None:
    unsure, third = Upper(confidence=0.4), Upper(name="bert")
    judged = await read(Cascade(linear, [step(unsure), step(third, trust=0.6)]), EASY)
    assert judged.tier == "bert"
    sure, spared = Upper(confidence=0.7), Upper(name="bert")
    judged = await read(Cascade(linear, [step(sure), step(spared, trust=0.6)]), EASY)
    assert (judged.tier, spared.asked) == ("encoder", [])


async def test_a_tier_is_not_asked_when_time_is_short(linear: LinearTier) -> None:
    upper, failures = Upper(), Told()
    cascade = Cascade(linear, [step(upper, patience=Patience(2.0, 5.0))], told(failures))
    judged = await read(cascade, HARD, seconds=1.0)
    assert (judged.tier, judged.whole) == ("linear", False)
    assert (upper.asked, failures) == ([], []), "nobody failed"


@pytest.mark.parametrize(
    ("error", "name"),
    [
        (ModelBroken("500"), "ModelBroken"),
        (Overloaded("come back later"), "Overloaded"),
        (ValueError("nobody expected this"), "ValueError"),
    ],
)
async def test_a_failing_tier_leaves_the_guess_below_and_tells_of_it(
    linear: LinearTier, error: Exception, name: str
) -> None:
    failures = Told()
    cascade = Cascade(linear, [step(Upper(fails=lambda _: error))], told(failures))
    judged = await read(cascade, HARD)
    assert (judged.tier, judged.whole, failures) == ("linear", False, [("encoder", name)])


async def test_a_slow_tier_leaves_the_guess_below(linear: LinearTier) -> None:
    slow, failures = Upper(waits_s=60.0), Told()
    cascade = Cascade(linear, [step(slow, patience=Patience(0.0, 0.05))], told(failures))
    assert (await read(cascade, HARD)).tier == "linear"
    assert failures[0][0] == "encoder"


async def test_a_tier_that_refuses_leaves_the_guess_below(linear: LinearTier) -> None:
    async def full(question: Question, deadline: Deadline) -> Guess:
        raise Overloaded("1024 items wait already")

    failures = Told()
    refusing = Step(Upper(), ALWAYS, 0.0, 5.0, full)
    assert (await read(Cascade(linear, [refusing], told(failures)), HARD)).tier == "linear"
    assert failures == [("encoder", "Overloaded")]


async def test_after_a_failing_tier_the_one_above_it_is_asked(linear: LinearTier) -> None:
    broken, above = Upper(fails=lambda _: ModelBroken("x")), Upper(name="bert")
    judged = await read(Cascade(linear, [step(broken), step(above)]), HARD)
    assert (judged.tier, judged.whole) == ("bert", False)


async def test_identical_texts_in_flight_are_computed_once(linear: LinearTier) -> None:
    upper = Upper(waits_s=0.01)
    cascade = Cascade(linear, [step(upper)])
    judged = await asyncio.gather(*(read(cascade, HARD) for _ in range(20)), read(cascade, EASY))
    assert sorted(upper.asked) == sorted([HARD, EASY])
    assert {one.tier for one in judged} == {"encoder"}


async def test_a_caller_who_leaves_takes_nothing_from_the_others(linear: LinearTier) -> None:
    upper = Upper(waits_s=0.05)
    cascade = Cascade(linear, [step(upper)])
    leaving, staying = (asyncio.create_task(read(cascade, HARD)) for _ in range(2))
    await asyncio.sleep(0.01)
    leaving.cancel()
    assert (await staying).tier == "encoder"
    assert leaving.cancelled()


async def test_many_texts_are_read_as_each_alone(linear: LinearTier) -> None:
    texts = [EASY, HARD, "我要挂号", "明天上午有号吗", "改到周三"] * 9
    upper = Upper()
    trust = linear.guess(flatten(EASY), CONTEXT.now).confidence
    cascade = Cascade(linear, [step(upper, trust)])
    together = await cascade.read_all([asked(text) for text in texts])
    assert together == [await read(cascade, text) for text in texts]
    assert {one.tier for one in together} == {"linear", "encoder"}


async def test_reading_many_raises_what_a_tier_raises(linear: LinearTier) -> None:
    cascade = Cascade(linear, [step(Upper(fails=lambda _: ModelBroken("x")))])
    with pytest.raises(ModelBroken):
        await cascade.read_all([asked(HARD)])


async def test_a_tier_that_is_asked_one_by_one_fails_for_one_alone(linear: LinearTier) -> None:
    texts, failures = ["一", "二", "三"], Told()
    upper = Upper(name="llm", fails=lambda text: ModelBroken("x") if text == "二" else None)
    cascade = Cascade(linear, [tiers._alone(upper, ALWAYS, ENOUGH)], told(failures))
    judged = await cascade.read_all([asked(text) for text in texts])
    assert [one.tier for one in judged] == ["llm", "linear", "llm"]
    assert sorted(upper.batches) == sorted([text] for text in texts)
    assert failures == [("llm", "ModelBroken")]


async def test_a_tier_without_a_vector_leaves_the_one_below(linear: LinearTier) -> None:
    with_one, without = Upper(vector=(0.6, 0.8)), Upper(name="llm", vector=())
    judged = await read(Cascade(linear, [step(with_one), step(without)]), HARD)
    assert (judged.tier, judged.guess.vector) == ("llm", (0.6, 0.8))


async def test_closing_lets_go_of_every_tier(linear: LinearTier) -> None:
    uppers = [Upper(), Upper(name="bert")]
    await Cascade(linear, [step(upper) for upper in uppers]).close()
    assert all(upper.closed for upper in uppers)


async def test_a_reading_is_remembered_and_a_hurried_one_is_not(linear: LinearTier) -> None:
    upper = Upper()
    reader = Reader(Cascade(linear, [step(upper, patience=Patience(2.0, 5.0))]))
    hurried = await reader.read(HARD, CONTEXT, Deadline.after(0.5))
    calm = await reader.read(HARD, CONTEXT, Deadline.after(30.0))
    again = await reader.read(HARD, CONTEXT, Deadline.after(0.5))
    assert [meaning.tier for meaning in (hurried, calm, again)] == ["linear", "encoder", "encoder"]
    assert upper.asked == [HARD]


async def test_a_text_without_a_word_asks_nobody(linear: LinearTier) -> None:
    upper = Upper()
    reader = Reader(Cascade(linear, [step(upper)]))
    for text in ("", "  ", "\n\u3000\t"):
        assert (await reader.read(text, CONTEXT, Deadline.after(5.0))).tier == "none"
    assert [m.tier for m in await reader.read_all(["", HARD, " "], CONTEXT)] == [
        "none",
        "encoder",
        "none",
    ]
    assert upper.asked == [HARD]


async def vectors_of(texts: Sequence[str]) -> Vectors:
    """A row per text: its length."""
    return np.array([[len(text)] for text in texts], np.float32)


async def no_vectors(texts: Sequence[str]) -> Vectors:
    """A tier that broke."""
    raise ModelBroken(f"{len(texts)} texts")


async def test_vectors_come_in_the_order_of_their_texts(linear: LinearTier) -> None:
    texts = ["字" * (7 * at % 50) for at in range(90)]
    cascade = Cascade(linear, [step(Upper()), replace(step(Upper()), vectors=vectors_of)])
    found = await cascade.vectors(texts)
    assert found is not None
    assert found[:, 0].tolist() == [len(text) for text in texts]


async def test_vectors_of_a_broken_tier_are_none_and_somebody_is_told(linear: LinearTier) -> None:
    told: Told = []
    steps = [replace(step(Upper()), vectors=no_vectors)]
    cascade = Cascade(linear, steps, lambda name, exc: told.append((name, type(exc).__name__)))
    assert await cascade.vectors(["一", "二"]) is None
    assert told == [("encoder", "ModelBroken")]


async def test_only_a_tier_that_has_vectors_is_asked_for_them(linear: LinearTier) -> None:
    upper = Upper(name="llm")
    assert await Cascade(linear, [step(upper)]).vectors(["一"]) is None
    assert upper.batches == []
