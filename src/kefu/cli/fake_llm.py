"""`kefu fake-llm`."""

from __future__ import annotations

import asyncio
import signal
from pathlib import Path
from typing import Annotated

import typer

from kefu.llms.fake.behaviour import Behaviour, Fault
from kefu.llms.fake.script import read_script


def fake_llm(
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port; 0 takes a free one.")] = 9001,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    ttft: Annotated[float, typer.Option(min=0.0, help="Milliseconds to the first token.")] = 0.0,
    token_ms: Annotated[float, typer.Option(min=0.0, help="Milliseconds between tokens.")] = 0.0,
    tokens: Annotated[int, typer.Option(min=0, help="Tokens of a reply; 0: as it comes.")] = 0,
    fault: Annotated[Fault, typer.Option(help="What goes wrong.")] = Fault.NONE,
    share: Annotated[
        float, typer.Option(min=0.0, max=1.0, help="Share of requests that meet the fault.")
    ] = 1.0,
    after: Annotated[int, typer.Option(min=0, help="Tokens before a fault in mid-stream.")] = 3,
    seed: Annotated[int, typer.Option(help="The same seed says, and fails, the same.")] = 1,
    script: Annotated[
        Path | None,
        typer.Option(help='JSON lines: {"when": words of the last message, "say": text or JSON}.'),
    ] = None,
    schemas: Annotated[bool, typer.Option(help="Take a response_format, or refuse it.")] = True,
) -> None:
    """Start a server that speaks OpenAI's chat completions and answers politely, at once, and for free.

    Made for tests and load tests: with --fault it misbehaves the way real vendors do. With --script it says
    what a file tells it to; asked for a JSON Schema it says something of that shape.
    """
    cues = read_script(script) if script is not None else ()
    behaviour = Behaviour(ttft, token_ms, tokens, fault, share, after, seed, cues, schemas)
    asyncio.run(_serve(behaviour, host, port))


async def _serve(behaviour: Behaviour, host: str, port: int) -> None:
    from kefu.llms.fake.server import MODEL, FakeServer

    async with FakeServer(behaviour, host, port) as server:
        stop = asyncio.Event()
        # A job in the background of a shell starts with SIGINT ignored; asked for, it is heard all the same.
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
        print(f"KEFU_LLM__BASE_URL={server.base_url} KEFU_LLM__MODEL={MODEL}", flush=True)
        await stop.wait()
