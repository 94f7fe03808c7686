"""A turn's trace as a panel: understood, decided, why, timings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text


def panel(response: Mapping[str, Any]) -> Panel:
    """A panel over a response of the API; its `trace`, where there is one, says what was decided and why."""
    trace: Mapping[str, Any] = response.get("trace") or {}
    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="bold cyan", no_wrap=True)
    grid.add_column(overflow="fold")
    for name, shown in _rows(response, trace):
        grid.add_row(name, shown)
    return Panel(
        Group(grid, bars(response.get("timings", {}))),
        title=f"turn {response.get('turn_id', '')}".rstrip(),
        title_align="left",
        border_style="dim",
    )


def bars(timings: Mapping[str, float]) -> RenderableType:
    """Where the time went, in milliseconds."""
    total = timings.get("total") or sum(timings.values()) or 1.0
    table = Table.grid(padding=(0, 2))
    for step, spent in timings.items():
        width = 0 if step == "total" else round(24 * min(1.0, spent / total))
        table.add_row(Text(step, style="dim"), f"{spent:9.3f} ms", Text("━" * width, style="green"))
    return table


def _rows(
    response: Mapping[str, Any], trace: Mapping[str, Any]
) -> Iterable[tuple[str, RenderableType]]:
    yield "understood", Text(_understood(response))
    yield "mood", Text(_mood(response.get("emotion", {})))
    if trace:
        yield "decided", Text(_decided(trace))
        yield "why", Text(trace.get("why", ""))
    yield "answered", Text(_answered(response))


def _understood(response: Mapping[str, Any]) -> str:
    intents = ", ".join(
        f"{intent['name']} {intent['confidence']:.2f}" for intent in response.get("intents", ())
    )
    slots = ", ".join(
        f"{name}={', '.join(value['value'] for value in values)}"
        for name, values in response.get("slots", {}).items()
    )
    return f"{intents}\n{slots}" if slots else intents


def _mood(emotion: Mapping[str, Any]) -> str:
    sarcasm = ", sarcastic" if emotion.get("sarcasm") else ""
    return f"{emotion.get('label', '?')} {emotion.get('score', 0.0):.2f}{sarcasm}"


def _decided(trace: Mapping[str, Any]) -> str:
    return "\n".join(
        f"{wish['intent']} → {wish['route']}{' ' + wish['flow'] if wish.get('flow') else ''}"
        for wish in trace.get("decided", ())
    )


def _answered(response: Mapping[str, Any]) -> str:
    parts = [response.get("source", "?")]
    if response.get("model"):
        parts.append(f"by {response['model']}")
    if response.get("handoff"):
        parts.append("a person takes over")
    if response.get("degraded"):
        parts.append(f"degraded: {response['degraded']['step']}, {response['degraded']['reason']}")
    return "; ".join(parts)
