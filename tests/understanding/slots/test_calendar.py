"""Dates and times of day, relative to the turn."""

from __future__ import annotations

from datetime import date

import pytest

from kefu.understanding.slots import dates, feasts, times

TODAY = date(2026, 11, 21)  # a Saturday


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        ("大前天", "2026-11-18"),
        ("昨儿个", "2026-11-20"),
        ("明后天", "2026-11-22/2026-11-23"),
        ("昨晚", "2026-11-20"),
        ("当天", "2026-11-21"),
        ("下下周三", "2026-12-02"),
        ("上个星期三", "2026-11-11"),
        ("下个周末", "2026-11-28"),
        ("周六日", "2026-11-21/2026-11-22"),
        ("下下周", "2026-W49"),
        ("25号", "2026-11-25"),
        ("廿五号", "2026-11-25"),
        ("31号", "2026-10-31"),
        ("上个月15号", "2026-10-15"),
        ("10月", "2026-10"),
        ("10月份", "2026-10"),
        ("十月中旬", "2026-10"),
        ("12月底", "2026-12-31"),
        ("月底", "2026-11-30"),
        ("下月初", "2026-12-01"),
        ("上月", "2026-10"),
        ("去年", "2025"),
        ("年底", "2026-12"),
        ("去年10月", "2025-10"),
        ("今年三月", "2026-03"),
        ("2024年5月", "2024-05"),
        ("去年3月8号", "2025-03-08"),
        ("2026年11月3日", "2026-11-03"),
        ("10-28", "2026-10-28"),
        ("11.20号", "2026-11-20"),
        ("三天前", "2026-11-18"),
        ("两周前", "2026-11-07"),
        ("5天后", "2026-11-26"),
        ("3个月前", "2026-08"),
        ("国庆", "2026-10-01"),
        ("明年端午", "2027-06-09"),
        ("除夕", "2027-02-05"),
        ("过年", "2027-02-06"),
        ("母亲节", "2027-05-09"),
        ("腊月", None),
        ("2月30号", None),
        ("three days ago", "2026-11-18"),
        ("the 28th", "2026-11-28"),
        ("Oct 28, 2025", "2025-10-28"),
        ("last night", "2026-11-20"),
        ("last year", "2025"),
        ("Thanksgiving", "2026-11-26"),
    ],
)
def test_a_date_becomes_iso_8601(raw: str, value: str | None) -> None:
    assert dates.value(raw, TODAY) == value


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("10月28到30号", ["10月28", "30号"]),
        ("去年10月份买的", ["去年10月份"]),
        ("换大一号", []),
        ("三日达", []),
        ("取消下个周期的续订", []),
        ("等了三个月,一年质保", []),
        ("12月龄宝宝", []),
        ("明年的端午还来", ["明年的端午"]),
        ("the black friday deals", []),
        ("the 3rd time", []),
        ("can you deliver it tomorrow", ["tomorrow"]),
        ("5号楼昨晚没人", []),
    ],
)
def test_a_date_is_found_whole_and_what_sounds_like_one_is_not(text: str, found: list[str]) -> None:
    assert [text[start:end] for start, end in dates.find(text)] == found


@pytest.mark.parametrize(
    ("name", "year", "day"),
    [
        ("春节", 2025, "2025-01-29"),
        ("中秋节", 2024, "2024-09-17"),
        ("除夕", 2024, "2024-02-09"),
        ("元宵", 2026, "2026-03-03"),
        ("父亲节", 2026, "2026-06-21"),
        ("中秋", 2099, None),
    ],
)
def test_a_feast_of_the_moon_comes_from_a_table(name: str, year: int, day: str | None) -> None:
    assert feasts.day(name, TODAY, year) == day


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        ("下午三点半", "15:30"),
        ("14点到16点", "14:00/16:00"),
        ("20:30-21:30", "20:30/21:30"),
        ("8点半到9点", "08:30/09:00"),
        ("9-12点", "09:00/12:00"),
        ("上午到下午", "08:00/18:00"),
        ("晚8点", "20:00"),
        ("早8点", "08:00"),
        ("十五点", "15:00"),
        ("三点二十", "03:20"),
        ("三点零五", "03:05"),
        ("14时30分", "14:30"),
        ("凌晨12点", "00:00"),
        ("晚上12点", "00:00"),
        ("晚上两点", "02:00"),
        ("中午1点", "13:00"),
        ("中午十二点半", "12:30"),
        ("夜里十一点", "23:00"),
        ("白天", "08:00/18:00"),
        ("昨晚", "2026-11-20T18:00/2026-11-20T22:00"),
        ("昨晚十点", "2026-11-20T22:00"),
        ("tonight", "2026-11-21T18:00/2026-11-21T22:00"),
        ("at noon", "11:00/13:00"),
        ("2 o'clock", "02:00"),
        ("6pm to 8pm", "18:00/20:00"),
        ("25点", None),
        ("随便", None),
    ],
)
def test_a_time_becomes_a_clock_time_of_its_part_of_the_day(raw: str, value: str | None) -> None:
    assert times.value(raw, TODAY) == value


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("晚上七点以后送", ["晚上七点"]),
        ("晚8点来", ["晚8点"]),
        ("充了一晚上", []),
        ("晚一点送,早点发", []),
        ("good morning", []),
        ("白天没人", ["白天"]),
        ("今晚能到吗", ["今晚"]),
    ],
)
def test_a_time_is_found_without_what_says_before_or_after(text: str, found: list[str]) -> None:
    assert [text[start:end] for start, end in times.find(text)] == found
