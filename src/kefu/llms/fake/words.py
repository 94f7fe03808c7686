"""What the fake vendor says: a polite nothing, the same for the same prompt and seed."""

from __future__ import annotations

import zlib

_SENTENCES = (
    "您好,您的问题我已经看到了,马上为您处理。",
    "好的,这边帮您核对一下,请稍等。",
    "这个要看具体的商品,一般以页面说明为准。",
    "我理解您的意思,我们会尽快给您答复。",
    "感谢您的耐心,还有什么可以帮您的吗?",
    "可以的,您按照页面上的提示操作就行。",
    "这款目前还有货,您可以放心选择。",
    "如果方便的话,请您再说得详细一点。",
)
_TOKEN = 2
"""Characters in a token: about what a real tokenizer makes of Chinese."""


def reply(prompt: str, seed: int, tokens: int = 0) -> list[str]:
    """The tokens of a reply: two sentences, or as many as fill `tokens`."""
    start = zlib.crc32(f"{seed}/{prompt}".encode("utf-8", "surrogatepass"))
    wanted = tokens * _TOKEN if tokens else 0
    text, number = "", 0
    while number < 2 or len(text) < wanted:
        text += _SENTENCES[(start + number * 3) % len(_SENTENCES)]
        number += 1
    pieces = cut(text)
    return pieces[:tokens] if tokens else pieces


def cut(text: str) -> list[str]:
    """The tokens of a text."""
    return [text[at : at + _TOKEN] for at in range(0, len(text), _TOKEN)]
