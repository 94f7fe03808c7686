"""`kefu route`."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any

import typer

from kefu.cli import options

if TYPE_CHECKING:
    from kefu.settings import Settings


def route(
    text: Annotated[str, typer.Argument(help="What a customer might write.")],
    pack: options.Pack = None,
    as_json: Annotated[bool, typer.Option("--json", help="JSON, for other programs.")] = False,
    file: options.SettingsFile = None,
) -> None:
    """Show how a first message would be understood and decided. Nothing is answered, kept or changed."""
    import msgspec

    from kefu.observing.logs import configure

    configure("error")
    found = asyncio.run(_consider(text, options.settings(file, pack=pack)))
    if as_json:
        print(msgspec.json.encode(found).decode())
        return
    from rich.console import Console

    from kefu.cli.panels import panel

    Console().print(panel(found))


async def _consider(text: str, settings: Settings) -> dict[str, Any]:
    """The first half of a turn, as a response of the API would show it."""
    import msgspec

    from kefu.app import engine
    from kefu.deadline import Deadline
    from kefu.deciding.chooser import Situation
    from kefu.deciding.rules import Circumstances
    from kefu.dialogue.state import Dialogue
    from kefu.dialogue.vault import Vault
    from kefu.gateway.wire import emotion_of, intents_of, slots_of
    from kefu.understanding.reader import ReadingContext

    async with engine(settings) as running:
        steps, vault, deadline = running.steps, Vault({}), Deadline.after(settings.turn.seconds)
        asked = steps.guard.incoming(text, vault, None)
        context = ReadingContext(datetime.now(UTC), asked.locale)
        meaning = await steps.reader.read(asked.text, context, deadline)
        now = Circumstances(
            bool(settings.llm.base_url or settings.llm.models), deadline.remaining()
        )
        search = partial(steps.faq.search, vector=meaning.vector)
        situation = Situation(asked, meaning, Dialogue(), search, now)
        decision = steps.chooser.choose(situation)
    return {
        "text": asked.text,
        "intents": msgspec.to_builtins(intents_of(meaning)),
        "slots": msgspec.to_builtins(slots_of(meaning, {})),
        "emotion": msgspec.to_builtins(emotion_of(meaning.emotion)),
        "source": "not answered",
        "trace": {"decided": msgspec.to_builtins(decision.wishes), "why": decision.reason},
        "faq": [{"id": hit.entry.id, "score": round(hit.score, 3)} for hit in situation.hits],
    }
