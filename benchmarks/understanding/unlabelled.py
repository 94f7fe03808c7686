"""Text for the encoder to read first: short Chinese messages out of the open data sets, one a line.

    python benchmarks/understanding/unlabelled.py ../shared/data > unlabelled.txt
    kefu train packs/retail --with ../shared/data/jddc/intents.tsv --read unlabelled.txt

Licences: JDDC, CrossWOZ and the emotion dialogues Apache-2.0, DialogUSR MIT. Nothing of them is kept
in the repository.
"""

from __future__ import annotations

import csv
import json
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

LONGEST = 70


def texts(data: Path) -> Iterator[str]:
    """All texts of the sets that are there."""
    for name in ("intents.tsv", "sts.txt"):
        for line in (data / "jddc" / name).read_text("utf-8").splitlines():
            columns = line.split("\t")
            yield from columns[:1] if name == "intents.tsv" else columns[1:3]
    with zipfile.ZipFile(data / "crosswoz" / "val.json.zip") as archive:
        dialogues = json.loads(archive.read(archive.namelist()[0]))
    for dialogue in dialogues.values():
        yield from (message["content"] for message in dialogue["messages"])
    for path in sorted((data / "dialogusr").glob("*/train.json")):
        for line in path.read_text("utf-8").splitlines():
            row = json.loads(line)
            yield from (row["text"], *row["summary"].split(";")[:2])
    with (data / "zh_multi_emotion" / "data.csv").open(encoding="utf-8") as file:
        yield from (row["text"] for row in csv.DictReader(file))


def main() -> None:
    """Print each short text once."""
    kept = (text.strip().replace("\n", " ") for text in texts(Path(sys.argv[1])))
    print("\n".join(dict.fromkeys(text for text in kept if 0 < len(text) < LONGEST)))


if __name__ == "__main__":
    main()
