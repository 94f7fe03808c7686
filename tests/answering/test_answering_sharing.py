"""What belongs to whom: choices to the flow that offered them, words to the wish that said them."""

from __future__ import annotations

from pathlib import Path

import pytest

from answering_pack import FILES, Talk, talk
from kefu.answering.flows.picking import names, picked
from kefu.deciding.chooser import Chooser, Situation
from kefu.deciding.rules import Circumstances, Rules
from kefu.dialogue.state import Dialogue
from kefu.knowledge.faq import FaqEntry, Hit
from kefu.messages import Asked, Intent, Meaning, Route, Slot

MORE = {
    "flows/other.yaml": """
flow: other
intents: [other]
title: 另一件
slots: {order: {learn: $what.id}}
steps:
  - look: pick
    with: {order: $order}
    as: what
  - ask: order
    text: which
    choices: [C30003, D40004]
  - say: {zh: "选了{order}", en: "{order}"}
""",
    "flows/diary.yaml": """
flow: diary
intents: [diary]
title: 留言
slots: {words: {wish: true, fresh: true}, order: {}}
steps:
  - if: {said.order: {known: true}}
    then: [{say: {zh: "关于{said.order}", en: "on {said.order}"}}]
  - confirm: {zh: "记下“{words}”吗?", en: "note {words}?"}
    do: add_note
    with: {note: $words}
    as: done
    yes: [{say: noted}]
""",
    "flows/forget.yaml": """
flow: forget
intents: [forget]
title: 忘记
slots: {order: {learn: $gone.id}}
steps:
  - look: nothing
    as: gone
  - say: none
""",
}
TOOLS = FILES["tools.py"].replace(
    "    @look\n    async def first",
    "    @look\n    async def nothing(self, customer):\n        return {'id': ''}\n\n"
    "    @look\n    async def first",
)


@pytest.fixture
async def lab(tmp_path: Path) -> Talk:
    return await talk(tmp_path, {**FILES, **MORE, "tools.py": TOOLS})


async def test_a_choice_answers_only_the_flow_that_offered_it(lab: Talk) -> None:
    await lab.say("改地址", "move")
    await lab.say("另一件", "other")
    picked_one = await lab.say("C30003")
    assert picked_one.text.startswith("选了C30003")
    assert [frame.flow for frame in picked_one.frames] == ["move"]
    assert picked_one.frames[0].waiting == "order"


async def test_a_yes_is_only_to_an_effect_of_the_last_reply(lab: Talk) -> None:
    await lab.say("包装结实点", "diary")
    other = await lab.say("改地址", "move")
    assert "记下" not in other.text
    assert "备注好了" not in (await lab.say("好", "affirm")).text
    await lab.say("第一个")
    assert "记下“包装结实点”吗?" in (await lab.say("算了", "deny")).text
    assert (await lab.say("好", "affirm")).text == "备注好了：包装结实点"


async def test_a_pick_is_no_yes(lab: Talk) -> None:
    await lab.say("包装结实点", "diary")
    assert (await lab.say("第一个", "affirm")).text == "记下“包装结实点”吗?"


async def test_a_bare_choice_is_an_answer_whatever_it_means_elsewhere(lab: Talk) -> None:
    await lab.say("改地址", "move")
    answer = await lab.say("A10001吧", "state")
    assert answer.text == "新地址是?"


async def test_the_words_of_a_wish_are_a_value_and_stay_while_it_is_open(lab: Talk) -> None:
    asked = await lab.say("包装结实点", "diary")
    assert asked.text == "记下“包装结实点”吗?"
    assert (await lab.say("好", "affirm")).text == "备注好了：包装结实点"


async def test_the_slots_of_this_very_message_are_in_scope(lab: Talk) -> None:
    assert (await lab.say("A10001的留言", "diary", order="A10001")).text.startswith("关于A10001")


async def test_an_empty_text_forgets_a_slot(lab: Talk) -> None:
    await lab.say("查A10001", "state", order="A10001")
    await lab.say("忘了吧", "forget")
    assert (await lab.say("查订单", "state")).text.startswith("哪一个?")


async def test_a_free_answer_may_sound_like_the_wish_itself(lab: Talk) -> None:
    await lab.say("备注", "note")
    assert (await lab.say("放门口备注一下", "note")).text == "备注“放门口备注一下”吗?"


def test_a_pick_may_come_first_and_more_after_it() -> None:
    choices = ("红的", "蓝的")
    assert picked("第二个,改到上海市徐汇区漕溪北路88号1203室", choices) == "蓝的"
    assert picked("这个东西第二个星期才能到的话我就不太想要了", choices) is None


def test_politeness_around_a_choice_does_not_hide_it() -> None:
    assert names("就红色吧", ("红色", "蓝色"))
    assert not names("红色和蓝色", ("红色", "蓝色"))


@pytest.mark.parametrize(
    ("score", "slots", "route"),
    [(0.8, (), Route.FAQ), (0.6, (), Route.FLOW), (0.8, (Slot("id", "1", "1"),), Route.FLOW)],
)
def test_only_a_sure_hit_on_nothing_particular_goes_before_some_flows(
    score: float, slots: tuple[Slot, ...], route: Route
) -> None:
    rules = Rules({"pay": "pay"}, faq_when_sure=frozenset({"pay"}))
    hits = (Hit(FaqEntry("q", ("问",), {"zh": "答"}), score),)
    meaning = Meaning((Intent("pay", 0.9),), slots)
    situation = Situation(
        Asked("…", "zh"), meaning, Dialogue(), lambda _: hits, Circumstances(llm=False)
    )
    assert Chooser(rules).choose(situation).wishes[0].route is route
