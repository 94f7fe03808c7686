"""`kefu bench` against a service on a real socket, and its arithmetic."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from doors import doors
from kefu.cli.figures import Tally, percentile
from kefu.cli.main import application
from kefu.errors import SettingsError


def bench(*words: str) -> tuple[int, str]:
    """The exit code and what was printed."""
    result = CliRunner().invoke(application(["bench"]), ["bench", *words])
    if isinstance(result.exception, Exception):
        raise result.exception
    return result.exit_code, result.stdout


def figures(*words: str) -> dict[str, Any]:
    """The figures of a short run."""
    code, said = bench(*words, "--duration", "0.3", "--json")
    assert code == 0
    read: dict[str, Any] = json.loads(said)
    return read


def test_a_closed_loop_keeps_each_customer_in_a_conversation() -> None:
    with doors() as far:
        read = figures(far.url, "--concurrency", "3")
    sessions = {one["session_id"] for one in far.asked}
    assert read["answered"] == len(far.asked)
    assert len(sessions) >= 3
    assert max(sum(one["session_id"] == s for one in far.asked) for s in sessions) <= 8
    assert read["sources"] == {"template": 1.0}
    assert read["errors"] == {}
    assert read["latency_ms"]["p50"] <= read["latency_ms"]["p99"] <= read["latency_ms"]["max"]


def test_an_open_loop_sends_at_its_own_rate() -> None:
    with doors() as far:
        read = figures(far.url, "--rate", "100")
    assert 5 <= len(far.asked) <= 80
    assert read["answered"] + sum(read["errors"].values()) >= len(far.asked)


def test_an_open_loop_without_room_says_what_it_did_not_send() -> None:
    with doors() as far:
        read = figures(far.url, "--rate", "5000", "--concurrency", "1")
    assert read["errors"]["not sent"] > 0


def test_errors_are_counted_by_kind(tmp_path: Path) -> None:
    texts = tmp_path / "texts.tsv"
    texts.write_text("忙\t标签\n\n你好\t标签\n", "utf-8")
    with doors() as far:
        read = figures(far.url, "--texts", str(texts))
    assert set(read["errors"]) == {"HTTP 503"}
    assert {one["text"] for one in far.asked} == {"忙", "你好"}


def test_a_table_is_for_people() -> None:
    with doors() as far:
        code, said = bench(far.url, "--duration", "0.2")
    assert code == 0
    assert "p99.9" in said
    assert "by template" in said


def test_a_service_that_is_down_fails_the_bench() -> None:
    with doors() as far:
        url = far.url
    code, said = bench(url, "--duration", "0.2", "--concurrency", "2")
    assert code == 1
    assert "error: ClientConnectorError" in said


@pytest.mark.parametrize("content", [b"\n\n", b"\xff"])
def test_a_file_without_messages_is_refused(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "texts.txt"
    file.write_bytes(content)
    with pytest.raises(SettingsError, match="--texts"):
        bench("http://127.0.0.1:1", "--texts", str(file))


def test_a_percentile_is_a_value_that_was_measured() -> None:
    values = [float(number) for number in range(1, 101)]
    assert [percentile(values, share) for share in (1, 50, 99, 99.9, 100)] == [1, 50, 99, 100, 100]
    assert math.isnan(percentile([], 50))


def test_nothing_measured_is_null() -> None:
    assert Tally().figures()["latency_ms"]["p99"] is None
