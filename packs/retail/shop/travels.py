"""Makes the way of a parcel: its events and when it should arrive."""

from __future__ import annotations

from .rules import DAY, HOUR

COURIERS = (("顺丰速运", "SF"), ("中通快递", "ZT"), ("圆通速递", "YT"), ("京东物流", "JD"))
"""Name and the letters its tracking numbers begin with; thirteen digits follow."""

EventRow = tuple[int, str, str]


def travel(
    stage: str, shipped: int, signed: int | None, address: str
) -> tuple[int, list[EventRow]]:
    """When the parcel should arrive, and its events so far, oldest first."""
    city = address.partition("市")[0].rpartition("省")[2]
    events = [
        (shipped, "商家已发货，快递员已揽收", "Picked up by the courier"),
        (shipped + 4 * HOUR, "已到达嘉兴分拨中心", "Arrived at the Jiaxing hub"),
    ]
    if stage == "moving":
        events.append((-3 * HOUR, f"已离开嘉兴，发往{city}转运中心", "Left Jiaxing for your city"))
        return DAY + 12 * HOUR, events
    if stage == "stuck":
        return -30 * HOUR, events
    events.append((shipped + 20 * HOUR, f"已到达{city}转运中心", "Arrived in your city"))
    return _arrived(stage, shipped, signed, events)


def _arrived(
    stage: str, shipped: int, signed: int | None, events: list[EventRow]
) -> tuple[int, list[EventRow]]:
    if stage == "delivering":
        events.append((-2 * HOUR, "快递员正在派送", "Out for delivery"))
        return DAY, events
    if stage == "station":
        text = "已放入示例驿站，凭取件码领取", "Waiting at the pickup station"
        events.append((-5 * HOUR, *text))
        return -5 * HOUR, events
    at = signed if signed is not None else shipped + 40 * HOUR
    events.append((at, "已签收，签收人：家门口/前台", "Delivered, left at the door or front desk"))
    return at, events
