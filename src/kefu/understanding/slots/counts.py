"""How many goods or parcels: a number with its measure word."""

from __future__ import annotations

import re

from kefu.understanding.slots.numerals import NUMBER, WORDS, number, plain

MEASURES = "个件双箱包盒瓶罐台只条套袋份斤支张把床副本部款单组打串颗粒桶提板对块筒听枚盏辆克升顶"
_ABOUT = r"(?:多|来)?"
_COUNT = re.compile(
    rf"(?:{NUMBER}){_ABOUT}\s?(?:公斤|[{MEASURES}])半?|半(?:公斤|[斤打箱袋])|"
    r"(?<=[买要来拿寄发退换装])[俩仨](?![个人口])"
)
_BARE = re.compile(rf"一[{MEASURES}]")
_NUMBER = re.compile(
    rf"(?:仅|就|约)?(?P<number>{NUMBER}|半){_ABOUT}\s?(?P<measure>公斤|[{MEASURES}])?(?P<half>半)?"
)
_ENGLISH = re.compile(rf"\b(?P<number>\d+|{WORDS})\b(?: (?P<measure>dozens?))?")
_SEVERAL = {"打": 12, "dozen": 12, "dozens": 12}


def find(text: str) -> list[tuple[int, int]]:
    """Spans of counts in a folded text. A bare 一个 is a way of speaking, so it is for the tagger to say."""
    return [match.span() for match in _COUNT.finditer(text) if not _BARE.match(match.group())]


def value(raw: str) -> str | None:
    """The count as digits, None where there is none or only a guess (两三件).

    >>> value("两件"), value("24罐"), value("one more"), value("半斤"), value("一打")
    ('2', '24', '1', '0.5', '12')
    """
    text = raw.strip().lower()
    match = _NUMBER.search(text)
    found = number(match["number"]) if match else None
    if match is None:
        match = _ENGLISH.search(text)
        found = number(match["number"]) if match else None
    if match is None or found is None:
        return None
    found *= _SEVERAL.get(match["measure"] or "", 1)
    return plain(found + 0.5 if match.groupdict().get("half") else found)
