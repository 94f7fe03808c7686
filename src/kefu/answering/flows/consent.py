"""Yes, no, or neither: what a customer says to "shall I?".

The understanding model's word counts, but a change to someone's data needs more than a label: a question or a
negation in the text is never a yes.
"""

from __future__ import annotations

import re

from kefu.messages import Meaning

_SURE = 0.5
"""Confidence at which the reader's yes or no counts."""
_LONGEST = 24
"""Characters; a plain yes or no is short, and the patterns below need not be tried on stories."""

_EDGE = r"[\s,.!~;\uff0c\u3002\uff01\uff5e\u3001\uff1b]*"
_YES_WORD = (
    r"(?:好的?|行|可以|嗯|恩|对的?|是的?|没错|不错|没问题|确认|确定|同意|就这样|麻烦你?了?|谢谢你?|[哈啊呀呢哦了])"
    r"|(?:那?就|直接|帮我|你)?(?!算了|再|等|先不|别|不|取消)[\u4e00-\u9fff]{1,4}吧"
    r"|(?:确认|确定|同意)[\u4e00-\u9fff]{1,4}"
    r"|yes|yep|yeah|ok(?:ay)?|sure|please(?: do)?|go ahead|do it|correct|right|confirm(?:ed)?|thanks"
)
_YES = re.compile(rf"{_EDGE}(?:(?:{_YES_WORD}){_EDGE})+", re.IGNORECASE)
_NO_WORD = (
    r"不(?:是的?|对|用了?|要了?|需要了?|[\u4e00-\u9fff]{1,2}了)?|算了吧?|别了?|先(?:别|不)[\u4e00-\u9fff]{0,3}"
    r"|再说吧?|谢谢|no(?:pe)?|no thanks?|cancel that|never ?mind|forget it|don'?t|stop"
)
_NO = re.compile(rf"{_EDGE}(?:(?:{_NO_WORD}){_EDGE})+", re.IGNORECASE)
_NEITHER = re.compile(
    rf"{_EDGE}(?:(?:这个|东西|我|都|也|已经|现在)*(?:不想要了?|不要了|不想买了|不喜欢了?|用不[上着]了?)"
    rf"|(?:先)?(?:等等|等一下|等下|等会儿?|稍等|慢着)(?:吧|啊|哈)?|wait|hold on"
    r"|i don'?t want (?:it|this)(?: any ?more)?"
    rf"){_EDGE}",
    re.IGNORECASE,
)
"""A second thought, or a reason: of 不想要了 nobody knows whether it is the cancelling that is not wanted."""
_DROP = re.compile(
    rf"{_EDGE}(?:还是|那就?)?(?:算了吧?|不用了|不需要了|不(?!想|喜)[\u4e00-\u9fff]{{1,2}}了|先不[\u4e00-\u9fff]{{0,3}}"
    rf"|never ?mind|forget it|no thanks?){_EDGE}(?:谢谢)?{_EDGE}",
    re.IGNORECASE,
)
_DOUBT = re.compile(r"[?\uff1f]|[吗么]\s*$|怎么|为什么|多少|多久")
_PLEASE = re.compile(r"\s*(?:能|可以|可不可以|麻烦|请|帮|can you|could you|please)", re.IGNORECASE)
_PICK = re.compile(r"第\s*[一二两三四五六七八九十\d]+\s*[个单件条笔种款]")
_NEGATION = re.compile(
    r"不(?!错|客气|好意思)|别|没(?!错|问题|事|关系)|算了|\b(?:not?|don'?t|never)\b", re.IGNORECASE
)


def consent(meaning: Meaning, text: str) -> bool | None:
    """True for a yes, False for a no, None for neither."""
    if _DOUBT.search(text):
        return None
    if len(text) <= _LONGEST:
        if _NEITHER.fullmatch(text):
            return None
        if _NO.fullmatch(text):
            return False
        if _YES.fullmatch(text):
            return True
    if _PICK.search(text):  # it answers another question than ours
        return None
    said = {intent.name for intent in meaning.intents if intent.confidence >= _SURE}
    if "affirm" in said and "deny" not in said and not _NEGATION.search(text):
        return True
    return False if "deny" in said and "affirm" not in said else None


def drops(text: str) -> bool:
    """Whether the text leaves the matter that a question was asked about: "算了", "never mind"."""
    return len(text) <= _LONGEST and _DROP.fullmatch(text) is not None


def wonders(text: str) -> bool:
    """Whether the text is a question, and no request put as one: "多少钱?", not "能放门口吗?"."""
    return _DOUBT.search(text) is not None and _PLEASE.match(text) is None
