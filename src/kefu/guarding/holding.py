"""Three filters that a reply runs through, each holding back no more than it must.

A filter takes text in any pieces and gives out items. What it gives out in all depends on the characters alone,
not on where they were cut; so the filters in a row have that property too. A `Kept` item is settled: it is a
boundary that no later filter looks into or across.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterable
from dataclasses import dataclass
from typing import Protocol

from kefu.dialogue.vault import Vault
from kefu.guarding.folded import compared
from kefu.guarding.normalise import normalise
from kefu.guarding.privacy.finder import numbers, settle
from kefu.guarding.privacy.stars import star
from kefu.guarding.words import Words


@dataclass(frozen=True, slots=True)
class Kept:
    """A settled part: what the record keeps of it, and what the customer sees."""

    reply: str
    said: str


Item = str | Kept


class Filter(Protocol):
    """One filter of the row."""

    def feed(self, text: str, *, final: bool) -> list[Item]:
        """Take more text and give out what is settled: with `final`, all."""


_NAME = r"[A-Z]{1,10}(?:_[A-Z]{1,10})?"
_LONGEST = 27
_PLACEHOLDER = re.compile(rf"<{_NAME}_\d{{1,4}}>")
_OPEN = re.compile(rf"<(?:{_NAME}(?:_\d{{0,4}})?|[A-Z]{{1,10}}_)?\Z")
_BROKEN = re.compile(rf"<(?=(?:{_NAME}(?:_\d{{0,4}})?|[A-Z]{{1,10}}_)<)")


class Placeholders:
    """Puts the vault's values back; a placeholder that nobody made vanishes."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault
        self._text = ""

    def feed(self, text: str, *, final: bool) -> list[Item]:
        """Take more text; hold a placeholder that is not closed yet."""
        text = self._text + text
        self._text = ""
        if "<" not in text:
            return [text] if text else []
        # A bracket before a vanishing placeholder must not find the rest of a new one behind it.
        text = _BROKEN.sub("＜", text)
        if not final and (still := _OPEN.search(text, max(0, len(text) - _LONGEST))):
            text, self._text = text[: still.start()], still.group()
        items: list[Item] = []
        end = 0
        for found in _PLACEHOLDER.finditer(text):
            items.append(text[end : found.start()])
            end = found.end()
            raw = self._vault.values.get(found.group())
            if raw is not None:
                items.append(Kept(found.group(), raw))
        items.append(text[end:])
        return items


_WIDE = "\uff10-\uff19\uff21-\uff3a\uff41-\uff5a\uff20\uff0e"
_CORE = rf"0-9A-Za-z@+_%.()（）·\-{_WIDE}"
_RUN = re.compile(
    rf"(?:[{_CORE}]|(?<=[0-9\uff10-\uff19)）\-]) {{1,2}}(?=[0-9\uff10-\uff19(（+])){{1,160}}"
)
_TAIL = re.compile(r"(?<=[0-9\uff10-\uff19)）\-]) {1,2}\Z")
_WORTH = re.compile(r"@|\uff20|(?:[0-9\uff10-\uff19][^0-9\uff10-\uff19]{0,3}){7}")
_CONTEXT = 24
_STARRED = frozenset(["phone", "id_card", "bank_card", "email", "passport"])
_SERVICE = re.compile(r"[48]00")


class Numbers:
    """Stars numbers and e-mail addresses that did not come from the vault and are not public."""

    def __init__(self, vault: Vault, public: Container[str]) -> None:
        self._vault = vault
        self._public = public
        self._text = ""
        self._before = ""

    def feed(self, text: str, *, final: bool) -> list[Item]:
        """Take more text; hold a run of letters and digits that may go on."""
        text = self._text + text
        if not text:
            return []
        runs = list(_RUN.finditer(text))
        hold = len(text) if final or not runs else self._open(text, runs)
        items: list[Item] = []
        end = 0
        for run in runs:
            if run.start() < hold and _WORTH.search(run.group()):
                before = (self._before + text[: run.start()])[-_CONTEXT:]
                items.append(text[end : run.start()])
                items += self._guarded(before, run.group())
                end = run.end()
        items.append(text[end:hold])
        self._before = (self._before + text[:hold])[-_CONTEXT:]
        self._text = text[hold:]
        return items

    @staticmethod
    def _open(text: str, runs: list[re.Match[str]]) -> int:
        """Where a run begins that more text could lengthen."""
        last = runs[-1]
        if last.end() == len(text) or _TAIL.fullmatch(text, last.end()):
            return last.start()
        return len(text)

    def _guarded(self, before: str, run: str) -> list[Item]:
        shift = len(before)
        plain = normalise(before + run)
        items: list[Item] = []
        end = 0
        for finding in settle(found for found in numbers(plain.text) if found.kind in _STARRED):
            low, high = plain.original(finding.start, finding.end)
            low, high = max(low - shift, end), high - shift
            if low < high:
                items += [run[end:low], self._settled(finding.kind, run[low:high])]
                end = high
        return [*items, run[end:]]

    def _settled(self, kind: str, written: str) -> Item:
        if bare(written) in self._public or (kind == "phone" and _SERVICE.match(written)):
            return written
        for placeholder, raw in self._vault.values.items():
            if raw == written:
                return Kept(placeholder, raw)
        starred = star(kind, written)
        return Kept(starred, starred)


def bare(written: str) -> str:
    """A value without its separators, for comparing."""
    return re.sub(r"[-\s().（）·]", "", written).lower()


class Wording:
    """Stars listed words. What leads to a person (a helpline's text names suicide) stays."""

    def __init__(self, words: Words) -> None:
        self._words = words
        self._text = ""
        self._before = ""

    def feed(self, text: str, *, final: bool) -> list[Item]:
        """Take more text; hold what may be the beginning of a listed word."""
        text = self._text + text
        if not text:
            return []
        if self._words.quiet(text):
            self._text = ""
            self._went_by(text)
            return [text]
        hits, upto = self._words.settle(text, self._before, final=final)
        upto = max([upto, *(hit.end for hit in hits)])
        parts: list[str] = []
        end = 0
        for hit in hits:
            if hit.word.action != "handover":
                parts += [text[end : hit.start], "*" * (hit.end - hit.start)]
                end = hit.end
        self._went_by(text[:upto])
        self._text = text[upto:]
        return ["".join(parts) + text[end:upto]]

    def _went_by(self, text: str) -> None:
        for char in reversed(text):
            if folded := compared(char):
                self._before = folded[-1]
                return


def through(stage: Filter, items: Iterable[Item], *, final: bool) -> list[Item]:
    """Run items through a filter. A settled one is a boundary: what was held comes out before it."""
    out: list[Item] = []
    for item in items:
        if isinstance(item, str):
            out += stage.feed(item, final=False)
        else:
            out += [*stage.feed("", final=True), item]
    if final:
        out += stage.feed("", final=True)
    return out
