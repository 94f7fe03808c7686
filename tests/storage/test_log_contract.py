"""What every log promises; see Log in storage/base.py."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import asyncpg
import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory

import servers
from kefu.errors import SettingsError, StoreError, StoreUnavailable, VersionClash
from kefu.storage.base import Entry, Log, Rating, Waiting
from kefu.storage.sql import SqlLog
from kefu.storage.tables import HEAD


@pytest.fixture
async def log(sql_url: str) -> AsyncIterator[Log]:
    """Each log in turn, empty."""
    opened = await SqlLog.open(sql_url, deadline_s=20.0)
    yield opened
    await opened.close()


def _entry(position: int, session: str = "s1", tenant: str = "t1", seq: int | None = None) -> Entry:
    return Entry(
        tenant=tenant,
        session=session,
        position=position,
        kind="turn",
        at_ms=1_800_000_000_000 + position,
        body=b"\x00\xff" + str(position).encode(),
        seq=seq,
        turn_id=f"turn-{position}",
        fingerprint="指纹",
        source="flow",
        intents="refund,order_query",
        emotion="negative",
        latency_ms=12.5,
    )


def _waiting(session: str, since_ms: int, tier: str = "standard", state: str = "queued") -> Waiting:
    return Waiting("t1", session, state, "asked", "想退款", tier, None, since_ms)


async def test_what_is_appended_is_read_back_in_order_and_whole(log: Log) -> None:
    for position in (2, 0, 1):
        await log.append(_entry(position, seq=position))
    assert await log.read("t1", "s1") == [_entry(n, seq=n) for n in range(3)]
    assert await log.read("t1", "s1", after=0, limit=1) == [_entry(1, seq=1)]
    assert await log.read("t1", "nobody") == []


async def test_an_entry_is_found_by_its_sequence_number(log: Log) -> None:
    await log.append(_entry(0, seq=41))
    assert await log.find("t1", "s1", 41) == _entry(0, seq=41)
    assert await log.find("t1", "s1", 42) is None


async def test_entries_without_a_sequence_number_do_not_clash(log: Log) -> None:
    await asyncio.gather(log.append(_entry(0)), log.append(_entry(1)))
    assert len(await log.read("t1", "s1")) == 2


async def test_tenants_do_not_see_or_clash_with_each_other(log: Log) -> None:
    await log.append(_entry(0, tenant="t1", seq=0))
    await log.append(_entry(0, tenant="t2", seq=0))
    assert await log.read("t2", "s1") == [_entry(0, tenant="t2", seq=0)]
    await log.forget("t1", "s1")
    assert await log.find("t2", "s1", 0) is not None


@pytest.mark.parametrize(
    "clashing", [_entry(0, seq=9), _entry(9, seq=0)], ids=["position", "sequence number"]
)
async def test_only_the_entry_that_clashes_fails(log: Log, clashing: Entry) -> None:
    await log.append(_entry(0, seq=0))
    others = [_entry(n, session=f"other-{n}", seq=n) for n in range(20)]
    results = await asyncio.gather(
        *(log.append(entry) for entry in [*others[:10], clashing, *others[10:]]),
        return_exceptions=True,
    )
    assert isinstance(results[10], VersionClash)
    assert results[:10] + results[11:] == [None] * 20
    for entry in others:
        assert await log.read("t1", entry.session) == [entry]
    assert await log.read("t1", "s1") == [_entry(0, seq=0)]


async def test_of_two_that_want_the_same_place_at_once_the_first_gets_it(log: Log) -> None:
    first, second = _entry(0, seq=0), replace(_entry(0, seq=0), body=b"second")
    results = await asyncio.gather(log.append(first), log.append(second), return_exceptions=True)
    assert results[0] is None
    assert isinstance(results[1], VersionClash)
    assert await log.read("t1", "s1") == [first]


@pytest.mark.parametrize(
    "bad",
    [
        replace(_entry(1), intents="\ud800"),
        replace(_entry(1), at_ms=2**70),
        replace(_entry(1), kind=None),  # type: ignore[arg-type]  # what a bug would do
    ],
    ids=["broken character", "huge number", "missing value"],
)
async def test_an_entry_that_cannot_be_stored_spoils_no_other(log: Log, bad: Entry) -> None:
    results = await asyncio.gather(
        log.append(_entry(0, session="good")),
        log.append(bad),
        log.append(_entry(2, session="good")),
        return_exceptions=True,
    )
    assert results[0] is None
    assert isinstance(results[1], StoreError)
    assert results[2] is None
    assert len(await log.read("t1", "good")) == 2


async def test_many_callers_share_a_transaction_and_lose_nothing(sql_url: str) -> None:
    groups: list[int] = []
    log = await SqlLog.open(sql_url, 20.0, observe=lambda size, *_: groups.append(size))

    async def caller(n: int) -> None:
        for position in range(20):
            await log.append(_entry(position, session=f"s{n}", seq=position))

    await asyncio.gather(*(caller(n) for n in range(32)))
    assert sum(groups) == 640
    assert len(groups) < 640
    for n in range(32):
        assert [entry.position for entry in await log.read("t1", f"s{n}")] == list(range(20))
    await log.close()


async def test_a_cancelled_caller_takes_nobody_along(log: Log) -> None:
    tasks = [asyncio.create_task(log.append(_entry(n, session=f"s{n}"))) for n in range(60)]
    await asyncio.sleep(0)
    for task in tasks[::2]:
        task.cancel()
    results = await asyncio.gather(*tasks, return_exceptions=True)
    assert results[1::2] == [None] * 30
    for n in range(1, 60, 2):
        assert len(await log.read("t1", f"s{n}")) == 1


async def test_two_workers_that_write_the_same_entries_agree_who_was_first(sql_url: str) -> None:
    one, two = await SqlLog.open(sql_url, 20.0), await SqlLog.open(sql_url, 20.0)
    entries = [_entry(n % 10, session=f"s{n // 10}", seq=n % 10) for n in range(200)]
    results = await asyncio.gather(
        *(one.append(entry) for entry in entries),
        *(two.append(entry) for entry in reversed(entries)),
        return_exceptions=True,
    )
    assert results.count(None) == 200
    assert sum(isinstance(result, VersionClash) for result in results) == 200
    await asyncio.gather(one.close(), two.close())


async def test_the_desk_queue_serves_vips_first_and_then_who_waits_longest(log: Log) -> None:
    await log.wait(_waiting("late", 300))
    await log.wait(_waiting("early", 100))
    await log.wait(_waiting("vip", 200, tier="vip"))
    await log.wait(_waiting("taken", 50, state="human"))
    await log.wait(_waiting("over", 10, state="bot"))
    await log.wait(replace(_waiting("elsewhere", 1), tenant="t2"))
    assert [row.session for row in await log.waiting("t1")] == ["vip", "taken", "early", "late"]
    assert [row.session for row in await log.waiting("t1", limit=1)] == ["vip"]


async def test_a_place_in_the_queue_is_updated_and_left(log: Log) -> None:
    await log.wait(_waiting("s1", 100))
    taken = replace(_waiting("s1", 100, state="human"), agent="a7", summary="退款 <PHONE_1>")
    await log.wait(taken)
    assert await log.waiting("t1") == [taken]
    await log.leave("t1", "s1")
    assert await log.waiting("t1") == []


async def test_a_forgotten_conversation_is_gone_from_every_table(log: Log, sql_url: str) -> None:
    for session in ("s1", "s2"):
        await log.append(_entry(0, session=session, seq=0))
        await log.rate(Rating("t1", session, "turn-0", 1, "太慢了", 5))
        await log.wait(_waiting(session, 1))
    await log.forget("t1", "s1")
    assert await log.read("t1", "s1") == []
    assert [row.session for row in await log.waiting("t1")] == ["s2"]
    assert await _query(sql_url, "SELECT session, csat, comment FROM ratings") == [
        ("s2", 1, "太慢了")
    ]


async def test_a_log_that_is_there_answers_a_ping(log: Log) -> None:
    await log.ping()


async def test_workers_that_start_together_make_the_tables_once(sql_url: str) -> None:
    logs = await asyncio.gather(*(SqlLog.open(sql_url, 20.0) for _ in range(6)))
    await asyncio.gather(*(log.append(_entry(n)) for n, log in enumerate(logs)))
    assert len(await logs[0].read("t1", "s1")) == 6
    assert await _query(sql_url, "SELECT version_num FROM alembic_version") == [(HEAD,)]
    await asyncio.gather(*(log.close() for log in logs))


async def test_what_was_appended_survives_a_restart(sql_url: str) -> None:
    log = await SqlLog.open(sql_url, 20.0)
    await log.append(_entry(0, seq=0))
    await log.close()
    log = await SqlLog.open(sql_url, 20.0)
    assert await log.read("t1", "s1") == [_entry(0, seq=0)]
    await log.close()


async def test_tables_of_a_newer_kefu_are_left_alone(sql_url: str) -> None:
    await (await SqlLog.open(sql_url, 20.0)).close()
    await _query(sql_url, "UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(StoreError, match="9999"):
        await SqlLog.open(sql_url, 20.0)


def test_the_version_in_the_code_is_the_newest_migration() -> None:
    config = Config()
    config.set_main_option("script_location", "kefu.storage:migrations")
    config.set_main_option("path_separator", "os")
    assert ScriptDirectory.from_config(config).get_heads() == [HEAD]


@pytest.mark.parametrize("url", ["mysql://host/db", "sqlite://", "sqlite:///:memory:", "nonsense"])
async def test_an_address_of_another_kind_is_a_setting_error(url: str) -> None:
    with pytest.raises(SettingsError, match="sql_url"):
        await SqlLog.open(url)


async def test_a_sqlite_file_that_cannot_be_opened_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(StoreUnavailable):
        await SqlLog.open(f"sqlite:///{tmp_path}/file/kefu.db")


async def test_a_postgres_that_is_not_there_is_unavailable() -> None:
    with pytest.raises(StoreUnavailable):
        await SqlLog.open(f"postgresql://127.0.0.1:{servers.free_port()}/kefu")


async def test_a_locked_sqlite_file_is_unavailable_until_it_is_free(tmp_path: Path) -> None:
    log = await SqlLog.open(f"sqlite:///{tmp_path}/kefu.db", deadline_s=0.2)
    with sqlite3.connect(tmp_path / "kefu.db", isolation_level=None) as other:
        other.execute("BEGIN IMMEDIATE")
        for call in (log.append(_entry(0)), log.leave("t1", "s1")):
            with pytest.raises(StoreUnavailable):
                await call
        assert await log.read("t1", "s1") == []
        other.execute("ROLLBACK")
    other.close()
    await _again(log, _entry(1))
    await log.close()


async def test_a_sqlite_file_that_stays_locked_is_unavailable(tmp_path: Path) -> None:
    other = sqlite3.connect(tmp_path / "kefu.db", isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    with pytest.raises(StoreUnavailable):
        await SqlLog.open(f"sqlite:///{tmp_path}/kefu.db", deadline_s=0.05)
    other.close()


async def test_making_the_tables_is_all_or_nothing(sql_url: str, tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    await _query(sql_url, "CREATE TABLE waiting (not_ours INTEGER)")
    with pytest.raises(StoreError):
        await SqlLog.open(sql_url, 20.0)
    await _query(sql_url, "DROP TABLE waiting")
    log = await SqlLog.open(sql_url, 20.0)
    await log.append(_entry(0))
    await log.close()


async def test_tables_that_went_missing_are_unavailable(log: Log, sql_url: str) -> None:
    for table in ("log", "waiting"):
        await _query(sql_url, f"DROP TABLE {table}")
    for call in (log.append(_entry(0)), log.read("t1", "s1"), log.leave("t1", "s1")):
        with pytest.raises(StoreUnavailable):
            await call
    await log.rate(Rating("t1", "s1", None, 5, "", 1))


async def test_a_number_too_large_to_look_for_is_an_error_of_the_store(log: Log) -> None:
    with pytest.raises(StoreError):
        await log.find("t1", "s1", 2**70)
    await log.ping()


@pytest.mark.postgres
async def test_a_postgres_that_hangs_is_unavailable_within_the_deadline(postgres_url: str) -> None:
    log = await SqlLog.open(postgres_url, deadline_s=0.3)
    other = await asyncpg.connect(postgres_url)
    await other.execute("BEGIN; LOCK TABLE log, waiting IN ACCESS EXCLUSIVE MODE")
    async with asyncio.timeout(10):
        for call in (log.append(_entry(0)), log.leave("t1", "s1"), log.read("t1", "s1")):
            with pytest.raises(StoreUnavailable):
                await call
    await other.execute("ROLLBACK")
    await other.close()
    await _again(log, _entry(1))
    await log.close()


@pytest.mark.postgres
async def test_a_killed_postgres_is_unavailable_and_taken_again_when_it_is_back(
    postgres_server: servers.Server, postgres_url: str
) -> None:
    log = await SqlLog.open(postgres_url, deadline_s=5.0)
    await log.append(_entry(0))
    postgres_server.kill()
    for call in (log.append(_entry(1)), log.read("t1", "s1"), log.ping()):
        with pytest.raises(StoreUnavailable) as caught:
            await call
        assert caught.value.__cause__ is not None
    postgres_server.start()
    await _again(log, _entry(2))
    assert (await log.read("t1", "s1"))[0] == _entry(0)
    await log.close()


async def _again(log: Log, entry: Entry) -> None:
    """Append as a caller would: again after StoreUnavailable; the entry may be there by then."""
    async with asyncio.timeout(20):
        while True:
            try:
                await log.append(entry)
            except StoreUnavailable:
                continue
            except VersionClash:
                return
            else:
                return


async def _query(url: str, statement: str) -> list[tuple[object, ...]]:
    """Look into the database behind the log's back."""
    if url.startswith("postgresql"):
        connection = await asyncpg.connect(url)
        rows = await connection.fetch(statement)
        await connection.close()
        return [tuple(row) for row in rows]
    with sqlite3.connect(url.removeprefix("sqlite:///")) as file:
        found = file.execute(statement).fetchall()
    file.close()
    return found
