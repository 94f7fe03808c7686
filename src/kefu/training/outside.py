"""Real messages that are not ours to give away: the pack holds the labels, by a hash of each text.

`labels/*.tsv` has lines `hash<TAB>intents<TAB>acceptable`: the first 16 hexadecimal digits of the SHA-256 of
the text, its intents in order, and other answers that a careful reader would accept, parted by semicolons.
Whoever has the texts trains on them too; whoever does not trains from the pack alone.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from kefu.errors import PackError
from kefu.training.data import Example, TrainingData

FOLDER = "labels"
_DIGITS = 16
_HASH = re.compile(rf"[0-9a-f]{{{_DIGITS}}}")
_HELD_OUT = 5
"""One text in so many is never trained on."""


@dataclass(frozen=True, slots=True)
class Outside:
    """A text with its label; `acceptable` are other lists of intents that count as right."""

    text: str
    intents: tuple[str, ...]
    acceptable: tuple[tuple[str, ...], ...]
    place: str = FOLDER
    """File and line of the label."""

    @property
    def held_out(self) -> bool:
        """Whether it is kept for measuring. Decided by the text alone, so it is the same in every training."""
        return int(fingerprint(self.text), 16) % _HELD_OUT == 0


def fingerprint(text: str) -> str:
    """What stands for a text in a label file."""
    return hashlib.sha256(text.encode()).hexdigest()[:_DIGITS]


def read(pack: Path, texts: Path) -> list[Outside]:
    """The labelled ones among the first columns of a file. Raises PackError naming file and line."""
    known = labels(pack)
    if not known:
        raise PackError(f"{pack / FOLDER}: no labels for {texts}; leave the option away")
    found = {line.split("\t")[0]: None for line in _lines(texts)}
    labelled = [(text, known.get(fingerprint(text))) for text in found]
    return [Outside(text, *label) for text, label in labelled if label is not None]


def labels(pack: Path) -> Mapping[str, tuple[tuple[str, ...], tuple[tuple[str, ...], ...], str]]:
    """All labels of a pack by fingerprint."""
    found = {}
    for path in sorted((pack / FOLDER).glob("*.tsv")):
        for number, line in enumerate(_lines(path), start=1):
            parts = line.split("\t")
            if len(parts) != 3 or not _HASH.fullmatch(parts[0]) or not parts[1]:
                raise PackError(f"{path}:{number}: expected hash, intents and acceptable, by tabs")
            others = tuple(_names(other) for other in parts[2].split(";") if other)
            found[parts[0]] = (_names(parts[1]), others, f"{path}:{number}")
    return found


def joined(data: TrainingData, outside: Iterable[Outside]) -> TrainingData:
    """The data with what is not held out. Raises PackError for an intent that the pack has not."""
    examples, several = list(data.examples), list(data.several)
    digest = hashlib.sha256(data.digest.encode())
    for one in outside:
        unknown = set(one.intents) - set(data.intents)
        if unknown:
            name = sorted(unknown)[0]
            raise PackError(f"{one.place}: the pack has no intent {name!r}; see its intents/")
        if one.held_out:
            continue
        digest.update(f"{fingerprint(one.text)}{one.intents}".encode())
        example = Example(one.text, one.intents, marked=False)
        (examples if len(one.intents) == 1 else several).append(example)
    return replace(
        data, examples=tuple(examples), several=tuple(several), digest=digest.hexdigest()
    )


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as exc:
        raise PackError(f"{path}: {exc}") from exc


def _names(written: str) -> tuple[str, ...]:
    return tuple(written.split(","))
