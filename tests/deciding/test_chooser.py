"""Who answers what, as a table."""

from __future__ import annotations

from typing import Any

import pytest

from kefu.deciding.chooser import Chooser, Situation
from kefu.deciding.rules import Circumstances, Rules
from kefu.dialogue.state import Dialogue
from kefu.dialogue.trajectory import Trajectory
from kefu.experiments.assign import CONTROL, Variant
from kefu.knowledge.faq import FaqEntry, Hit
from kefu.messages import (
    Action,
    Asked,
    Decision,
    Emotion,
    Frame,
    Intent,
    Meaning,
    Route,
    Verdict,
)

RULES = Rules(
    flows={"cancel": "cancel_flow", "status": "status_flow"},
    faq_intents=frozenset({"policy"}),
    changing=frozenset({"cancel_flow"}),
)
OPEN = Dialogue(frames=(Frame("cancel_flow", "cancel", "confirm"),), topic="cancel")


def decide(
    *intents: str,
    confidence: float = 0.9,
    dialogue: Dialogue | None = None,
    faq: float = 0.0,
    llm: bool = False,
    seconds: float = 30.0,
    emotion: Emotion | None = None,
    action: Action = "allow",
    injection: float = 0.0,
    text: str = "…",
    faq_intent: str | None = None,
) -> Decision:
    hits = (Hit(FaqEntry("q", ("问",), {"zh": "答"}, faq_intent), faq),) if faq else ()
    meaning = Meaning(
        tuple(Intent(name, confidence) for name in intents), emotion=emotion or Emotion()
    )
    asked = Asked(text, "zh", verdict=Verdict(action), injection=injection)
    situation = Situation(
        asked, meaning, dialogue or Dialogue(), lambda _: hits, Circumstances(llm, seconds)
    )
    return Chooser(RULES).choose(situation)


@pytest.mark.parametrize(
    ("intents", "given", "routes"),
    [
        (("cancel",), {}, [Route.FLOW]),
        (("cancel", "status"), {}, [Route.FLOW, Route.FLOW]),
        (("cancel",), {"confidence": 0.1, "faq": 0.9}, [Route.FAQ]),
        (("policy",), {"faq": 0.5}, [Route.FAQ]),
        (("policy",), {"faq": 0.2}, [Route.TEMPLATE]),
        (("policy",), {"faq": 0.2, "llm": True}, [Route.LLM]),
        (("out_of_scope",), {"faq": 0.8}, [Route.FAQ]),
        (("out_of_scope",), {"faq": 0.5}, [Route.FAQ]),
        (("out_of_scope",), {"faq": 0.5, "llm": True}, [Route.LLM]),
        (("out_of_scope",), {"llm": True, "seconds": 0.5}, [Route.TEMPLATE]),
        (("out_of_scope",), {"llm": True, "injection": 0.9}, [Route.TEMPLATE]),
        (("greeting",), {"faq": 0.99}, [Route.TEMPLATE]),
        (("chitchat",), {"llm": True}, [Route.LLM]),
        (("human_agent",), {}, [Route.HUMAN]),
        (("cancel", "human_agent"), {}, [Route.FLOW, Route.HUMAN]),
        (("affirm",), {}, [Route.TEMPLATE]),
        (("affirm",), {"dialogue": OPEN}, [Route.FLOW]),
        (("deny", "inform"), {"dialogue": OPEN}, [Route.FLOW]),
        (("deny", "status"), {}, [Route.FLOW]),
        (("inform",), {"dialogue": Dialogue(topic="status")}, [Route.FLOW]),
        (("inform",), {"faq": 0.9}, [Route.FAQ]),
        (("inform",), {}, [Route.TEMPLATE]),
        (("cancel",), {"action": "block"}, [Route.REFUSE]),
        (("cancel",), {"action": "handover"}, [Route.HUMAN]),
    ],
)
def test_each_situation_has_its_route(
    intents: tuple[str, ...], given: dict[str, object], routes: list[Route]
) -> None:
    decision = decide(*intents, **given)  # type: ignore[arg-type]  # a table row
    got = [wish.route for wish in decision.wishes]
    assert got == routes
    assert decision.reason


def test_a_conversation_that_an_agent_has_is_left_to_the_agent() -> None:
    assert decide("cancel", dialogue=Dialogue(mode="human")).silent


def test_an_angry_customer_gets_an_apology_and_the_second_time_a_person() -> None:
    angry = Emotion("negative", 0.9)
    first = decide("status", emotion=angry)
    assert first.apologise
    assert not first.offer_human
    assert decide("status", emotion=angry, dialogue=Dialogue(anger=1)).offer_human


def test_a_person_is_offered_when_many_mild_complaints_have_heated_the_conversation() -> None:
    mild = Emotion("negative", 0.45)
    calm, hot = Dialogue(mood=Trajectory(heat=0.1)), Dialogue(mood=Trajectory(heat=0.6, row=3))
    assert not decide("status", emotion=mild, dialogue=calm).offer_human
    assert decide("status", emotion=mild, dialogue=hot).offer_human
    assert not decide("status", emotion=Emotion("neutral", 0.9), dialogue=hot).offer_human
    assert not decide("human_agent", emotion=mild, dialogue=hot).offer_human


def test_sarcasm_counts_as_anger_however_mild() -> None:
    assert decide("status", emotion=Emotion("negative", 0.1, sarcasm=True)).apologise


def test_who_asks_for_a_person_is_not_offered_one_again() -> None:
    decision = decide("human_agent", emotion=Emotion("negative", 0.9), dialogue=Dialogue(anger=3))
    assert not decision.offer_human


@pytest.mark.parametrize(
    ("score", "intent", "route"),
    [
        (0.95, "human_agent", Route.FAQ),
        (0.8, "human_agent", Route.HUMAN),
        (0.95, "policy", Route.HUMAN),
    ],
)
def test_a_question_about_people_is_answered_and_a_call_for_one_always_works(
    score: float, intent: str, route: Route
) -> None:
    decision = decide("human_agent", faq=score, faq_intent=intent)
    assert [wish.route for wish in decision.wishes] == [route]


def test_a_message_without_words_is_asked_for_words() -> None:
    decision = decide("cancel", text=" ")
    assert [(wish.intent, wish.route) for wish in decision.wishes] == [
        ("attachment_only", Route.TEMPLATE)
    ]


def test_the_reason_names_every_wish() -> None:
    assert decide("cancel", "status").reason.count(";") == 1


def test_an_experiment_moves_the_thresholds_of_its_own_turns_only() -> None:
    chooser = Chooser(RULES)
    strict = Variant("strict:on", {"faq_sure": 0.95})
    routes = [
        chooser.choose(_asks(variant)).wishes[0].route for variant in (CONTROL, strict, CONTROL)
    ]
    assert routes == [Route.FAQ, Route.LLM, Route.FAQ]


def _asks(variant: Variant) -> Situation:
    hits = (Hit(FaqEntry("q", ("问",), {"zh": "答"}), 0.9),)
    meaning = Meaning((Intent("out_of_scope", 0.9),))
    now = Circumstances(llm=True)
    return Situation(Asked("…", "zh"), meaning, Dialogue(), lambda _: hits, now, variant)


@pytest.mark.parametrize(
    ("intent", "given", "route"),
    [
        ("cancel", {"confidence": 0.5}, Route.TEMPLATE),
        ("cancel", {"confidence": 0.5, "faq": 0.5}, Route.FAQ),
        ("cancel", {"confidence": 0.5, "llm": True}, Route.LLM),
        ("cancel", {"confidence": 0.6, "faq": 0.9}, Route.FLOW),
        ("cancel", {"confidence": 0.3, "dialogue": OPEN}, Route.FLOW),
        ("status", {"confidence": 0.5, "faq": 0.9}, Route.FLOW),
        ("status", {"confidence": 0.2}, Route.TEMPLATE),
        ("status", {"confidence": 0.6, "injection": 0.8, "faq": 0.9, "llm": True}, Route.TEMPLATE),
        ("status", {"confidence": 0.9, "injection": 0.8}, Route.FLOW),
    ],
)
def test_a_guess_starts_no_flow_least_of_all_one_that_changes_something(
    intent: str, given: dict[str, Any], route: Route
) -> None:
    assert [wish.route for wish in decide(intent, **given).wishes] == [route]


@pytest.mark.parametrize(
    ("score", "known", "route"),
    [
        (0.5, {}, Route.FAQ),
        (0.5, {"order_id": "SF1"}, Route.FLOW),
        (0.8, {"order_id": "SF1"}, Route.FAQ),
    ],
)
def test_where_something_particular_is_known_only_a_sure_answer_goes_before_the_flow(
    score: float, known: dict[str, str], route: Route
) -> None:
    rules = Rules({"time": "time_flow"}, faq_intents=frozenset({"time"}))
    hits = (Hit(FaqEntry("q", ("问",), {"zh": "答"}), score),)
    meaning, now = Meaning((Intent("time", 0.9),)), Circumstances(False, 30.0)
    situation = Situation(Asked("…", "zh"), meaning, Dialogue(slots=known), lambda _: hits, now)
    assert [wish.route for wish in Chooser(rules).choose(situation).wishes] == [route]


def test_a_guess_beside_a_clear_wish_is_passed_over() -> None:
    meaning = Meaning((Intent("cancel", 0.45), Intent("status", 0.9)))
    asked = Asked("…", "zh")
    situation = Situation(asked, meaning, Dialogue(), lambda _: (), Circumstances(False, 30.0))
    wishes = Chooser(RULES).choose(situation).wishes
    assert [wish.flow for wish in wishes] == ["status_flow"]
