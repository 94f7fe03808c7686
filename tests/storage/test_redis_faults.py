"""Redis hangs, dies, forgets its scripts, moves its slots: callers hear of it in time, and it heals."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import aclosing, asynccontextmanager, suppress

import pytest
import redis.asyncio
from redis.asyncio.cluster import RedisCluster

import servers
from kefu.errors import StoreUnavailable
from kefu.storage import keys
from kefu.storage.redis import RedisStore

pytestmark = pytest.mark.redis
Eventually = Callable[[Callable[[], Awaitable[bool]]], Awaitable[None]]
LONG = 30.0


@pytest.fixture
def own_redis() -> Iterator[servers.Server]:
    """A Redis for one test, to be hurt."""
    with servers.redis() as server:
        yield server


@asynccontextmanager
async def _store(url: str, deadline_s: float = 5.0) -> AsyncIterator[RedisStore]:
    made = RedisStore(url, deadline_s=deadline_s)
    yield made
    await made.close()


def _every_call(store: RedisStore, key: str) -> list[Callable[[], Awaitable[object]]]:
    return [
        lambda: store.lease(f"{key}:free", LONG, 0.0),
        lambda: store.get(key),
        lambda: store.put(key, b"", LONG),
        lambda: store.delete(key),
        lambda: store.take(key, 1.0, 1.0),
        lambda: store.publish(key, b""),
        store.ping,
    ]


async def test_a_frozen_redis_is_unavailable_within_the_deadline_and_heals(
    own_redis: servers.Server, key: str, eventually: Eventually
) -> None:
    async with _store(own_redis.url, deadline_s=1.0) as store:
        lease = await store.lease(key, LONG, 0.0)
        assert lease is not None
        await store.put(f"{key}:other", b"kept", LONG)
        own_redis.freeze()
        calls = [call() for call in _every_call(store, key)]
        calls.append(store.commit(lease, b"", LONG))
        async with asyncio.timeout(10):
            lost = await asyncio.gather(*calls, return_exceptions=True)
        assert [type(error) for error in lost] == [StoreUnavailable] * len(calls)
        own_redis.thaw()

        async def healed() -> bool:
            try:
                return await store.get(f"{key}:other") == b"kept"
            except StoreUnavailable:
                return False

        await eventually(healed)


async def test_late_answers_of_a_frozen_redis_reach_nobody_else(
    own_redis: servers.Server, key: str, eventually: Eventually
) -> None:
    async with _store(own_redis.url, deadline_s=1.0) as store:
        for n in range(50):
            await store.put(f"{key}:{n}", str(n).encode(), LONG)
        own_redis.freeze()
        lost = [asyncio.create_task(store.get(f"{key}:{n}")) for n in range(50)]
        await asyncio.wait(lost)
        assert all(isinstance(task.exception(), StoreUnavailable) for task in lost)
        own_redis.thaw()

        async def healed() -> bool:
            try:
                await store.ping()
            except StoreUnavailable:
                return False
            return True

        await eventually(healed)
        found = await asyncio.gather(*(store.get(f"{key}:{n}") for n in range(50)))
        assert found == [str(n).encode() for n in range(50)]


async def test_a_killed_redis_is_unavailable_and_a_new_one_is_taken_as_cold(
    own_redis: servers.Server, key: str
) -> None:
    async with _store(own_redis.url) as store:
        before = await store.lease(key, LONG, 0.0)
        assert before is not None
        own_redis.kill()
        for call in _every_call(store, key):
            with pytest.raises(StoreUnavailable) as caught:
                await call()
            assert caught.value.__cause__ is not None
        own_redis.start()
        assert not await store.commit(before, b"from before", LONG)
        after = await store.lease(key, LONG, 0.0)
        assert after is not None
        assert after.fence > before.fence
        assert after.value is None
        assert await store.commit(after, b"rebuilt", LONG)


async def test_forgotten_scripts_are_sent_again(redis_url: str, key: str) -> None:
    async with _store(redis_url) as store, redis.asyncio.from_url(redis_url) as client:
        await store.put(key, b"value", LONG)
        await client.script_flush()
        assert await store.get(key) == b"value"


async def test_a_refusal_of_redis_is_unavailable_to_that_caller_only(
    redis_url: str, key: str
) -> None:
    async with _store(redis_url) as store, redis.asyncio.from_url(redis_url) as client:
        await client.set(keys.hot(key), "a string where a hash should be")
        await store.put(f"{key}:good", b"good", LONG)
        bad, good = await asyncio.gather(
            store.get(key), store.get(f"{key}:good"), return_exceptions=True
        )
        assert isinstance(bad, StoreUnavailable)
        assert good == b"good"


async def test_another_process_waits_for_the_lease_and_sees_the_value(
    redis_url: str, key: str
) -> None:
    async with _store(redis_url) as one, _store(redis_url) as two:
        lease = await one.lease(key, LONG, 0.0)
        assert lease is not None
        assert await two.lease(key, LONG, 0.0) is None
        assert await two.lease(key, LONG, 0.02) is None
        waiting = asyncio.create_task(two.lease(key, LONG, LONG))
        await asyncio.sleep(0.01)
        assert await one.commit(lease, b"from one", LONG)
        taken = await waiting
        assert taken is not None
        assert taken.value == b"from one"
        assert taken.fence > lease.fence
        assert not await one.commit(lease, b"again", LONG)


async def test_a_caller_that_leaves_while_asking_leaves_no_lease_behind(
    own_redis: servers.Server, key: str, eventually: Eventually
) -> None:
    async with _store(own_redis.url) as store, _store(own_redis.url) as other:
        await store.ping()
        own_redis.freeze()
        leaver = asyncio.create_task(store.lease(key, LONG, 0.0))
        await asyncio.sleep(0.05)
        leaver.cancel()
        await asyncio.wait([leaver])
        own_redis.thaw()

        async def free() -> bool:
            return await other.lease(key, LONG, 0.0) is not None

        await eventually(free)


async def test_other_processes_hear_what_is_published_and_nobody_hears_an_echo(
    redis_url: str, key: str, eventually: Eventually
) -> None:
    async with (
        _store(redis_url) as one,
        _store(redis_url) as two,
        aclosing(one.subscribe(key)) as mine,
        aclosing(two.subscribe(key)) as theirs,
    ):
        heard = asyncio.create_task(anext(theirs))

        async def arrived() -> bool:
            await one.publish(key, b"ding")
            await asyncio.wait([heard], timeout=0.01)
            return heard.done()

        await eventually(arrived)
        assert heard.result() == b"ding"
        await one.publish(key, b"last")
        async for payload in theirs:
            if payload == b"last":
                break
        rung = 0
        async for payload in mine:
            if payload == b"last":
                break
            rung += 1
        await one.publish(key, b"after")
        assert rung >= 1
        assert await anext(mine) == b"after"


async def test_readers_hear_again_after_redis_was_restarted(
    own_redis: servers.Server, key: str, eventually: Eventually
) -> None:
    async with (
        _store(own_redis.url) as one,
        _store(own_redis.url) as two,
        aclosing(two.subscribe(key)) as reader,
    ):
        async with aclosing(two.subscribe(f"{key}:left")):
            await two.ping()
        for payload in (b"before", b"after"):
            heard = asyncio.create_task(_until(reader, payload))

            async def arrived(payload: bytes = payload, heard: asyncio.Task[None] = heard) -> bool:
                with suppress(StoreUnavailable):
                    await one.publish(key, payload)
                await asyncio.wait([heard], timeout=0.02)
                return heard.done()

            await eventually(arrived)
            if payload == b"before":
                own_redis.kill()
                own_redis.start()


async def _until(reader: AsyncIterator[bytes], wanted: bytes) -> None:
    async for payload in reader:
        if payload == wanted:
            return


async def test_a_cluster_slot_that_moved_is_followed(redis_cluster_url: str, key: str) -> None:
    url = redis_cluster_url.replace("redis+cluster", "redis")
    client = RedisCluster.from_url(url)
    async with _store(redis_cluster_url) as store, client:
        await store.put(key, b"old", LONG)
        await store.delete(key)
        slot = client.keyslot(keys.hot(key))
        old = client.get_node_from_key(keys.hot(key))
        new = next(node for node in client.get_primaries() if node != old)
        await _give_slot(client, slot, to=new.name)
        await store.delete(key)
        await store.put(key, b"moved", LONG)
        assert await store.get(key) == b"moved"
        await store.delete(key)
        assert old is not None
        await _give_slot(client, slot, to=old.name)


async def _give_slot(client: RedisCluster, slot: int, to: str) -> None:
    node = client.get_node(node_name=to)
    assert node is not None
    name = (await client.execute_command("CLUSTER MYID", target_nodes=node)).decode()
    for other in sorted(client.get_primaries(), key=lambda primary: primary.name != to):
        await client.execute_command("CLUSTER SETSLOT", slot, "NODE", name, target_nodes=other)


async def test_a_dead_cluster_is_unavailable(free_address: str, key: str) -> None:
    async with _store(f"redis+cluster://{free_address}") as store:
        with pytest.raises(StoreUnavailable):
            await store.get(key)


@pytest.fixture
def free_address() -> str:
    """Where nobody listens."""
    return f"127.0.0.1:{servers.free_port()}"


async def test_a_cluster_node_that_dies_is_unavailable_and_comes_back(
    key: str, eventually: Eventually
) -> None:
    with servers.redis("--cluster-enabled", "yes") as node:
        url = node.url.removesuffix("/0")
        async with redis.asyncio.from_url(url) as client:
            await client.cluster("ADDSLOTSRANGE", 0, 16383)
        async with _store(url.replace("redis://", "redis+cluster://")) as store:

            async def answers() -> bool:
                try:
                    await store.put(key, b"value", LONG)
                except StoreUnavailable:
                    return False
                return True

            await eventually(answers)
            node.kill()
            with pytest.raises(StoreUnavailable):
                await store.put(key, b"value", LONG)
            node.start()
            await eventually(answers)
