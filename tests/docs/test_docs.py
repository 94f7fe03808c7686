"""The snippets of the documentation run."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from kefu import settings
from serving import ROOT, Service

FENCE = re.compile(r"```(\w+)\n(.*?)```", re.DOTALL)


def fences(page: str, language: str) -> list[str]:
    text = (ROOT / page).read_text("utf-8")
    return [body for kind, body in FENCE.findall(text) if kind == language]


CALLS = [
    (page, body)
    for page in ("docs/api.md", "README.md", "README.en.md")
    for body in fences(page, "bash")
    if body.startswith("curl")
]


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    service = Service(tmp_path_factory.mktemp("docs")).start()
    yield service
    service.stop()


def test_every_curl_call_of_the_pages_succeeds(service: Service) -> None:
    for page, body in CALLS:
        call = body.replace("http://127.0.0.1:8000", service.url).replace("curl ", "curl -f ", 1)
        done = subprocess.run(["bash", "-c", call], capture_output=True, text=True, timeout=20)
        assert done.returncode == 0, f"{page}: {body}\n{done.stdout}\n{done.stderr}"
        assert done.stdout


def test_the_settings_of_the_operating_page_load(tmp_path: Path) -> None:
    for body in fences("docs/operating.md", "toml"):
        file = tmp_path / "kefu.toml"
        file.write_text(body, "utf-8")
        assert settings.load(file, environ={}).auth.demo is False


def test_the_tool_of_the_packs_page_compiles() -> None:
    for body in fences("docs/packs.md", "python"):
        compile(body, "docs/packs.md", "exec")


def test_the_yaml_of_the_packs_page_parses() -> None:
    for body in fences("docs/packs.md", "yaml"):
        assert yaml.safe_load(body)


def test_every_setting_is_documented() -> None:
    page = (ROOT / "docs/operating.md").read_text("utf-8")
    for section in settings.Settings.__struct_fields__:
        assert f"`{section}" in page or f"{section}." in page or section == "pack", section
