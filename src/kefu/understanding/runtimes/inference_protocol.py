"""A model on a server that speaks the Open Inference Protocol: Triton, KServe, MLServer, OpenVINO's …"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NoReturn, TypeVar
from urllib.parse import quote

import aiohttp

from kefu.errors import KefuError, ModelBroken, ModelRefused, ModelTimeout, SettingsError
from kefu.understanding.runtimes import protocol_wire as wire
from kefu.understanding.runtimes.port import Signature, Tensors, described, misfit

_LARGE = 64 * 1024
"""Bytes from which a body is written and read in a thread: numbers in JSON take long."""
_ERROR_BYTES = 16 * 1024
_REFUSED = frozenset({401, 403, 429})
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class ModelServer:
    """Where a model is served."""

    url: str
    """The address before `/v2`."""
    model: str
    """Its name there; for Triton the folder in the model repository."""
    version: str = ""
    """One version of it; empty: the one that the server prefers."""
    binary: bool = True
    """Whether tensors travel as bytes. MLServer (1.7) knows only JSON; Triton and KServe know both."""
    limit_s: float = 1.0
    """How long one call may take, waiting for a connection included."""
    connections: int = 8
    """How many calls may be under way."""
    api_key: str = field(default="", repr=False)
    """Sent as a bearer token where it is not empty."""

    @property
    def address(self) -> str:
        """The model's own address."""
        version = f"/versions/{quote(self.version, safe='')}" if self.version else ""
        return f"{self.url.rstrip('/')}/v2/models/{quote(self.model, safe='')}{version}"


class InferenceProtocol:
    """A runtime behind an address. Keeps its connections; `close` it at the end."""

    def __init__(self, server: ModelServer, signature: Signature) -> None:
        self.signature = signature
        self._server = server
        self._outputs = [spec.name for spec in signature.outputs]
        self._session: aiohttp.ClientSession | None = None
        self._checked = False

    async def open(self) -> None:
        """See that the model is there and takes and gives what ours does. Raises SettingsError, ModelError."""
        if self._checked:
            return
        status, _, body = await self._call("GET", "")
        if status == 404:
            raise SettingsError(
                f"{self._server.address}: the server has no model {self._server.model!r};"
                " load the trained folder there, or correct the model's name"
            )
        self._accepted(status, body)
        try:
            inputs, outputs = wire.metadata(body)
        except ValueError as exc:
            raise ModelBroken(
                f"{self._server.address}: no answer of the Open Inference Protocol ({exc});"
                " is the address that of the model server's REST port?"
            ) from exc
        wrong = misfit(self.signature.inputs, inputs) or misfit(self.signature.outputs, outputs)
        if wrong:
            raise SettingsError(
                f"{self._server.address}: the server has another model under this name: {wrong};"
                " load the folder that was trained with this pack there"
            )
        self._checked = True

    async def run(self, tensors: Tensors) -> Tensors:
        """One batch."""
        await self.open()
        size = sum(array.nbytes for array in tensors.values())
        headers, body = await _maybe_apart(
            size, lambda: wire.request(tensors, self._outputs, binary=self._server.binary)
        )
        status, head, said = await self._call("POST", "/infer", body, headers)
        self._accepted(status, said)
        try:
            given = await _maybe_apart(len(said), lambda: wire.response(said, head))
        except ValueError as exc:
            raise ModelBroken(
                f"{self._server.address}: an answer that cannot be read: {exc}"
            ) from exc
        wrong = misfit(self.signature.outputs, described(given))
        if wrong:
            self._checked = (
                False  # the model was exchanged under way: look again before the next batch
            )
            raise ModelBroken(f"{self._server.address}: another model's answer: {wrong}")
        return given

    async def ready(self) -> bool:
        """Whether the server says that the model is ready, in time."""
        try:
            status, _, _ = await self._call("GET", "/ready")
        except KefuError:
            return False
        return status == 200

    async def close(self) -> None:
        """Close all connections."""
        session, self._session, self._checked = self._session, None, False
        if session is not None:
            await session.close()

    async def _call(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        headers: dict[str, str] | None = None,
    ) -> tuple[int, int | None, bytes]:
        """Status, length of the JSON where it is not all, and body."""
        try:
            async with asyncio.timeout(self._server.limit_s):
                try:
                    return await self._exchange(method, path, body, headers)
                except (aiohttp.ServerDisconnectedError, aiohttp.ClientOSError) as exc:
                    if isinstance(exc, aiohttp.ClientConnectorError):
                        raise
                    # A kept connection that the server had closed meanwhile. Asking twice changes nothing.
                    return await self._exchange(method, path, body, headers)
        except TimeoutError as exc:
            raise ModelTimeout(
                f"{self._server.address}: no answer within {self._server.limit_s:g} s;"
                " give the server more workers, or the call more time"
            ) from exc
        except (aiohttp.ClientError, OSError) as exc:
            raise ModelBroken(
                f"{self._server.address}: the model server cannot be reached ({exc});"
                " start it, or correct its address"
            ) from exc

    async def _exchange(
        self, method: str, path: str, body: bytes | None, headers: dict[str, str] | None
    ) -> tuple[int, int | None, bytes]:
        if self._session is None:
            self._session = _open(self._server)
        # No redirects: a key goes to the address it was configured for, and nowhere else.
        async with self._session.request(
            method, self._server.address + path, data=body, headers=headers, allow_redirects=False
        ) as response:
            if response.status != 200:
                return response.status, None, await response.content.read(_ERROR_BYTES)
            head = response.headers.get(wire.HEADER, "")
            return 200, int(head) if head.isdigit() else None, await response.read()

    def _accepted(self, status: int, body: bytes) -> None:
        if status != 200:
            self._refuse(status, body)

    def _refuse(self, status: int, body: bytes) -> NoReturn:
        message = f"{self._server.address}: HTTP {status} {wire.trouble(body)}".rstrip()
        if status in _REFUSED:
            raise ModelRefused(message)
        raise ModelBroken(message)


def _open(server: ModelServer) -> aiohttp.ClientSession:
    key = {"Authorization": f"Bearer {server.api_key}"} if server.api_key else None
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=server.connections, ttl_dns_cache=60),
        timeout=aiohttp.ClientTimeout(total=None),
        cookie_jar=aiohttp.DummyCookieJar(),
        headers=key,
    )


async def _maybe_apart(size: int, call: Callable[[], T]) -> T:
    """The call's result; of `size` bytes that would hold the loop up, from a thread."""
    return call() if size < _LARGE else await asyncio.to_thread(call)
