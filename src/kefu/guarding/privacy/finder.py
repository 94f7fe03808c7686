"""Finds personal data: asks only the recognisers for which a text has a cue, and settles who wins."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator

from kefu.guarding.privacy import (
    address,
    bank_card,
    email,
    id_card,
    ip,
    name,
    passport,
    phone,
    plate,
)
from kefu.messages import Finding

Recogniser = Callable[[str], Iterator[Finding]]

_NUMBER = re.compile(
    r"(?:[0-9零〇一二三四五六七八九幺壹贰叁肆伍陆柒捌玖][-—~.·_/\s()（）]{0,3}){7}"
)
_PLACE = re.compile(
    r"[省市区县镇乡村路街道巷弄里苑园厦场寓城座楼栋幢室号院庄湾府学]|[Ss][Oo][Hh][Oo]|\d[A-Za-z]?\s[A-Z]"
)
_NAMED = re.compile(
    r"收[件货]|签收人|联系人|持卡人|开户人|户主|户名|姓名|名字|名叫|叫|[件单买约]人|我是|先生|女士|小姐|太太|师傅|经理|老师"
    r"|[Nn]ame|[Rr]ecipient|[Cc]onsignee|[MD]rs?\b|Ms\b|mrs?\b|ms\b"
)
_PLATE = re.compile(r"[\u4e00-\u9fff][A-Za-z][·•.\s-]?[A-Za-z0-9]{4}")
_LABEL = re.compile(r"护照|通行证|回乡证|台胞证|passport", re.IGNORECASE)
_MAIL = re.compile(r"@|艾特|[(\[]at[)\]]")
_ADDRESS_OF_NET = re.compile(r"\d\.\d{1,3}\.|[0-9A-Fa-f]?:[0-9A-Fa-f]{0,4}:")

_NUMBERS: tuple[Recogniser, ...] = (id_card.find, bank_card.find, phone.find)
_RANK = {
    kind: rank
    for rank, kind in enumerate(
        ("email", "id_card", "bank_card", "passport", "phone", "ip", "plate", "address", "name")
    )
}


def find(text: str) -> list[Finding]:
    """All personal data of a normalised text, in order, without overlaps."""
    found = numbers(text)
    if _PLATE.search(text):
        found += plate.find(text)
    if _PLACE.search(text):
        found += address.find(text)
    beside = bool(found)
    if beside or _NAMED.search(text):
        found += name.find(text, found)
    return settle(found) if found else found


def numbers(text: str) -> list[Finding]:
    """Only what has a form of its own and needs no knowledge of words: numbers and e-mail addresses."""
    found: list[Finding] = []
    if _MAIL.search(text):
        found += email.find(text)
    if _NUMBER.search(text):
        for recogniser in _NUMBERS:
            found += recogniser(text)
        if _LABEL.search(text):
            found += passport.find(text)
    if _ADDRESS_OF_NET.search(text):
        found += ip.find(text)
    return found


def settle(found: Iterable[Finding]) -> list[Finding]:
    """Of findings that overlap keep the surer kind, then the longer."""
    candidates = sorted(found, key=lambda f: (_RANK[f.kind], f.start - f.end, f.start))
    taken = bytearray(max((one.end for one in candidates), default=0))
    kept: list[Finding] = []
    for one in candidates:
        if not any(taken[one.start : one.end]):
            taken[one.start : one.end] = b"\1" * (one.end - one.start)
            kept.append(one)
    kept.sort(key=lambda f: f.start)
    return kept
