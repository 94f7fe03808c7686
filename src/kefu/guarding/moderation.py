"""Moderation by word lists that their owner edits while we run."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from kefu.errors import PackError
from kefu.guarding.wordlist import WordList, read
from kefu.guarding.words import Words
from kefu.messages import Action, Finding, Verdict

OnTrouble = Callable[[Path, str], None]
Stamp = tuple[int, int]

_RANK: tuple[Action, ...] = ("allow", "mask", "block", "handover")
"""What a whole text gets: who speaks of dying reaches a person, whatever else the text holds."""


def _ignore(path: Path, reason: str) -> None:
    """Nobody wants to hear of broken lists."""


class Moderation:
    """Judges texts by the lists in some directories, later ones added to earlier ones.

    A list that cannot be read keeps its last good version, and `on_trouble` is told why.
    """

    def __init__(self, directories: Iterable[Path] = (), on_trouble: OnTrouble = _ignore) -> None:
        self._directories = tuple(directories)
        self._on_trouble = on_trouble
        self._lists: dict[Path, WordList] = {}
        self._stamps: dict[Path, Stamp] = {}
        self.words = Words(())
        self.reload_if_changed()

    def check(self, text: str) -> Verdict:
        """What to do with a text and why, with offsets in it."""
        hits = self.words.find(text)
        if not hits:
            return Verdict()
        action = max((hit.word.action for hit in hits), key=_RANK.index)
        return Verdict(
            action, tuple(Finding(hit.word.category, hit.start, hit.end) for hit in hits)
        )

    def reload_if_changed(self) -> bool:
        """Read what changed on disk; the new words take effect all at once. True when they did."""
        stamps = dict(self._look())
        if stamps == self._stamps:
            return False
        changed = [path for path, stamp in stamps.items() if self._stamps.get(path) != stamp]
        lists = {path: words for path, words in self._lists.items() if path in stamps}
        lists.update(self._read(changed))
        self._stamps = stamps
        if lists == self._lists:
            return False
        self._lists, self.words = lists, Words(lists.values())
        return True

    def _look(self) -> Iterator[tuple[Path, Stamp]]:
        for directory in self._directories:
            for path in sorted(directory.glob("*.txt")):
                try:
                    stat = path.stat()
                except OSError:  # gone between the listing and the look
                    continue
                yield path, (stat.st_mtime_ns, stat.st_size)

    def _read(self, paths: Sequence[Path]) -> Iterator[tuple[Path, WordList]]:
        for path in paths:
            try:
                yield path, read(path)
            except PackError as exc:
                self._on_trouble(path, str(exc))
