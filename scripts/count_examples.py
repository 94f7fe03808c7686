"""Counts a pack's training data, for its data card: python scripts/count_examples.py packs/retail."""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path

from kefu.training import outside
from kefu.training.data import TrainingData, load


def rows(data: TrainingData) -> list[tuple[str, int, int]]:
    """Intent, examples of its file (curated questions included), patterns."""
    examples = Counter(example.intents[0] for example in data.examples)
    patterns = Counter(pattern.intent for pattern in data.patterns)
    return [(name, examples[name], patterns[name]) for name in data.intents]


def latin(texts: list[str]) -> int:
    """How many texts are written in Latin letters alone."""
    return sum(text.isascii() for text in texts)


def main(pack: Path) -> None:
    """Print the tables."""
    data = load(pack)
    lines = ["| intent | examples | patterns |", "|---|---|---|"]
    lines += [
        f"| `{name}` | {examples:,} | {patterns} |" for name, examples, patterns in rows(data)
    ]
    lines.append(f"| all | {len(data.examples):,} | {len(data.patterns):,} |")
    wishes = Counter(len(example.intents) for example in data.several)
    marked = sum(bool(example.begins) for example in data.several)
    marks = sum(len(each.marks) for each in (*data.examples, *data.several, *data.moods))
    moods = Counter(mood.label for mood in data.moods)
    ironic = sum(mood.sarcasm for mood in data.moods)
    texts = [each.text for each in (*data.examples, *data.several, *data.moods)]
    lines += [
        "",
        f"- `_several.yaml`: {len(data.several):,} texts; wishes: "
        + ", ".join(f"{count} in {texts_:,}" for count, texts_ in sorted(wishes.items()))
        + f"; {marked:,} say where each wish begins",
        f"- `_moods.yaml`: {len(data.moods):,} texts: "
        + ", ".join(f"{count:,} {label}" for label, count in sorted(moods.items()))
        + f"; {ironic:,} of them sarcastic",
        f"- slot values marked: {marks:,}; slots: {len(data.slots)}",
        f"- Latin letters alone: {latin(texts):,} of {len(texts):,} texts",
    ]
    known = outside.labels(pack)
    held = sum(int(key, 16) % 5 == 0 for key in known)
    several = sum(len(intents) > 1 for intents, *_ in known.values())
    lines.append(
        f"- `labels/`: {len(known):,} texts by hash, {several:,} of them with several wishes; "
        f"{held:,} are held out for good"
    )
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
