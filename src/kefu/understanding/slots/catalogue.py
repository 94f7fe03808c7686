"""The names that a shop uses for its goods: which one does the customer mean?

Names and phrases are rows of hashed character n-grams, each weighted by how rare it is; one sparse product
scores all names. A name counts as meant only where nearly all of the phrase is in it and no other name comes
close: 扫地机 is 扫地机器人 where the shop has no other machine for floors, 电脑 is nothing for sure.
"""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from kefu.understanding.text import fold

_APART = re.compile(r"[\s\-_/·・]+")
_RUNS = re.compile(r"[a-z]+|\d+(?:\.\d+)?|[^a-z\d\s\-_/·・]")
"""Latin words and numbers stay whole: iPhone 15 is not iPhone 5."""
_MODEL = re.compile(r"[a-z]\d|\d[a-z]")
_LONGEST = 40
FOUND = 0.85
"""The share of a phrase, by weight, that must be found in a name."""
COVERED = 0.47
"""The least share of a name that a phrase must cover."""
COVERED_BY_MODEL = 0.25
"""The same where the phrase has a model number, which says more than the rest."""
AHEAD = 0.1
"""How far the best name must be ahead of the next."""


class Catalogue:
    """Names by their n-grams. `names` in any number; thousands take a fraction of a millisecond to search."""

    def __init__(self, names: Iterable[str]) -> None:
        self.names = tuple(dict.fromkeys(name.strip() for name in names if name.strip()))
        grams = [_grams(name) for name in self.names]
        seen = Counter(gram for one in grams for gram in one)
        self._columns = {gram: column for column, gram in enumerate(seen)}
        self._weights = [math.log(1 + len(self.names) / count) for count in seen.values()]
        self._unseen = math.log(1 + len(self.names))
        rows: defaultdict[int, list[int]] = defaultdict(list)
        for row, one in enumerate(grams):
            for gram in one:
                rows[self._columns[gram]].append(row)
        self._rows = {column: np.array(found, np.intp) for column, found in rows.items()}
        self._norms = np.array(
            [sum(self._weights[self._columns[gram]] for gram in one) for one in grams], np.float32
        )
        self._exact: dict[str, str] = {}
        for name in self.names:
            self._exact.setdefault(_plain(name), name)

    def __len__(self) -> int:
        return len(self.names)

    def match(self, phrase: str) -> str | None:
        """The name that a phrase clearly means, None where none or more than one may be meant.

        >>> Catalogue(["扫地机器人", "笔记本电脑", "平板电脑"]).match("扫地机")
        '扫地机器人'
        """
        plain = _plain(phrase)
        if not plain or len(plain) > _LONGEST:
            return None
        exact = self._exact.get(plain)
        if exact is not None or not self.names:
            return exact
        scores = self._scores(phrase)
        best = int(scores.argmax())
        if scores[best] <= 0:
            return None
        second = float(np.partition(scores, -2)[-2]) if len(scores) > 1 else 0.0
        return self.names[best] if scores[best] - second >= AHEAD else None

    def _scores(self, phrase: str) -> npt.NDArray[np.float32]:
        """(names,) the share of each name that is covered; 0 where too little of the phrase is in it."""
        shared = np.zeros(len(self.names), np.float32)
        asked = 0.0
        for gram in _grams(phrase):
            column = self._columns.get(gram)
            asked += self._unseen if column is None else self._weights[column]
            if column is not None:
                shared[self._rows[column]] += np.float32(self._weights[column])
        covered = shared / self._norms
        least = COVERED_BY_MODEL if _MODEL.search(fold(phrase)) else COVERED
        clear = (shared >= FOUND * asked) & (covered >= least)
        return np.where(clear, covered, np.float32(0))


class Choices:
    """Short values such as colours and sizes, matched by what is left without their measure: 黑的, 43, 256g."""

    def __init__(self, values: Iterable[str]) -> None:
        self.values = tuple(dict.fromkeys(value for value in values if value))
        self._exact = {fold(value): value for value in reversed(self.values)}
        self._bare: defaultdict[str, list[str]] = defaultdict(list)
        for value in self.values:
            for bare in {_bare(fold(value)), _numbered(fold(value))}:
                self._bare[bare].append(value)

    def match(self, said: str) -> str | None:
        """The one value that is meant, None where none or more than one may be meant.

        >>> sizes = Choices(["黑色", "43码", "256GB", "1.8米", "1.8L"])
        >>> sizes.match("黑的"), sizes.match("256g"), sizes.match("1.8")
        ('黑色', '256GB', None)
        """
        plain = _APART.sub("", fold(said))
        exact = self._exact.get(plain)
        if exact is not None:
            return exact
        found = self._bare.get(_bare(plain)) or []
        return found[0] if len(found) == 1 else None


def _plain(text: str) -> str:
    return _APART.sub("", fold(text))


def _grams(name: str) -> set[str]:
    """Single pieces and pairs of neighbours of one script; a Han character, a Latin word or a number is one.

    Pairs across scripts are left out: X12炸锅 and 炸锅 X12 are the same thing.
    """
    pieces: Sequence[str] = _RUNS.findall(fold(name))
    pairs = pairwise(pieces)
    return {*pieces, *(one + two for one, two in pairs if one.isascii() == two.isascii())}


_MEASURE = re.compile(r"(?:色|码|寸|英寸|号|版|装|款|味|的|gb?|b|米|升)+$")
_NUMBER_OF = re.compile(r"(\d+(?:\.\d+)?)[^\d]*")


def _bare(value: str) -> str:
    return _MEASURE.sub("", value) or value


def _numbered(value: str) -> str:
    """The number of a value that is only a number and its measure: 256gb, 43码."""
    match = _NUMBER_OF.fullmatch(value)
    return match[1] if match else _bare(value)
