"""The retail pack's shop, made once, and a fresh copy of it for every test that changes something."""

from __future__ import annotations

import shutil
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from kefu.pack.tools import Customer

ROOT = Path(__file__).parents[2]
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

if TYPE_CHECKING:
    from packs.retail.tools import Tools

AsCustomer = Callable[..., Customer]


@pytest.fixture(scope="session")
def made_shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A shop file, closed."""
    from packs.retail.shop.opening import open_shop

    file = tmp_path_factory.mktemp("shop") / "shop.sqlite3"
    db = open_shop(file)
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    db.close()
    return file


@pytest.fixture
def shop_dir(made_shop: Path, tmp_path: Path) -> Path:
    """A data directory with a copy of the shop."""
    shutil.copy(made_shop, tmp_path / "shop.sqlite3")
    return tmp_path


@pytest.fixture
async def tools(shop_dir: Path) -> AsyncIterator[Tools]:
    """The pack's tools over their own shop."""
    from packs.retail.tools import connect

    tools = await connect(shop_dir)
    yield tools
    await tools.close()


@pytest.fixture
def as_customer() -> AsCustomer:
    """A customer with a key of its own for every change."""
    count = 0

    def make(user_id: str | None = "U0013", key: str = "", locale: str = "zh") -> Customer:
        nonlocal count
        count += 1
        return Customer(user_id, "standard", "s", locale=locale, key=key or f"s:{count}:f")

    return make
