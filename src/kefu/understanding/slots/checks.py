"""Checks: values with a rule of their own. Each gives the one normal form of a valid value, else None.

What is said here to be None stays in the reading as it was written; nobody has called it valid.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from stdnum.cn import uscc

from kefu.understanding.slots.numerals import NUMBER, number, plain

Check = Callable[[str], "str | None"]

_BLANKS = re.compile(r"[\s-]")
_OLD_TAX = re.compile(r"\d{15}|[1-8]\d{16}[\dX]|[1-8]\d{16}[\dX]\d{2}")
"""Numbers from before 2015: 15 digits, an identity card's 18, or that with two more."""
_MAIL = re.compile(
    r"(?P<box>[a-z0-9_%+-]+(?:\.[a-z0-9_%+-]+)*)@(?P<host>[a-z0-9-]+(?:\.[a-z0-9-]+)*\.[a-z]{2,24})",
    re.IGNORECASE,
)
_AT = re.compile(r"\s?(?:艾特|[(\[]at[)\]]|@)\s?", re.IGNORECASE)
_DOT = re.compile(r"\s?(?:[(\[]dot[)\]]|点|。)\s?", re.IGNORECASE)
_COUPON = re.compile(rf"满(?P<least>{NUMBER})(?:块钱?|元)?[减送](?P<off>{NUMBER})(?:块钱?|元)?")
_SHARE = re.compile(
    r"(?P<tenths>[一二三四五六七八九]|\d(?:\.\d)?)(?P<hundredths>[一二三四五六七八九])?折"
)
_TRACKING: Mapping[str, str] = {
    "顺丰": r"SF\d{12,15}",
    "圆通": r"YT\d{13,15}|[GVDR]\d{17}",
    "中通": r"ZTO\d{11,14}|7[3-9]\d{12}|[45]\d{14}",
    "申通": r"STO\d{10,13}|77\d{13}|[23]68\d{10}",
    "韵达": r"YD\d{13,15}|(?:31|43|46)\d{11,13}",
    "极兔": r"JT\d{13,15}",
    "京东物流": r"JD[A-Z]{0,2}\d{8,14}(?:-\d+-\d+-?)?",
    "德邦": r"DPK\d{9,12}",
    "邮政": r"(?:E[A-Z]|[RCLP][A-Z])\d{9}[A-Z]{2}|(?:10|11|98|99)\d{11}",
    "UPS": r"1Z[A-Z0-9]{16}",
}
_COURIERS = re.compile(
    "|".join(f"(?P<c{at}>{pattern})" for at, pattern in enumerate(_TRACKING.values()))
)


def tax_id(raw: str) -> str | None:
    """A unified social credit code with a right check digit (GB 32100-2015), or a number from before it.

    >>> tax_id("9111 0000 8021 00433b"), tax_id("91330106MA2B1C3D4E")
    ('91110000802100433B', None)
    """
    code = _BLANKS.sub("", raw).upper()
    if _OLD_TAX.fullmatch(code):
        return code
    return str(uscc.compact(code)) if uscc.is_valid(code) else None


def email(raw: str) -> str | None:
    """An address as machines write it, the host in small letters.

    >>> email("Li.Lei 艾特 QQ点com"), email("李雷@")
    ('Li.Lei@qq.com', None)
    """
    box, at, host = _AT.sub("@", raw.strip(), count=1).partition("@")
    match = _MAIL.fullmatch(f"{box}{at}{_DOT.sub('.', host)}")
    return f"{match['box']}@{match['host'].lower()}" if match else None


def tracking_no(raw: str) -> str | None:
    """A parcel's number that looks like one of a known courier, else None."""
    code = raw.strip().upper().replace(" ", "")
    return code if courier_of(code) else None


def courier_of(code: str) -> str | None:
    """Whose number it is by its form: the Chinese name of a courier.

    >>> courier_of("SF1630294857712"), courier_of("20261102")
    ('顺丰', None)
    """
    match = _COURIERS.fullmatch(code)
    if match is None or match.lastgroup is None:
        return None
    return tuple(_TRACKING)[int(match.lastgroup[1:])]


def coupon(raw: str) -> str | None:
    """A coupon's name with its sums in digits.

    >>> coupon("满三百块减五十"), coupon("八五折券")
    ('满300减50', '8.5折券')
    """
    text = _COUPON.sub(_in_digits, raw.strip())
    return _SHARE.sub(_share, text) or None


def _in_digits(match: re.Match[str]) -> str:
    sums = [number(match[name]) for name in ("least", "off")]
    if None in sums:
        return match.group()
    least, off = (plain(amount or 0) for amount in sums)
    return f"满{least}{'送' if '送' in match.group() else '减'}{off}"


def _share(match: re.Match[str]) -> str:
    tenths = number(match["tenths"])
    hundredths = number(match["hundredths"]) if match["hundredths"] else 0
    return f"{plain(round((tenths or 0) + (hundredths or 0) / 10, 1))}折"


CHECKS: Mapping[str, Check] = {
    "tax_id": tax_id,
    "email": email,
    "tracking_no": tracking_no,
    "coupon": coupon,
}
