"""Starts a server process for a benchmark, bound to one core where the system allows it."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

START_S = 30.0


def free_port() -> int:
    """A port that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def cores() -> tuple[set[int] | None, set[int] | None]:
    """The core for the server and those for the load; None where pinning is not possible."""
    if not hasattr(os, "sched_getaffinity"):
        return None, None
    usable = sorted(os.sched_getaffinity(0))
    return {usable[0]}, set(usable[1:]) or {usable[0]}


@contextlib.contextmanager
def served(
    command: Sequence[str], port: int, ready: str, env: Mapping[str, str], log: Path
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a server until the block ends; wait until `ready` answers 200."""
    core, _ = cores()
    with log.open("wb") as output:
        process = subprocess.Popen(command, env={**os.environ, **env}, stdout=output, stderr=output)
    if core is not None:
        os.sched_setaffinity(process.pid, core)
    try:
        _wait(f"http://127.0.0.1:{port}{ready}", process, log)
        yield process
    finally:
        process.terminate()
        process.wait(30)


def kefu(port: int, *arguments: str) -> list[str]:
    """The command of the service."""
    return [sys.executable, "-m", "kefu", "serve", "--port", str(port), *arguments]


def _wait(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + START_S
    while time.monotonic() < end:
        if process.poll() is not None:
            raise SystemExit(f"the server stopped:\n{log.read_text()[-3000:]}")
        with contextlib.suppress(urllib.error.URLError, ConnectionError, TimeoutError):
            if urllib.request.urlopen(url, timeout=1).status == 200:
                return
        time.sleep(0.05)
    raise SystemExit(f"no answer from {url}:\n{log.read_text()[-3000:]}")
