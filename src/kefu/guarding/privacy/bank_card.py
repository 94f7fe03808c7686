"""Bank cards. Luhn alone lets every tenth order number through, so issuer or context must agree."""

from __future__ import annotations

import re
from collections.abc import Iterator

from stdnum import luhn

from kefu.guarding.privacy.cues import about
from kefu.messages import Finding

_CANDIDATE = re.compile(
    r"(?<![0-9A-Za-z_])(?<!\d[-.])\d(?:[-\s]?\d){12,18}(?![0-9A-Za-z])(?![-.]\d)"
)
_ISSUERS = re.compile(r"62\d{14,17}|4\d{15}|5[1-5]\d{14}|35\d{14}|3[47]\d{13}|9558\d{15}")
"""UnionPay, Visa, Mastercard, JCB, American Express, and the old cards of ICBC."""


def find(text: str) -> Iterator[Finding]:
    """Every bank card number in a normalised text; order, parcel and serial numbers are none."""
    for found in _CANDIDATE.finditer(text):
        if _grouped(found.group()) and _is_card(text, found):
            yield Finding("bank_card", found.start(), found.end())


def _is_card(text: str, found: re.Match[str]) -> bool:
    digits = re.sub(r"\D", "", found.group())
    called = about(text, found.start(), found.end())
    if called == "order" or (called is None and _ISSUERS.fullmatch(digits) is None):
        return False
    return luhn.is_valid(digits)


def _grouped(written: str) -> bool:
    """Whether the digits are in one piece, in fours, or in two pieces: else they are several numbers."""
    sizes = [len(group) for group in re.split(r"[-\s]", written)]
    return len(sizes) == 1 or all(size == 4 for size in sizes[:-1]) or sizes in ([6, 10], [6, 13])
