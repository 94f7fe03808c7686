"""How many goods or parcels: a number with its measure word."""

from __future__ import annotations

import re

from kefu.understanding.slots.numerals import NUMBER, WORDS, number, plain

MEASURES = "个件双箱包盒瓶罐台只条套袋份斤支张把床副本部款单组打串颗粒桶提板对块筒听枚盏辆克升顶"
_COUNT = re.compile(rf"(?:{NUMBER})\s?(?:公斤|[{MEASURES}])")
_NUMBER = re.compile(rf"(?:仅|就|约)?(?P<number>{NUMBER}|半)")
_ENGLISH = re.compile(rf"\b(?P<number>\d+|{WORDS})\b")


def find(text: str) -> list[tuple[int, int]]:
    """Spans of counts in a folded text. A bare 一个 is a way of speaking, so it is for the tagger to say."""
    return [match.span() for match in _COUNT.finditer(text) if not match.group().startswith("一")]


def value(raw: str) -> str | None:
    """The count as digits, None where there is none.

    >>> value("两件"), value("24罐"), value("one more")
    ('2', '24', '1')
    """
    text = raw.strip().lower()
    match = _NUMBER.search(text) or _ENGLISH.search(text)
    found = number(match["number"]) if match else None
    return None if found is None else plain(found)
