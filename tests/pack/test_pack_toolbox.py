from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from answering_pack import write_pack
from kefu.deadline import Deadline
from kefu.errors import PackError, ToolError
from kefu.pack.pack import load
from kefu.pack.toolbox import Toolbox
from kefu.pack.tools import Customer

WHO = Customer("U1", "standard", "s", key="k")
TOOLS = """
import asyncio
from kefu.pack.tools import change, look
from .rows import ROWS

class Box:
    closed = False
    @look
    async def find(self, customer, order=None, *, deep=False):
        return {"who": customer.user_id, "order": order, "rows": ROWS}
    @look
    async def slow(self, customer):
        await asyncio.Event().wait()
    @look
    async def odd(self, customer):
        return 3
    @change
    async def alter(self, customer, order):
        return {"ok": True, "key": customer.key}
    def fixtures(self, customer):
        return {"mine": customer.user_id, "n": 3}
    async def close(self):
        self.closed = True

async def connect(data_dir):
    return Box()
"""


async def box(tmp_path: Path, tools: str | None = TOOLS, steps: str = "[{stop: true}]") -> Toolbox:
    files = {
        "pack.yaml": "name: x",
        "rows.py": "ROWS = 2",
        "flows/f.yaml": f"flow: f\nintents: [f]\nslots: {{order: {{}}}}\nsteps: {steps}\n",
    }
    if tools is not None:
        files["tools.py"] = tools
    path = tmp_path / "pack"
    pack = await asyncio.to_thread(lambda: load(write_pack(path, files)))
    return await Toolbox.connect(pack, tmp_path)


async def test_looks_and_changes_are_found_and_called_for_the_customer(tmp_path: Path) -> None:
    tools = await box(tmp_path)
    assert "find" in tools
    found = await tools.look("find", WHO, {"order": "A", "deep": True}, Deadline.after(5))
    assert found == {"who": "U1", "order": "A", "rows": 2}
    assert await tools.change("alter", WHO, {"order": "A"}, Deadline.after(5)) == {
        "ok": True,
        "key": "k",
    }
    await tools.close()


async def test_a_change_cannot_be_looked_at_nor_a_look_be_done(tmp_path: Path) -> None:
    tools = await box(tmp_path)
    with pytest.raises(ToolError, match="no look tool 'alter'"):
        await tools.look("alter", WHO, {"order": "A"}, Deadline.after(5))
    with pytest.raises(ToolError, match="no change tool 'find'"):
        await tools.change("find", WHO, {}, Deadline.after(5))


async def test_a_tool_that_hangs_breaks_or_returns_nonsense_is_a_tool_error(
    tmp_path: Path,
) -> None:
    tools = await box(tmp_path)
    with pytest.raises(ToolError, match="slow: no answer in time"):
        await tools.look("slow", WHO, {}, Deadline.after(0.0))
    with pytest.raises(ToolError, match="odd: returned int"):
        await tools.look("odd", WHO, {}, Deadline.after(5))
    with pytest.raises(ToolError, match="find: TypeError"):
        await tools.look("find", WHO, {"nope": 1}, Deadline.after(5))


async def test_fixtures_are_texts(tmp_path: Path) -> None:
    assert await (await box(tmp_path)).fixtures(WHO) == {"mine": "U1", "n": "3"}
    later = TOOLS.replace("    def fixtures", "    async def fixtures")
    assert await (await box(tmp_path, later)).fixtures(WHO) == {"mine": "U1", "n": "3"}


async def test_a_pack_without_tools_has_an_empty_box(tmp_path: Path) -> None:
    tools = await box(tmp_path, None)
    assert await tools.fixtures(WHO) == {}
    assert "find" not in tools
    await tools.close()


@pytest.mark.parametrize(
    ("steps", "complaint"),
    [
        ("[{look: gone}]", "flow f: steps[0]: tools.py has no tool 'gone'"),
        ("[{look: alter}]", "'alter' is a change tool; only a confirm may do it"),
        ("[{confirm: {zh: a}, do: find}]", "'find' is a look tool; a confirm does a change"),
        ("[{look: find, with: {x: 1}}]", "'find' does not take x"),
        ("[{confirm: {zh: a}, do: alter}]", "'alter' needs order"),
        ("[{if: {order: a}, else: [{look: gone}]}]", "steps[0].else[0]: tools.py has no tool"),
    ],
)
async def test_a_flow_that_calls_what_is_not_there_is_refused(
    tmp_path: Path, steps: str, complaint: str
) -> None:
    with pytest.raises(PackError) as error:
        await box(tmp_path, steps=steps)
    assert complaint in str(error.value)


@pytest.mark.parametrize(
    ("tools", "complaint"),
    [
        ("x =", "tools.py: SyntaxError"),
        ("x = 1", "needs `async def connect"),
        ("async def connect(d): raise OSError('no disk')", "connect: OSError: no disk"),
        (TOOLS.replace("async def alter", "def alter"), "alter must be `async def`"),
        (
            TOOLS.replace("find(self, customer, order=None, *,", "find(self, *, order=None,"),
            "find must take the customer",
        ),
        (TOOLS.replace("odd(self, customer)", "odd(self)"), "odd must take the customer first"),
        (
            TOOLS.replace("odd(self, customer)", "odd(self, customer, **more)"),
            "odd must name its arguments, not take *more",
        ),
    ],
)
async def test_tools_that_cannot_be_used_are_refused(
    tmp_path: Path, tools: str, complaint: str
) -> None:
    with pytest.raises(PackError) as error:
        await box(tmp_path, tools)
    assert complaint in str(error.value)
