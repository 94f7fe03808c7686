from __future__ import annotations

from datetime import date

import pytest

from kefu.understanding.slots import codes, counts, dates, money, numerals, times

TODAY = date(2026, 11, 21)


def spans(find: object, text: str) -> list[str]:
    assert callable(find)
    return [text[start:end] for start, end in find(text)]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("两", 2),
        ("十二", 12),
        ("三百五", 350),
        ("三百零五", 305),
        ("两千三", 2300),
        ("一万二", 12000),
        ("二零二六", 2026),
        ("1.5万", 15000),
        ("3k", 3000),
        ("半", 0.5),
        ("three", 3),
        ("1,200", 1200),
        ("张三", None),
        ("", None),
    ],
)
def test_numbers_are_read_as_people_write_them(text: str, value: float | None) -> None:
    assert numerals.number(text) == value


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        ("昨天", "2026-11-20"),
        ("大后天", "2026-11-24"),
        ("10月28号", "2026-10-28"),
        ("1月3日", "2027-01-03"),
        ("下周五", "2026-11-27"),
        ("周一", "2026-11-16"),
        ("上周", "2026-W46"),
        ("上个月", "2026-10"),
        ("上个月5号", "2026-10-05"),
        ("28号", "2026-11-28"),
        ("2026年3月8日", "2026-03-08"),
        ("12/25", "2026-12-25"),
        ("国庆", "2026-10-01"),
        ("中秋", "2026-09-25"),
        ("腊月", None),
        ("2月30号", None),
        ("三天", None),
        ("next friday", "2026-11-27"),
        ("Oct 28", "2026-10-28"),
        ("3rd of December", "2026-12-03"),
        ("last month", "2026-10"),
        ("next week", "2026-W48"),
        ("this weekend", "2026-11-21"),
    ],
)
def test_dates_become_iso_8601_relative_to_the_turn(raw: str, value: str | None) -> None:
    assert dates.value(raw, TODAY) == value


def test_dates_are_found_and_durations_are_not() -> None:
    assert spans(dates.find, "昨天买的,10月28号到,等了三天") == ["昨天", "10月28号"]
    assert spans(dates.find, "three of them") == []
    assert spans(dates.find, "5号楼今天没人") == ["今天"]


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        ("下午3点半", "15:30"),
        ("14点到16点", "14:00/16:00"),
        ("下午两点到四点", "14:00/16:00"),
        ("上午", "08:00/12:00"),
        ("18:30", "18:30"),
        ("6pm", "18:00"),
        ("12 am", "00:00"),
        ("三点一刻", "03:15"),
        ("随便", None),
        ("", None),
    ],
)
def test_times_of_day_become_clock_times(raw: str, value: str | None) -> None:
    assert times.value(raw) == value


def test_times_are_found_but_not_in_greetings_and_idioms() -> None:
    assert spans(times.find, "下午3点到5点送") == ["下午3点到5点"]
    assert spans(times.find, "早上好,快一点") == []
    assert spans(times.find, "没有时间") == []


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        ("30块", "30"),
        ("3块5", "3.5"),
        ("¥99.9", "99.9"),
        ("两百", "200"),
        ("5毛", "0.5"),
        ("贵", None),
    ],
)
def test_sums_of_money_become_digits(raw: str, value: str | None) -> None:
    assert money.value(raw) == value


def test_sums_are_found_by_unit_or_sign() -> None:
    assert spans(money.find, "便宜了30块,原价¥199") == ["30块", "¥199"]
    assert spans(money.find, "三个订单一块发") == []


@pytest.mark.parametrize(
    ("raw", "value"),
    [("两件", "2"), ("24罐", "24"), ("one more", "1"), ("十二箱", "12"), ("很多", None)],
)
def test_quantities_become_digits(raw: str, value: str | None) -> None:
    assert counts.value(raw) == value


def test_quantities_are_found_but_a_bare_one_is_a_way_of_speaking() -> None:
    assert spans(counts.find, "买两件,给一个说法") == ["两件"]


def test_codes_are_found_whole_or_by_their_last_digits() -> None:
    assert spans(codes.find, "订单sf1630294857712到哪了") == ["sf1630294857712"]
    assert spans(codes.find, "尾号8899那个") == ["8899"]
    assert spans(codes.find, "3307结尾的订单") == ["3307"]
    assert spans(codes.find, "order ending in 2233") == ["2233"]
    assert spans(codes.find, "2026-11-20买的300块") == []


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        ("DD20261102-7741", "202611027741"),
        ("sf1630294857712", "SF1630294857712"),
        ("8899", "8899"),
        ("没有", None),
    ],
)
def test_codes_with_hyphens_keep_digits_only(raw: str, value: str | None) -> None:
    assert codes.value(raw) == value
