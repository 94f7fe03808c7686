"""One word list on disk: a header that names category and action, then one word a line.

    # category: gambling
    # action: block
    网赌
    online casino

A line that starts with # is a comment. Action `allow` makes a list of innocent words: a listed word inside
one of them does not count.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import cast, get_args

from kefu.errors import PackError
from kefu.messages import Action

_HEADER = re.compile(r"#\s*(category|action)\s*:\s*([a-z_]+)\s*\Z")


@dataclass(frozen=True, slots=True)
class WordList:
    """The words of one file, as written there."""

    category: str
    action: Action
    words: tuple[str, ...]


def read(path: Path) -> WordList:
    """Read a list. Raises PackError when it is unreadable, has no proper header, or holds no word."""
    try:
        lines = [line.strip() for line in path.read_text("utf-8").splitlines()]
    except (OSError, UnicodeDecodeError) as exc:
        raise PackError(f"{path.name}: not readable as UTF-8 text ({type(exc).__name__})") from exc
    header = {found[1]: found[2] for line in lines if (found := _HEADER.match(line))}
    category, action = header.get("category"), header.get("action")
    if category is None or action not in get_args(Action):
        raise PackError(
            f"{path.name}: begin with '# category: <name>' and '# action: allow|mask|block|handover'"
        )
    words = tuple(dict.fromkeys(line for line in lines if line and not line.startswith("#")))
    if not words:
        raise PackError(f"{path.name}: no word in it; delete the file to switch the list off")
    return WordList(category, cast("Action", action), words)
