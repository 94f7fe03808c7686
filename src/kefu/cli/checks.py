"""What the doctor looks at. A check returns what it found, or raises Sick with the remedy."""

from __future__ import annotations

import asyncio
import socket
import sys
import tempfile
from collections.abc import Awaitable, Callable, Iterator
from functools import partial
from importlib.metadata import PackageNotFoundError, requires
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from kefu.errors import KefuError

if TYPE_CHECKING:
    from kefu.settings import LlmSettings, Settings

OLDEST = (3, 11)
TIMEOUT_S = 3.0
PORTS = {"redis": 6379, "rediss": 6379, "postgresql": 5432, "http": 80, "https": 443}

_MODULES = {
    "ahocorasick-rs": "ahocorasick_rs",
    "prometheus-client": "prometheus_client",
    "python-stdnum": "stdnum",
    "pyyaml": "yaml",
}
_NEEDED = ("aiohttp", "msgspec", "numpy", "sqlalchemy", "starlette", "structlog", "uvicorn", "yaml")


class Sick(KefuError):
    """Something is wrong; `remedy` says what to do."""

    def __init__(self, found: str, remedy: str) -> None:
        super().__init__(found)
        self.remedy = remedy


Check = Callable[[], Awaitable[str]]


def checks(settings: Settings) -> Iterator[tuple[str, Check]]:
    """All checks that apply to these settings, by name."""
    yield "Python", python
    yield "packages", packages
    yield "data directory", lambda: data_dir(Path(settings.data_dir))
    yield "pack", lambda: pack(settings)
    yield "model", lambda: model(settings)
    yield "port", lambda: port(settings.server.host, settings.server.port)
    if settings.storage.sql_url and not settings.storage.sql_url.startswith("sqlite"):
        yield "SQL", lambda: answers(settings.storage.sql_url, "KEFU_STORAGE__SQL_URL")
    if settings.storage.redis_url:
        yield "Redis", lambda: answers(settings.storage.redis_url, "KEFU_STORAGE__REDIS_URL")
    for one in settings.llm.models or (settings.llm,):
        if one.base_url:
            yield f"language model {one.model}", partial(llm, one)


async def python() -> str:
    """Python is new enough."""
    if sys.version_info < OLDEST:
        raise Sick(sys.version.split()[0], "install Python 3.11 or newer")
    return sys.version.split()[0]


async def packages() -> str:
    """Every dependency is installed."""
    missing = await asyncio.to_thread(_missing)
    if missing:
        raise Sick(f"missing: {', '.join(missing)}", "run `make setup`, or `pip install kefu`")
    return "all installed"


async def data_dir(folder: Path) -> str:
    """The data directory can be written."""

    def write() -> None:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass

    try:
        await asyncio.to_thread(write)
    except OSError as exc:
        remedy = f"make {folder} writable, or set KEFU_DATA_DIR"
        raise Sick(f"{folder}: {exc.strerror}", remedy) from exc
    return str(folder)


async def pack(settings: Settings) -> str:
    """The pack loads."""
    from kefu.pack.pack import load

    try:
        loaded = await asyncio.to_thread(lambda: load(settings.pack_dir))
    except KefuError as exc:
        raise Sick(str(exc), "mend that file, or name another pack with --pack") from exc
    return f"{loaded.name}: {len(loaded.flows)} flows, {len(loaded.faq)} FAQ entries"


async def model(settings: Settings) -> str:
    """The pack's understanding model is trained and loads."""
    from kefu.pack.pack import load
    from kefu.understanding.tiers import open_reader

    try:
        trained = (await asyncio.to_thread(lambda: load(settings.pack_dir))).model
        await open_reader(trained)
    except KefuError as exc:
        raise Sick(str(exc), f"kefu train {settings.pack}") from exc
    return str(trained)


async def port(host: str, number: int) -> str:
    """Nobody else listens where we want to."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, number))
        except OSError as exc:
            remedy = "stop who uses it, or choose another with --port"
            raise Sick(f"{host}:{number}: {exc.strerror}", remedy) from exc
    return f"{host}:{number} is free"


async def answers(url: str, setting: str) -> str:
    """A server takes connections there. Its password is not tried: that is for the service's own start."""
    parts = urlsplit(url)
    host = parts.hostname or "127.0.0.1"
    number = parts.port or PORTS.get(parts.scheme.partition("+")[0], 0)
    try:
        async with asyncio.timeout(TIMEOUT_S):
            _, writer = await asyncio.open_connection(host, number)
    except (OSError, TimeoutError) as exc:
        remedy = f"start it, or mend {setting}"
        raise Sick(f"{host}:{number} does not answer", remedy) from exc
    writer.close()
    return f"{host}:{number} answers"


async def llm(one: LlmSettings) -> str:
    """The model's server answers, and takes the key. Asks for the list of models, which costs nothing."""
    import aiohttp

    url = one.base_url.rstrip("/") + "/models"
    headers = {"Authorization": f"Bearer {one.api_key}"} if one.api_key else {}
    timeout = aiohttp.ClientTimeout(total=TIMEOUT_S)
    try:
        async with (
            aiohttp.ClientSession(timeout=timeout) as session,
            session.get(url, headers=headers) as response,
        ):
            status = response.status
    except (aiohttp.ClientError, TimeoutError) as exc:
        raise Sick(f"{url}: no answer", "start it, or mend KEFU_LLM__BASE_URL") from exc
    if status in {401, 403}:
        raise Sick(f"{url}: HTTP {status}", "mend KEFU_LLM__API_KEY")
    if status >= 500:
        raise Sick(f"{url}: HTTP {status}", "look at that server's log")
    return f"{one.base_url} answers"


def _missing() -> list[str]:
    return [name for name in _dependencies() if find_spec(_module(name)) is None]


def _dependencies() -> list[str]:
    """Our own requirements as installed; from a bare source tree the ones that matter most."""
    try:
        lines = requires("kefu") or []
    except PackageNotFoundError:
        return list(_NEEDED)
    plain = [line for line in lines if ";" not in line]
    return [line.partition(">")[0].partition("=")[0].strip() for line in plain]


def _module(package: str) -> str:
    return _MODULES.get(package, package)
