"""Moods in the light of the conversation."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from kefu.dialogue.trajectory import Trajectory
from kefu.messages import Emotion, Mood
from kefu.understanding.context import ReadingContext
from kefu.understanding.reader import Reader
from kefu.understanding.tiers import open_reader
from kefu.understanding.trajectory import CALM, Leaning, lean, settle, trouble

NOW = datetime(2026, 11, 21, 2, 30, tzinfo=UTC)
MODEL = Path(__file__).parents[2] / "packs" / "retail" / "model"
ANGRY = Leaning(heat=0.7, open=0.7, known=0.9)
SETTLED = Leaning(heat=0.2, open=0.1, known=0.3)
GOOD, PLAIN = Emotion("positive", 0.9), Emotion("neutral", 0.9)


@pytest.mark.parametrize(
    ("text", "heard", "leaning", "label", "sarcasm"),
    [
        # A calm conversation changes nothing.
        ("好的", GOOD, CALM, "positive", False),
        ("呵呵", PLAIN, CALM, "neutral", False),
        ("你们真快", GOOD, CALM, "positive", False),
        # After trouble politeness is no joy, and praise is none.
        ("好的", GOOD, ANGRY, "neutral", False),
        ("嗯嗯好的", Emotion("positive", 0.6), ANGRY, "neutral", False),
        ("呵呵", PLAIN, ANGRY, "negative", False),
        ("行吧", PLAIN, ANGRY, "negative", False),
        ("随便你们吧", PLAIN, ANGRY, "negative", False),
        ("whatever", PLAIN, ANGRY, "negative", False),
        ("你们真行", GOOD, ANGRY, "negative", True),
        ("可以可以", GOOD, ANGRY, "negative", True),
        ("厉害了!", GOOD, ANGRY, "negative", True),
        ("👏👏", PLAIN, ANGRY, "negative", True),
        ("great job", GOOD, ANGRY, "negative", True),
        ("这效率真是一流", GOOD, ANGRY, "negative", True),
        # Thanks are thanks, unless they are curt and nothing is solved.
        ("谢谢啊", GOOD, ANGRY, "neutral", False),
        ("谢谢你帮我处理", GOOD, ANGRY, "positive", False),
        ("已经解决了,真快", GOOD, ANGRY, "positive", False),
        ("谢谢", GOOD, SETTLED, "positive", False),
        ("真棒", GOOD, SETTLED, "positive", False),
        # An answer to the bot's question is an answer.
        ("行吧", PLAIN, Leaning(0.7, 0.7, 0.9, asked=True), "neutral", False),
        # What is said with words of its own stays.
        ("怎么退货", PLAIN, ANGRY, "neutral", False),
        ("太喜欢了,超出预期", GOOD, ANGRY, "positive", False),
        ("你们真快,昨天下单今天就到了", GOOD, ANGRY, "positive", False),
        ("颜色不喜欢,退了吧", Emotion("neutral", 0.6), ANGRY, "neutral", False),
        ("你们真快,五天了才走到隔壁", Emotion("positive", 0.5), ANGRY, "negative", True),
    ],
)
def test_what_is_known_settles_what_is_unsure(
    text: str, heard: Emotion, leaning: Leaning, label: Mood, sarcasm: bool
) -> None:
    emotion = settle(heard, text, leaning)
    assert (emotion.label, emotion.sarcasm) == (label, sarcasm)
    assert 0.0 <= emotion.score <= 1.0


@pytest.mark.parametrize(
    ("text", "least", "most"),
    [
        ("等了三天还没发货", 0.7, 1.0),
        ("收到的杯子碎了", 0.3, 0.5),
        ("催了三次了没人理", 0.7, 1.0),
        ("i waited two weeks and it still has not arrived", 0.3, 1.0),
        ("什么时候发货", 0.0, 0.0),
        ("已经解决了,谢谢", 0.0, 0.0),
    ],
)
def test_trouble_is_what_went_wrong_in_whatever_tone(text: str, least: float, most: float) -> None:
    assert least <= trouble(text) <= most


@pytest.mark.parametrize(
    ("date", "topic", "known"),
    [
        ("2026-11-11", "order_urge", True),
        ("2026-11-20", "order_urge", False),  # yesterday: nothing is late
        ("2026-11-30", "order_urge", False),
        ("2025-11-11", "order_urge", False),  # long forgotten
        ("2026-10", "order_urge", False),
        ("2026-11-11", None, False),
    ],
)
def test_a_date_long_past_is_waiting(date: str, topic: str | None, known: bool) -> None:
    context = ReadingContext(NOW, topic=topic, slots={"date": date})
    assert (lean(context, {"date"}).known > 0) is known
    assert lean(context).known == 0


def test_earlier_moods_lean_in_tenths() -> None:
    context = ReadingContext(NOW, mood=Trajectory(heat=0.52, trouble=0.34))
    assert lean(context) == Leaning(0.5, 0.3, 0.7)


@pytest.fixture
async def reader() -> Reader:
    return await open_reader(MODEL)


async def moods(reader: Reader, *texts: str) -> list[str]:
    """The label of each message, after all before it; ironic ones with a star."""
    found: list[str] = []
    for at, text in enumerate(texts):
        turns = [{"role": "user", "text": one} for one in texts[:at]]
        context = await reader.after(turns, NOW)
        emotion = (await reader.read_all([text], context))[0].emotion
        found.append(emotion.label + "*" * emotion.sarcasm)
    return found


async def test_a_long_wait_ends_in_irony_and_a_sour_yes(reader: Reader) -> None:
    journey = await moods(
        reader,
        "订单2026365636898080怎么还没发货",
        "等了五天了，到底发不发",
        "你们就这么糊弄人？太差劲了",
        "好的",
        "厉害了",
    )
    assert journey[2:] == ["negative", "neutral", "negative*"]


async def test_a_late_order_makes_praise_ironic(reader: Reader) -> None:
    journey = await moods(reader, "你好", "我11号下的单", "还没到吗", "这效率真是一流")
    assert journey[-1] == "negative*"


async def test_a_solved_request_ends_the_anger(reader: Reader) -> None:
    journey = await moods(
        reader,
        "垃圾客服，问了三遍都不回",
        "说话不算话，骗子",
        "已经解决了，谢谢",
        "好的",
        "谢谢你，真棒",
    )
    assert journey == ["negative", "negative", "positive", "neutral", "positive"]


async def test_thanks_after_a_refund_are_no_irony(reader: Reader) -> None:
    journey = await moods(reader, "收到的杯子碎了", "我要退款", "好的谢谢", "谢谢，处理得很快")
    assert "negative" not in journey[2:]
    assert journey[-1] == "positive"


async def test_a_calm_customer_stays_calm(reader: Reader) -> None:
    journey = await moods(
        reader, "空调制冷吗", "有白色的吗", "多少钱", "什么时候能送", "好的", "知道了", "谢谢"
    )
    assert journey[:-1] == ["neutral"] * 6
    assert journey[-1] == "positive"


async def test_english_irony_needs_trouble_too(reader: Reader) -> None:
    journey = await moods(
        reader,
        "I waited two weeks and it still has not arrived",
        "nobody answers my emails, useless",
        "great job",
        "ok",
    )
    assert journey == ["negative", "negative", "negative*", "neutral"]
