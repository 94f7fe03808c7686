"""Texts with labels, read from a public set and written as kefu's own formats."""

from __future__ import annotations

import argparse
import csv
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import yaml

DATA = Path(__file__).parents[2] / "../shared/data"
_NO_FILE_NAME = re.compile(r"[^\w-]+")


@dataclass(frozen=True, slots=True)
class Labelled:
    """`labels[i]` are the labels of `texts[i]`: one, several without order, or none."""

    texts: Sequence[str]
    labels: Sequence[tuple[str, ...]]

    def __len__(self) -> int:
        return len(self.texts)

    def names(self) -> list[str]:
        """All labels, sorted."""
        return sorted({name for labels in self.labels for name in labels})

    def part(self, rows: Sequence[int] | npt.NDArray[np.intp]) -> Labelled:
        """Only some rows."""
        return Labelled([self.texts[at] for at in rows], [self.labels[at] for at in rows])

    def targets(self, names: Sequence[str]) -> npt.NDArray[np.float32]:
        """(texts, names): 1 where a text has a label."""
        place = {name: at for at, name in enumerate(names)}
        found = np.zeros((len(self), len(names)), np.float32)
        for row, labels in enumerate(self.labels):
            found[row, [place[name] for name in labels if name in place]] = 1
        return found


def joined(parts: Sequence[Labelled]) -> Labelled:
    """Several as one."""
    return Labelled(
        [text for part in parts for text in part.texts],
        [labels for part in parts for labels in part.labels],
    )


def opened(path: Path, source: str) -> str:
    """The text of a file of a public set; ends with what is missing and where to get it."""
    if not path.is_file():
        raise SystemExit(
            f"{path} is missing. Put the public set there ({source}), "
            "or name the folder that holds it with --data."
        )
    return path.read_text("utf-8")


def rows_of(path: Path, source: str) -> list[dict[str, str]]:
    """A CSV file with a header."""
    return list(csv.DictReader(opened(path, source).splitlines(keepends=True)))


def write_lines(labelled: Labelled, path: Path) -> int:
    """JSON lines `{"text", "intents"}`, as `kefu evaluate --on` reads them; how many.

    Texts without a label are left out: there an empty list means that nobody looked.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = [
        json.dumps({"text": text, "intents": labels}, ensure_ascii=False)
        for text, labels in zip(labelled.texts, labelled.labels, strict=True)
        if labels
    ]
    path.write_text("".join(f"{line}\n" for line in lines), "utf-8")
    return len(lines)


def write_pack(labelled: Labelled, folder: Path) -> None:
    """A pack's `intents/`: one file per label. Only for sets with one label per text."""
    if any(len(labels) != 1 for labels in labelled.labels):
        raise SystemExit("texts with several or no labels have no pack form; write JSON lines")
    intents = folder / "intents"
    intents.mkdir(parents=True, exist_ok=True)
    for number, name in enumerate(labelled.names()):
        found = [t for t, of in zip(labelled.texts, labelled.labels, strict=True) if of == (name,)]
        content = {"intent": name, "examples": found}
        path = intents / f"{number:03}-{_NO_FILE_NAME.sub('_', name)}.yaml"
        path.write_text(yaml.safe_dump(content, allow_unicode=True, sort_keys=False), "utf-8")


def convert(what: str, read: Callable[[Path], Mapping[str, Labelled]]) -> None:
    """The command of a converter: every split as JSON lines and, where it can be, as a pack."""
    parser = argparse.ArgumentParser(
        description=f"{what} as packs and JSON lines.",
        epilog="example: --out var/public, then kefu train var/public/train --out var/model",
    )
    parser.add_argument("--data", type=Path, default=DATA, help="folder of the public sets")
    parser.add_argument("--out", type=Path, required=True, help="where the files go")
    options = parser.parse_args()
    for split, labelled in read(options.data).items():
        written = write_lines(labelled, options.out / f"{split}.jsonl")
        single = all(len(labels) == 1 for labels in labelled.labels)
        if single:
            write_pack(labelled, options.out / split)
        print(f"{options.out / split}: {written} texts, {len(labelled.names())} labels")
