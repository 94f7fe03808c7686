"""The whole service as a process of its own, for tests that must not share one with it."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path

import servers

ROOT = Path(__file__).parent.parent
START_S = 30.0


class Service:
    """`kefu serve` on a free port; killed and started again at will, on the same data."""

    def __init__(
        self, data_dir: Path, env: Mapping[str, str] | None = None, pack: str = "packs/retail"
    ) -> None:
        self.data_dir = data_dir
        self.port = servers.free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.output = data_dir / "service.log"
        self._env = {
            **{name: value for name, value in os.environ.items() if not name.startswith("KEFU_")},
            "KEFU_DATA_DIR": str(data_dir),
            "KEFU_LIMITS__ENABLED": "false",
            "PYTHONPATH": str(ROOT / "src"),
            **(env or {}),
        }
        self._pack = pack
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> Service:
        """Start, and return when it is ready."""
        command = [sys.executable, "-m", "kefu", "serve", "--pack", str(ROOT / self._pack)]
        with self.output.open("ab") as output:
            self._process = subprocess.Popen(
                [*command, "--port", str(self.port)],
                env=self._env,
                stdout=output,
                stderr=output,
                cwd=ROOT,
            )
        self._wait()
        return self

    def kill(self) -> None:
        """SIGKILL: no good-bye."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """SIGTERM: drained."""
        self._end(signal.SIGTERM)

    @property
    def pid(self) -> int:
        """The process id; the service must run."""
        assert self._process is not None
        return self._process.pid

    @property
    def desk_token(self) -> str:
        """The token that the first start printed."""
        found = re.search(r"desk token[^:]*: (\S+)", self.output.read_text("utf-8"))
        assert found is not None
        return found.group(1)

    def _end(self, number: signal.Signals) -> None:
        if self._process is not None:
            self._process.send_signal(number)
            self._process.wait(START_S)
            self._process = None

    def _wait(self) -> None:
        end = time.monotonic() + START_S
        while time.monotonic() < end:
            assert self._process is not None
            assert self._process.poll() is None, self.output.read_text("utf-8")[-3000:]
            with contextlib.suppress(urllib.error.URLError, ConnectionError, TimeoutError):
                if urllib.request.urlopen(f"{self.url}/readyz", timeout=2).status == 200:
                    return
            time.sleep(0.05)
        raise AssertionError(f"not ready: {self.output.read_text('utf-8')[-3000:]}")
