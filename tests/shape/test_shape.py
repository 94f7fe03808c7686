"""The promises that the tree itself keeps."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MODULES = sorted((ROOT / "src/kefu").rglob("*.py"))
LONGEST = 400


@pytest.mark.parametrize("module", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_is_short_enough_to_read(module: Path) -> None:
    assert len(module.read_text("utf-8").splitlines()) <= LONGEST


@pytest.mark.parametrize(
    "package",
    [module for module in MODULES if module.name == "__init__.py"],
    ids=lambda path: str(path.relative_to(ROOT)),
)
def test_a_package_says_what_it_is_and_nothing_else(package: Path) -> None:
    assert re.fullmatch(r'""".+?"""\n', package.read_text("utf-8"), re.DOTALL)


def test_importing_kefu_is_cheap_and_pulls_in_no_training_library() -> None:
    code = "import sys, kefu.app, kefu.cli.main; print(*sys.modules)"
    loaded = set(subprocess.check_output([sys.executable, "-c", code], text=True).split())
    assert not loaded & {"torch", "sklearn", "scipy", "onnxruntime", "alembic"}


def test_the_bare_package_imports_nothing_but_itself() -> None:
    code = "import sys; before = set(sys.modules); import kefu; print(*(set(sys.modules) - before))"
    assert subprocess.check_output([sys.executable, "-c", code], text=True).split() == ["kefu"]


@pytest.mark.parametrize("page", ["docs/architecture.md", "README.md", "README.en.md"])
def test_every_file_that_a_page_names_exists(page: str) -> None:
    text = (ROOT / page).read_text("utf-8")
    rooms = ("gateway", "dialogue", "guarding", "understanding", "deciding", "answering")
    for name in re.findall(r"`([\w./-]+\.(?:py|md))`", text):
        base = "src/kefu" if name.startswith(rooms) or name in ("app.py", "settings.py") else "."
        assert (ROOT / base / name).exists(), name
    for link in re.findall(r"\]\((?!http)([^)#]+)\)", text):
        assert (ROOT / page).parent.joinpath(link).exists(), link


def test_the_engine_knows_no_shop() -> None:
    """Retail names live in the pack; only slot names that understanding has rules for may occur."""
    retail = re.compile(r"order_status|order_urge|refund_apply|logistics_track|快递|退货|优惠券")
    for module in MODULES:
        if {"understanding", "guarding", "training", "llms"} & set(module.parts):
            continue
        found = retail.search(module.read_text("utf-8"))
        assert found is None, f"{module}: {found and found.group()}"
