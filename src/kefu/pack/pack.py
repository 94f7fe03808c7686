"""A pack, loaded and checked. Start here: `load(path)`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kefu.errors import PackError
from kefu.messages import Locale
from kefu.pack.faq import FaqEntry, read_faq
from kefu.pack.flows import read_flow
from kefu.pack.manifest import Manifest, read_manifest
from kefu.pack.places import Place
from kefu.pack.reading import read_yaml
from kefu.pack.replies import Replies, Wording, read_replies
from kefu.pack.steps import FlowDefinition

_STANDARD = Path(__file__).parent / "standard" / "replies.yaml"


@dataclass(frozen=True, slots=True)
class Pack:
    """What the owner of a bot wrote. `locale` is the language to use where none is detected.

    `intents` are all names the pack knows, `starters` which flow an intent starts. `model`, `words` and
    `tools` are paths that may not exist.
    """

    name: str
    path: Path
    manifest: Manifest
    intents: tuple[str, ...]
    flows: Mapping[str, FlowDefinition]
    starters: Mapping[str, str]
    faq: tuple[FaqEntry, ...]
    replies: Replies
    prompts: Mapping[str, str]
    policy: str

    @property
    def locale(self) -> Locale:
        """The language to use where none is detected."""
        return self.manifest.languages[0]

    @property
    def settings(self) -> Mapping[str, Any]:
        """The pack's own settings, for whoever knows them."""
        return self.manifest.settings

    @property
    def model(self) -> Path:
        """The folder of the trained model."""
        return self.path / self.manifest.model

    @property
    def words(self) -> Path:
        """The folder of moderation word lists."""
        return self.path / "words"

    @property
    def tools(self) -> Path:
        """The file of look-ups and changes."""
        return self.path / "tools.py"


def load(path: Path) -> Pack:
    """The pack in a folder. Raises PackError naming file, place and what is wrong there."""
    if not path.is_dir():
        raise PackError(f"{path}: there is no such folder")
    manifest = read_manifest(read_yaml(path / "pack.yaml", "pack.yaml"), Place("pack.yaml"))
    replies = _replies(path)
    flows = _flows(path, replies)
    named = tuple(file.stem for file in _files(path, "intents", "yaml") if file.stem[0] != "_")
    starters = _starters(flows, named)
    return Pack(
        name=manifest.name,
        path=path,
        manifest=manifest,
        intents=named or tuple(sorted(starters)),
        flows=flows,
        starters=starters,
        faq=_faq(path, named),
        replies=replies,
        prompts={file.stem: file.read_text("utf-8") for file in _files(path, "prompts", "md")},
        policy=_policy(path),
    )


def _files(path: Path, folder: str, ending: str) -> list[Path]:
    return sorted((path / folder).glob(f"*.{ending}"))


def _replies(path: Path) -> Replies:
    standard = Place("standard/replies.yaml")
    wordings = read_replies(read_yaml(_STANDARD, standard.file), standard)
    own: dict[str, Wording] = {}
    for file in _files(path, "replies", "yaml"):
        place = Place(f"replies/{file.name}")
        for name, wording in read_replies(read_yaml(file, place.file) or {}, place).items():
            if name in own:
                raise place.key(name).wrong("another file has a reply of this name")
            own[name] = wording
    return Replies(wordings | own)


def _flows(path: Path, replies: Replies) -> dict[str, FlowDefinition]:
    flows: dict[str, FlowDefinition] = {}
    for file in _files(path, "flows", "yaml"):
        place = Place(f"flows/{file.name}")
        flow = read_flow(read_yaml(file, place.file), place, replies)
        if flow.name in flows:
            raise place.key("flow").wrong(f"another file has a flow named {flow.name!r}")
        flows[flow.name] = flow
    return flows


def _starters(flows: Mapping[str, FlowDefinition], named: tuple[str, ...]) -> dict[str, str]:
    starters: dict[str, str] = {}
    for flow in flows.values():
        place = Place(f"flow {flow.name}").key("intents")
        for intent in flow.intents:
            if named and intent not in named:
                raise place.wrong(f"there is no intents/{intent}.yaml")
            if intent in starters:
                raise place.wrong(f"{intent!r} already starts the flow {starters[intent]!r}")
            starters[intent] = flow.name
    return starters


def _faq(path: Path, named: tuple[str, ...]) -> tuple[FaqEntry, ...]:
    file = path / "faq.yaml"
    if not file.exists():
        return ()
    place = Place("faq.yaml")
    entries = read_faq(read_yaml(file, place.file), place)
    for i, entry in enumerate(entries):
        if named and entry.intent is not None and entry.intent not in named:
            raise place.key("faq").item(i).wrong(f"there is no intents/{entry.intent}.yaml")
    return entries


def _policy(path: Path) -> str:
    file = path / "policy.md"
    return file.read_text("utf-8") if file.exists() else ""
