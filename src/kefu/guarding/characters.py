"""Which character stands for which: one table for reading, one for comparing with word lists.

Both tables map a code point to a string: empty (not written at all), one character, or several (⑩ is 10).
They are context free, so a text may be cut anywhere and its parts folded on their own.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping
from functools import cache

import opencc

Table = Mapping[int, str]

_UNSEEN = (
    "00-08 0E-1F 7F-84 86-9F AD 34F 61C 115F-1160 17B4-17B5 180B-180F 200B-200F 202A-202E 2060-206F 3164"
    " FE00-FE0F FEFF FFA0 FFF9-FFFB 1D173-1D17A E0000-E01EF D800-DFFF"
)
_MARKS = "300-36F 483-489 1AB0-1AFF 1DC0-1DFF 20D0-20FF FE20-FE2F"
_SPACES = "09 0B-0C A0 1680 2000-200A 202F 205F 2800 3000"
_DASHES = "2010-2013 2212"
_LINES = "0D 85 2028-2029"
_COMPATIBLE = (
    "B2-B3 B9 1D2C-1D6A 2070-209C 2100-2188 2460-24FF 2E80-2FDF 3220-33FF F900-FAFF FB00-FB06 FF01-FF65"
    " FFE0-FFE6 1D400-1D7FF 1F100-1F16F 2F800-2FA1F"
)
_HAN = "3400-9FFF 20000-2A6DF"
_LEFT_WIDE = "，！？：；（）～＜＞"
"""Chinese punctuation is no disguise; and the brackets of a placeholder must never come into being here."""

_LETTERED = (
    (0x1F150, 26, "A"),
    (0x1F170, 26, "A"),
    (0x2776, 9, "1"),
    (0x2780, 9, "1"),
    (0x278A, 9, "1"),
)
"""Letters and digits in black circles and squares, which Unicode does not call compatible with plain ones."""

_ALSO_SIMPLIFIED = {"妳": "你", "牠": "它", "祂": "他"}
_FOREIGN = "АВЕЅІЈКМНОРСТУХасеѕіјорхуԁԛԝһӏΑΒΕΖΗΙΚΜΝΟΡΤΥΧαικνορυχγ"
_LATIN = "ABESIJKMHOPCTYXacesijopxydqwhlABEZHIKMNOPTYXaiknopuxy"
LOOK_ALIKES: Table = {ord(a): b for a, b in zip(_FOREIGN, _LATIN, strict=True)}


def _each(ranges: str) -> Iterator[int]:
    for part in ranges.split():
        first, _, last = part.partition("-")
        yield from range(int(first, 16), int(last or first, 16) + 1)


def _simplified() -> dict[int, str]:
    """Ask opencc once for every ideograph, one a line so that no phrase rule applies."""
    han = [chr(point) for point in _each(_HAN)]
    simple = opencc.OpenCC("t2s").convert("\n".join(han)).split("\n")
    table = {ord(a): b for a, b in zip(han, simple, strict=True) if a != b and len(b) == 1}
    return table | {ord(a): b for a, b in _ALSO_SIMPLIFIED.items()}


def _compatible() -> Iterator[tuple[int, str]]:
    for point in _each(_COMPATIBLE):
        plain = unicodedata.normalize("NFKC", chr(point))
        if plain != chr(point) and " " not in plain and chr(point) not in _LEFT_WIDE:
            yield point, plain
    for first, count, base in _LETTERED:
        yield from ((first + i, chr(ord(base) + i)) for i in range(count))


@cache
def reading() -> Table:
    """What a person reads: half-width, simplified, without characters that nobody sees."""
    simple = _simplified()
    table = dict(simple)
    for point, plain in _compatible():
        table[point] = "".join(simple.get(ord(char), char) for char in plain)
    table.update(dict.fromkeys(_each(_DASHES), "-"))
    table.update(dict.fromkeys(_each(_SPACES), " ") | dict.fromkeys(_each(_LINES), "\n"))
    table.update(dict.fromkeys(_each(f"{_UNSEEN} {_MARKS}"), ""))
    return table


@cache
def comparing() -> Table:
    """What a word list compares: `reading`, in lower case, and with every look-alike taken for Latin."""
    alike = {point: latin.lower() for point, latin in LOOK_ALIKES.items()}
    table = {point: plain.lower() for point, plain in reading().items()}
    table |= {ord(char): char.lower() for char in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"}
    return table | alike
