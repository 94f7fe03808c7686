from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from answering_pack import FILES, Talk, talk
from kefu.messages import Caller, Source


@pytest.fixture
async def shop(tmp_path: Path) -> Talk:
    return await talk(tmp_path)


def owner(shop: Talk) -> Any:
    return shop.toolbox._owner


async def test_a_flow_asks_offers_choices_confirms_and_changes_once(shop: Talk) -> None:
    which = await shop.say("改地址", "move")
    assert which.text == "哪一个?\n1. A10001\n2. B20002"
    assert which.quick == ("A10001", "B20002")
    assert which.source is Source.FLOW
    where = await shop.say("第二个")
    assert where.text == "新地址是?"
    assert where.slots["order"] == "B20002"
    sure = await shop.say("朝阳区", address="朝阳区")
    assert sure.text == "把B20002改到朝阳区,电话<PHONE_1>,可以吗?"
    assert sure.quick == ("是", "否")
    assert shop.dialogue.vault == {"<PHONE_1>": "13800138000"}
    assert owner(shop).changes == []
    done = await shop.say("好的，改吧", "affirm")
    assert done.text == "B20002已改到<ADDRESS_1>。"
    assert done.frames == ()
    assert owner(shop).changes == [("B20002", "朝阳区")]
    assert owner(shop).keys == {"s:3:move": "B20002"}
    assert shop.dialogue.topic == "move"


@pytest.mark.parametrize(
    "said", ["第二个", "2", "就第2个吧", "0002", "尾号0002那个", "B20002", "second"]
)
async def test_a_choice_is_picked_in_many_ways(shop: Talk, said: str) -> None:
    await shop.say("查订单", "state")
    assert (await shop.say(said)).text == "B20002是已发货。"


async def test_an_answer_that_is_mistaken_for_small_talk_still_counts(shop: Talk) -> None:
    await shop.say("查订单", "state")
    assert (await shop.say("第一个", "out_of_scope")).text == "A10001是待发货。"


async def test_a_confirmation_holds_only_for_the_effect_that_was_shown(shop: Talk) -> None:
    await shop.say("改地址", "move", order="A10001", address="朝阳区")
    again = await shop.say("好的，改到海淀区", "affirm", address="海淀区")
    assert again.text == "信息有变化，请再确认一次。\n把A10001改到海淀区,电话<PHONE_1>,可以吗?"
    assert owner(shop).changes == []
    await shop.say("是的", "affirm")
    assert owner(shop).changes == [("A10001", "海淀区")]


async def test_a_correction_replaces_the_slot_and_shows_the_new_effect(shop: Talk) -> None:
    await shop.say("改地址", "move", order="A10001", address="朝阳区")
    again = await shop.say("不对，是尾号0002那个", "deny", "inform", corrects=True, order="0002")
    assert again.text == "把B20002改到朝阳区,电话<PHONE_1>,可以吗?"
    await shop.say("嗯", "affirm")
    assert owner(shop).changes == [("B20002", "朝阳区")]


async def test_a_correction_after_the_flow_is_done_runs_it_again(shop: Talk) -> None:
    await shop.say("查订单", "state", order="A10001")
    again = await shop.say("不对，是0002", "deny", "inform", corrects=True, order="A10001|0002")
    assert again.text == "B20002是已发货。"
    assert shop.dialogue.slots["order"] == "B20002"


async def test_no_leaves_everything_alone(shop: Talk) -> None:
    await shop.say("改地址", "move", order="A10001", address="朝阳区")
    left = await shop.say("不用了", "deny")
    assert (left.text, left.frames) == ("好的，不改了。", ())
    assert owner(shop).changes == []


async def test_a_question_or_a_doubt_is_no_yes(shop: Talk) -> None:
    await shop.say("改地址", "move", order="A10001", address="朝阳区")
    for said in ("可以改吗?", "先别改", "不是这样"):
        await shop.say(said, "affirm")
    assert owner(shop).changes == []


async def test_never_mind_closes_an_open_question(shop: Talk) -> None:
    await shop.say("改地址", "move", order="A10001")
    closed = await shop.say("算了", "deny")
    assert (closed.text, closed.frames) == ("好的，改地址先不办了。", ())


async def test_never_mind_closes_and_the_new_wish_goes_on(shop: Talk) -> None:
    await shop.say("改地址", "move", order="A10001")
    other = await shop.say("不用了，查下订单", "deny", "state")
    assert other.text == "好的，改地址先不办了。\nA10001是待发货。"
    assert other.frames == ()


async def test_several_wishes_share_one_question_and_go_on_together(shop: Talk) -> None:
    which = await shop.say("查订单，改地址，催一下", "state", "move", "urge")
    assert which.text.count("哪一个?") == 1
    assert [frame.flow for frame in which.frames] == ["state", "move", "urge"]
    all_on = await shop.say("第一个")
    assert all_on.text == "A10001是待发货。\n新地址是?\n要催A10001吗?"
    assert [frame.waiting for frame in all_on.frames] == ["address", "confirm"]
    urged = await shop.say("好的", "affirm")
    assert urged.text == "新地址是?\n已催A10001。"


async def test_only_one_effect_is_put_to_the_customer_at_a_time(shop: Talk) -> None:
    both = await shop.say("催一下，改到朝阳区", "urge", "move", order="A10001", address="朝阳区")
    assert both.text == "A10001是待发货。\n要催A10001吗?"
    assert [frame.effect is None for frame in both.frames] == [False, True]
    then = await shop.say("好", "affirm")
    assert then.text == "已催A10001。\n把A10001改到朝阳区,电话<PHONE_1>,可以吗?"
    assert owner(shop).changes == []
    await shop.say("好", "affirm")
    assert owner(shop).changes == [("A10001", "朝阳区")]


async def test_another_topic_is_answered_and_the_open_question_put_again(shop: Talk) -> None:
    await shop.say("改地址", "move", order="A10001")
    jump = await shop.say("运费谁出", "fee")
    assert jump.text == "满99元包邮。\n新地址是?"
    assert jump.source is Source.FAQ
    assert jump.frames[0].tries == 0
    other = await shop.say("查下B20002", "state", order="B20002")
    assert other.text == "B20002是已发货。\n新地址是?"
    back = await shop.say("朝阳区", address="朝阳区")
    assert back.text.startswith("把A10001改到朝阳区")


async def test_a_new_question_silences_the_old_one_until_it_is_answered(shop: Talk) -> None:
    await shop.say("备注一下", "note")
    jump = await shop.say("改地址", "move", order="A10001")
    assert jump.text == "新地址是?"
    assert [frame.flow for frame in jump.frames] == ["move", "note"]
    await shop.say("朝阳区", address="朝阳区")
    done = await shop.say("好", "affirm")
    assert done.text == "A10001已改到<ADDRESS_1>。\n什么原因?"


async def test_the_same_wish_again_is_the_same_frame(shop: Talk) -> None:
    await shop.say("改地址", "move", order="A10001")
    again = await shop.say("改地址改到朝阳区", "move", address="朝阳区")
    assert [frame.flow for frame in again.frames] == ["move"]
    assert again.text.startswith("把A10001改到朝阳区")


async def test_naming_an_open_flow_brings_it_to_the_front(shop: Talk) -> None:
    await shop.say("备注一下", "note")
    await shop.say("改地址", "move", order="A10001")
    front = await shop.say("先备注", "note")
    assert front.text == "什么原因?"
    assert [frame.flow for frame in front.frames] == ["note", "move"]


async def test_a_fresh_slot_is_not_inherited_and_a_known_one_is(shop: Talk) -> None:
    await shop.say("改地址", "move", order="A10001", address="朝阳区")
    await shop.say("好", "affirm")
    again = await shop.say("再改一次地址", "move")
    assert again.text == "新地址是?"


async def test_answers_that_miss_lead_to_a_person_not_to_a_loop(shop: Talk) -> None:
    await shop.say("改地址", "move", order="A10001")
    texts = [(await shop.say("啊", "inform")).text for _ in range(3)]
    assert texts[:2] == ["新地址是?", "新地址是?"]
    assert "转人工" in texts[2]
    assert shop.dialogue.frames == ()


async def test_a_free_slot_takes_the_whole_answer(shop: Talk) -> None:
    await shop.say("备注", "note")
    sure = await shop.say("请用红色丝带包装", "out_of_scope")
    assert sure.text == "备注“请用红色丝带包装”吗?"
    done = await shop.say("确认")
    assert done.text == "备注好了：请用红色丝带包装"


async def test_no_as_an_answer_to_a_free_question_is_an_answer(shop: Talk) -> None:
    await shop.say("备注", "note")
    assert (await shop.say("没有特别的", "deny")).text == "备注“没有特别的”吗?"
    await shop.say("不", "deny")
    await shop.say("备注", "note")
    assert (await shop.say("算了", "deny")).frames == ()


async def test_a_slot_may_take_the_words_of_the_wish(tmp_path: Path) -> None:
    note = FILES["flows/note.yaml"].replace("free: true", "free: true, wish: true")
    shop = await talk(tmp_path, {**FILES, "flows/note.yaml": note})
    assert (await shop.say("请包好看点", "note")).text == "备注“请包好看点”吗?"


async def test_several_values_may_be_joined(tmp_path: Path) -> None:
    note = FILES["flows/note.yaml"].replace("free: true", "join: true")
    shop = await talk(tmp_path, {**FILES, "flows/note.yaml": note})
    assert (await shop.say("黑色43码", "note", note="黑色|43码")).text == "备注“黑色 43码”吗?"


async def test_looks_of_one_step_run_at_the_same_time(shop: Talk) -> None:
    assert (await shop.say("都查", "both")).text == "甲和乙"


async def test_a_failing_look_is_an_apology_and_an_offer_never_an_exception(shop: Talk) -> None:
    owner(shop).broken.add("pick")
    failed = await shop.say("查订单", "state")
    assert failed.text.startswith("抱歉，系统暂时查不到")
    assert "转人工" in failed.text
    assert failed.source is Source.DEGRADED
    assert failed.degraded is not None
    assert failed.degraded.reason == "pick: RuntimeError"


async def test_one_of_two_failing_looks_fails_the_flow(shop: Talk) -> None:
    owner(shop).broken.add("first")
    failed = await shop.say("都查", "both")
    assert failed.degraded is not None
    assert failed.frames == ()


async def test_an_open_flow_survives_a_failing_look(shop: Talk) -> None:
    await shop.say("改地址", "move", order="A10001")
    owner(shop).broken.add("pick")
    assert (await shop.say("朝阳区", address="朝阳区")).frames[0].flow == "move"
    owner(shop).broken.clear()
    assert (await shop.say("朝阳区", address="朝阳区")).text.startswith("把A10001改到朝阳区")


async def test_a_change_without_an_answer_closes_the_flow(shop: Talk) -> None:
    await shop.say("改地址", "move", order="A10001", address="朝阳区")
    owner(shop).broken.add("move")
    unclear = await shop.say("好", "affirm")
    assert "不能确定" in unclear.text
    assert unclear.frames == ()


@pytest.mark.parametrize(
    ("address", "text"), [("火星", "火星送不到。"), ("月球", "抱歉，这一步没有办成。")]
)
async def test_a_refused_change_says_why(shop: Talk, address: str, text: str) -> None:
    await shop.say("改地址", "move", order="A10001", address=address)
    assert (await shop.say("好", "affirm")).text == text


async def test_a_flow_may_hand_over(shop: Talk) -> None:
    asked = await shop.say("专员", "person")
    assert asked.handoff == "需要专员"
    assert asked.text == "好的，正在为你转接人工客服，请稍等。"
    await shop.say("催一下", "urge", order="B20002")
    assert (await shop.say("好", "affirm")).handoff == "催不动"


async def test_a_visitor_is_left_to_the_tools(shop: Talk) -> None:
    shop.caller = Caller()
    assert (await shop.say("查订单", "state")).text == "没有找到订单。"


async def test_a_flow_speaks_the_customers_language(shop: Talk) -> None:
    shop.locale = "en"
    sure = await shop.say("move it to Mars", "move", order="A10001", address="Mars")
    assert sure.text == "Move A10001 to Mars?"
    assert sure.quick == ("Yes", "No")
    assert (await shop.say("yes please", "affirm")).text == "Moved A10001."


async def test_each_wish_takes_the_value_said_with_it(shop: Talk) -> None:
    text = "查A10001，催B20002"
    both = await shop.say(text, "state@0-7", "urge@8-15", order="A10001|B20002")
    assert both.text == "A10001是待发货。\nB20002是已发货。\n要催B20002吗?"


async def test_a_goodbye_leaves_the_open_question_open(shop: Talk) -> None:
    await shop.say("改地址", "move", order="A10001")
    bye = await shop.say("先这样，再见", "thanks_bye")
    assert "新地址" not in bye.text
    assert [frame.flow for frame in bye.frames] == ["move"]


async def test_a_flow_that_left_the_pack_is_forgotten(shop: Talk) -> None:
    await shop.say("改地址", "move", order="A10001")
    flows = dict(shop.pack.flows)
    del flows["move"]
    object.__setattr__(shop.pack, "flows", flows)
    object.__setattr__(shop.pack, "starters", {"state": "state"})
    assert (await shop.say("查订单", "state")).frames == ()


async def test_a_value_called_wrong_is_asked_for_again_and_a_yes_does_nothing(shop: Talk) -> None:
    await shop.say("改地址", "move", order="A10001", address="朝阳区")
    again = await shop.take_back("等下,改成88号", "address")
    assert (again.text, again.frames[0].waiting) == ("新地址是?", "address")
    await shop.say("确认", "affirm")
    assert owner(shop).changes == []
    sure = await shop.say("海淀区", address="海淀区")
    assert sure.text == "把A10001改到海淀区,电话<PHONE_1>,可以吗?"
    await shop.say("确认", "affirm")
    assert owner(shop).changes == [("A10001", "海淀区")]


async def test_taking_back_what_the_open_question_is_not_about_is_no_yes(shop: Talk) -> None:
    await shop.say("改地址", "move", order="A10001", address="朝阳区")
    await shop.take_back("好的,改成88号", "colour")
    assert owner(shop).changes == []


async def test_a_correction_does_not_close_a_flow_that_waits_for_a_value(shop: Talk) -> None:
    await shop.say("改地址", "move", order="A10001")
    open_still = await shop.say("不对", "deny", "inform", corrects=True)
    assert [frame.waiting for frame in open_still.frames] == ["address"]


async def test_a_reason_keeps_the_question_open(shop: Talk) -> None:
    await shop.say("改地址", "move", order="A10001", address="朝阳区")
    kept = await shop.say("不想要了", "inform")
    assert kept.text == "把A10001改到朝阳区,电话<PHONE_1>,可以吗?"
    assert owner(shop).changes == []


async def test_a_yes_after_a_topic_jump_counts_only_where_the_question_came_last(
    shop: Talk,
) -> None:
    await shop.say("改地址", "move", order="A10001", address="朝阳区")
    jump = await shop.say("查订单", "state", order="A10001")
    assert jump.text.endswith("把A10001改到朝阳区,电话<PHONE_1>,可以吗?")
    other = await shop.say("加个备注", "note")
    assert other.text == "什么原因?"
    await shop.say("好的", "affirm")
    assert owner(shop).changes == []


async def test_a_yes_to_the_question_put_again_after_a_topic_jump_counts(shop: Talk) -> None:
    await shop.say("改地址", "move", order="A10001", address="朝阳区")
    await shop.say("查订单", "state", order="A10001")
    await shop.say("好的", "affirm")
    assert owner(shop).changes == [("A10001", "朝阳区")]


async def test_a_question_is_no_free_answer_but_a_request_may_be(shop: Talk) -> None:
    await shop.say("加个备注", "note")
    for said in ("这个多少钱", "明天送行吗?"):
        assert (await shop.say(said, "out_of_scope")).frames[0].waiting == "note"
    assert (await shop.say("能放门口吗", "out_of_scope")).text == "备注“能放门口吗”吗?"
