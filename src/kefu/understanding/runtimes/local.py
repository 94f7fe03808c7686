"""What the runtimes of this process share: a file that is loaded once and run in threads of its own."""

from __future__ import annotations

import asyncio
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from kefu.errors import KefuError, ModelBroken, PackError
from kefu.understanding.runtimes.port import Signature, Tensors, TensorSpec, described, misfit

REMEDY = "make it again with: kefu train PACK"
T = TypeVar("T")


class LocalRuntime(ABC):
    """A model file in this process. `workers` batches may run at the same time, each in its thread."""

    def __init__(self, path: Path, signature: Signature, *, workers: int = 1) -> None:
        self.path = path
        self.signature = signature
        self._workers = workers
        self._loading = threading.Lock()
        self._loaded = False
        self._threads: ThreadPoolExecutor | None = None

    async def open(self) -> None:
        """Load the file. Raises PackError where it is missing, broken or another model's."""
        if not self._loaded:
            await self._apart(self._load)

    async def run(self, tensors: Tensors) -> Tensors:
        """One batch. A caller who is cancelled does not stop the thread; the result is dropped."""
        await self.open()
        return await self._apart(lambda: self._compute(tensors))

    async def ready(self) -> bool:
        """Whether the model is loaded."""
        return self._loaded

    async def close(self) -> None:
        """Let go of the model; a batch that runs is finished first."""
        threads, self._threads = self._threads, None
        if threads is not None:
            await asyncio.to_thread(threads.shutdown)
        self._loaded = False
        self._drop()

    @abstractmethod
    def _read(self) -> tuple[list[TensorSpec], list[TensorSpec]]:
        """Read the file, in a thread; what it takes and gives."""

    @abstractmethod
    def _forward(self, tensors: Tensors) -> Tensors:
        """Compute one batch, in a thread."""

    @abstractmethod
    def _drop(self) -> None:
        """Forget what was read."""

    async def _apart(self, call: Callable[[], T]) -> T:
        if self._threads is None:
            self._threads = ThreadPoolExecutor(self._workers, "model")
        return await asyncio.get_running_loop().run_in_executor(self._threads, call)

    def _load(self) -> None:
        with self._loading:
            if self._loaded:
                return
            if not self.path.is_file():
                raise PackError(f"{self.path}: no such model file; {REMEDY}")
            try:
                inputs, outputs = self._read()
            except KefuError:
                raise
            except Exception as exc:
                raise PackError(f"{self.path}: a broken model file ({exc}); {REMEDY}") from exc
            wrong = misfit(self.signature.inputs, inputs) or misfit(self.signature.outputs, outputs)
            if wrong:
                self._drop()
                raise PackError(f"{self.path}: another model: {wrong}; {REMEDY}")
            self._loaded = True

    def _compute(self, tensors: Tensors) -> Tensors:
        wrong = misfit(self.signature.inputs, described(tensors))
        if wrong:
            raise ModelBroken(f"{self.path}: {wrong}")
        try:
            return self._forward(tensors)
        except Exception as exc:
            raise ModelBroken(f"{self.path}: {exc}") from exc
