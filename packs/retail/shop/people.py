"""Makes the customers: names, phones and addresses that nobody can mistake for real ones."""

from __future__ import annotations

from random import Random
from typing import NamedTuple

from .rules import DAY, GROWTH, LEVELS

CUSTOMERS = 200
SURNAMES = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦许何"
GIVEN = ("小一", "小二", "小三", "小四", "小五", "小六", "小七", "小八", "小九", "小十")
PLACES = (
    "浙江省杭州市西湖区", "江苏省南京市玄武区", "广东省广州市天河区", "四川省成都市武侯区",
    "湖北省武汉市洪山区", "北京市朝阳区", "上海市浦东新区", "陕西省西安市雁塔区",
    "山东省济南市历下区", "福建省厦门市思明区", "辽宁省沈阳市和平区", "重庆市渝中区",
)  # fmt: skip

CouponRow = tuple[str, str, str, str, int, int, int, str, int, int]
COUPONS: tuple[tuple[str, str, str, int, int, int, str, int], ...] = (
    ("满300减50", "¥50 off ¥300", "shop", 30000, 5000, 0, "", 9),
    ("满99减10", "¥10 off ¥99", "shop", 9900, 1000, 0, "", 20),
    ("平台满200减20", "platform ¥20 off ¥200", "platform", 20000, 2000, 0, "", 6),
    ("全场95折", "5 % off everything", "platform", 0, 0, 95, "", 4),
    ("运费券", "free shipping", "freight", 0, 0, 0, "", 30),
    ("新客满59减15", "newcomer ¥15 off ¥59", "shop", 5900, 1500, 0, "", -3),
)
"""Name, English, group, threshold, off, percent, category, days left."""


class Person(NamedTuple):
    """The columns of a customer's row."""

    id: str
    name: str
    phone: str
    email: str
    level: str
    points: int
    spent: int
    address: str


def people(random: Random) -> list[Person]:
    """All customers."""
    return [_person(random, number) for number in range(1, CUSTOMERS + 1)]


def another_address(random: Random) -> str:
    """An address that exists nowhere."""
    return (
        f"{random.choice(PLACES)}样板路{random.randrange(1, 200)}号"
        f"{random.randrange(1, 20)}栋{random.randrange(101, 1800)}室"
    )


def coupons(random: Random, person: Person) -> list[CouponRow]:
    """What lies in the person's wallet: at most one is used, one has expired."""
    used = random.randrange(12)
    return [
        (person.id, name, en, group, threshold, off, percent, category, days * DAY, int(n == used))
        for n, (name, en, group, threshold, off, percent, category, days) in enumerate(COUPONS)
    ]


def _person(random: Random, number: int) -> Person:
    level = LEVELS[(number % 20 >= 10) + (number % 20 >= 16) + (number % 20 == 19)]
    return Person(
        f"U{number:04d}",
        SURNAMES[(number - 1) % 20] + GIVEN[(number - 1) // 20],
        f"1990000{number:04d}",
        f"u{number:04d}@example.com",
        level,
        random.randrange(100, 9000),
        (GROWTH[level] + random.randrange(1, 1900)) * 100,
        another_address(random),
    )
