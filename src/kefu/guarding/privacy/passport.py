"""Passports and travel permits: their numbers say nothing by themselves, so a label must stand before."""

from __future__ import annotations

import re
from collections.abc import Iterator

from kefu.messages import Finding

_LABELLED = re.compile(
    r"(?:护照|通行证|回乡证|台胞证|passport)[^0-9A-Za-z，,。;；]{0,10}"
    r"(?:(?:no|number)\b[.:：\s]*)?(?:is\s)?"
    r"(?P<number>[A-Za-z]{0,2}\d{7,9}|\d{2}[A-Za-z]{2}\d{5})(?![0-9A-Za-z])",
    re.IGNORECASE,
)


def find(text: str) -> Iterator[Finding]:
    """Every labelled passport or travel permit number in a normalised text."""
    for found in _LABELLED.finditer(text):
        yield Finding("passport", *found.span("number"))
