"""The annotated examples of a pack, read and checked. Errors name file and line."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import yaml

from kefu.errors import PackError
from kefu.messages import Mood
from kefu.training import nodes
from kefu.training.claims import Claims
from kefu.training.nodes import Node
from kefu.training.patterns import Pattern, parse
from kefu.understanding.moods import MOODS
from kefu.understanding.slots.specs import SlotSpec, specs

SEVERAL, MOODS_FILE = "_several.yaml", "_moods.yaml"
SLOTS_FILE, CONCEPTS_FILE, FAQ_FILE = "slots.yaml", "concepts.yaml", "faq.yaml"
BEGINS = "|"
"""Stands in an example with several wishes where the next one begins."""
_MARKED = re.compile(r"\[([^\[\]]+)\]\(([a-z_][a-z0-9_]*)\)")
_LEFTOVER = re.compile(r"\]\([a-z_]*\)?")
_NUMBERED = re.compile(r"\d+-")
_NO_FILE_NAME = re.compile(r"[^\w-]+")


@dataclass(frozen=True, slots=True)
class Mark:
    """A slot's value at [start, end) of an example's text."""

    slot: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Example:
    """A text with its intents in the order said, and its slots.

    `begins` are the places where the second and each further wish begins; empty where nobody marked them.
    `marked` is false where nobody looked for slots.
    """

    text: str
    intents: tuple[str, ...]
    marks: tuple[Mark, ...] = ()
    begins: tuple[int, ...] = ()
    marked: bool = True


@dataclass(frozen=True, slots=True)
class MoodExample:
    """A text with the mood it is said in, and what is wanted where that was written down."""

    text: str
    label: Mood
    sarcasm: bool = False
    intents: tuple[str, ...] = ()
    marks: tuple[Mark, ...] = ()


@dataclass(frozen=True, slots=True)
class TrainingData:
    """All a model is trained on. `digest` is the SHA-256 of the files it came from.

    `repeated` counts the texts that stand in the pack more than once, under the same intents. `faq` holds the
    questions of each FAQ entry.
    """

    intents: tuple[str, ...]
    examples: tuple[Example, ...]
    several: tuple[Example, ...]
    moods: tuple[MoodExample, ...]
    slots: tuple[SlotSpec, ...]
    concepts: Mapping[str, tuple[str, ...]]
    digest: str
    patterns: tuple[Pattern, ...] = ()
    repeated: int = 0
    faq: tuple[tuple[str, ...], ...] = ()


def load(pack: Path) -> TrainingData:
    """Read a pack's examples. Raises PackError naming file and line."""
    folder = pack / "intents"
    files = sorted(path for path in folder.glob("*.yaml") if not path.name.startswith("_"))
    if not files:
        raise PackError(f"{folder}: no intents; each is a file <intent>.yaml with examples")
    claims = Claims()
    described = _slots(pack / SLOTS_FILE)
    specs(described, ())
    read = [_intent(path, claims, described) for path in files]
    examples = [example for found, _ in read for example in found]
    patterns = tuple(pattern for _, found in read for pattern in found)
    intents = tuple(sorted({example.intents[0] for example in examples}))
    _check_only_with(pack / SLOTS_FILE, intents)
    examples += _faq(pack / FAQ_FILE, intents, claims)
    several = list(_several(folder / SEVERAL, intents, claims, described))
    moods = list(_moods(folder / MOODS_FILE, intents, claims, described))
    marked = [one.marks for one in (*examples, *several)] + [mood.marks for mood in moods]
    named = sorted({mark.slot for marks in marked for mark in marks})
    return TrainingData(
        intents=intents,
        examples=tuple(examples),
        several=tuple(several),
        moods=tuple(moods),
        slots=specs(described, named),
        concepts=_concepts(pack / CONCEPTS_FILE),
        digest=_digest(
            [
                *sorted(folder.glob("*.yaml")),
                *(pack / name for name in (SLOTS_FILE, CONCEPTS_FILE, FAQ_FILE)),
            ]
        ),
        patterns=patterns,
        repeated=claims.repeated,
        faq=_curated(pack / FAQ_FILE),
    )


def unmark(text: str) -> tuple[str, tuple[Mark, ...]]:
    """The plain text and its marks.

    >>> unmark("退[两件](quantity)")
    ('退两件', (Mark(slot='quantity', start=1, end=3),))
    """
    pieces: list[str] = []
    marks: list[Mark] = []
    end = size = 0
    for match in _MARKED.finditer(text):
        before = text[end : match.start()]
        start = size + len(before)
        size = start + len(match[1])
        pieces += (before, match[1])
        marks.append(Mark(match[2], start, size))
        end = match.end()
    pieces.append(text[end:])
    return "".join(pieces), tuple(marks)


def _intent(
    path: Path, claims: Claims, slots: Collection[str]
) -> tuple[list[Example], list[Pattern]]:
    root = nodes.compose(path)
    name = _own_name(path, root)
    listed = nodes.field(path, root, "examples")
    if listed.value in ([], "", "~", "null"):
        raise nodes.wrong(
            path, listed, f"the intent {name!r} has no examples; write some, or delete the file"
        )
    examples = []
    for node in nodes.items(path, listed):
        examples.append(_example(path, node, nodes.scalar(path, node), (name,), slots))
        claims.claim(path, node, examples[-1].text, (name,))
    written = nodes.optional(root, "patterns")
    found = [] if written is None else nodes.items(path, written)
    return examples, [_pattern(path, node, name, slots) for node in found]


def _own_name(path: Path, root: Node) -> str:
    """The intent's name, which its file must have too: `order_note.yaml`, or `07-order_note.yaml`."""
    node = nodes.field(path, root, "intent")
    name = nodes.scalar(path, node)
    if _NO_FILE_NAME.sub("_", name) not in (path.stem, _NUMBERED.sub("", path.stem, count=1)):
        raise nodes.wrong(
            path, node, f"the intent {name!r} stands in {path.name}; one of the two is misspelt"
        )
    return name


def _pattern(path: Path, node: Node, intent: str, slots: Collection[str]) -> Pattern:
    try:
        pattern = parse(nodes.scalar(path, node), intent)
    except ValueError as exc:
        raise nodes.wrong(path, node, str(exc)) from exc
    _known_slots(path, node, sorted(pattern.slots), slots)
    return pattern


def _several(
    path: Path, known: Sequence[str], claims: Claims, slots: Collection[str]
) -> Iterator[Example]:
    if not path.exists():
        return
    for node in nodes.items(path, nodes.field(path, nodes.compose(path), "several")):
        intents = _named(path, nodes.field(path, node, "intents"), known)
        text = nodes.field(path, node, "text")
        example = _parted(path, text, intents, slots)
        claims.claim(path, text, example.text, intents)
        yield example


def _parted(path: Path, node: Node, intents: tuple[str, ...], slots: Collection[str]) -> Example:
    """An example with `|` before each wish but the first: all of them marked, or none."""
    marked = nodes.scalar(path, node)
    parts = marked.split(BEGINS)
    example = _example(path, node, "".join(parts), intents, slots)
    if len(parts) == 1:
        return example
    if len(parts) != len(intents):
        raise nodes.wrong(
            path, node, f"{len(intents)} intents but {len(parts)} parts in {marked!r}"
        )
    ends = [len(unmark("".join(parts[:at]))[0]) for at in range(1, len(parts))]
    return replace(example, begins=tuple(ends))


def _moods(
    path: Path, known: Sequence[str], claims: Claims, slots: Collection[str]
) -> Iterator[MoodExample]:
    if not path.exists():
        return
    for node in nodes.items(path, nodes.field(path, nodes.compose(path), "moods")):
        label = nodes.field(path, node, "label")
        mood = next((mood for mood in MOODS if mood == label.value), None)
        if mood is None:
            raise nodes.wrong(path, label, f"{label.value!r} is none of {', '.join(MOODS)}")
        sarcasm = nodes.optional(node, "sarcasm")
        ironic = sarcasm is not None and str(sarcasm.value).lower() == "true"
        text = nodes.field(path, node, "text")
        intents = _named(path, nodes.optional(node, "intents"), known)
        example = _example(path, text, nodes.scalar(path, text), intents, slots)
        if intents:
            claims.claim(path, text, example.text, intents, again=True)
        yield MoodExample(example.text, mood, ironic, intents, example.marks)


def _named(path: Path, node: Node | None, known: Sequence[str]) -> tuple[str, ...]:
    if node is None:
        return ()
    return tuple(nodes.known(path, name, known, "intent") for name in nodes.items(path, node))


def _faq(path: Path, known: Sequence[str], claims: Claims) -> Iterator[Example]:
    """Curated questions say what is wanted too, where their entry names an intent."""
    if not path.exists():
        return
    for node in nodes.items(path, nodes.field(path, nodes.compose(path), "faq")):
        intent = nodes.optional(node, "intent")
        if intent is None:
            continue
        name = nodes.known(path, intent, known, "intent")
        for question in _questions(path, nodes.field(path, node, "questions")):
            text = nodes.scalar(path, question)
            claims.claim(path, question, text, (name,), again=True)
            yield Example(text, (name,), marked=False)


def _curated(path: Path) -> tuple[tuple[str, ...], ...]:
    """The questions of each entry."""
    if not path.exists():
        return ()
    entries = nodes.items(path, nodes.field(path, nodes.compose(path), "faq"))
    return tuple(
        tuple(
            nodes.scalar(path, one)
            for one in _questions(path, nodes.field(path, entry, "questions"))
        )
        for entry in entries
    )


def _questions(path: Path, node: Node) -> list[Node]:
    """A list of questions, or one per language."""
    if isinstance(node, yaml.MappingNode):
        return [one for _, listed in node.value for one in nodes.items(path, listed)]
    return nodes.items(path, node)


def _concepts(path: Path) -> Mapping[str, tuple[str, ...]]:
    if not path.exists():
        return {}
    node = nodes.field(path, nodes.compose(path), "concepts")
    if not isinstance(node, yaml.MappingNode):
        raise nodes.wrong(path, node, "expected concept: [word, ...]")
    return {
        str(name.value): tuple(nodes.scalar(path, word) for word in nodes.items(path, words))
        for name, words in node.value
    }


def _slots(path: Path) -> Mapping[str, Mapping[str, Any]]:
    if not path.exists():
        return {}
    content = yaml.safe_load(path.read_text("utf-8")) or {}
    if not isinstance(content, dict) or not isinstance(content.get("slots"), dict):
        raise PackError(f"{path}: expected a mapping under the key 'slots'")
    described: Mapping[str, Mapping[str, Any]] = content["slots"]
    return described


def _check_only_with(path: Path, known: Sequence[str]) -> None:
    """The intents that a slot counts beside must be there."""
    described = nodes.field(path, nodes.compose(path), "slots").value if path.exists() else ()
    for _, fields in described:
        _named(path, nodes.optional(fields, "only_with"), known)


def _example(
    path: Path, node: Node, marked: str, intents: tuple[str, ...], slots: Collection[str]
) -> Example:
    text, marks = unmark(marked)
    if not text.strip():
        raise nodes.wrong(path, node, "an empty example")
    if _LEFTOVER.search(text):
        raise nodes.wrong(path, node, f"a broken mark in {marked!r}; write [value](slot)")
    _known_slots(path, node, [mark.slot for mark in marks], slots)
    return Example(text, intents, marks)


def _known_slots(path: Path, node: Node, named: Sequence[str], slots: Collection[str]) -> None:
    """Where a pack describes its slots, no other may be marked."""
    for name in named if slots else ():
        if name not in slots:
            close = nodes.nearest(name, slots)
            raise nodes.wrong(path, node, f"{SLOTS_FILE} has no slot {name!r}{close}")


def _digest(paths: Sequence[Path]) -> str:
    total = hashlib.sha256()
    for path in paths:
        if path.exists():
            total.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return total.hexdigest()
