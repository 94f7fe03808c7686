from __future__ import annotations

import re
from html.parser import HTMLParser

from kefu.training.comparison import Comparison
from kefu.training.page.diagram import svg
from kefu.training.page.page import render
from kefu.training.page.words import Words, words
from kefu.training.reliability import bins
from kefu.training.report import Leak, Report, Versus
from kefu.training.score import Score
from verdicts import verdict

ODD = "</script><img src=x onerror=alert(1)>%%main%%"


def report() -> Report:
    first = [
        verdict("a", "b", text=ODD),
        verdict("a", "a", slots=(("n=两件",), ("n=三件",)), moods=("negative!", "neutral")),
        verdict("a+b", "b", confidence=0.3, tier="encoder"),
    ]
    second = [verdict("a", "a", text=ODD), *first[1:]]
    versus = Versus("other", Comparison(second, first))
    return Report("model<1>", "texts.jsonl", Score(first), [Leak("退货", "退货", 1.0)], versus)


class Strict(HTMLParser):
    """Notes elements that are not closed in order, and names that lead nowhere."""

    ALONE = ("meta", "input")

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []
        self.named: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in self.ALONE:
            self.open.append(tag)
        for name, value in attrs:
            if name == "id":
                self.ids.append(value or "")
            if name == "aria-labelledby":
                self.named.update((value or "").split())

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in ("line", "circle")

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_the_page_is_well_formed_and_every_name_is_there() -> None:
    page = Strict()
    page.feed(render(report(), "zh"))
    assert page.open == []
    assert len(page.ids) == len(set(page.ids))
    assert page.named <= set(page.ids)


def test_the_page_fetches_nothing_and_a_text_stays_text() -> None:
    page = render(report(), "en")
    assert not re.search(r"https?://|<link|<img|src=\"|@import|url\(", page)
    assert "&lt;img src=x onerror=alert(1)&gt;%%main%%" in page
    assert page.count("<script") == page.count("</script>") == 2
    assert "model&lt;1&gt;" in page


def test_the_page_opens_in_the_language_asked_for() -> None:
    zh, en = render(report(), "zh"), render(report(), "en")
    assert '<html lang="zh-CN">' in zh
    assert '<html lang="en">' in en
    assert '<span data-word="confused">混淆对</span>' in zh
    assert '<span data-word="confused">Confusion pairs</span>' in en


def test_every_word_is_there_in_both_languages_and_used() -> None:
    used = set(re.findall(r'data-word(?:-label)?="(\w+)"', render(report(), "zh")))
    rare = {"acceptable", "positive", "sarcasm_precision"}
    assert used <= words().keys()
    assert words().keys() - used <= rare
    assert all(all(pair) for pair in words().values())


def test_a_report_of_intents_alone_has_no_empty_tables() -> None:
    page = render(Report("m", "t", Score([verdict("a", "a")])), "en")
    for name in ("slots", "moods", "leaks", "versus", "confused"):
        assert f'id="{name}-title"' not in page
    assert 'id="reliability-title"' in page


def test_bars_are_as_high_as_answers_are_right() -> None:
    drawn = svg(bins([0.95] * 4 + [0.15], [True, True, False, False, True]), Words("en"))
    bars = re.findall(
        r'<rect class="bar" x="[\d.]+" y="([\d.]+)" width="30" height="([\d.]+)"', drawn
    )
    assert [float(height) for _, height in bars] == [320.0, 160.0]
    assert re.findall(r'class="count"[^>]*>(\d+)<', drawn) == [*"0100000004"]
