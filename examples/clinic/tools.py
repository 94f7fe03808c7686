"""The clinic's appointment book, in memory: enough to show a pack whose business is not a shop.

A week repeats, so sessions are named by weekday. All patients and doctors are made up.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path
from typing import Any

from kefu.pack.tools import Customer, change, look

DOCTORS = {"内科": "王", "牙科": "李", "儿科": "陈"}
OTHER_NAMES = {
    "口腔科": "牙科",
    "牙医": "牙科",
    "小儿科": "儿科",
    "dentist": "牙科",
    "dental": "牙科",
}
SESSIONS = ("周一上午9点", "周一下午2点", "周三上午9点", "周五下午4点")


@dataclass(frozen=True, slots=True)
class Appointment:
    """A patient's place in a session."""

    id: str
    patient: str
    department: str
    session: str


SEED = (
    Appointment("A101", "P001", "内科", "周一上午9点"),
    Appointment("A102", "P001", "牙科", "周三上午9点"),
    Appointment("A103", "P002", "儿科", "周五下午4点"),
)


class FrontDesk:
    """Looks up and changes appointments; one patient per department and session."""

    def __init__(self) -> None:
        self._book = {appointment.id: appointment for appointment in SEED}
        self._made: dict[str, dict[str, Any]] = {}
        self._numbers = count(101 + len(SEED))

    @look
    async def departments(
        self, customer: Customer, department: str | None = None
    ) -> dict[str, Any]:
        """The department meant, or all of them to choose from."""
        name = OTHER_NAMES.get(department or "", department)
        if name in DOCTORS:
            return {"count": "one", "name": name, "choices": list(DOCTORS)}
        known = "unknown" if department else "none"
        return {"count": known, "asked": department, "choices": list(DOCTORS)}

    @look
    async def free_sessions(
        self, customer: Customer, department: str | None = None
    ) -> dict[str, Any]:
        """Sessions of a department that nobody has yet."""
        taken = {one.session for one in self._book.values() if one.department == department}
        free = [session for session in SESSIONS if session not in taken]
        return {"count": len(free) or "none", "choices": free}

    @look
    async def my_appointment(
        self, customer: Customer, appointment: str | None = None
    ) -> dict[str, Any]:
        """The patient's appointment, or all of them to choose from."""
        own = [one for one in self._book.values() if one.patient == customer.user_id]
        found = [one for one in own if appointment is None or one.id == appointment.upper()]
        if len(found) != 1:
            return {"count": "many" if own else "none", "choices": [one.id for one in own]}
        mine = found[0]
        return {
            "count": "one",
            "id": mine.id,
            "department": mine.department,
            "session": mine.session,
        }

    @change
    async def book(self, customer: Customer, department: str, session: str) -> dict[str, Any]:
        """Make an appointment."""
        if customer.key in self._made:
            return self._made[customer.key]
        if customer.user_id is None:
            return {"ok": False, "message": "请先登录再预约。"}
        if not self._is_free(department, session):
            return {"ok": False, "message": f"{department} {session}刚刚被约走了。"}
        made = Appointment(f"A{next(self._numbers)}", customer.user_id, department, session)
        self._book[made.id] = made
        self._made[customer.key] = {"ok": True, "id": made.id, "doctor": DOCTORS[department]}
        return self._made[customer.key]

    @change
    async def move(self, customer: Customer, appointment: str, session: str) -> dict[str, Any]:
        """Move one of the patient's appointments."""
        mine = self._own(customer, appointment)
        if mine is None or not self._is_free(mine.department, session):
            return {"ok": False, "message": "这个时间约不上了。"}
        self._book[mine.id] = replace(mine, session=session)
        return {"ok": True}

    @change
    async def cancel(self, customer: Customer, appointment: str) -> dict[str, Any]:
        """Give one of the patient's appointments back."""
        mine = self._own(customer, appointment)
        if mine is None:
            return {"ok": False, "message": "没有找到这个预约。"}
        del self._book[mine.id]
        return {"ok": True}

    def demo_customer(self, session: str) -> str:
        """Whom an anonymous visitor of the demo plays."""
        return "P001"

    def _own(self, customer: Customer, appointment: str) -> Appointment | None:
        found = self._book.get(appointment)
        return found if found is not None and found.patient == customer.user_id else None

    def _is_free(self, department: str, session: str) -> bool:
        taken = {(one.department, one.session) for one in self._book.values()}
        return session in SESSIONS and (department, session) not in taken


async def connect(data_dir: Path) -> FrontDesk:
    """A fresh appointment book."""
    return FrontDesk()
