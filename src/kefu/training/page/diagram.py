"""The reliability diagram as SVG; its colours come from the page's style."""

from __future__ import annotations

from collections.abc import Sequence

from kefu.training.page.words import Words
from kefu.training.reliability import Bin

_SIDE, _LEFT, _TOP, _BELOW = 320.0, 40.0, 12.0, 58.0


def svg(bins: Sequence[Bin], word: Words) -> str:
    """Accuracy over confidence: a bar per bin, the number of texts below, the diagonal dashed."""
    parts = [*_grid(), *(_bar(one) for one in bins)]
    low, high = _y(0.0), _y(1.0)
    parts.append(f'<line class="ideal" x1="{_x(0):g}" y1="{low:g}" x2="{_x(1):g}" y2="{high:g}"/>')
    below = low + 48
    parts.append(
        f'<text class="axis" x="{_x(0.5):g}" y="{below:g}" data-word="confidence">'
        f"{word.plain('confidence')}</text>"
    )
    parts.append(
        f'<text class="axis" transform="translate(12 {_y(0.5):g}) rotate(-90)" '
        f'data-word="accuracy">{word.plain("accuracy")}</text>'
    )
    width, height = _LEFT + _SIDE + 20, _TOP + _SIDE + _BELOW
    return (
        f'<svg class="diagram" viewBox="0 0 {width:g} {height:g}" role="img" '
        f'aria-labelledby="reliability-title reliability-note">{"".join(parts)}</svg>'
    )


def _grid() -> list[str]:
    found = []
    for tick in (0.0, 0.2, 0.4, 0.6, 0.8, 1.0):
        x, y = _x(tick), _y(tick)
        found.append(
            f'<line class="grid" x1="{_x(0):g}" y1="{y:g}" x2="{_x(1):g}" y2="{y:g}"/>'
            f'<text class="tick" x="{_LEFT - 6:g}" y="{y + 4:g}" text-anchor="end">{tick:.0%}</text>'
            f'<text class="tick" x="{x:g}" y="{_y(0) + 15:g}">{tick:.0%}</text>'
        )
    return found


def _bar(one: Bin) -> str:
    left, width = _x(one.low) + 1, _x(one.high) - _x(one.low) - 2
    top = _y(one.accuracy)
    middle = left + width / 2
    bar = (
        f'<rect class="bar" x="{left:g}" y="{top:g}" width="{width:g}" height="{_y(0) - top:g}">'
        f"<title>{one.low:.0%}–{one.high:.0%}: {one.confidence:.1%} → {one.accuracy:.1%}, "
        f"n = {one.count}</title></rect>"
    )
    mean = (
        f'<circle class="mean" cx="{_x(one.confidence):g}" cy="{top:g}" r="3"/>'
        if one.count
        else ""
    )
    count = f'<text class="count" x="{middle:g}" y="{_y(0) + 30:g}">{one.count}</text>'
    return (bar if one.count else "") + mean + count


def _x(share: float) -> float:
    return round(_LEFT + _SIDE * share, 2)


def _y(share: float) -> float:
    return round(_TOP + _SIDE * (1 - share), 2)
