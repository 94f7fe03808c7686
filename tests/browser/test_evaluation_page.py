"""The page of `kefu evaluate --html` in a real browser, opened as a file."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect

from kefu.training.page.page import render
from kefu.training.report import Report
from kefu.training.score import Score
from verdicts import verdict

pytestmark = pytest.mark.browser


@pytest.fixture
async def page(browser: Browser, tmp_path: Path) -> AsyncIterator[Page]:
    """The page of five texts, on a phone's screen; what it asks of a net or complains of fails the test."""
    score = Score(
        [
            verdict("refund", "cancel", text="把钱退给我"),
            verdict("refund", "cancel", text="钱呢"),
            verdict("cancel", "refund", text="不要了"),
            verdict("cancel", "cancel", text="取消", slots=(("n=两件",), ())),
            verdict("cancel", "cancel", text="取消吧"),
        ]
    )
    path = tmp_path / "report.html"
    path.write_text(render(Report("model", "texts", score), "zh"), "utf-8")
    page = await browser.new_page(viewport={"width": 360, "height": 740})
    troubles: list[str] = []
    page.on("pageerror", lambda exc: troubles.append(str(exc)))
    page.on("console", lambda said: troubles.append(said.text))
    page.on("request", lambda asked: troubles.extend([asked.url] * (asked.url != path.as_uri())))
    await page.goto(path.as_uri())
    yield page
    assert troubles == []


async def test_errors_are_found_by_words_and_by_kind(page: Page) -> None:
    items = page.locator("#errors > li:visible")
    await expect(items).to_have_count(4)
    await page.get_by_label("搜索文本或标签").fill("钱")
    await expect(items).to_have_count(2)
    await page.get_by_label("搜索文本或标签").fill("没有这样的")
    await expect(page.get_by_text("没有符合条件的文本。")).to_be_visible()
    await page.get_by_role("button", name="清除筛选").click()
    await page.get_by_label("类别").select_option("slots")
    await expect(items).to_have_count(1)
    await expect(page.get_by_role("status")).to_contain_text("1 / 4")


async def test_a_confusion_pair_leads_to_its_texts_by_keyboard(page: Page) -> None:
    await page.get_by_role("button", name="refund → cancel").focus()
    await page.keyboard.press("Enter")
    await expect(page.locator("#errors > li:visible")).to_have_count(2)
    await expect(page.locator("#errors-title")).to_be_focused()


async def test_columns_sort_by_number_and_say_so(page: Page) -> None:
    table = page.get_by_role("table", name="各意图")
    head = table.get_by_role("columnheader", name="文本数")
    names = table.get_by_role("rowheader")
    for wanted, direction in (
        (["refund", "cancel"], "ascending"),
        (["cancel", "refund"], "descending"),
    ):
        await head.get_by_role("button").click()
        await expect(head).to_have_attribute("aria-sort", direction)
        assert await names.all_text_contents() == wanted


async def test_the_language_changes_on_the_spot(page: Page) -> None:
    await page.get_by_role("button", name="English").click()
    await expect(page.get_by_role("heading", name="Confusion pairs")).to_be_visible()
    await expect(page.locator("html")).to_have_attribute("lang", "en")
    await expect(page.get_by_role("button", name="English")).to_have_attribute(
        "aria-pressed", "true"
    )


async def test_nothing_is_wider_than_a_phone(page: Page) -> None:
    assert await page.evaluate("document.documentElement.scrollWidth") <= 360


@pytest.mark.parametrize(("scheme", "dark"), [("light", False), ("dark", True)])
async def test_the_page_follows_the_scheme_of_the_system(
    page: Page, scheme: str, dark: bool
) -> None:
    await page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    colour = await page.evaluate("getComputedStyle(document.body).backgroundColor")
    red = int(colour.split("(")[1].split(",")[0])
    assert (red < 128) is dark
