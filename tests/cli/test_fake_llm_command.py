"""`kefu fake-llm` as a process of its own."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

from kefu.deadline import Deadline
from kefu.llms.openai_compatible import Endpoint, OpenAICompatible
from listening import PROMPT, Heard

SOURCE = Path(__file__).parents[2] / "src"


def test_it_says_where_it_is_answers_and_stops() -> None:
    command = [sys.executable, "-m", "kefu", "fake-llm", "--port", "0", "--tokens", "3"]
    environ = {**os.environ, "PYTHONPATH": str(SOURCE)}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environ) as process:
        assert process.stdout is not None
        said = process.stdout.readline()
        found = re.fullmatch(r"KEFU_LLM__BASE_URL=(\S+) KEFU_LLM__MODEL=fake-llm\n", said)
        assert found is not None
        pieces = asyncio.run(ask(found[1]))
        process.send_signal(signal.SIGINT)
        try:
            assert process.wait(10) == 0
        finally:
            process.kill()
    assert len(pieces) == 3


async def ask(base_url: str) -> list[str]:
    """What a model at this address says, in pieces."""
    model, heard = OpenAICompatible(Endpoint(base_url, "fake-llm")), Heard()
    await model.complete(PROMPT, heard, Deadline.after(10))
    await model.close()
    return heard.pieces
