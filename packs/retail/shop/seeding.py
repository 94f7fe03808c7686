"""Makes the orders: ten for every customer, one for each thing a customer may ask about.

Order k of a customer tells a certain story (see the table STORIES); which variant it has depends on the
customer's number, so every state is there many times and nothing depends on luck.
"""

from __future__ import annotations

from random import Random
from typing import Any, NamedTuple

from .people import CUSTOMERS, Person, another_address, coupons, people
from .rules import DAY, FREE_SHIPPING_FROM, FREIGHT, HOUR, SHIP_WITHIN
from .stocking import Made, Shelves, shelves
from .travels import COURIERS, travel

Row = tuple[Any, ...]
METHODS = ("微信支付", "支付宝", "银行卡", "花呗")


class Story(NamedTuple):
    """What became of an order. Hours before now; `stage` is the parcel's."""

    state: str
    paid: float
    signed: float = 0
    stage: str = ""
    case: str = ""
    step: str = ""
    reason: str = ""


def _stories(number: int) -> tuple[Story, ...]:
    """The ten orders of customer `number`."""
    fifth, fourth, third = number % 5, number % 4, number % 3
    case = _CASES[number % len(_CASES)]
    return (
        Story("paid", 3 + number % 16),
        _SECOND[fifth],
        Story("shipped", 50, stage="moving"),
        (
            Story("shipped", 150, stage="stuck"),
            Story("shipped", 72, stage="delivering"),
            Story("signed", 90, 20, "signed"),
            Story("shipped", 96, stage="station"),
        )[fourth],
        Story("signed", 120, 30 + number % 40, "signed"),
        Story("signed", 13 * 24, 10 * 24, "signed"),
        Story("signed", (60 + number) * 24, (57 + number) * 24, "signed"),
        Story("cancelled", 80, case="cancel", step="done" if third else "refunding"),
        Story("signed", 9 * 24, 5 * 24, "signed", *case),
        Story("signed", (200 + number) * 24, (197 + number) * 24, "signed"),
    )


_LATE, _PACKING, _PENDING = Story("packing", 84), Story("packing", 20), Story("pending", 0)
_SECOND = (_LATE, _PACKING, _PACKING, _PENDING, _PENDING)
_CASES = (
    ("return", "send_back", "不喜欢"),
    ("return", "inspecting", "尺码不合适"),
    ("exchange", "reviewing", "颜色不合适"),
    ("refund", "refunding", "商品有瑕疵"),
    ("repair", "repairing", "不通电"),
    ("return", "refunding", "与描述不符"),
    ("exchange", "resending", "尺码不合适"),
)


class Data(NamedTuple):
    """Rows for every table, ready for executemany."""

    shelves: Shelves
    people: list[Person]
    coupons: list[Row]
    orders: list[Row]
    items: list[Row]
    parcels: list[Row]
    events: list[Row]
    refunds: list[Row]
    aftersales: list[Row]
    invoices: list[Row]


def make(seed: int) -> Data:
    """The whole shop. Pure: the same seed makes the same shop."""
    random = Random(seed)  # noqa: S311  # a demo, not a secret
    made = shelves(random)
    persons = people(random)
    wallets: list[Row] = [row for person in persons for row in coupons(random, person)]
    data = Data(made, persons, wallets, [], [], [], [], [], [], [])
    ids = _ids(random)
    for number, person in enumerate(persons, 1):
        for place, story in enumerate(_stories(number)):
            _order(random, data, ids.pop(), person, place, story)
    return data


def _ids(random: Random) -> list[str]:
    """Sixteen digits that begin with 2026 and fail Luhn's check; tails differ within any ten in a row."""
    tails = random.sample(range(1000, 10000), CUSTOMERS * 10)
    return [_not_a_card(f"2026{random.randrange(10**7, 10**8)}{tail}") for tail in tails]


def _not_a_card(number: str) -> str:
    return number if not luhn(number) else f"{number[:11]}{(int(number[11]) + 1) % 10}{number[12:]}"


def luhn(number: str) -> bool:
    """Could these digits be a bank card's?"""
    doubled = [int(digit) * 2 for digit in number[-2::-2]]
    return (sum(map(int, number[-1::-2])) + sum(d - 9 * (d > 9) for d in doubled)) % 10 == 0


def _order(random: Random, data: Data, id: str, person: Person, place: int, story: Story) -> None:
    bought = _bought(random, data.shelves, place)
    total = sum(price * quantity for _, _, quantity, price in bought)
    freight = 0 if total >= FREE_SHIPPING_FROM else FREIGHT
    off = 1000 if total >= 20000 and place % 3 == 0 else 0
    paid_at = int(-story.paid * HOUR)
    pending = story.state == "pending"
    paid = 0 if pending else total + freight - off
    times = _times(story, paid_at)
    data.orders.append((
        id, person.id, story.state, paid_at - 120 if not pending else -HOUR // 2, *times, paid,
        int(place == 0 and person.id.endswith("0")), off, freight, random.choice(METHODS),
        person.name, person.phone, person.address if place % 4 else another_address(random),
    ))  # fmt: skip
    data.items.extend((id, line, *item) for line, item in enumerate(bought))
    if story.stage:
        _parcel(random, data, id, person, times, story)
    if story.case:
        _case(data, id, story, paid, place)
    if place == 9:
        data.invoices.append((id, "个人", "", person.email, "issued", paid))


def _bought(random: Random, shelves: Shelves, place: int) -> list[tuple[int, str, int, int]]:
    """Product, spec, quantity, price paid. Order 4 was dearer than the product is now."""
    lines = 2 if place in (2, 5) else 1
    products = random.sample(shelves.products, lines)
    return [_line(random, product, place) for product in products]


def _line(random: Random, product: Made, place: int) -> tuple[int, str, int, int]:
    fallen = product.price // 1000 * 100 + 500 if place == 4 else 0
    quantity = 2 if random.random() < 0.15 else 1
    return product.id, random.choice(product.specs), quantity, product.price + fallen


def _times(story: Story, paid_at: int) -> tuple[int | None, int | None, int | None, int | None]:
    """Paid, ship by, shipped, signed."""
    if story.state == "pending":
        return None, None, None, None
    shipped = paid_at + 20 * HOUR if story.stage else None
    signed = int(-story.signed * HOUR) if story.signed else None
    return paid_at, paid_at + SHIP_WITHIN, shipped, signed


def _parcel(random: Random, data: Data, id: str, person: Person, times: Row, story: Story) -> None:
    courier, prefix = random.choice(COURIERS)
    tracking_no = f"{prefix}{random.randrange(10**12, 10**13)}"
    eta, events = travel(story.stage, times[2], times[3], person.address)
    data.parcels.append((id, tracking_no, courier, story.stage, eta))
    data.events.extend((id, *event) for event in events)


def _case(data: Data, id: str, story: Story, paid: int, place: int) -> None:
    number = len(data.aftersales) + 1
    created = -60 * HOUR if place == 8 else -70 * HOUR
    money = paid if story.case in ("return", "refund", "cancel") else 0
    data.aftersales.append(
        (number, id, story.case, story.step, story.reason, created, created + 30 * HOUR, money)
    )
    if money:
        state = {"refunding": "processing", "done": "done"}.get(story.step, "waiting")
        due = created + 30 * HOUR + (3 * DAY if state != "done" else 0)
        method = data.orders[-1][12]
        data.refunds.append((id, number, money, state, created, due, method))
