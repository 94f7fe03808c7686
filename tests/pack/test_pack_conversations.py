from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from answering_pack import write_pack
from kefu.errors import PackError
from kefu.messages import Decision, Intent, Meaning, SessionId, Source, Turn, TurnId
from kefu.pack.conversations import Expected, compare, filled, read_conversations

GOOD = """
conversations:
  - name: 查订单
    user: {id: U1, tier: vip}
    locale: zh
    turns:
      - say: 查{{ order }}
        intents: [state]
        reply: ["{{order}}", 待发货]
        not: 退款
        source: flow
        flow: ""
        slots: {order: "{{order}}"}
        handoff: false
      - {say: 谢谢}
"""


def turn(**changed: Any) -> Turn:
    values: dict[str, Any] = {
        "session": SessionId("s"),
        "seq": 0,
        "turn_id": TurnId("t"),
        "text": "",
        "reply": "",
        "said": "A1是待发货。",
        "meaning": Meaning((Intent("state", 0.9),)),
        "decision": Decision((), ""),
        "source": Source.FLOW,
        "slots": {"order": "A1"},
        "flow": None,
        "turns": 1,
    }
    return Turn(**{**values, **changed})


def read(tmp_path: Path, text: str) -> Any:
    return read_conversations(write_pack(tmp_path, {"conversations/a.yaml": text}))


def test_a_test_is_read_filled_and_met(tmp_path: Path) -> None:
    (conversation,) = read(tmp_path, GOOD)
    assert (conversation.caller.user_id, conversation.caller.tier) == ("U1", "vip")
    first = filled(conversation.turns[0], {"order": "A1"})
    assert first.say == "查A1"
    assert compare(first, turn()) == ()
    assert filled(conversation.turns[1], {}) == Expected("谢谢")


def test_every_difference_is_told(tmp_path: Path) -> None:
    (conversation,) = read(tmp_path, GOOD)
    first = filled(conversation.turns[0], {"order": "A1"})
    other = turn(
        said="要退款吗",
        meaning=Meaning((Intent("a", 1.0), Intent("b", 1.0))),
        source=Source.LLM,
        flow="refund",
        slots={},
        handoff=True,
    )
    misses = {(miss.what, miss.expected, miss.found) for miss in compare(first, other)}
    assert misses == {
        ("intents", "state", "a, b"),
        ("source", "flow", "llm"),
        ("flow", "", "refund"),
        ("handoff", "false", "true"),
        ("reply", "A1", "要退款吗"),
        ("reply", "待发货", "要退款吗"),
        ("not", "退款", "要退款吗"),
        ("slots.order", "A1", "-"),
    }


def test_slots_are_compared_as_the_customer_sees_them() -> None:
    masked = turn(slots={"address": "<ADDRESS_1>"}, vault={"<ADDRESS_1>": "朝阳区"})
    assert compare(Expected("x", slots={"address": "朝阳区"}), masked) == ()


def test_an_unknown_fixture_is_named() -> None:
    with pytest.raises(PackError, match=r"\{\{x\}\} is not a fixture.*known are a, b"):
        filled(Expected("{{x}}"), {"b": "", "a": ""})


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("[]", "must be a mapping"),
        ("conversations: [{name: a}]", "conversations[0]: 'turns' is missing"),
        ("conversations: [{name: a, turns: []}]", "turns: there is no turn"),
        ("conversations: [{name: a, turns: [{sya: b}]}]", "turns[0]: unknown key 'sya'"),
        (
            "conversations: [{name: a, user: {tier: gold}, turns: [{say: b}]}]",
            "user.tier: must be standard or vip",
        ),
        (
            "conversations: [{name: a, locale: fr, turns: [{say: b}]}]",
            "locale: must be one of zh, en",
        ),
        (
            "conversations: [{name: a, turns: [{say: b, handoff: 3}]}]",
            "turns[0].handoff: must be true or false",
        ),
    ],
)
def test_a_wrong_test_is_named(tmp_path: Path, text: str, complaint: str) -> None:
    with pytest.raises(PackError) as error:
        read(tmp_path, text)
    assert complaint in str(error.value)
    assert str(error.value).startswith("conversations/a.yaml")
