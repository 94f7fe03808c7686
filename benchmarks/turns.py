"""Full turns per second on one core without a language model, beside a bare ASGI echo.

    python benchmarks/turns.py [--seconds 6] [--rounds 3]

The server has one core, the load another. Each round measures the echo, then kefu (masked, understood,
decided, answered, committed to SQLite), both with 128 connections in a closed loop; quote the medians
and the ratio. Then latency at 80 % of kefu's median, on schedule (open loop), as many times.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import sys
import tempfile
from pathlib import Path

import yaml

from served import cores, free_port, kefu, served
from wire import Load, Request, closed_loop, open_loop, post, spread

CONNECTIONS = 128
ROUND = 50
"""Times the list of conversations is gone through before session names repeat."""


def talks() -> list[list[str]]:
    """What customers say, conversation by conversation: the tests of the retail pack, shuffled.

    Each anonymous session plays a demo customer, so lines that name an order of a test's own are left out.
    """
    found = []
    for file in sorted((Path(__file__).parents[1] / "packs/retail/conversations").glob("*.yaml")):
        for conversation in yaml.load(file.read_text("utf-8"), yaml.CSafeLoader)["conversations"]:
            said = [str(turn["say"]) for turn in conversation["turns"]]
            found.append([text for text in said if "{{" not in text])
    random.Random(1).shuffle(found)
    return [talk for talk in found if talk]


def chat(run: str, talks: list[list[str]]) -> Request:
    """Whole conversations, one after the other on each connection."""
    steps = [(number, text) for number, talk in enumerate(talks * ROUND) for text in talk]

    def request(connection: int, number: int) -> bytes:
        conversation, text = steps[(connection * 131 + number) % len(steps)]
        lap = (connection * 131 + number) // len(steps)
        session = f"{run}-{connection}-{lap}-{conversation}"
        return post("/v1/chat", json.dumps({"session_id": session, "text": text}).encode())

    return request


def echo(connection: int, number: int) -> bytes:
    """The same size of request, for the echo."""
    return post("/", json.dumps({"session_id": f"{connection}-{number}", "text": "你好"}).encode())


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--seconds", type=float, default=6.0)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    _, rest = cores()
    if rest is not None:
        os.sched_setaffinity(0, rest)
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(measure(Path(folder), options.seconds, options.rounds))


async def measure(folder: Path, seconds: float, rounds: int) -> None:
    """Alternate between echo and kefu, then the latency run."""
    echo_port, port = free_port(), free_port()
    env = {
        "KEFU_LIMITS__ENABLED": "false",
        "KEFU_DATA_DIR": str(folder),
        "KEFU_LOG__TURNS": "false",
    }
    here = Path(__file__).parent
    bare = [sys.executable, str(here / "echo.py"), str(echo_port)]
    texts = talks()
    rates: dict[str, list[float]] = {"echo": [], "kefu": []}
    with (
        served(bare, echo_port, "/", {}, folder / "echo.log"),
        served(kefu(port), port, "/readyz", env, folder / "kefu.log"),
    ):
        address = ("127.0.0.1", port)
        await closed_loop(address, chat("warm", texts), CONNECTIONS, 2.0)
        for number in range(rounds):
            bound = await closed_loop(("127.0.0.1", echo_port), echo, CONNECTIONS, seconds / 2)
            load = await closed_loop(address, chat(f"r{number}", texts), CONNECTIONS, seconds)
            rates["echo"].append(bound.rate)
            rates["kefu"].append(load.rate)
            print(
                f"round {number + 1}: echo {bound.rate:.0f}/s, kefu {load.rate:.0f}/s, errors {load.errors}"
            )
        median = sorted(rates["kefu"])[rounds // 2]
        steady = []
        for number in range(rounds):
            steady.append(
                await open_loop(address, chat(f"o{number}", texts), 0.8 * median, seconds)
            )
            await asyncio.sleep(1.0)
    report(rates, steady, median)


def report(rates: dict[str, list[float]], steady: list[Load], median: float) -> None:
    """Print the table."""
    ratios = sorted(a / b for a, b in zip(rates["kefu"], rates["echo"], strict=True))
    print(f"bare ASGI echo         {spread(rates['echo'])} requests/s")
    print(f"full turns, SQLite     {spread(rates['kefu'])} turns/s")
    print(f"ratio kefu / echo      {ratios[len(ratios) // 2]:.3f}")
    print(f"at 80 % ({0.8 * median:.0f}/s)      ", end="")
    for share in (0.5, 0.95, 0.99):
        print(
            f" P{int(share * 100)} {spread([load.percentile(share) for load in steady])} ms", end=""
        )
    print(f", errors {sum(load.errors for load in steady)}")


if __name__ == "__main__":
    main()
