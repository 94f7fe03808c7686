"""An experiment, from pack.yaml to the answer, the record and the numbers."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from kefu.app import Engine, engine
from kefu.errors import PackError
from kefu.gateway.listening import NOBODY
from kefu.messages import Caller, Message, SessionId, Source, Turn
from kefu.settings import Settings, load
from serving import ROOT

ASKED = "满多少包邮"
NEVER_SURE = "  experiments: [{name: shy, share: %s, thresholds: {faq_sure: %s, faq_maybe: 2}}]\n"


def settings(folder: Path, more: str) -> Settings:
    """The retail pack, with more settings in it."""
    pack = folder / "pack"
    pack.mkdir()
    for part in (ROOT / "packs/retail").iterdir():
        (pack / part.name).symlink_to(part)
    head = (pack / "pack.yaml").read_text("utf-8")
    (pack / "pack.yaml").unlink()
    (pack / "pack.yaml").write_text(head + more, "utf-8")
    return load(None, {"data_dir": str(folder / "var"), "pack": str(pack)}, {})


async def ask(running: Engine, session: str, seq: int | None = None) -> Turn:
    message = Message(SessionId(session), ASKED, Caller(), datetime.now(UTC), seq)
    return await running.turns.respond(message, NOBODY)


async def test_a_conversation_in_it_is_answered_by_its_thresholds(tmp_path: Path) -> None:
    async with engine(settings(tmp_path, NEVER_SURE % (1, 2))) as running:
        turn = await ask(running, "s", 0)
        again = await ask(running, "s", 0)
        numbers = running.watch.metrics.render()[0].decode()
    assert turn.variant == "shy:on"
    assert turn.source is not Source.FAQ
    assert (again.again, again.variant) == (True, "shy:on")
    counted = f'kefu_experiment_turns_total{{source="{turn.source}",variant="shy:on"}} 1.0'
    assert counted in numbers, "once, for a repeated message is no new exposure"


async def test_a_conversation_outside_of_it_is_counted_beside_it(tmp_path: Path) -> None:
    async with engine(settings(tmp_path, NEVER_SURE % (0, 2))) as running:
        turn = await ask(running, "s")
        numbers = running.watch.metrics.render()[0].decode()
    assert (turn.variant, turn.source) == ("", Source.FAQ)
    assert 'kefu_experiment_turns_total{source="faq",variant="off"} 1.0' in numbers


async def test_without_an_experiment_there_is_no_number_of_it(tmp_path: Path) -> None:
    async with engine(settings(tmp_path, "")) as running:
        assert (await ask(running, "s")).variant == ""
        assert b"kefu_experiment" not in running.watch.metrics.render()[0]


async def test_a_wrong_experiment_stops_the_start_and_names_its_place(tmp_path: Path) -> None:
    with pytest.raises(PackError, match=r"experiments\[0\].thresholds.faq_sure: must be a number"):
        async with engine(settings(tmp_path, NEVER_SURE % (1, "high"))):
            pass
