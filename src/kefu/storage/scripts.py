"""The Lua scripts of the Redis store. Each file in lua/ opens with its contract."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources

NAMES = ("lease", "renew", "commit", "release", "get", "put", "take")


@dataclass(frozen=True, slots=True)
class Script:
    """A script over one key; `sha` is the name Redis knows it by once it has seen it."""

    text: str
    sha: str


def _load(name: str) -> Script:
    text = resources.files("kefu.storage").joinpath("lua", f"{name}.lua").read_text("utf-8")
    return Script(text, hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest())


SCRIPTS: Mapping[str, Script] = {name: _load(name) for name in NAMES}
TEXTS: Mapping[str, str] = {script.sha: script.text for script in SCRIPTS.values()}
"""From sha to text, for a server that does not know the script: it was restarted, replaced or flushed."""
