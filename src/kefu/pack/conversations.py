"""conversations/*.yaml: a pack's tests, read, and compared with what the bot did."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from kefu.errors import PackError
from kefu.messages import Caller, Locale, Tier, Turn
from kefu.pack.places import Place
from kefu.pack.reading import read_yaml
from kefu.pack.replies import LOCALES

_FIXTURE = re.compile(r"\{\{\s*(\w+)\s*\}\}")
_TURN = ("say", "intents", "reply", "not", "source", "flow", "slots", "handoff")


@dataclass(frozen=True, slots=True)
class Expected:
    """One turn of a test: what is said, and what must come of it. None means "any"."""

    say: str
    intents: tuple[str, ...] | None = None
    reply: tuple[str, ...] = ()
    never: tuple[str, ...] = ()
    source: str | None = None
    flow: str | None = None
    slots: Mapping[str, str] | None = None
    handoff: bool | None = None


@dataclass(frozen=True, slots=True)
class Conversation:
    """A test: a customer, and turns in order."""

    name: str
    file: str
    caller: Caller
    turns: tuple[Expected, ...]
    locale: Locale | None = None


@dataclass(frozen=True, slots=True)
class Miss:
    """One expectation that was not met."""

    what: str
    expected: str
    found: str


def read_conversations(path: Path) -> tuple[Conversation, ...]:
    """All tests of the pack in a folder, in the order of its files. Raises PackError."""
    found: list[Conversation] = []
    for file in sorted((path / "conversations").glob("*.yaml")):
        place = Place(f"conversations/{file.name}")
        whole = place.mapping(read_yaml(file, place.file), ("conversations",), ("conversations",))
        place = place.key("conversations")
        found.extend(
            _conversation(one, place.item(i))
            for i, one in enumerate(place.items(whole["conversations"]))
        )
    return tuple(found)


def filled(turn: Expected, fixtures: Mapping[str, str]) -> Expected:
    """The turn with every `{{name}}` replaced. Raises PackError for a name nobody provides."""

    def fill(text: str) -> str:
        return _FIXTURE.sub(lambda match: _fixture(match[1], fixtures), text)

    slots = turn.slots
    return Expected(
        say=fill(turn.say),
        intents=turn.intents,
        reply=tuple(map(fill, turn.reply)),
        never=tuple(map(fill, turn.never)),
        source=turn.source,
        flow=turn.flow,
        slots=None if slots is None else {name: fill(value) for name, value in slots.items()},
        handoff=turn.handoff,
    )


def compare(expected: Expected, turn: Turn) -> tuple[Miss, ...]:
    """What the turn should have been and was not."""
    found = {
        "intents": ", ".join(intent.name for intent in turn.meaning.intents),
        "source": turn.source.value,
        "flow": turn.flow or "",
        "handoff": str(turn.handoff).lower(),
    }
    wanted = {
        "intents": None if expected.intents is None else ", ".join(expected.intents),
        "source": expected.source,
        "flow": expected.flow,
        "handoff": None if expected.handoff is None else str(expected.handoff).lower(),
    }
    misses = [
        Miss(what, want, found[what])
        for what, want in wanted.items()
        if want is not None and want != found[what]
    ]
    return (*misses, *_texts(expected, turn), *_slots(expected, turn))


def _texts(expected: Expected, turn: Turn) -> list[Miss]:
    missing = [Miss("reply", part, turn.said) for part in expected.reply if part not in turn.said]
    there = [Miss("not", part, turn.said) for part in expected.never if part in turn.said]
    return missing + there


def _slots(expected: Expected, turn: Turn) -> list[Miss]:
    found = {name: _unmasked(value, turn.vault) for name, value in turn.slots.items()}
    return [
        Miss(f"slots.{name}", value, found.get(name, "-"))
        for name, value in (expected.slots or {}).items()
        if found.get(name) != value
    ]


def _unmasked(value: str, vault: Mapping[str, str]) -> str:
    for placeholder, raw in vault.items():
        value = value.replace(placeholder, raw)
    return value


def _fixture(name: str, fixtures: Mapping[str, str]) -> str:
    if name not in fixtures:
        known = ", ".join(sorted(fixtures)) or "none"
        raise PackError(f"{{{{{name}}}}} is not a fixture of this customer; known are {known}")
    return fixtures[name]


def _conversation(value: object, place: Place) -> Conversation:
    test = place.mapping(value, ("name", "user", "locale", "turns"), ("name", "turns"))
    here = place.key("turns")
    turns = tuple(_turn(one, here.item(i)) for i, one in enumerate(here.items(test["turns"])))
    if not turns:
        raise here.wrong("there is no turn")
    return Conversation(
        name=place.key("name").text(test["name"]),
        file=place.file,
        caller=_caller(test.get("user") or {}, place.key("user")),
        turns=turns,
        locale=_locale(test.get("locale"), place.key("locale")),
    )


def _caller(value: object, place: Place) -> Caller:
    user = place.mapping(value, ("id", "tier"))
    tier = user.get("tier", "standard")
    if tier not in ("standard", "vip"):
        raise place.key("tier").wrong("must be standard or vip")
    user_id = None if user.get("id") is None else place.key("id").text(user["id"])
    return Caller(user_id=user_id, tier=cast("Tier", tier), service=True)


def _locale(value: Any, place: Place) -> Locale | None:
    if value is None:
        return None
    for locale in LOCALES:
        if locale == value:
            return locale
    raise place.wrong(f"must be one of {', '.join(LOCALES)}")


def _turn(value: object, place: Place) -> Expected:
    turn = place.mapping(value, _TURN, ("say",))
    return Expected(
        say=place.key("say").text(turn["say"]),
        intents=place.key("intents").texts(turn["intents"]) if "intents" in turn else None,
        reply=place.key("reply").texts(turn.get("reply") or []),
        never=place.key("not").texts(turn.get("not") or []),
        source=turn.get("source"),
        flow=turn.get("flow"),
        slots=_expected_slots(turn.get("slots"), place.key("slots")),
        handoff=place.key("handoff").flag(turn["handoff"]) if "handoff" in turn else None,
    )


def _expected_slots(value: Any, place: Place) -> dict[str, str] | None:
    if value is None:
        return None
    return {name: str(one) for name, one in place.mapping(value).items()}
