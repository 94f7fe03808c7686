"""Internet addresses, fourth and sixth version."""

from __future__ import annotations

import re
from collections.abc import Iterator
from ipaddress import ip_address

from kefu.messages import Finding

_FOURTH = re.compile(r"(?<![0-9A-Za-z.])\d{1,3}(?:\.\d{1,3}){3}(?![0-9A-Za-z]|\.\d)")
_SIXTH = re.compile(r"(?<![0-9A-Za-z:.])[0-9A-Fa-f]{0,4}(?::[0-9A-Fa-f]{0,4}){2,7}(?![0-9A-Za-z:])")
_VERSION = re.compile(r"(?:版本|固件|系统|升级|version|firmware|ver)[^0-9]{0,6}\Z", re.IGNORECASE)
_NEAR = 14


def find(text: str) -> Iterator[Finding]:
    """Every internet address in a normalised text; a version number is none."""
    for pattern in (_FOURTH, _SIXTH):
        for found in pattern.finditer(text):
            before = text[max(0, found.start() - _NEAR) : found.start()]
            if _is_address(found.group()) and not _VERSION.search(before):
                yield Finding("ip", found.start(), found.end())


def _is_address(written: str) -> bool:
    """As the library says, but for "::" and the like, which have no content."""
    if sum(char.isalnum() for char in written) < 4:
        return False
    try:
        ip_address(written)
    except ValueError:
        return False
    return True
