"""A report as one HTML page: style and script inside, in both languages, light and dark."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from pathlib import Path

import msgspec

from kefu.messages import Locale
from kefu.training.measures import Figure
from kefu.training.page import diagram, tables
from kefu.training.page.errors import disagreement, error, faults
from kefu.training.page.tables import Cell
from kefu.training.page.words import Words, words
from kefu.training.report import Report, Versus

_HERE = Path(__file__).parent
_MOST_PAIRS = 200


def render(report: Report, locale: Locale) -> str:
    """The page. Whatever a text holds, it stays text."""
    word = Words(locale)
    filled = {
        "lang": "zh-CN" if locale == "zh" else "en",
        "title": f"{word.plain('title')} · {escape(report.model)}",
        "style": (_HERE / "page.css").read_text("utf-8"),
        "script": (_HERE / "page.js").read_text("utf-8"),
        "words": _script(words()),
        "skip": word("skip"),
        "header": _header(report, word),
        "main": "".join(_sections(report, word)),
    }
    page = (_HERE / "page.html").read_text("utf-8")
    return "".join(filled[part] if at % 2 else part for at, part in enumerate(page.split("%%")))


def _script(value: object) -> str:
    """JSON that cannot end the element it stands in."""
    return msgspec.json.encode(value).decode().replace("<", "\\u003c")


def _header(report: Report, word: Words) -> str:
    return (
        f"<h1>{word('title')}</h1><dl>"
        f"<div><dt>{word('model')}</dt><dd>{escape(report.model)}</dd></div>"
        f"<div><dt>{word('on')}</dt><dd>{escape(report.texts)} "
        f"({len(report.score.verdicts)})</dd></div></dl>"
        f'<div class="locale" role="group" aria-label="{word.plain("language")}" '
        'data-word-label="language">'
        '<button type="button" data-locale="zh" lang="zh-CN">简体中文</button>'
        '<button type="button" data-locale="en" lang="en">English</button></div>'
    )


def _section(name: str, word: Words, *content: str, note: str = "") -> str:
    said = f'<p class="note" id="{name}-note">{word(note)}</p>' if note else ""
    return (
        f'<section aria-labelledby="{name}-title"><h2 id="{name}-title">{word(name)}</h2>{said}'
        f"{''.join(content)}</section>"
    )


def _sections(report: Report, word: Words) -> Iterator[str]:
    score = report.score
    cards = "".join(_card(figure, word) for figure in score.figures())
    yield _section("summary", word, f'<ul class="cards">{cards}</ul>', note="interval_note")
    if report.leaks:
        yield _leaks(report, word)
    if report.versus is not None:
        yield _versus(report.versus, word)
    if score.judged:
        yield from _of_intents(report, word)
    if score.slots():
        yield _section(
            "slots", word, tables.tallies("slots", ("slot", "values"), score.slots(), word)
        )
    if score.moods():
        yield _section(
            "moods", word, tables.tallies("moods", ("mood", "texts"), score.moods(), word)
        )
    yield _errors(report, word)


def _of_intents(report: Report, word: Words) -> Iterator[str]:
    score = report.score
    yield _section(
        "intents",
        word,
        tables.tallies("intents", ("intent", "texts"), score.intents(), word),
        note="sort_note",
    )
    if score.confused():
        yield _confused(report, word)
    yield _reliability(report, word)
    yield _section("tiers", word, tables.shares("tiers", "tier", score.by_tier(), word))
    yield _section("lengths", word, tables.shares("lengths", "length", score.by_length(), word))


def _card(figure: Figure, word: Words) -> str:
    return (
        f'<li><span class="name">{word(figure.name)}</span>'
        f'<span class="value">{figure.value:.1%}</span>'
        f'<span class="span">{tables.span(figure.interval)}</span>'
        f'<span class="span">{word("out_of")} {figure.total}</span></li>'
    )


def _leaks(report: Report, word: Words) -> str:
    rows = [
        [Cell(escape(leak.tested)), Cell(escape(leak.learnt)), tables.share(leak.likeness)]
        for leak in report.leaks
    ]
    found = tables.table("leaks", ("tested", "learnt", "likeness"), rows, word)
    folded = f"<details><summary>{word('texts')}: {len(rows)}</summary>{found}</details>"
    return _section("leaks", word, folded, note="leaks_note")


def _versus(versus: Versus, word: Words) -> str:
    comparison = versus.comparison
    only_first, only_second = comparison.only_right
    found = comparison.disagreements()
    listed = "".join(disagreement(one, word) for one in found)
    return _section(
        "versus",
        word,
        f"<p>{word('other')}: {escape(versus.other)}</p>",
        tables.differences(comparison, word),
        f'<p class="note">{word("only_this")}: {only_second} · {word("only_other")}: {only_first}'
        f" · {word('mcnemar')} = {comparison.p:.3g}</p>",
        f"<details><summary>{word('disagreements')}: {len(found)}</summary>"
        f'<ul class="texts">{listed}</ul></details>',
    )


def _confused(report: Report, word: Words) -> str:
    rows = [
        [
            Cell(
                f'<button type="button" class="pair" data-pair="{escape(f"{meant}→{read}")}">'
                f"{escape(meant)} → {escape(read)}</button>"
            ),
            tables.number(len(found)),
        ]
        for (meant, read), found in report.score.confused()[:_MOST_PAIRS]
    ]
    return _section(
        "confused",
        word,
        tables.table("confused", ("pair", "times"), rows, word),
        note="confused_note",
    )


def _reliability(report: Report, word: Words) -> str:
    bins = report.score.diagram()
    rows = [
        [
            Cell(f"{one.low:.0%}–{one.high:.0%}", one.low),
            tables.number(one.count),
            tables.share(one.accuracy),
        ]
        for one in bins
    ]
    return _section(
        "reliability",
        word,
        f"<figure>{diagram.svg(bins, word)}</figure>",
        f"<details><summary>{word('texts')}</summary>"
        f"{tables.table('reliability', ('confidence', 'texts', 'accuracy'), rows, word)}</details>",
        note="reliability_note",
    )


def _errors(report: Report, word: Words) -> str:
    listed = "".join(
        error(one, found, word) for one in report.score.verdicts if (found := faults(one))
    )
    kinds = "".join(
        f'<option value="{kind}" data-word="kind_{kind}">{word.plain(f"kind_{kind}")}</option>'
        for kind in ("intents", "slots", "mood")
    )
    controls = (
        '<form class="filters" role="search">'
        f'<label>{word("search")}<input type="search" id="search" autocomplete="off"></label>'
        f'<label>{word("kind")}<select id="kind"><option value="" data-word="all">'
        f"{word.plain('all')}</option>{kinds}</select></label>"
        f'<button type="reset" id="clear">{word("clear")}</button></form>'
        '<p class="note" role="status"><span id="count"></span> '
        f'{word("shown")}<span id="chosen"></span></p>'
    )
    nothing = f'<p id="nothing" hidden>{word("none")}</p>'
    return _section(
        "errors", word, controls, f'<ul class="texts" id="errors">{listed}</ul>', nothing
    )
