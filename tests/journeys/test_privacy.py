"""Canaries go in through every field; afterwards no sink may hold one."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import aiohttp

from serving import Service

CANARIES = {
    "phone": "13912344321",
    "id_card": "110101199003074514",
    "bank_card": "6222021234567890128",
    "email": "canary.kefu@example.com",
    "address": "朝阳区金丝雀路88号3号楼502室",
    "name": "欧阳金丝雀",
    "plate": "京A88K99",
    "ip": "203.0.113.77",
}
SAYINGS = [
    "我的手机号是{phone}",
    "身份证{id_card}",
    "银行卡号{bank_card}能退款到这张卡吗",
    "发票发到{email}",
    "我要改地址,改到{address}",
    "收件人叫{name},电话{phone}",
    "我的车牌是{plate}",
    "我的IP是{ip},登录不上",
    "ＩＤ {phone} 转人工",
]


async def test_no_sink_holds_personal_data(tmp_path: Path) -> None:
    service = Service(tmp_path, {"KEFU_LOG__LEVEL": "debug"}).start()
    try:
        async with aiohttp.ClientSession() as http:
            for number, saying in enumerate(SAYINGS):
                await say(http, service, "canary-all", saying.format(**CANARIES), number)
                await say(http, service, f"canary-{number}", saying.format(**CANARIES), 0)
            await spoil(http, service)
            metrics = await (await http.get(f"{service.url}/metrics")).text()
            desk = await (
                await http.get(
                    f"{service.url}/desk/api/conversations/canary-all",
                    headers={"Authorization": f"Bearer {service.desk_token}"},
                )
            ).text()
            mine = await (await http.get(f"{service.url}/v1/sessions/canary-all")).text()
    finally:
        service.stop()
    for kind, canary in CANARIES.items():
        assert canary not in metrics, kind
        assert canary not in desk, kind
        assert canary not in service.output.read_text("utf-8"), kind
        assert canary in mine, f"{kind} is the customer's own and must come back to them"
        assert canary.encode() not in truth(tmp_path), kind


async def say(
    http: aiohttp.ClientSession, service: Service, session: str, text: str, seq: int
) -> None:
    body = {"session_id": session, "text": text, "seq": seq}
    async with http.post(f"{service.url}/v1/chat", json=body) as reply:
        assert reply.status == 200, await reply.text()


async def spoil(http: aiohttp.ClientSession, service: Service) -> None:
    """Canaries in all other fields, and in requests that fail."""
    phone = CANARIES["phone"]
    note = {"session_id": "canary-all", "csat": 1, "comment": f"打我电话{phone}"}
    await http.post(f"{service.url}/v1/feedback", json=note)
    await http.post(f"{service.url}/v1/understand", json={"texts": [phone], "context": []})
    await http.post(f"{service.url}/v1/mask", json={"texts": [phone]})
    await http.post(f"{service.url}/v1/moderate", json={"texts": [phone]})
    await http.get(f"{service.url}/v1/sessions/{phone}")
    await http.post(f"{service.url}/v1/chat", json={"session_id": "x", "text": 1, "note": phone})
    await http.post(f"{service.url}/v1/chat", data=f'{{"text": "{phone}"')


def truth(folder: Path) -> bytes:
    """Everything in SQL that kefu wrote, and the files as they lie on disk."""
    with sqlite3.connect(folder / "kefu.sqlite3") as database:
        dump = "\n".join(database.iterdump())
    files = b"".join(path.read_bytes() for path in folder.glob("kefu.sqlite3*"))
    return dump.encode("utf-8", "replace") + files + json.dumps(dump).encode()
