"""The guard at both doors: what comes in is made plain, masked and judged; what goes out is checked."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterable

from kefu.dialogue.vault import PLACEHOLDER, Vault
from kefu.guarding import injection
from kefu.guarding.holding import bare
from kefu.guarding.moderation import Moderation
from kefu.guarding.normalise import Normalised, normalise
from kefu.guarding.outgoing import Outgoing
from kefu.guarding.privacy import finder
from kefu.messages import Asked, Finding, Locale, Verdict

_CHINESE = re.compile(r"[\u3400-\u9fff]")
_ENGLISH = re.compile(r"(?<![0-9A-Za-z])[A-Za-z]{2,}(?![0-9A-Za-z])")
_UNWRITABLE = re.compile("[\x00\ud800-\udfff]")
_BRACKETS = str.maketrans("<>", "＜＞")


class Guard:
    """Knows the word lists, and the numbers that are public because the pack itself says them."""

    def __init__(self, moderation: Moderation, public: Iterable[str] = ()) -> None:
        """`public` are texts of the owner, such as answers that name the shop's own telephone."""
        self.moderation = moderation
        self._public = frozenset(_numbers_in(public))

    def incoming(self, text: str, vault: Vault, locale: Locale | None) -> Asked:
        """Make a customer's text plain, put its personal data into the vault, and judge it.

        Findings have offsets of `text`. A starred word is for the way out: what the customer said stays
        readable for those who have to understand it. Never raises, whatever the text.
        """
        plain = normalise(text)
        safe = harmless(plain.text)
        found = finder.find(safe)
        masked = _masked(safe, found, vault) if found else safe
        return Asked(
            text=masked,
            locale=locale or language(plain.text),
            vault=_mentioned(masked, vault),
            personal=_original(plain, found),
            verdict=self.moderation.check(text),
            injection=injection.score(plain.text, text),
        )

    def outgoing(self, send: Callable[[str], Awaitable[None]], vault: Vault) -> Outgoing:
        """A way out for one reply."""
        return Outgoing(send, vault, self.moderation.words, self._public)

    def mask(self, text: str) -> tuple[str, tuple[Finding, ...]]:
        """A text with placeholders for its personal data, else as it was; findings have offsets of `text`."""
        plain = normalise(text)
        findings = _original(plain, finder.find(plain.text))
        return _masked(_UNWRITABLE.sub("\ufffd", harmless(text)), findings, Vault({})), findings

    def moderate(self, text: str) -> Verdict:
        """What the word lists say of a text; findings have offsets of `text`."""
        return self.moderation.check(text)


def language(text: str) -> Locale:
    """Chinese where there is any, or where there is no word at all; else English."""
    if _CHINESE.search(text) or not _ENGLISH.search(text):
        return "zh"
    return "en"


def harmless(text: str) -> str:
    """Take away the power of a placeholder that a customer typed; same length."""
    if "<" not in text:
        return text
    return PLACEHOLDER.sub(lambda typed: typed.group().translate(_BRACKETS), text)


def _masked(text: str, findings: Iterable[Finding], vault: Vault) -> str:
    parts: list[str] = []
    end = 0
    for finding in findings:
        parts.append(text[end : finding.start])
        parts.append(vault.keep(finding.kind, text[finding.start : finding.end]))
        end = finding.end
    return "".join([*parts, text[end:]])


def _mentioned(masked: str, vault: Vault) -> dict[str, str]:
    if "<" not in masked:
        return {}
    values = vault.values
    return {
        p.group(): values[p.group()] for p in PLACEHOLDER.finditer(masked) if p.group() in values
    }


def _original(plain: Normalised, findings: Iterable[Finding]) -> tuple[Finding, ...]:
    return tuple(Finding(f.kind, *plain.original(f.start, f.end)) for f in findings)


def _numbers_in(texts: Iterable[str]) -> Iterable[str]:
    for text in texts:
        plain = normalise(text).text
        for found in finder.numbers(plain):
            yield bare(plain[found.start : found.end])
