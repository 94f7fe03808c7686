"""To whom an invoice goes: the title and the tax number in what a customer said."""

from __future__ import annotations

import re

TAX_ID_LENGTHS = (15, 17, 18, 20)
PERSONAL = ("个人", "personal", "Personal")
TAX_ID = re.compile(r"(?<![0-9A-Za-z])9[1-3]\d{6}[0-9A-Za-z]{10}(?![0-9A-Za-z])")
_TAX_SAID = re.compile(r"(?:税号|识别号|tax (?:id|number))[是为:：\s]*([0-9A-Za-z]{15,20})", re.I)
_TAIL = re.compile(r"尾号\s*(\d{4,})(?!\d)")
_TITLE_SAID = re.compile(
    r"抬头(?:是|为|写|开|用|叫)?[:：\s「“]*(?!写|开|改|怎|错|是什么|能)([^,，。;；!！?？\s「」“”]{2,40}?)"
    r"(?=[,，。;；!！?？\s」”]|税号|$)"
)
_NO_TITLE = re.compile(
    r"(?:[\d\s-]+|(?:开|是|要|就)*(?:公司|单位|企业|对公)(?:的|抬头|发票|吧)*|对的?|是的?|好的?|嗯+|可以|行|"
    r"(?:for )?(?:a |my |the )?company|yes|ok)[吧呢啊。.!！]*",
    re.IGNORECASE,
)
_OWN = re.compile(
    r"(?:开|写|就|是|用|要)*(?:个人|我自己|私人)(?:的|抬头|名字|吧|就行|就好|即可)*[。.]?"
)


def title_of(said: str | None, wish: str | None) -> str | None:
    """The title that was given as such, else the one in the wish; a bare number or 公司 is none.

    >>> title_of("个人就行", None), title_of("123456", None), title_of(None, "抬头某某公司，税号911")
    ('个人', None, '某某公司')
    """
    if not said:
        found = _TITLE_SAID.search(wish or "")
        said = found[1] if found else None
    if not said or _NO_TITLE.fullmatch(said.strip()):
        return None
    return PERSONAL[0] if _OWN.fullmatch(said.strip()) else said.strip()


def tax_id_of(*texts: str | None) -> str | None:
    """The first tax number in the texts, in capital letters."""
    for text in filter(None, texts):
        found = TAX_ID.search(text)
        said = None if found else _TAX_SAID.search(text)
        if found or said:
            return (found[0] if found else said[1] if said else "").upper()
    return None


def whole(tax_id: str | None) -> str | None:
    """A number that was given as a tax number, if it is long enough to be one."""
    kept = (tax_id or "").strip().upper()
    return kept if len(kept) in TAX_ID_LENGTHS and kept.isalnum() else None


def tail_of(wish: str | None) -> str | None:
    """The end of an order number that the wish names as such."""
    found = _TAIL.search(wish or "")
    return found[1] if found else None
