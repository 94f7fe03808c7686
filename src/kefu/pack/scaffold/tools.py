"""Look-ups and changes of this pack. 这个包的查询和修改。

Replace the dictionary by calls to your own systems. 把下面的字典换成你自己的系统。
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from kefu.pack.tools import Customer, change, look

SEED = {
    "U0001": {"R1001": "处理中", "R1002": "已完成"},
    "U0002": {"R2001": "处理中"},
}


class Requests:
    """Requests in memory, one dictionary per customer."""

    def __init__(self) -> None:
        self._requests = {user: dict(requests) for user, requests in SEED.items()}

    @look
    async def find_request(
        self, customer: Customer, request_id: str | None = None
    ) -> dict[str, Any]:
        """The customer's request. Who the customer is comes from the session, never from the text."""
        own = self._requests.get(customer.user_id or "", {})
        found = [id for id in own if request_id is None or id.endswith(request_id)]
        if len(found) == 1:
            return {"count": "one", "id": found[0], "state": own[found[0]], "choices": found}
        return {"count": "many" if found else "none", "choices": found}

    @change
    async def cancel_request(self, customer: Customer, request_id: str) -> dict[str, Any]:
        """Withdraw a request. The same customer.key changes nothing twice."""
        own = self._requests.get(customer.user_id or "", {})
        if own.get(request_id) != "处理中":
            return {"ok": False, "message": f"申请 {request_id} 已经办完，不能撤回了。"}
        own[request_id] = "已撤回"
        return {"ok": True}

    def demo_customer(self, session: str) -> str:
        """Whom an anonymous visitor of the demo plays."""
        return "U0001"


async def connect(data_dir: Path) -> Requests:
    """Called once at start. `data_dir` is yours to write to."""
    return Requests()
