"""A pack's YAML with its lines: every complaint names file and line, and what is to be done."""

from __future__ import annotations

import difflib
from collections.abc import Collection
from pathlib import Path

import yaml

from kefu.errors import PackError

Node = yaml.nodes.Node
_LIKE = 0.6
"""The least likeness, by difflib, of a name that is suggested."""


def compose(path: Path) -> Node:
    """The mapping that a file holds."""
    try:
        root = yaml.compose(path.read_text("utf-8"), Loader=yaml.CSafeLoader)
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as exc:
        raise PackError(f"{path}: {exc}") from exc
    if not isinstance(root, yaml.MappingNode):
        raise PackError(f"{path}:1: expected a mapping")
    return root


def optional(node: Node, key: str) -> Node | None:
    """A field, None where it is not there."""
    if not isinstance(node, yaml.MappingNode):
        return None
    return next((value for name, value in node.value if name.value == key), None)


def field(path: Path, node: Node, key: str) -> Node:
    """A field that must be there."""
    found = optional(node, key)
    if found is None:
        raise wrong(path, node, f"the field {key!r} is missing")
    return found


def items(path: Path, node: Node) -> list[Node]:
    """What a list holds."""
    if not isinstance(node, yaml.SequenceNode):
        raise wrong(path, node, "expected a list")
    return list(node.value)


def scalar(path: Path, node: Node) -> str:
    """A text."""
    if not isinstance(node, yaml.ScalarNode):
        raise wrong(path, node, "expected one text; quote it where it begins with [ or {")
    return str(node.value)


def line(path: Path, node: Node) -> str:
    """Where a node stands: file and line."""
    return f"{path}:{node.start_mark.line + 1}"


def wrong(path: Path, node: Node, message: str) -> PackError:
    """The error for a node."""
    return PackError(f"{line(path, node)}: {message}")


def known(path: Path, node: Node, names: Collection[str], what: str) -> str:
    """A name that must be one of `names`; the error suggests the nearest."""
    name = scalar(path, node)
    if name not in names:
        raise wrong(path, node, f"no such {what} {name!r}{nearest(name, names)}")
    return name


def nearest(name: str, names: Collection[str]) -> str:
    """The end of a complaint about a name: the one that was probably meant, or which there are.

    >>> nearest("refnd", ["refund", "order"])
    "; did you mean 'refund'?"
    """
    close = difflib.get_close_matches(name, names, n=1, cutoff=_LIKE)
    return f"; did you mean {close[0]!r}?" if close else ""
