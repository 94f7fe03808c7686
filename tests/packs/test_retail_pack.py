"""The pack as a whole: it loads, its flows fit its tools, every text has both languages."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from kefu.deadline import Deadline
from kefu.pack.conversations import read_conversations
from kefu.pack.pack import Pack, load
from kefu.pack.replies import LOCALES, Wording
from kefu.pack.toolbox import Toolbox
from kefu.pack.tools import Customer

AsCustomer = Callable[..., Customer]
RETAIL = Path(__file__).parents[2] / "packs" / "retail"
ANSWERED_OTHERWISE = {
    "greeting", "thanks_bye", "affirm", "deny", "inform", "chitchat", "out_of_scope", "human_agent",
}  # fmt: skip


@pytest.fixture(scope="module")
def retail() -> Pack:
    """The pack."""
    return load(RETAIL)


def test_every_business_intent_has_a_flow(retail: Pack) -> None:
    assert len(retail.intents) == 42
    assert set(retail.intents) - retail.starters.keys() == ANSWERED_OTHERWISE
    assert set(retail.settings["intents"]) == set(retail.intents)


def test_faq_settings_name_intents_of_the_pack(retail: Pack) -> None:
    named = {*retail.settings["faq_intents"], *retail.settings["faq_when_sure"]}
    assert named <= set(retail.intents)


def _wordings(value: Any) -> Iterator[Wording]:
    for name in value:
        yield value[name]


def test_every_text_of_a_flow_has_both_languages(retail: Pack) -> None:
    for wording in _wordings(retail.replies):
        assert set(wording.variants) == set(LOCALES), wording.name


def test_chinese_texts_use_chinese_punctuation() -> None:
    half = re.compile(r"[\u4e00-\u9fff}][,?!;](?=[\u4e00-\u9fff{\s]|$)")
    for file in (RETAIL / "replies").glob("flows*.yaml"):
        for number, line in enumerate(file.read_text("utf-8").splitlines(), 1):
            text = line.partition("zh:")[2]
            assert not half.search(text.replace("',", "")), f"{file.name}:{number}: {line}"


def test_there_are_enough_conversations_of_a_useful_length() -> None:
    conversations = read_conversations(RETAIL)
    assert len(conversations) >= 60
    assert all(3 <= len(one.turns) <= 12 for one in conversations)
    assert len({one.name for one in conversations}) == len(conversations)


async def test_the_flows_fit_the_tools(
    retail: Pack, shop_dir: Path, as_customer: AsCustomer
) -> None:
    toolbox = await Toolbox.connect(retail, shop_dir)
    picked = await toolbox.look(
        "pick_order", as_customer(), {"states": ["paid"]}, Deadline.after(5)
    )
    assert picked["count"] == "one"
    await toolbox.close()
