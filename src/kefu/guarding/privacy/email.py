"""E-mail addresses, also where people write 艾特 and 点 to get past a filter."""

from __future__ import annotations

import re
from collections.abc import Iterator

from kefu.messages import Finding

_ADDRESS = re.compile(
    r"(?<![A-Za-z0-9_%+.-])[A-Za-z0-9_%+-]+(?:\.[A-Za-z0-9_%+-]+)*"
    r"(?:\s?@\s?|\s?(?:艾特|[(\[]at[)\]])\s?)"
    r"(?:[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,24}"
    r"|[A-Za-z0-9-]+(?:。|点|\s\.\s|[(\[]dot[)\]])(?:com|cn|net|org|edu|io)(?:[.。点]cn)?)(?![A-Za-z0-9])"
)


def find(text: str) -> Iterator[Finding]:
    """Every e-mail address in a normalised text."""
    for found in _ADDRESS.finditer(text):
        yield Finding("email", found.start(), found.end())
