"""Several worker processes over one listening socket; one that dies is replaced."""

from __future__ import annotations

import signal
import socket
import threading
import time
from collections.abc import Callable
from multiprocessing import get_context
from multiprocessing.connection import wait
from multiprocessing.process import BaseProcess

import structlog

Work = Callable[[list[socket.socket]], None]
"""What a worker does until SIGTERM; must be picklable."""

GRACE_S = 20.0
"""How long workers may finish their turns at shutdown before they are killed."""

BREATH_S = 1.0
"""Pause before a dead worker is replaced, so that one that cannot start does not spin."""

log = structlog.get_logger()


class Workers:
    """A fixed number of processes. `run` returns after SIGTERM or SIGINT, when all have ended."""

    def __init__(self, count: int, work: Work, sockets: list[socket.socket]) -> None:
        self._count = count
        self._work = work
        self._sockets = sockets
        self._context = get_context("spawn")
        self._stopping = threading.Event()

    def run(self) -> None:
        """Start all, replace the dead, stop all."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: self._stopping.set())
        workers = [self._start() for _ in range(self._count)]
        while not self._stopping.is_set():
            wait([worker.sentinel for worker in workers], timeout=0.2)
            workers = [self._alive(worker) for worker in workers]
        _stop(workers)

    def _start(self) -> BaseProcess:
        worker = self._context.Process(target=self._work, args=(self._sockets,))
        worker.start()
        return worker

    def _alive(self, worker: BaseProcess) -> BaseProcess:
        if worker.is_alive() or self._stopping.is_set():
            return worker
        log.error("worker_died", exitcode=worker.exitcode)
        self._stopping.wait(BREATH_S)
        return self._start()


def _stop(workers: list[BaseProcess]) -> None:
    for worker in workers:
        worker.terminate()
    end = time.monotonic() + GRACE_S
    for worker in workers:
        worker.join(max(0.0, end - time.monotonic()))
        if worker.is_alive():
            worker.kill()
            worker.join()
