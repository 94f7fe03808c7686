"""Buckets, places, and who is counted as whom."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from gateway_served import Serve, until
from gateway_twin import TwinTokens
from kefu.errors import Overloaded, QueueFull, RateLimited, StoreUnavailable
from kefu.gateway.admission import Admission, address
from kefu.gateway.asgi import Gate
from kefu.gateway.concurrency import AdaptiveLimit, Places
from kefu.gateway.limits import Bucket, Limits
from kefu.gateway.rates import Rates
from kefu.messages import Caller

VISITOR = Caller()
VIP = Caller("shop", "U1", "vip", True)


async def test_a_visitor_is_counted_by_session_address_and_tenant() -> None:
    tokens = TwinTokens()
    await Admission(Limits(), tokens).admit(VISITOR, "s", "1.2.3.4")
    assert tokens.taken == ["rate:session:default:s", "rate:ip:1.2.3.4", "rate:tenant:default"]


async def test_a_vip_of_a_service_is_counted_as_that_user_only() -> None:
    tokens = TwinTokens()
    await Admission(Limits(), tokens).admit(VIP, "s", "1.2.3.4")
    assert tokens.taken == ["rate:user:shop:U1"]


async def test_nothing_is_counted_when_limits_are_off() -> None:
    tokens = TwinTokens()
    admission = Admission(Limits(enabled=False), tokens)
    await admission.admit(VISITOR, "s", "1.2.3.4")
    await admission.count(VISITOR, "s", "1.2.3.4")
    admission.leave(0.1)
    assert tokens.taken == []
    assert admission.places.running == 0


async def test_a_refused_caller_is_not_asked_about_again_until_its_wait_is_over() -> None:
    tokens = TwinTokens()
    tokens.waits["k"] = 60.0
    rates = Rates(tokens)
    for _ in range(3):
        with pytest.raises(RateLimited) as limited:
            await rates.take("k", Bucket(1, 1))
        assert 59 < limited.value.retry_after <= 60
    assert tokens.taken == ["k"]


async def test_a_wait_that_is_over_is_forgotten() -> None:
    tokens = TwinTokens()
    tokens.waits["k"] = 1e-9
    rates = Rates(tokens)
    with pytest.raises(RateLimited):
        await rates.take("k", Bucket(1, 1))
    tokens.waits.clear()
    await rates.take("k", Bucket(1, 1))
    assert tokens.taken == ["k", "k"]


async def test_large_buckets_are_asked_for_a_handful_at_once_and_for_one_when_nearly_empty() -> (
    None
):
    tokens = TwinTokens()
    rates = Rates(tokens)
    for _ in range(10):
        await rates.take("k", Bucket(100, 500))
    assert tokens.taken == ["k", "k"]
    tokens.most = 1.0
    for _ in range(2):
        await rates.take("k", Bucket(100, 500))
    assert tokens.taken == ["k"] * 4


async def test_callers_are_counted_here_while_the_store_is_away() -> None:
    tokens = TwinTokens()
    tokens.error = StoreUnavailable("away")
    rates = Rates(tokens, most_keys=2)
    for _ in range(3):
        await rates.take("k", Bucket(0.001, 3))
    with pytest.raises(RateLimited):
        await rates.take("k", Bucket(0.001, 3))
    for other in "abc":
        await rates.take(other, Bucket(1, 1))
    assert list(rates._local) == ["b", "c"]


async def test_a_part_of_the_places_is_kept_for_vips() -> None:
    places = Places(Limits(least=10, most=10, queue=0))
    for _ in range(8):
        await places.enter(vip=False)
    with pytest.raises(QueueFull):
        await places.enter(vip=False)
    await places.enter(vip=True)
    await places.enter(vip=True)
    with pytest.raises(QueueFull):
        await places.enter(vip=True)


async def test_vips_are_first_in_the_queue() -> None:
    places = Places(Limits(least=1, most=1, vip_share=0.0))
    await places.enter(vip=False)
    order: list[str] = []

    async def wait(name: str, vip: bool) -> None:
        await places.enter(vip)
        order.append(name)
        places.leave()

    waiting = [asyncio.create_task(wait("visitor", False)), asyncio.create_task(wait("vip", True))]
    await until(lambda: places.waiting == 2)
    places.leave()
    await asyncio.gather(*waiting)
    assert order == ["vip", "visitor"]
    assert places.running == 0


async def test_nobody_waits_longer_than_agreed() -> None:
    places = Places(Limits(least=1, most=1, wait_s=0.01, vip_share=0.0))
    await places.enter(vip=False)
    with pytest.raises(Overloaded, match="in time"):
        await places.enter(vip=False)
    assert places.waiting == 0
    places.leave()
    assert places.running == 0


async def test_a_caller_that_is_cancelled_leaves_the_queue_and_loses_no_place() -> None:
    places = Places(Limits(least=1, most=1, vip_share=0.0))
    await places.enter(vip=False)
    gone = asyncio.create_task(places.enter(vip=False))
    kept = asyncio.create_task(places.enter(vip=False))
    await until(lambda: places.waiting == 2)
    gone.cancel()
    await asyncio.gather(gone, return_exceptions=True)
    places.leave()
    await kept
    assert (places.running, places.waiting) == (1, 0)
    late = asyncio.create_task(places.enter(vip=False))
    await until(lambda: places.waiting)
    places.leave()
    late.cancel()
    await asyncio.gather(late, return_exceptions=True)
    assert places.running == 0


def test_the_limit_shrinks_while_latency_grows_and_comes_back() -> None:
    limit = AdaptiveLimit(least=8, most=512)
    for _ in range(320):
        limit.sample(0.001, limit.limit)
    wide = limit.limit
    for _ in range(320):
        limit.sample(0.1, limit.limit)
    narrow = limit.limit
    assert 8 <= narrow < wide
    for _ in range(32 * 200):
        limit.sample(0.001, limit.limit)
    assert limit.limit > narrow


def test_an_idle_service_learns_nothing_about_its_limit() -> None:
    limit = AdaptiveLimit(least=8, most=512)
    before = limit.limit
    for seconds in (0.001, 1.0):
        for _ in range(64):
            limit.sample(seconds, running=1)
    assert limit.limit == before


@pytest.mark.parametrize(
    ("client", "folded"),
    [
        (("1.2.3.4", 5), "1.2.3.4"),
        (("2001:db8:1:2:3:4:5:6", 5), "2001:db8:1:2::"),
        (("fe80::1%eth0", 5), "fe80::"),
        (("not:an:address", 5), "not:an:address"),
        (None, "local"),
    ],
)
def test_addresses_are_folded_to_what_one_host_owns(client: Any, folded: str) -> None:
    assert address({"client": client}) == folded


async def test_a_full_house_refuses_with_503_and_a_limit_with_429(serve: Serve) -> None:
    limits = Limits(least=1, most=1, queue=0, vip_share=0.0)
    async with serve(Gate(limits=limits)) as running:
        turns = running.twin.turns
        first = asyncio.create_task(_status(running, {"session_id": "a", "text": "wait"}))
        await turns.begun.wait()
        for stream in (False, True):
            body = {"session_id": "b", "text": "t", "stream": stream}
            assert await _status(running, body) == (503, "2")
        turns.gate.set()
        assert (await first)[0] == 200
        running.twin.tokens.waits["rate:session:default:c"] = 0.2
        assert await _status(running, {"session_id": "c", "text": "t"}) == (429, "1")


async def _status(running: Any, body: Any) -> tuple[int, str | None]:
    async with running.http.post("/v1/chat", json=body) as response:
        await response.read()
        return response.status, response.headers.get("retry-after")
