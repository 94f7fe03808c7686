"""A small shop for the answerers' tests, and a talk with it that needs no trained reader."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from kefu.answering.answerers import Answerers, AskedTurn
from kefu.deadline import Deadline
from kefu.deciding.chooser import Chooser, Situation
from kefu.deciding.rules import Circumstances, Rules
from kefu.dialogue.events import Answered, Kept, Said, Understood
from kefu.dialogue.state import Dialogue, apply
from kefu.dialogue.vault import Vault
from kefu.knowledge.faq import FaqIndex
from kefu.llms.base import LanguageModel
from kefu.messages import (
    Answer,
    Asked,
    Caller,
    Decision,
    Emotion,
    Intent,
    Locale,
    Meaning,
    Piece,
    SessionId,
    Slot,
)
from kefu.pack.pack import Pack, load
from kefu.pack.toolbox import Toolbox

FILES = {
    "pack.yaml": "name: lab\ntitle: {zh: 试验, en: Lab}\nlanguages: [zh, en]\n",
    "policy.md": "七天内可退。",
    "prompts/system.md": "你是小助手。",
    "faq.yaml": """
faq:
  - {id: fee, intent: fee, questions: [运费谁出, 邮费谁付, 包邮吗],
     answer: {zh: 满99元包邮。, en: Free over 99.}}
  - {id: hours, questions: [几点上班, 营业时间], answer: 九点到六点。}
""",
    "replies/all.yaml": """
which: {zh: 哪一个?, en: Which one?}
where: {zh: 新地址是?, en: Where to?}
why: 什么原因?
sure: {zh: "把{pick.id}改到{address},电话{pick.phone},可以吗?", en: "Move {pick.id} to {address}?"}
moved: {zh: "{pick.id}已改到{done.address}。", en: "Moved {pick.id}."}
kept: 好的，不改了。
state: {zh: "{pick.id}是{pick.state}。", en: "{pick.id} is {pick.state}."}
none: 没有找到订单。
urged: 已催{pick.id}。
sure_urge: 要催{pick.id}吗?
noted: 备注好了：{done.note}
sure_note: 备注“{note}”吗?
two: "{a.name}和{b.name}"
human_vip: 贵宾专线马上来。
intent_greeting: 你好呀。
""",
    "flows/state.yaml": """
flow: state
intents: [state]
title: 查订单
slots: {order: {learn: $pick.id}}
steps: &pick
  - look: pick
    with: {order: $order}
  - if: {pick.count: none}
    then: [{say: none}, {stop: true}]
  - if: {pick.count: {gt: 1}}
    then: [{ask: order, text: which, choices: $pick.choices}]
  - say: state
""",
    "flows/move.yaml": """
flow: move
intents: [move]
title: {zh: 改地址, en: the address}
slots: {order: {learn: $pick.id}, address: {fresh: true}}
steps:
  - look: pick
    with: {order: $order}
  - if: {pick.count: {gt: 1}}
    then: [{ask: order, text: which, choices: $pick.choices}]
  - ask: address
    text: where
  - confirm: sure
    do: move
    with: {order: $pick.id, address: $address}
    as: done
    yes: [{say: moved}]
    no: [{say: kept}]
""",
    "flows/urge.yaml": """
flow: urge
intents: [urge]
title: 催一催
slots: {order: {learn: $pick.id}}
steps:
  - look: pick
    with: {order: $order}
  - if: {pick.count: {gt: 1}}
    then: [{ask: order, text: which, choices: $pick.choices}]
  - say: state
  - confirm: sure_urge
    do: urge
    with: {order: $pick.id}
    yes: [{if: {urge.ok: true}, then: [{say: urged}], else: [{hand_over: 催不动}]}]
""",
    "flows/note.yaml": """
flow: note
intents: [note]
title: 备注
slots: {note: {free: true, fresh: true}}
steps:
  - ask: note
    text: why
  - confirm: sure_note
    do: add_note
    with: {note: $note}
    as: done
    yes: [{say: noted}]
""",
    "flows/both.yaml": """
flow: both
intents: [both]
slots: {}
steps:
  - look: [{tool: first, as: a}, {tool: second, as: b}]
  - say: two
""",
    "flows/person.yaml": "flow: person\nintents: [person]\nsteps: [{hand_over: 需要专员}]\n",
    "tools.py": """
import asyncio
from kefu.pack.tools import Personal, change, look

class Shop:
    def __init__(self):
        self.orders = {"A10001": "待发货", "B20002": "已发货"}
        self.changes, self.keys, self.broken = [], {}, set()
        self.gate = asyncio.Barrier(2)

    @look
    async def pick(self, customer, order=None):
        self._may("pick")
        if customer.user_id is None:
            return {"count": "none"}
        ids = [id for id in self.orders if order is None or id.endswith(order)]
        if len(ids) == 1:
            phone = Personal("phone", "13800138000")
            return {"count": 1, "id": ids[0], "state": self.orders[ids[0]], "phone": phone, "choices": ids}
        return {"count": len(ids) or "none", "choices": ids}

    @look
    async def first(self, customer):
        self._may("first")
        await self.gate.wait()
        return {"name": "甲"}

    @look
    async def second(self, customer):
        await self.gate.wait()
        return {"name": "乙"}

    @change
    async def move(self, customer, order, address):
        self._may("move")
        if address == "火星":
            return {"ok": False, "message": "火星送不到。"}
        if address == "月球":
            return {"ok": False}
        self.changes.append((order, address))
        self.keys[customer.key] = order
        return {"ok": True, "address": Personal("address", address)}

    @change
    async def urge(self, customer, order):
        return {"ok": order != "B20002"}

    @change
    async def add_note(self, customer, note):
        return {"ok": True, "note": note}

    def _may(self, name):
        if name in self.broken:
            raise RuntimeError("13800138000 is down")

async def connect(data_dir):
    return Shop()
""",
}


def write_pack(path: Path, files: Mapping[str, str]) -> Path:
    """Write a pack's files."""
    for name, text in files.items():
        file = path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")
    return path


@dataclass
class Talk:
    """A conversation: the real answerers and decider, meanings given by hand."""

    pack: Pack
    toolbox: Toolbox
    model: LanguageModel | None = None
    locale: Locale = "zh"
    caller: Caller = field(default_factory=lambda: Caller(user_id="U1"))
    dialogue: Dialogue = field(default_factory=Dialogue)
    seconds: float = 5.0
    injection: float = 0.0
    pieces: list[str] = field(default_factory=list)

    async def say(
        self,
        text: str,
        *intents: str,
        corrects: bool = False,
        mood: Emotion | None = None,
        **slots: str,
    ) -> Answer:
        """One turn. A slot given as "x|y" was said twice."""
        found = tuple(
            Slot(name, value, value, at := max(0, text.find(value)), at + len(value))
            for name, values in slots.items()
            for value in values.split("|")
        )
        names = tuple(Intent(*_intent(name)) for name in intents or ("inform",))
        meaning = Meaning(names, found, mood or Emotion(), corrects=corrects)
        return await self.turn(text, meaning)

    async def take_back(self, text: str, *slots: str) -> Answer:
        """One turn that calls known values wrong without giving new ones."""
        intents = (Intent("deny", 0.9), Intent("inform", 0.9))
        return await self.turn(text, Meaning(intents, corrects=True, withdrawn=slots))

    async def turn(self, text: str, meaning: Meaning, decision: Decision | None = None) -> Answer:
        """One turn with a meaning, and perhaps a decision, of one's own."""
        seq = self.dialogue.seq + 1
        vault = Vault(self.dialogue.vault)
        index = FaqIndex(self.pack.faq)
        hits = index.search(text)
        asked_text = Asked(text, self.locale, injection=self.injection)
        now = Circumstances(self.model is not None, self.seconds)
        rules = Rules(self.pack.starters, frozenset({"fee"}))
        situation = Situation(asked_text, meaning, self.dialogue, index.search, now)
        decision = decision or Chooser(rules).choose(situation)
        self.pieces = []
        answer = await Answerers(self.pack, self.toolbox, index, self.model).carry_out(
            AskedTurn(
                text,
                self.locale,
                meaning,
                decision,
                self.dialogue,
                vault,
                self.caller,
                SessionId("s"),
                f"s:{seq}",
                hits,
                datetime(2026, 10, 28, tzinfo=UTC),
                Deadline.after(self.seconds),
            ),
            self._send,
        )
        assert answer.text == "".join(self.pieces)
        self._remember(seq, text, meaning, answer)
        return answer

    async def _send(self, piece: Piece) -> None:
        self.pieces.append(piece.text)

    def _remember(self, seq: int, text: str, meaning: Meaning, answer: Answer) -> None:
        names = tuple(intent.name for intent in meaning.intents)
        slots = {slot.name: slot.value for slot in meaning.slots}
        for event in (
            Kept(answer.vault),
            Said(seq, text, self.locale),
            Understood(names, slots, meaning.emotion),
            Answered(answer.text, answer.source, answer.frames, answer.slots, answer.intent),
        ):
            self.dialogue = apply(self.dialogue, event)


def _intent(name: str) -> tuple[str, float, int, int]:
    """`name` or `name@start-end`."""
    name, _, span = name.partition("@")
    start, _, end = span.partition("-")
    return name, 0.9, int(start or 0), int(end or 0)


async def talk(tmp_path: Path, files: Mapping[str, str] = FILES) -> Talk:
    """A new talk with a pack of these files."""
    pack = await asyncio.to_thread(lambda: load(write_pack(tmp_path / "pack", files)))
    return Talk(pack, await Toolbox.connect(pack, tmp_path))
