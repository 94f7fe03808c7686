"""The instructions' text with its holes: `prompts/understand.md` of a pack, else the one that is shipped."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from kefu.errors import PackError
from kefu.pack.pack import Pack

NAME = "understand"
INTENTS, SLOTS, EXAMPLES = "intents", "slots", "examples"
HOLES = (INTENTS, SLOTS, EXAMPLES)
_HOLE = re.compile(r"\{\{([^{}\n]*)\}\}")
_REMEDY = "correct it, or delete the file to use the text that is shipped"


class Template:
    """A text with `{{intents}}`, `{{slots}}` and `{{examples}}`, the first of which must be there.

    Raises PackError, naming `file` and line, for any other name in double braces.
    """

    def __init__(self, text: str, file: str) -> None:
        self._parts = _HOLE.split(text)
        for at in range(1, len(self._parts), 2):
            name = self._parts[at] = self._parts[at].strip()
            if name not in HOLES:
                line = 1 + "".join(self._parts[:at]).count("\n")
                raise PackError(f"{file}:{line}: unknown {_hole(name)}; {_known()}: {_REMEDY}")
        if INTENTS not in self._parts[1::2]:
            raise PackError(f"{file}:1: {_hole(INTENTS)} is missing; {_known()}: {_REMEDY}")

    @classmethod
    def of(cls, pack: Pack) -> Template:
        """The pack's own template in its first language, its own in any, or the shipped one."""
        for stem in (f"{NAME}.{pack.locale}", NAME):
            if stem in pack.prompts:
                return cls(pack.prompts[stem], f"{pack.path}/prompts/{stem}.md")
        shipped = Path(__file__).with_name(f"{NAME}.{pack.locale}.md")
        return cls(shipped.read_text("utf-8"), str(shipped))

    def filled(self, values: Mapping[str, str]) -> str:
        """The text with a value in each hole; raises KeyError where one has none."""
        return "".join(
            values[part] if at % 2 else part for at, part in enumerate(self._parts)
        ).strip()


def _hole(name: str) -> str:
    return f"{{{{{name}}}}}"


def _known() -> str:
    return "known are " + ", ".join(_hole(name) for name in HOLES)
