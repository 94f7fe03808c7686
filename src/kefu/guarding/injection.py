"""Signals that a text tries to instruct the machine.

A score, never a gate: what may be done lies outside the model's reach.
"""

from __future__ import annotations

import base64
import binascii
import codecs
import html
import re
from collections.abc import Iterator
from operator import add
from urllib.parse import unquote

from ahocorasick_rs import AhoCorasick

_PATTERNS: dict[str, float] = {
    r"""(?:忽略|无视|忘记|忘掉|不要理会|别管|抛开|跳过|推翻)
        .{0,6}(?:之前|以上|上面|前面|所有|先前|原来|一切|系统|你的)
        .{0,8}(?:指令|提示|规则|设定|要求|限制|指示|约束)""": 0.8,
    r"""(?:输出|显示|告诉我|打印|复述|重复|泄露|给我看|说出|公开|发给我)
        .{0,8}(?:系统提示|提示词|初始指令|内部规则|内部指令|你的设定|你的指令|系统指令|系统设定)""": 0.8,
    r"(?:从现在起|从现在开始|现在开始|接下来|现在)，?\s?你(?:就是|是|扮演|要扮演|将扮演|不再是)": 0.5,
    r"""(?:扮演|假装|假设你是|你现在是|切换到|进入)
        .{0,10}(?:管理员|没有限制|不受限制|黑客|开发者|系统|root|dan\b|越狱|调试模式|上帝模式|无限制)""": 0.5,
    r"越狱模式|开发者模式|无限制模式|上帝模式|dan\s?模式|奶奶漏洞": 0.6,
    r"(?:不再|不需要|无需|不必|不用)(?:受|遵守|遵循).{0,8}(?:限制|规则|规定|约束|指令)": 0.6,
    r"(?:以|用|我是)(?:系统|开发者|超级)?(?:管理员|开发者|系统)(?:的)?(?:身份|权限|授权)": 0.5,
    r"""\b(?:ignore|disregard|forget|override|bypass)\b
        .{0,30}\b(?:previous|prior|above|all|earlier|your|system|the)\b
        .{0,20}\b(?:instructions?|prompts?|rules?|guidelines?|directions?|restrictions?)""": 0.8,
    r"""\b(?:reveal|show|print|repeat|output|display|leak|tell\sme|give\sme)\b
        .{0,30}(?:system\sprompt|hidden\sprompt|initial\s(?:prompt|instructions)|developer\smessage
                 |your\s(?:system\s|initial\s)?(?:instructions|prompt))""": 0.8,
    r"""\b(?:you\sare\snow|from\snow\son,?\syou|pretend\s(?:to\sbe|you\sare)|role-?play\sas
        |act\sas\s(?:a|an|the)\s(?:admin|administrator|developer|hacker|unrestricted|system|dan\b))""": 0.5,
    r"""\b(?:developer\smode|jailbreak|do\sanything\snow|dan\smode|god\smode|no\srestrictions
        |without\sany\s(?:restrictions|limits|filters))\b""": 0.6,
    r"""<\|?(?:im_start|im_end|system|endoftext|assistant)\|?>|\[/?INST\]|<</?SYS>>
        |<tool_call>|"?function_call"?\s*:""": 0.7,
    r"(?:^|\n)\s*\#*\s*(?:system|assistant|developer)\s*(?:prompt|message)?\s*[:：]": 0.5,
}
_SIGNALS = tuple(
    (re.compile(pattern, re.IGNORECASE | re.VERBOSE), weight)
    for pattern, weight in _PATTERNS.items()
)
_CUE_WORDS = """
    忽略 无视 忘记 忘掉 理会 别管 抛开 跳过 推翻 提示 指令 规则 设定 扮演 假装 假设 切换 管理员 开发者 系统
    黑客 越狱 模式 限制 约束 现在 接下来 奶奶
    ignore disregard forget override bypass prompt instruction developer jailbreak restriction pretend role act
    you anything mode system assistant inst <| <<sys tool_call function_call
"""
_CUES = AhoCorasick(_CUE_WORDS.split())
_CUE_PAIRS = frozenset(word[:2] for word in _CUE_WORDS.split())
"""The first two characters of each cue: a text without any of them needs no automaton."""
_BASE64 = re.compile(r"[A-Za-z0-9+/]{24,}={0,2}")
_TAGS = re.compile("[\U000e0020-\U000e007e]+")
_ESCAPED = re.compile(r"%[0-9A-Fa-f]{2}|&#?\w+;")
_ENOUGH_LETTERS = re.compile(r"(?:[A-Za-z][^A-Za-z\u4e00-\u9fff]*){16}")
_CAMOUFLAGE = 0.3
"""Added for instructions that somebody took the trouble to encode."""
_HIDDEN = 0.6


def score(plain: str, raw: str) -> float:
    """How much a text looks like an instruction to the machine, 0..1. `plain` is `raw` normalised."""
    doubt = 1.0 - _score(plain)
    if plain != raw and (tags := _TAGS.search(raw)):
        hidden = tags.group().translate(
            {point: point - 0xE0000 for point in range(0xE0020, 0xE007F)}
        )
        doubt *= (1.0 - _HIDDEN) * (1.0 - _score(hidden))
    for decoded in _decoded(plain):
        found = _score(decoded)
        if found:
            doubt *= (1.0 - found) * (1.0 - _CAMOUFLAGE)
    return round(1.0 - doubt, 3)


def _score(text: str) -> float:
    lower = text.lower()
    if _CUE_PAIRS.isdisjoint(map(add, lower, lower[1:])):
        return 0.0
    if not _CUES.find_matches_as_indexes(lower):
        return 0.0
    doubt = 1.0
    for pattern, weight in _SIGNALS:
        if pattern.search(text):
            doubt *= 1.0 - weight
    return 1.0 - doubt


def _decoded(text: str) -> Iterator[str]:
    """What a text becomes when it is decoded once, in each way that it could be encoded."""
    for found in _BASE64.finditer(text):
        yield from _from_base64(found.group())
    if _ENOUGH_LETTERS.search(text):
        yield codecs.decode(text, "rot13")
    if _ESCAPED.search(text):
        yield html.unescape(unquote(text))


def _from_base64(written: str) -> Iterator[str]:
    written = written.rstrip("=")
    try:
        yield base64.b64decode(written + "=" * (-len(written) % 4)).decode()
    except (binascii.Error, UnicodeDecodeError):
        return
