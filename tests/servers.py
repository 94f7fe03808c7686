"""Real servers for tests: Redis, a Redis Cluster, PostgreSQL; on free ports, in folders of their own.

Everything here is synchronous and knows no fixture; conftest.py makes fixtures of it.
"""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NoReturn

import pytest

INSTALL = "run scripts/install-test-needs.sh"
START_S = 20.0


class Server:
    """A process that answers at `url`. Killed and started again at will, always on the same port and data."""

    def __init__(
        self,
        command: Sequence[str],
        url: str,
        ready: Callable[[], bool],
        *,
        user: str | None = None,
        hard: signal.Signals = signal.SIGKILL,
    ) -> None:
        self.url = url
        self._command = list(command)
        self._ready = ready
        self._user = user
        self._hard = hard
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """The process id; the server must run."""
        assert self._process is not None
        return self._process.pid

    def start(self) -> None:
        """Start, and return when it answers."""
        self._process = subprocess.Popen(
            self._command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            user=self._user,
        )
        _wait(self._answers)

    def kill(self) -> None:
        """End it as a crash would, and wait for it to be gone."""
        if self._process is not None:
            self._process.send_signal(signal.SIGCONT)
            self._process.send_signal(self._hard)
            self._process.wait(START_S)
            self._process = None

    def freeze(self) -> None:
        """Let it hang: connections stay open, nothing is answered."""
        os.kill(self.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on after `freeze`."""
        os.kill(self.pid, signal.SIGCONT)

    def _answers(self) -> bool:
        assert self._process is not None
        assert self._process.poll() is None, f"{self._command[0]} ended at once"
        return self._ready()


@contextlib.contextmanager
def redis(*options: str) -> Iterator[Server]:
    """One Redis that keeps nothing on disk."""
    binary = find("redis-server")
    with _folder() as folder:
        port = free_port()
        server = _redis_server(binary, folder, port, options)
        server.start()
        try:
            yield server
        finally:
            server.kill()


@contextlib.contextmanager
def redis_cluster(nodes: int = 3) -> Iterator[str]:
    """A Redis Cluster without replicas; yields its redis+cluster:// address."""
    binary, cli = find("redis-server"), find("redis-cli")
    with _folder() as folder, contextlib.ExitStack() as stack:
        ports = [free_port() for _ in range(nodes)]
        for port in ports:
            place = folder / str(port)
            place.mkdir()
            options = ("--cluster-enabled", "yes", "--cluster-node-timeout", "2000")
            server = _redis_server(binary, place, port, options)
            stack.callback(server.kill)
            server.start()
        addresses = [f"127.0.0.1:{port}" for port in ports]
        subprocess.run(
            [cli, "--cluster", "create", *addresses, "--cluster-yes"],
            check=True,
            capture_output=True,
            timeout=START_S,
        )
        _wait(lambda: all(_says(port, b"CLUSTER INFO", b"cluster_state:ok") for port in ports))
        yield f"redis+cluster://{addresses[0]}"


@contextlib.contextmanager
def postgres() -> Iterator[Server]:
    """One PostgreSQL with the user `kefu` and no password; it does not run as root."""
    binary, initdb, is_ready = find("postgres"), find("initdb"), find("pg_isready")
    user = _plain_user() if os.geteuid() == 0 else None
    with _folder() as folder:
        if user is not None:
            shutil.chown(folder, user)
        data, port = folder / "data", free_port()
        subprocess.run(
            [initdb, "-D", str(data), "-U", "kefu", "-A", "trust", "-E", "UTF8", "--no-sync"],
            check=True,
            capture_output=True,
            user=user,
            cwd=folder,
        )
        server = Server(
            [binary, "-D", str(data), "-p", str(port), "-k", str(folder), "-c", "fsync=off"],
            f"postgresql://kefu@127.0.0.1:{port}/postgres",
            lambda: _answers([is_ready, "-q", "-h", "127.0.0.1", "-p", str(port)]),
            user=user,
            hard=signal.SIGQUIT,  # takes its children along; to the data it is a crash
        )
        server.start()
        try:
            yield server
        finally:
            server.kill()


def find(program: str) -> str:
    """The path of a program; without it the test is skipped, or fails where the variable CI is set."""
    found = shutil.which(program)
    homes = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{program}"), reverse=True)
    if found is None and homes:
        return str(homes[0])
    return found if found is not None else missing(program)


def missing(what: str) -> NoReturn:
    """Say what to install: as a skip on a developer's machine, as a failure in CI."""
    message = f"{what} is not installed: {INSTALL}"
    if os.environ.get("CI"):
        pytest.fail(message)
    pytest.skip(message)


def free_port() -> int:
    """A port that nobody listens on, low enough for a cluster's second port 10000 above it."""
    while True:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port: int = probe.getsockname()[1]
        if port < 55_000:
            return port


def _redis_server(binary: str, folder: Path, port: int, options: Sequence[str]) -> Server:
    quiet = ["--save", "", "--appendonly", "no", "--bind", "127.0.0.1", "--dir", str(folder)]
    return Server(
        [binary, "--port", str(port), *quiet, *options],
        f"redis://127.0.0.1:{port}/0",
        lambda: _says(port, b"PING", b"+PONG"),
    )


def _says(port: int, command: bytes, answer: bytes) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1.0) as wire:
        wire.sendall(command + b"\r\n")
        return answer in wire.recv(4096)
    return False


def _wait(ready: Callable[[], bool]) -> None:
    until = time.monotonic() + START_S
    while not ready():
        assert time.monotonic() < until, "the server does not answer"
        time.sleep(0.02)


def _answers(command: Sequence[str]) -> bool:
    return subprocess.run(command, check=False, capture_output=True).returncode == 0


def _plain_user() -> str:
    """Someone other than root: PostgreSQL refuses to run as root."""
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


@contextlib.contextmanager
def _folder() -> Iterator[Path]:
    """A folder outside pytest's own, for those may only be entered by the user who made them."""
    folder = Path(tempfile.mkdtemp(prefix="kefu-test-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
