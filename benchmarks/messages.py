"""Real customer messages through /v1/chat: is every one answered, by whom, and how fast?

    python benchmarks/messages.py FILE [--count 1000] [--concurrency 20] [--url URL]

FILE has one message per line; of a tab-separated line the first column. Without --url a service is started
on embedded defaults. Each message is the first of its own conversation.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import tempfile
import time
from collections import Counter
from pathlib import Path
from urllib.parse import urlsplit

from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from served import free_port, kefu, served
from wire import Connection, Load, post


async def ask_all(
    url: str, texts: list[str], concurrency: int
) -> tuple[Load, list[dict[str, object]]]:
    """Send every text, `concurrency` at a time; latencies and answers."""
    parts = urlsplit(url)
    load, answers = Load(), list[dict[str, object]]()
    queue = asyncio.Queue[tuple[int, str]]()
    for item in enumerate(texts):
        queue.put_nowait(item)
    began = time.perf_counter()
    with Progress(transient=True) as progress:
        task = progress.add_task("messages", total=len(texts))

        async def one() -> None:
            connection = await Connection.open(parts.hostname or "127.0.0.1", parts.port or 80)
            while not queue.empty():
                number, text = queue.get_nowait()
                body = {"session_id": f"real-{began:.6f}-{number}", "text": text}
                sent = time.perf_counter()
                status, content = await connection.ask(post("/v1/chat", json.dumps(body).encode()))
                load.latencies.append((time.perf_counter() - sent) * 1000)
                answer = json.loads(content)
                if status != 200 or not answer.get("reply"):
                    load.errors += 1
                    print(status, text, str(answer)[:300])
                answers.append(answer)
                progress.advance(task)
            connection.close()

        await asyncio.gather(*(one() for _ in range(concurrency)))
    load.seconds = time.perf_counter() - began
    return load, answers


def report(load: Load, answers: list[dict[str, object]]) -> None:
    """Print shares by source and intent, and latencies."""
    console = Console()
    total = len(answers)
    console.print(f"{total} messages, errors {load.errors}, {load.rate:.0f}/s")
    console.print(
        ", ".join(f"P{int(p * 100)} {load.percentile(p):.1f} ms" for p in (0.5, 0.95, 0.99))
    )
    shares: dict[str, Counter[str]] = {
        "source": Counter(),
        "intent": Counter(),
        "emotion": Counter(),
    }
    for answer in answers:
        shares["source"][str(answer.get("source"))] += 1
        for intent in answer.get("intents") or []:  # type: ignore[attr-defined]  # JSON
            shares["intent"][intent["name"]] += 1
        emotion = answer.get("emotion") or {}
        shares["emotion"][str(emotion.get("label"))] += 1  # type: ignore[attr-defined]  # JSON
    for name, counts in shares.items():
        table = Table(name, "messages", "share")
        for value, count in counts.most_common():
            table.add_row(value, str(count), f"{count / total:.1%}")
        console.print(table)


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("file", type=Path)
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--concurrency", type=int, default=20)
    parser.add_argument("--url", default="")
    options = parser.parse_args()
    lines = options.file.read_text("utf-8").splitlines()
    texts = [text for line in lines if (text := line.split("\t")[0].strip())]
    random.Random(7).shuffle(texts)
    texts = texts[: options.count]
    if options.url:
        report(*asyncio.run(ask_all(options.url, texts, options.concurrency)))
        return
    with tempfile.TemporaryDirectory() as folder:
        port = free_port()
        env = {"KEFU_LIMITS__ENABLED": "false", "KEFU_DATA_DIR": folder, "KEFU_LOG__TURNS": "false"}
        with served(kefu(port), port, "/readyz", env, Path(folder) / "kefu.log"):
            url = f"http://127.0.0.1:{port}"
            report(*asyncio.run(ask_all(url, texts, options.concurrency)))


if __name__ == "__main__":
    main()
