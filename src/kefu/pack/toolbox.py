"""A pack's tools, connected: found by their marks, checked against the flows, called with a time limit."""

from __future__ import annotations

import asyncio
import importlib.util
import inspect
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from types import ModuleType
from typing import Any

from kefu.deadline import Deadline
from kefu.errors import PackError, ToolError
from kefu.pack.flows import walk
from kefu.pack.pack import Pack
from kefu.pack.steps import Call, Confirm, Look
from kefu.pack.tools import Customer, Tool

LIMIT_S = 3.0
"""Seconds one tool call may take, however much time the turn has left."""


@dataclass(frozen=True, slots=True)
class Marked:
    """A tool as found: "look" or "change", what it takes, and what it needs."""

    kind: str
    call: Tool
    takes: frozenset[str]
    needs: frozenset[str]


class Toolbox:
    """The tools of one pack. Made by `connect`; `close` it."""

    def __init__(self, owner: object, tools: Mapping[str, Marked]) -> None:
        self._owner = owner
        self._tools = tools

    @classmethod
    async def connect(cls, pack: Pack, data_dir: Path) -> Toolbox:
        """Import tools.py, connect it and check every flow's calls. Raises PackError.

        A pack without tools.py has an empty box.
        """
        module = await asyncio.to_thread(_import, pack.tools)
        if module is None:
            box = cls(object(), {})
        else:
            owner = await _connect(module, data_dir)
            box = cls(owner, _marked(owner))
        box._check(pack)
        return box

    def __contains__(self, name: str) -> bool:
        return name in self._tools

    async def look(
        self, name: str, customer: Customer, arguments: Mapping[str, Any], deadline: Deadline
    ) -> Mapping[str, Any]:
        """Call a read tool. Raises ToolError."""
        return await self._call("look", name, customer, arguments, deadline)

    async def change(
        self, name: str, customer: Customer, arguments: Mapping[str, Any], deadline: Deadline
    ) -> Mapping[str, Any]:
        """Call a change tool; only ever after the customer's yes. Raises ToolError."""
        return await self._call("change", name, customer, arguments, deadline)

    async def fixtures(self, customer: Customer) -> Mapping[str, str]:
        """Names that the pack's conversation tests may use as `{{name}}`."""
        method = getattr(self._owner, "fixtures", None)
        if method is None:
            return {}
        found = method(customer)
        if inspect.isawaitable(found):
            found = await found
        return {str(name): str(value) for name, value in found.items()}

    def demo_customer(self, session: str) -> str | None:
        """Who a visitor plays in the demo; None where the pack has no demo customers."""
        method = getattr(self._owner, "demo_customer", None)
        return None if method is None else str(method(session))

    async def close(self) -> None:
        """Let go of what the tools hold."""
        close = getattr(self._owner, "close", None)
        if close is not None:
            await close()

    async def _call(
        self,
        kind: str,
        name: str,
        customer: Customer,
        arguments: Mapping[str, Any],
        deadline: Deadline,
    ) -> Mapping[str, Any]:
        tool = self._tools.get(name)
        if tool is None or tool.kind != kind:
            raise ToolError(f"there is no {kind} tool {name!r}")
        try:
            async with deadline.sooner(LIMIT_S).timeout():
                result = await tool.call(customer, **arguments)
        except TimeoutError as error:
            raise ToolError(f"{name}: no answer in time") from error
        except Exception as error:
            # The type only: a foreign message may hold what the customer typed.
            raise ToolError(f"{name}: {type(error).__name__}") from error
        if not isinstance(result, Mapping):
            raise ToolError(f"{name}: returned {type(result).__name__}, not a dict")
        return result

    def _check(self, pack: Pack) -> None:
        for flow in pack.flows.values():
            for step in walk(flow.steps):
                if isinstance(step, Look):
                    for call in step.calls:
                        self._check_call(call, "look", f"flow {flow.name}: {step.id}")
                elif isinstance(step, Confirm):
                    self._check_call(step.call, "change", f"flow {flow.name}: {step.id}")

    def _check_call(self, call: Call, kind: str, place: str) -> None:
        tool = self._tools.get(call.tool)
        if tool is None:
            raise PackError(f"{place}: tools.py has no tool {call.tool!r}")
        if tool.kind != kind:
            raise PackError(
                f"{place}: {call.tool!r} is a {tool.kind} tool; "
                f"{'only a confirm may do it' if tool.kind == 'change' else 'a confirm does a change'}"
            )
        unknown = call.arguments.keys() - tool.takes
        missing = tool.needs - call.arguments.keys()
        if unknown or missing:
            names = ", ".join(sorted(unknown or missing))
            verb = "does not take" if unknown else "needs"
            raise PackError(f"{place}: {call.tool!r} {verb} {names}")


def _import(file: Path) -> ModuleType | None:
    if not file.exists():
        return None
    # A name of its own per folder: two packs in one process never share a module, and `from . import`
    # finds the files beside tools.py.
    name = f"kefu_pack_{blake2b(str(file.resolve()).encode(), digest_size=6).hexdigest()}"
    spec = importlib.util.spec_from_file_location(
        name, file, submodule_search_locations=[str(file.parent)]
    )
    if spec is None or spec.loader is None:
        raise PackError(f"{file.name}: cannot be imported")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        del sys.modules[name]
        raise PackError(f"{file.name}: {type(error).__name__}: {error}") from error
    return module


async def _connect(module: ModuleType, data_dir: Path) -> object:
    connect = getattr(module, "connect", None)
    if not inspect.iscoroutinefunction(connect):
        raise PackError("tools.py: needs `async def connect(data_dir: Path)`")
    try:
        owner: object = await connect(data_dir)
    except Exception as error:
        raise PackError(f"tools.py: connect: {type(error).__name__}: {error}") from error
    return owner


def _marked(owner: object) -> dict[str, Marked]:
    tools: dict[str, Marked] = {}
    for name in dir(type(owner)):
        kind = getattr(getattr(type(owner), name), "kefu_tool", None)
        if kind is not None and not name.startswith("_"):
            tools[name] = _tool(name, kind, getattr(owner, name))
    return tools


def _tool(name: str, kind: str, call: Tool) -> Marked:
    if not inspect.iscoroutinefunction(call):
        raise PackError(f"tools.py: {name} must be `async def`")
    first, *rest = inspect.signature(call).parameters.values() or (None,)
    if first is None or first.kind is inspect.Parameter.KEYWORD_ONLY:
        raise PackError(f"tools.py: {name} must take the customer first")
    for parameter in rest:
        if parameter.kind in (parameter.VAR_KEYWORD, parameter.VAR_POSITIONAL):
            raise PackError(f"tools.py: {name} must name its arguments, not take *{parameter.name}")
    needs = frozenset(p.name for p in rest if p.default is p.empty)
    return Marked(kind, call, frozenset(p.name for p in rest), needs)
