"""The annotated examples of a pack, read and checked. Errors name file and line."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import msgspec
import yaml

from kefu.errors import PackError
from kefu.messages import Mood
from kefu.training.patterns import Pattern, parse
from kefu.understanding.moods import MOODS
from kefu.understanding.slots.specs import SlotSpec, specs

SEVERAL, MOODS_FILE = "_several.yaml", "_moods.yaml"
SLOTS_FILE, CONCEPTS_FILE, FAQ_FILE = "slots.yaml", "concepts.yaml", "faq.yaml"
BEGINS = "|"
"""Stands in an example with several wishes where the next one begins."""
_MARKED = re.compile(r"\[([^\[\]]+)\]\(([a-z_][a-z0-9_]*)\)")
_LEFTOVER = re.compile(r"\]\([a-z_]*\)?")
_Node = yaml.nodes.Node


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
    """All a model is trained on. `digest` is the SHA-256 of the files it came from."""

    intents: tuple[str, ...]
    examples: tuple[Example, ...]
    several: tuple[Example, ...]
    moods: tuple[MoodExample, ...]
    slots: tuple[SlotSpec, ...]
    concepts: Mapping[str, tuple[str, ...]]
    digest: str
    patterns: tuple[Pattern, ...] = ()


def load(pack: Path) -> TrainingData:
    """Read a pack's examples. Raises PackError naming file and line."""
    folder = pack / "intents"
    files = sorted(path for path in folder.glob("*.yaml") if not path.name.startswith("_"))
    if not files:
        raise PackError(f"{folder}: no intents; each is a file <intent>.yaml with examples")
    read = [_intent(path) for path in files]
    examples = [example for found, _ in read for example in found]
    patterns = tuple(pattern for _, found in read for pattern in found)
    intents = tuple(sorted({example.intents[0] for example in examples}))
    examples += _faq(pack / FAQ_FILE, intents)
    several = list(_several(folder / SEVERAL, intents))
    moods = list(_moods(folder / MOODS_FILE, intents))
    described = _slots(pack / SLOTS_FILE)
    named = sorted({mark.slot for e in (*examples, *several, *moods) for mark in e.marks})
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


def _intent(path: Path) -> tuple[list[Example], list[Pattern]]:
    root = _compose(path)
    name = str(_field(path, root, "intent").value)
    examples = [
        _example(path, node, _scalar(path, node), (name,))
        for node in _items(path, _field(path, root, "examples"))
    ]
    written = _optional(root, "patterns")
    nodes = [] if written is None else _items(path, written)
    return examples, [_pattern(path, node, name) for node in nodes]


def _pattern(path: Path, node: _Node, intent: str) -> Pattern:
    try:
        return parse(_scalar(path, node), intent)
    except ValueError as exc:
        raise _wrong(path, node, str(exc)) from exc


def _several(path: Path, known: Sequence[str]) -> Iterator[Example]:
    if not path.exists():
        return
    for node in _items(path, _field(path, _compose(path), "several")):
        intents = _named(path, _field(path, node, "intents"), known)
        text = _field(path, node, "text")
        yield _parted(path, text, intents)


def _parted(path: Path, node: _Node, intents: tuple[str, ...]) -> Example:
    """An example with `|` before each wish but the first: all of them marked, or none."""
    marked = _scalar(path, node)
    parts = marked.split(BEGINS)
    example = _example(path, node, "".join(parts), intents)
    if len(parts) == 1:
        return example
    if len(parts) != len(intents):
        raise _wrong(path, node, f"{len(intents)} intents but {len(parts)} parts in {marked!r}")
    ends = [len(unmark("".join(parts[:at]))[0]) for at in range(1, len(parts))]
    return replace(example, begins=tuple(ends))


def _moods(path: Path, known: Sequence[str]) -> Iterator[MoodExample]:
    if not path.exists():
        return
    for node in _items(path, _field(path, _compose(path), "moods")):
        label = _field(path, node, "label")
        mood = next((mood for mood in MOODS if mood == label.value), None)
        if mood is None:
            raise _wrong(path, label, f"{label.value!r} is none of {', '.join(MOODS)}")
        sarcasm = _optional(node, "sarcasm")
        ironic = sarcasm is not None and str(sarcasm.value).lower() == "true"
        text = _field(path, node, "text")
        intents = _named(path, _optional(node, "intents"), known)
        example = _example(path, text, _scalar(path, text), intents)
        yield MoodExample(example.text, mood, ironic, intents, example.marks)


def _named(path: Path, node: _Node | None, known: Sequence[str]) -> tuple[str, ...]:
    if node is None:
        return ()
    names = _items(path, node)
    for name in names:
        if _scalar(path, name) not in known:
            raise _wrong(path, name, f"no such intent {_scalar(path, name)!r}")
    return tuple(_scalar(path, name) for name in names)


def _faq(path: Path, known: Sequence[str]) -> Iterator[Example]:
    """Curated questions say what is wanted too, where their entry names an intent."""
    if not path.exists():
        return
    for node in _items(path, _field(path, _compose(path), "faq")):
        intent = _optional(node, "intent")
        if intent is not None and intent.value in known:
            for question in _items(path, _field(path, node, "questions")):
                yield Example(_scalar(path, question), (str(intent.value),), marked=False)


def _concepts(path: Path) -> Mapping[str, tuple[str, ...]]:
    if not path.exists():
        return {}
    node = _field(path, _compose(path), "concepts")
    if not isinstance(node, yaml.MappingNode):
        raise _wrong(path, node, "expected concept: [word, ...]")
    return {
        str(name.value): tuple(_scalar(path, word) for word in _items(path, words))
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


def _example(path: Path, node: _Node, marked: str, intents: tuple[str, ...]) -> Example:
    text, marks = unmark(marked)
    if not text.strip():
        raise _wrong(path, node, "an empty example")
    if _LEFTOVER.search(text):
        raise _wrong(path, node, f"a broken mark in {marked!r}; write [value](slot)")
    return Example(text, intents, marks)


def _compose(path: Path) -> _Node:
    try:
        root = yaml.compose(path.read_text("utf-8"), Loader=yaml.CSafeLoader)
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as exc:
        raise PackError(f"{path}: {exc}") from exc
    if not isinstance(root, yaml.MappingNode):
        raise PackError(f"{path}:1: expected a mapping")
    return root


def _optional(node: _Node, key: str) -> _Node | None:
    if not isinstance(node, yaml.MappingNode):
        return None
    return next((value for name, value in node.value if name.value == key), None)


def _field(path: Path, node: _Node, key: str) -> _Node:
    found = _optional(node, key)
    if found is None:
        raise _wrong(path, node, f"the field {key!r} is missing")
    return found


def _items(path: Path, node: _Node) -> list[_Node]:
    if not isinstance(node, yaml.SequenceNode):
        raise _wrong(path, node, "expected a list")
    return list(node.value)


def _scalar(path: Path, node: _Node) -> str:
    if not isinstance(node, yaml.ScalarNode):
        raise _wrong(path, node, "expected one text; quote it where it begins with [ or {")
    return str(node.value)


def _wrong(path: Path, node: _Node, message: str) -> PackError:
    return PackError(f"{path}:{node.start_mark.line + 1}: {message}")


def _digest(paths: Sequence[Path]) -> str:
    total = hashlib.sha256()
    for path in paths:
        if path.exists():
            total.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return total.hexdigest()


def load_lines(path: Path) -> TrainingData:
    """Labelled texts from JSON lines `{"text", "intents"}`; marks inline as in a pack.

    Raises PackError naming file and line.
    """
    singles: list[Example] = []
    several: list[Example] = []
    for number, line in enumerate(path.read_bytes().splitlines(), start=1):
        try:
            labelled = msgspec.json.decode(line, type=_Line)
        except msgspec.DecodeError as exc:
            raise PackError(f"{path}:{number}: {exc}") from exc
        text, marks = unmark(labelled.text)
        example = Example(text, labelled.intents, marks)
        (singles if len(labelled.intents) == 1 else several).append(example)
    names = tuple(sorted({name for e in (*singles, *several) for name in e.intents}))
    slots = specs({}, [mark.slot for e in (*singles, *several) for mark in e.marks])
    return TrainingData(names, tuple(singles), tuple(several), (), slots, {}, _digest([path]))


class _Line(msgspec.Struct, frozen=True):
    text: str
    intents: tuple[str, ...]
