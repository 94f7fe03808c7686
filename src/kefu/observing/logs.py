"""Logs: one JSON object a line, on standard error. `configure` once, at the start of a process."""

from __future__ import annotations

import logging
import sys
import traceback
from collections.abc import MutableMapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO

import msgspec
import structlog

from kefu.errors import SettingsError
from kefu.observing.redacting import redacted

LEVELS = {"debug": 10, "info": 20, "warning": 30, "error": 40, "critical": 50}

_FRAMES = 4
_encode = msgspec.json.Encoder().encode


def configure(level: str = "info", stream: BinaryIO | None = None) -> None:
    """Send structlog's and the standard library's logs to `stream`, standard error unless told.

    Raises SettingsError for a level that is none.
    """
    number = LEVELS.get(level)
    if number is None:
        raise SettingsError(f"log.level: {level!r} is none of {', '.join(LEVELS)}")
    out = stream if stream is not None else sys.stderr.buffer
    structlog.configure(
        processors=[_place, render],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.BytesLoggerFactory(out),
        cache_logger_on_first_use=False,
    )
    root = logging.getLogger()
    root.handlers[:] = [_Bridge(max(number, logging.WARNING))]
    root.setLevel(max(number, logging.WARNING))


def render(_logger: Any, method: str, event: MutableMapping[str, Any]) -> bytes:
    """The last processor: redact, stamp, encode."""
    kept = redacted(event)
    now = datetime.now(UTC).isoformat(timespec="milliseconds")
    line = {"at": now, "level": method, "event": kept.pop("event", ""), **kept}
    try:
        return _encode(line)
    except UnicodeEncodeError:  # a lone surrogate, which JSON in UTF-8 cannot hold
        return _encode({"at": now, "level": method, "event": "not_utf8"})


def place(exc: BaseException) -> dict[str, str]:
    """An error's name and where it rose; its message is left out, because it may quote the customer."""
    frames = traceback.extract_tb(exc.__traceback__)[-_FRAMES:]
    where = " < ".join(f"{Path(f.filename).name}:{f.lineno}" for f in reversed(frames))
    return {"error": type(exc).__name__, "where": where}


def _place(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Put an exception's name and place where its traceback would be."""
    exc_info: object = event.pop("exc_info", None)
    if exc_info is True:
        exc_info = sys.exc_info()[1]
    elif isinstance(exc_info, tuple):
        exc_info = exc_info[1]
    if isinstance(exc_info, BaseException):
        event.update(place(exc_info))
    return event


class _Bridge(logging.Handler):
    """The standard library's records: the first line of their template, for their arguments may be anything."""

    def emit(self, record: logging.LogRecord) -> None:
        """Log one."""
        template = str(record.msg).partition("\n")[0]
        logger = structlog.get_logger()
        logger.log(record.levelno, template, logger=record.name, exc_info=record.exc_info)
