from __future__ import annotations

import asyncio
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kefu.dialogue.vault import Vault
from kefu.guarding.guard import Guard
from kefu.guarding.moderation import Moderation
from kefu.messages import Piece

WORDS = """# category: abuse
# action: mask
傻逼
傻逼逼人
逼人太甚
fuck
fuck you
坏词
坏词汇总
a片
ass
"""
INNOCENT = "# category: innocent\n# action: allow\n傻逼逼\n好坏词\na片区\n"
HELP = "# category: self_harm\n# action: handover\n自杀\n"
KNOWN = {
    "<PHONE_1>": "13900001111",
    "<NAME_1>": "王小明",
    "<ID_CARD_1>": "11010119900307451X",
}


@pytest.fixture(scope="module")
def guard(tmp_path_factory: pytest.TempPathFactory) -> Guard:
    folder = tmp_path_factory.mktemp("words")
    (folder / "bad.txt").write_text(WORDS, "utf-8")
    (folder / "good.txt").write_text(INNOCENT, "utf-8")
    (folder / "help.txt").write_text(HELP, "utf-8")
    return Guard(Moderation([folder]), public=["客服热线 010-88886666,邮箱 help@shop.example"])


async def run(guard: Guard, pieces: Sequence[str]) -> tuple[str, str, list[str]]:
    sent: list[str] = []

    async def send(text: str) -> None:
        sent.append(text)

    outgoing = guard.outgoing(send, Vault(KNOWN))
    for piece in pieces:
        await outgoing.piece(Piece(piece))
    await outgoing.close()
    return outgoing.reply, outgoing.said, sent


def cuts(text: str, places: Sequence[int]) -> list[str]:
    edges = [0, *sorted({place % (len(text) + 1) for place in places}), len(text)]
    return [text[a:b] for a, b in pairwise(edges)]


FRAGMENTS = [
    "您的电话是",
    "13812345678",
    "138 1234 5678",
    "<PHONE_1>",
    "<PHONE_2>",
    "<NAME_1>",
    "<ID_CARD_1>",
    "<PHO",
    "NE_1>",
    "<",
    ">",
    "傻",
    "逼",
    "逼人",
    "太甚",
    "fuck",
    " you",
    "f u c k",
    "f.",
    "u",
    "坏词",
    "汇总",
    "好",
    "，",
    "。。。",
    "……!",
    "a片",
    "区",
    "a",
    "片",
    "as",
    "fucks",
    "lily@qq.com",
    "lily@",
    "qq.com",
    "银行卡",
    "6222021234567890128",
    "6222 0212 3456 7890 128",
    "订单号",
    "4111111111111111",
    " ",
    "  ",
    "\n",
    "110101199003074514",
    "身份证",
    "010-88886666",
    "010-12345678",
    "1",
    "3800138000",
    "+86",
    "-",
    "(",
    "１３８００１３８０００",
    "傻\u200b逼",
    "cl",
    "l\u200b",
    "ass",
    "\u200b",
    "⑩",
    "自杀",
    "自",
    "hello world ",
    "2 件",
    "护照号",
    "E12345678",
    "😀",
    "_",
    "13900001111",
    "help@shop.example",
]
TEXTS = st.lists(st.sampled_from(FRAGMENTS), max_size=9).map("".join) | st.text(
    "傻逼人太甚坏词汇总a片fuckyo <>PHONE_1@.-0138６，。", max_size=40
)


@given(text=TEXTS, places=st.lists(st.integers(0, 400), max_size=12))
def test_every_cut_gives_what_the_whole_gives(guard: Guard, text: str, places: list[int]) -> None:
    reply, said, _ = asyncio.run(run(guard, [text]))
    cut_reply, cut_said, sent = asyncio.run(run(guard, cuts(text, places)))
    assert (cut_reply, cut_said) == (reply, said)
    assert "".join(sent) == cut_said


@given(text=TEXTS)
def test_one_character_at_a_time_gives_what_the_whole_gives(guard: Guard, text: str) -> None:
    assert asyncio.run(run(guard, list(text)))[:2] == asyncio.run(run(guard, [text]))[:2]


@given(text=TEXTS)
def test_the_record_reveals_exactly_what_was_said(guard: Guard, text: str) -> None:
    reply, said, _ = asyncio.run(run(guard, [text]))
    assert Vault(KNOWN).reveal(reply) == said


@pytest.mark.parametrize(
    ("text", "reply", "said"),
    [
        ("您的电话<PHONE_1>对吗", "您的电话<PHONE_1>对吗", "您的电话13900001111对吗"),
        ("电话<PHONE_7>对吗", "电话对吗", "电话对吗"),
        ("请打13812345678", "请打138****5678", "请打138****5678"),
        ("您说的是13900001111吧", "您说的是<PHONE_1>吧", "您说的是13900001111吧"),
        ("邮箱lily@qq.com", "邮箱l***@qq.com", "邮箱l***@qq.com"),
        (
            "卡号6222021234567890128已绑",
            "卡号6222***********0128已绑",
            "卡号6222***********0128已绑",
        ),
        ("订单号4111111111111111", "订单号4111111111111111", "订单号4111111111111111"),
        ("订单202611180042187已发货", "订单202611180042187已发货", "订单202611180042187已发货"),
        ("热线400-820-8820", "热线400-820-8820", "热线400-820-8820"),
        ("本店电话010-88886666", "本店电话010-88886666", "本店电话010-88886666"),
        ("写信到help@shop.example。", "写信到help@shop.example。", "写信到help@shop.example。"),
        ("你个傻。逼", "你个***", "你个***"),
        ("好坏词不分", "好坏词不分", "好坏词不分"),
        ("如有自杀念头请拨热线", "如有自杀念头请拨热线", "如有自杀念头请拨热线"),
        ("138<PHONE_9>12345678", "138****5678", "138****5678"),
        ("<PHO<PHONE_9>NE_1>", "＜PHONE_1>", "＜PHONE_1>"),
    ],
)
async def test_a_reply_on_its_way_out(guard: Guard, text: str, reply: str, said: str) -> None:
    assert (await run(guard, [text]))[:2] == (reply, said)


async def test_plain_text_is_not_held_back(guard: Guard) -> None:
    sent: list[str] = []

    async def send(text: str) -> None:
        sent.append(text)

    outgoing = guard.outgoing(send, Vault({}))
    for piece in ("亲,", "您的订单", "已经发货。", "Your parcel ", "is on "):
        await outgoing.piece(Piece(piece))
    assert sent == ["亲,", "您的订单", "已经发货。", "Your parcel ", "is on "]


async def test_what_is_held_is_bounded_even_where_a_number_never_ends(guard: Guard) -> None:
    sent: list[str] = []

    async def send(text: str) -> None:
        sent.append(text)

    outgoing = guard.outgoing(send, Vault({}))
    await outgoing.piece(Piece("7" * 1000))
    assert len("".join(sent)) > 800


async def test_closing_twice_sends_nothing_twice(guard: Guard) -> None:
    sent: list[str] = []

    async def send(text: str) -> None:
        sent.append(text)

    outgoing = guard.outgoing(send, Vault({}))
    await outgoing.piece(Piece("傻"))
    await outgoing.close()
    await outgoing.close()
    assert sent == ["傻"]


def test_a_real_folder_of_words_leaves_the_pack_its_own_words() -> None:
    folder = Path(__file__).parents[2] / "packs" / "retail" / "words"
    assert len(Moderation([folder]).words) > 300
