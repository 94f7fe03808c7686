"""YAML as people write it: `no` is a word, 12:30 is a time of day, 2026-10-28 is a text.

YAML 1.1 would read them as false, 750 and a date. Only true/false, plain numbers and null keep a meaning.
"""

from __future__ import annotations

import re
from collections.abc import Hashable
from pathlib import Path
from typing import Any, ClassVar

import yaml

from kefu.errors import PackError

_Base: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Loader(_Base):  # type: ignore[misc]  # the C loader where libyaml is there, else the same in Python
    """A safe loader with the resolvers below, that refuses the same key twice."""

    yaml_implicit_resolvers: ClassVar[dict[str, list[tuple[str, re.Pattern[str]]]]] = {}

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        """The mapping; raises ConstructorError where a key comes twice."""
        merges = any(key.tag == "tag:yaml.org,2002:merge" for key, _ in node.value)
        mapping: dict[Hashable, Any] = super().construct_mapping(node, deep)
        if len(mapping) < len(node.value) and not merges:
            raise yaml.constructor.ConstructorError(
                None, None, "the same key is there twice", node.start_mark
            )
        return mapping


for _tag, _pattern, _first in (
    ("bool", r"true|True|false|False", "tTfF"),
    ("int", r"[-+]?(?:0|[1-9][0-9]*)", "-+0123456789"),
    ("float", r"[-+]?[0-9]+\.[0-9]+", "-+0123456789"),
    ("null", r"~|null|", "~n\0"),
    ("merge", r"<<", "<"),
):
    _Loader.add_implicit_resolver(
        f"tag:yaml.org,2002:{_tag}",
        re.compile(rf"^(?:{_pattern})$"),
        ["" if c == "\0" else c for c in _first],
    )


def read_yaml(path: Path, name: str) -> Any:
    """The content of a YAML file. `name` is how errors call it. Raises PackError with the line."""
    try:
        text = path.read_text("utf-8")
    except FileNotFoundError:
        raise PackError(f"{name}: the file is missing") from None
    except UnicodeDecodeError as error:
        raise PackError(f"{name}: not UTF-8 at byte {error.start}") from error
    try:
        return yaml.load(text, _Loader)  # noqa: S506  # the loader is a safe one
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        line = f", line {mark.line + 1}" if mark else ""
        raise PackError(f"{name}{line}: {error.problem}") from error
    except yaml.YAMLError as error:
        raise PackError(f"{name}: {error}") from error
