"""Numbers, sums of money and counts, as people write them."""

from __future__ import annotations

import pytest

from kefu.understanding.slots import counts, money, numerals


def spans(find: object, text: str) -> list[str]:
    assert callable(find)
    return [text[start:end] for start, end in find(text)]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("二十三", 23),
        ("十三", 13),
        ("廿五", 25),
        ("一百零三", 103),
        ("三百五", 350),
        ("两万三", 23_000),
        ("壹万贰仟", 12_000),
        ("一亿两千万", 120_000_000),
        ("一万亿", 1_000_000_000_000),
        ("3百", 300),
        ("1.2w", 12_000),
        ("1,299", 1299),
        ("dozen", 12),
        ("三五", None),
        ("七八", None),
        ("三四百", None),
    ],
)
def test_a_number_is_read_and_a_guess_between_two_is_none(text: str, value: float | None) -> None:
    assert numerals.number(text) == value


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        ("壹佰块", "100"),
        ("两千三", "2300"),
        ("3百多", "300"),
        ("1.2w", "12000"),
        ("十来块", "10"),
        ("百来块", "100"),
        ("五百多块钱", "500"),
        ("三块五毛", "3.5"),
        ("3块5毛8分", "3.58"),
        ("2角5分", "0.25"),
        ("两毛五", "0.25"),
        ("二十块零五毛", "20.5"),
        ("九块九", "9.9"),
        ("贰拾元整", "20"),
        ("廿块", "20"),
        ("十万块", "100000"),
        ("一千二百块", "1200"),
        ("一百五", "150"),
        ("1,299元", "1299"),
        ("¥1,299.00", "1299"),
        ("￥459", "459"),
        ("RMB300", "300"),
        ("300RMB", "300"),
        ("us$9.9", "9.9"),
        ("50 yuan", "50"),
        ("19.9", "19.9"),
        ("几百块", None),
        ("三四百块", None),
        ("不贵", None),
    ],
)
def test_a_sum_becomes_digits_in_its_main_unit(raw: str, value: str | None) -> None:
    assert money.value(raw) == value


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("原价1,299元,便宜了30块", ["1,299元", "30块"]),
        ("买了,三百来块的礼物", ["三百来块"]),
        ("降8块一箱", ["8块"]),
        ("三块五毛", ["三块五毛"]),
        ("好几百块呢", []),
        ("三个订单一块发", []),
        ("rmb300", ["rmb300"]),
    ],
)
def test_a_sum_is_found_whole(text: str, found: list[str]) -> None:
    assert spans(money.find, text) == found


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        ("半斤", "0.5"),
        ("两斤半", "2.5"),
        ("一打", "12"),
        ("两打", "24"),
        ("a dozen eggs", "12"),
        ("two dozen", "24"),
        ("俩", "2"),
        ("仨", "3"),
        ("十来件", "10"),
        ("三十多箱", "30"),
        ("一百二十件", "120"),
        ("二十四罐", "24"),
        ("3.5公斤", "3.5"),
        ("x2", "2"),
        ("两个包裹", "2"),
        ("七八个", None),
        ("两三件", None),
    ],
)
def test_a_count_becomes_digits_and_a_guess_none(raw: str, value: str | None) -> None:
    assert counts.value(raw) == value


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("买俩,退仨", ["俩", "仨"]),
        ("我们俩都没收到", []),
        ("一百二十件里少了两件", ["一百二十件", "两件"]),
        ("给一个说法", []),
        ("来半斤和两斤半", ["半斤", "两斤半"]),
    ],
)
def test_a_count_is_found_but_a_bare_one_is_a_way_of_speaking(text: str, found: list[str]) -> None:
    assert spans(counts.find, text) == found
