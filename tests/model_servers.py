"""A real model server for tests: KServe's, started from deploy/model-server as its users start it."""

from __future__ import annotations

import contextlib
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import servers

ROOT = Path(__file__).parents[1]
PYTHON = ROOT / ".venv" / "model-server" / "bin" / "python"
SERVE = ROOT / "deploy" / "model-server" / "serve.py"


@contextlib.contextmanager
def kserve(folder: Path, *options: str, port: int | None = None) -> Iterator[servers.Server]:
    """A server with one model; it is skipped, or fails in CI, where the server is not installed."""
    if not PYTHON.exists():
        servers.missing(f"the model server ({PYTHON})")
    port = port or servers.free_port()
    url = f"http://127.0.0.1:{port}"
    command = [str(PYTHON), str(SERVE), str(folder), "--http_port", str(port)]
    server = servers.Server(
        [*command, "--enable_grpc", "false", "--timeout-keep-alive", "1", *options],
        url,
        lambda: _ready(url),
    )
    try:
        server.start()
        yield server
    finally:
        server.kill()


def _ready(url: str) -> bool:
    with (
        contextlib.suppress(OSError),
        urllib.request.urlopen(f"{url}/v2/health/ready", timeout=1.0) as answer,
    ):
        return bool(answer.status == 200)
    return False
