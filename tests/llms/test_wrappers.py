"""Timed, retrying, limited, failing over, observed: each alone, then all together over a real server."""

from __future__ import annotations

import asyncio
import random

import pytest

from kefu.deadline import Deadline
from kefu.errors import ModelBroken, ModelRefused, ModelTimeout, SettingsError
from kefu.llms.base import Completion, LanguageModel, Prompt, SendText
from kefu.llms.failover import Failover
from kefu.llms.fake.behaviour import Behaviour, Fault
from kefu.llms.fake.server import FakeServer
from kefu.llms.limits import Limited, Room
from kefu.llms.observed import Observed
from kefu.llms.openai_compatible import Endpoint, OpenAICompatible
from kefu.llms.retrying import Retrying, Tries
from kefu.llms.scripted import Scene, Scripted
from kefu.llms.stack import Care, sturdy
from kefu.llms.timed import Patience, Timed
from kefu.observing.calls import ModelCall
from listening import PROMPT, Heard

BROKEN = Scene(error=ModelBroken("500"))
CUT = Scene(("您好",), ModelBroken("cut"))
REFUSED = Scene(error=ModelRefused("429", 1.0))
AT_ONCE = Tries(pause_s=0.0)


def soon() -> Deadline:
    """Long enough for any test that goes well."""
    return Deadline.after(20)


async def test_a_script_is_played_in_order_and_its_last_scene_again() -> None:
    model, heard = Scripted(["一", Scene(("二", "三"))]), Heard()
    said = [(await model.complete(PROMPT, heard, soon())).text for _ in range(3)]
    assert said == ["一", "二三", "二三"]
    assert heard.pieces == ["一", "二", "三", "二", "三"]
    assert model.asked == [PROMPT] * 3


async def test_a_silent_scene_lasts_until_the_deadline() -> None:
    with pytest.raises(ModelTimeout):
        await Scripted([Scene(silent=True)]).complete(PROMPT, Heard(), Deadline.after(0.01))


async def test_silence_before_the_first_token_is_a_time_out() -> None:
    model = Timed(Scripted([Scene(silent=True)]), Patience(first_s=0.01))
    with pytest.raises(ModelTimeout, match="silent"):
        await model.complete(PROMPT, Heard(), soon())


async def test_silence_between_tokens_is_a_time_out() -> None:
    model = Timed(Scripted([Scene(("您",), silent=True)]), Patience(first_s=9.0, between_s=0.01))
    heard = Heard()
    with pytest.raises(ModelTimeout, match="silent"):
        await model.complete(PROMPT, heard, soon())
    assert heard.pieces == ["您"]


async def test_the_time_that_a_customer_takes_is_not_the_models() -> None:
    model = Timed(Scripted(["您好"]), Patience(first_s=0.01, between_s=9.0))
    taken = asyncio.Event()

    async def slow(_piece: str) -> None:
        asyncio.get_running_loop().call_later(0.05, taken.set)
        await taken.wait()

    assert (await model.complete(PROMPT, slow, soon())).text == "您好"


async def test_a_second_try_is_made_before_the_first_piece() -> None:
    inner, heard = Scripted([BROKEN, "好"]), Heard()
    assert (await Retrying(inner, AT_ONCE).complete(PROMPT, heard, soon())).text == "好"
    assert len(inner.asked) == 2


@pytest.mark.parametrize("scene", [CUT, REFUSED])
async def test_no_second_try_after_a_piece_or_a_refusal(scene: Scene) -> None:
    inner = Scripted([scene, "好"])
    with pytest.raises((ModelBroken, ModelRefused)):
        await Retrying(inner, AT_ONCE).complete(PROMPT, Heard(), soon())
    assert len(inner.asked) == 1


async def test_tries_come_to_an_end() -> None:
    inner = Scripted([BROKEN])
    with pytest.raises(ModelBroken):
        await Retrying(inner, Tries(most=3, pause_s=0.0)).complete(PROMPT, Heard(), soon())
    assert len(inner.asked) == 3


async def test_a_pause_that_does_not_fit_the_deadline_is_not_made() -> None:
    inner = Scripted([BROKEN])
    patient = Retrying(inner, Tries(pause_s=1e6), random.Random(1))
    with pytest.raises(ModelBroken):
        await patient.complete(PROMPT, Heard(), soon())
    assert len(inner.asked) == 1


class Gate:
    """A model that answers when it is let."""

    name = "gate"

    def __init__(self) -> None:
        self.open = asyncio.Event()
        self.inside = 0
        self.most = 0
        self.entered = asyncio.Event()

    async def complete(self, prompt: Prompt, send: SendText, deadline: Deadline) -> Completion:
        """Wait for the gate."""
        self.inside += 1
        self.most = max(self.most, self.inside)
        self.entered.set()
        await self.open.wait()
        self.inside -= 1
        return await Scripted(["好"]).complete(prompt, send, deadline)


async def test_no_more_calls_run_than_there_is_room_for() -> None:
    gate = Gate()
    model = Limited(gate, Room(running=2, waiting=9))
    calls = [asyncio.create_task(model.complete(PROMPT, Heard(), soon())) for _ in range(6)]
    await gate.entered.wait()
    assert model.waiting == 4
    gate.open.set()
    await asyncio.gather(*calls)
    assert gate.most == 2
    assert model.waiting == 0


async def test_a_full_queue_refuses_at_once_and_a_long_wait_ends() -> None:
    gate = Gate()
    model = Limited(gate, Room(running=1, waiting=1, wait_s=0.05))
    running = asyncio.create_task(model.complete(PROMPT, Heard(), soon()))
    await gate.entered.wait()
    waiting = asyncio.create_task(model.complete(PROMPT, Heard(), soon()))
    await asyncio.sleep(0)
    with pytest.raises(ModelRefused, match="wait already"):
        await model.complete(PROMPT, Heard(), soon())
    with pytest.raises(ModelTimeout, match="no room"):
        await waiting
    gate.open.set()
    assert (await running).text == "好"


async def test_the_next_model_answers_where_the_first_cannot() -> None:
    heard = Heard()
    models: list[LanguageModel] = [Scripted([BROKEN], "a"), Scripted([REFUSED], "b")]
    completion = await Failover([*models, Scripted(["好"], "c")]).complete(PROMPT, heard, soon())
    assert (completion.model, heard.text) == ("c", "好")


async def test_nobody_sees_two_replies() -> None:
    spare, heard = Scripted(["好"]), Heard()
    with pytest.raises(ModelBroken):
        await Failover([Scripted([CUT]), spare]).complete(PROMPT, heard, soon())
    assert spare.asked == []


async def test_the_last_models_failure_is_the_callers() -> None:
    with pytest.raises(ModelRefused):
        await Failover([Scripted([BROKEN]), Scripted([REFUSED])]).complete(PROMPT, Heard(), soon())


def test_a_failover_over_nothing_is_a_wrong_setting() -> None:
    with pytest.raises(SettingsError):
        Failover([])


async def test_each_call_is_noted_with_its_end() -> None:
    calls: list[ModelCall] = []
    model = Observed(Scripted(["好", CUT, BROKEN]), calls.append)
    await model.complete(PROMPT, Heard(), soon())
    for _ in range(2):
        with pytest.raises(ModelBroken):
            await model.complete(PROMPT, Heard(), soon())
    assert [call.outcome for call in calls] == ["ok", "ModelBroken", "ModelBroken"]
    assert [call.first_s is None for call in calls] == [False, False, True]
    assert calls[0].usage.completion_tokens == 1


async def test_the_whole_stack_survives_a_server_that_fails_now_and_then() -> None:
    calls: list[ModelCall] = []
    async with FakeServer(Behaviour(fault=Fault.BROKEN, share=0.3, seed=3)) as fake:
        vendor = OpenAICompatible(Endpoint(fake.base_url, "fake-llm"))
        model = sturdy(vendor, calls.append, Care(tries=Tries(most=5, pause_s=0.0)))
        heard = [Heard() for _ in range(20)]
        done = await asyncio.gather(*(model.complete(PROMPT, h, soon()) for h in heard))
        await vendor.close()
    assert [completion.text for completion in done] == [h.text for h in heard]
    assert fake.served == len(calls) > 20
    assert {call.outcome for call in calls} == {"ok", "ModelBroken"}


async def test_a_server_that_is_down_is_soon_left_alone() -> None:
    async with FakeServer(Behaviour(fault=Fault.BROKEN)) as fake:
        vendor = OpenAICompatible(Endpoint(fake.base_url, "fake-llm"))
        model = sturdy(vendor, lambda _call: None, Care(tries=Tries(most=1)))
        for _ in range(5):
            with pytest.raises(ModelBroken):
                await model.complete(PROMPT, Heard(), soon())
        with pytest.raises(ModelRefused, match="circuit open") as refused:
            await model.complete(PROMPT, Heard(), soon())
        await vendor.close()
    assert fake.served == 5
    assert 25.0 < (refused.value.retry_after or 0.0) <= 30.0
