"""Chinese number plates: ordinary, new-energy, police, learner, Hong Kong and Macau."""

from __future__ import annotations

import re
from collections.abc import Iterator

from kefu.messages import Finding

_PROVINCE = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼"
_PLATE = re.compile(
    rf"[{_PROVINCE}][A-HJ-NP-Z][·•.\s-]?"
    r"(?:[DF][A-HJ-NP-Z0-9]\d{4}|\d{5}[DF]|[A-HJ-NP-Z0-9]{4}[A-HJ-NP-Z0-9挂学警港澳])(?![A-Za-z0-9])"
)
_LABEL = re.compile(r"车牌|车号|牌照")
_UPPER = str.maketrans("abcdefghijklmnopqrstuvwxyz", "ABCDEFGHIJKLMNOPQRSTUVWXYZ")
_DIGITS, _NEAR = 3, 20


def find(text: str) -> Iterator[Finding]:
    """Every number plate in a normalised text; small letters count only under a label."""
    for found in _PLATE.finditer(text):
        if sum(char.isdigit() for char in found.group()) >= _DIGITS:
            yield Finding("plate", found.start(), found.end())
    label = _LABEL.search(text)
    if label is None:
        return
    for found in _PLATE.finditer(text.translate(_UPPER), label.end(), label.end() + _NEAR):
        yield Finding("plate", found.start(), found.end())
