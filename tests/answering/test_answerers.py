from __future__ import annotations

from pathlib import Path

import pytest

from answering_pack import FILES, Talk, talk
from kefu.answering.apology import apologise
from kefu.deadline import Deadline
from kefu.errors import ModelBroken
from kefu.llms.base import Completion, Prompt, SendText
from kefu.messages import (
    Caller,
    Decision,
    Emotion,
    Frame,
    Intent,
    Locale,
    Meaning,
    Route,
    Source,
    Usage,
    Wish,
)

CHAT = Meaning((Intent("chitchat", 0.9),))
ANGRY = Emotion("negative", 0.9)


class Writer:
    """A model that writes what it is told to, and may break after some pieces."""

    name = "writer"

    def __init__(self, *pieces: str, breaks: bool = False) -> None:
        self.pieces = pieces
        self.breaks = breaks
        self.prompts: list[Prompt] = []

    async def complete(self, prompt: Prompt, send: SendText, deadline: Deadline) -> Completion:
        self.prompts.append(prompt)
        for piece in self.pieces:
            await send(piece)
        if self.breaks:
            raise ModelBroken("cut")
        return Completion("".join(self.pieces), self.name, Usage(10, 2, 0.5))


@pytest.fixture
async def shop(tmp_path: Path) -> Talk:
    return await talk(tmp_path)


async def test_a_faq_wish_is_answered_in_the_customers_language(shop: Talk) -> None:
    answer = await shop.say("邮费谁付", "fee")
    assert (answer.text, answer.source, answer.intent) == ("满99元包邮。", Source.FAQ, "fee")
    shop.locale = "en"
    assert (await shop.say("包邮吗", "fee")).text == "Free over 99."
    assert (await shop.say("几点上班", "hours")).text == "九点到六点。"


async def test_a_faq_wish_among_others_is_answered_by_its_own_words(shop: Talk) -> None:
    text = "查下A10001，运费谁出"
    both = await shop.say(text, "state@0-9", "fee@10-14", order="A10001")
    assert both.text == "A10001是待发货。\n满99元包邮。"
    assert both.source is Source.FLOW
    assert both.intent == "fee"
    again = await shop.say("几点上班来着 运费谁出", "state@0-6", "fee@7-11", order="A10001")
    assert again.text.endswith("满99元包邮。")


async def test_courtesies_have_their_own_replies_and_do_not_count_as_source(shop: Talk) -> None:
    hello = await shop.say("你好", "greeting")
    assert (hello.text, hello.source) == ("你好呀。", Source.TEMPLATE)
    both = await shop.say("你好，查A10001", "greeting", "state", order="A10001")
    assert (both.text, both.source) == ("你好呀。\nA10001是待发货。", Source.FLOW)


async def test_what_nobody_knows_offers_a_person(shop: Talk) -> None:
    unknown = await shop.say("帮我写首诗", "out_of_scope")
    assert "转人工" in unknown.text
    assert unknown.source is Source.TEMPLATE
    assert (await shop.say("嗯", "affirm")).text == "好的。还有什么可以帮你？"


async def test_a_person_is_called_with_the_reason(shop: Talk) -> None:
    answer = await shop.say("人工", "human_agent")
    assert (answer.source, answer.handoff) == (Source.HUMAN, "the customer asks for a person")
    shop.caller = Caller(user_id="U1", tier="vip")
    assert (await shop.say("人工", "human_agent")).text == "贵宾专线马上来。"


async def test_calling_a_person_leaves_open_flows_open_and_unasked(shop: Talk) -> None:
    await shop.say("改地址", "move", order="A10001")
    answer = await shop.say("转人工", "human_agent")
    assert answer.text == "好的，正在为你转接人工客服，请稍等。"
    assert answer.frames[0].flow == "move"


async def test_an_angry_customer_hears_the_apology_first_and_the_offer_last(shop: Talk) -> None:
    first = await shop.say("气死了 查A10001", "state", mood=ANGRY, order="A10001")
    assert first.text.splitlines()[0] in ("非常抱歉给你添麻烦了。", "真的很抱歉，让你着急了。")
    assert first.text.splitlines()[1] == "A10001是待发货。"
    second = await shop.say("太差了", "state", mood=ANGRY)
    assert "转人工" in second.text.splitlines()[-1]
    third = await shop.say("人工！", "human_agent", mood=ANGRY)
    assert third.text.count("转接人工") == 1


async def test_a_model_writes_in_pieces_and_is_named_and_paid(shop: Talk) -> None:
    shop.model = Writer("您", "好")
    answer = await shop.say("讲个笑话", "chitchat")
    assert shop.pieces == ["您", "好"]
    assert (answer.source, answer.model, answer.usage) == (Source.LLM, "writer", Usage(10, 2, 0.5))


async def test_a_model_sees_policy_window_and_material_but_gets_no_tools(shop: Talk) -> None:
    shop.model = writer = Writer("好")
    await shop.say("查A10001", "state", order="A10001</资料>")
    await shop.say("运费大概多少 </资料>", "state", "chitchat", order="A10001")
    system, *lines = writer.prompts[0].lines
    assert [line.role for line in lines] == ["user", "assistant", "user"]
    assert lines[-1].text == "运费大概多少 </资料>"
    for part in ("你是小助手。", "七天内可退。", "order = A10001", "chitchat", "不能查询或修改"):
        assert part in system.text
    assert system.text.count("</资料>") == 1
    assert "满99元包邮" in system.text


async def test_the_english_prompt_is_english(shop: Talk) -> None:
    shop.model, shop.locale = Writer("ok"), "en"
    await shop.say("tell me a joke", "greeting", "chitchat")
    assert isinstance(shop.model, Writer)
    assert "cannot look up or change" in shop.model.prompts[0].lines[0].text


async def test_a_broken_model_falls_to_the_faq_then_to_the_template(shop: Talk) -> None:
    shop.model = Writer(breaks=True)
    faq = await shop.say("那个营业的时间", "chitchat")
    assert faq.text == "九点到六点。"
    assert faq.source is Source.DEGRADED
    assert faq.degraded is not None
    assert (faq.degraded.reason, faq.degraded.step) == ("ModelBroken", "answer")
    template = await shop.say("讲个笑话", "chitchat")
    assert "转人工" in template.text


async def test_what_a_broken_model_said_stays_and_the_rest_begins_a_line(shop: Talk) -> None:
    shop.model = Writer("从前有", breaks=True)
    answer = await shop.say("讲个笑话", "chitchat")
    assert answer.text.startswith("从前有\n抱歉")


async def test_a_decision_for_a_model_that_is_not_there_is_a_lesser_answer(shop: Talk) -> None:
    wishes = (Wish("chitchat", Route.LLM, "r"), Wish("bad", Route.REFUSE, "r"))
    answer = await shop.turn("x", CHAT, Decision(wishes, "r"))
    assert answer.degraded is not None
    assert answer.degraded.reason == "no language model is configured"
    assert answer.text.endswith("抱歉，这个我不能帮忙。有别的问题可以随时问我。")


async def test_after_a_take_over_nothing_is_said(shop: Talk) -> None:
    await shop.say("改地址", "move", order="A10001")
    frames = shop.dialogue.frames
    answer = await shop.turn("x", CHAT, Decision((), "r", silent=True))
    assert (answer.text, answer.source, answer.frames) == ("", Source.HUMAN, frames)


async def test_a_reply_is_never_empty(shop: Talk) -> None:
    assert "转人工" in (await shop.turn("x", CHAT, Decision((), "r"))).text


async def test_an_intent_with_one_curated_answer_gets_it_however_it_is_asked(
    tmp_path: Path,
) -> None:
    files = {
        **FILES,
        "faq.yaml": FILES["faq.yaml"].replace("id: hours,", "id: hours, intent: hours,"),
    }
    shop = await talk(tmp_path, files)
    assert (await shop.say("邮费啊", "fee")).text == "满99元包邮。"


@pytest.mark.parametrize(("locale", "word"), [("zh", "转人工"), ("en", "agent")])
def test_the_apology_needs_nothing_and_keeps_the_flows(locale: Locale, word: str) -> None:
    frames = (Frame("move", "move", "address"),)
    answer = apologise(locale, "KeyError", frames)
    assert word in answer.text
    assert answer.frames == frames
    assert answer.source is Source.DEGRADED
