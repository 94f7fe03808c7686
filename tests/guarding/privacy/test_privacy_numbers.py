"""Numbers: what is found, exactly, and which numbers of a shop are left alone."""

from __future__ import annotations

import pytest

from kefu.guarding.normalise import normalise
from kefu.guarding.privacy.finder import find


def found(text: str, kind: str) -> list[str]:
    plain = normalise(text).text
    return [plain[f.start : f.end] for f in find(plain) if f.kind == kind]


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("我的电话是13800138000，帮我改一下", ["13800138000"]),
        ("手机138 0013 8000", ["138 0013 8000"]),
        ("138-0013-8000打这个", ["138-0013-8000"]),
        ("138—0013—8000", ["138—0013—8000"]),
        ("138.0013.8000", ["138.0013.8000"]),
        ("1 3 8 0 0 1 3 8 0 0 0", ["1 3 8 0 0 1 3 8 0 0 0"]),
        ("+86 13800138000", ["+86 13800138000"]),
        ("８６１３８００１３８０００", ["8613800138000"]),
        ("138\u200b0013\u200b8000", ["13800138000"]),
        ("①③⑧⓪⓪①③⑧⓪⓪⓪", ["13800138000"]),
        ("一三八零零一三八零零零", ["一三八零零一三八零零零"]),
        ("电话幺三八 零零幺三 八零零零", ["幺三八 零零幺三 八零零零"]),
        ("壹叁捌零零壹叁捌零零零", ["壹叁捌零零壹叁捌零零零"]),
        ("138零零一三八000找我", ["138零零一三八000"]),
        ("微信wx13800138000", ["13800138000"]),
        ("13800138000和13900139000都行", ["13800138000", "13900139000"]),
        ("13800138000 2件", ["13800138000"]),
        ("010-12345678转8001", ["010-12345678转8001"]),
        ("座机0571-88886666", ["0571-88886666"]),
        ("(021)6234 5678", ["(021)6234 5678"]),
        ("联系电话：0755-8888 6666 转 123", ["0755-8888 6666 转 123"]),
        ("电话:62345678", ["62345678"]),
        ("400-820-8820", ["400-820-8820"]),
        ("8008208820", ["8008208820"]),
        ("香港电话 +852 9123 4567", ["+852 9123 4567"]),
        ("臺灣0912-345-678", ["0912-345-678"]),
        ("call me at (415) 555-2671", ["(415) 555-2671"]),
        ("+44 20 7946 0958", ["+44 20 7946 0958"]),
        ("0044 20 7946 0958", ["0044 20 7946 0958"]),
    ],
)
def test_a_telephone_number_is_found_as_it_was_written(text: str, numbers: list[str]) -> None:
    assert found(text, "phone") == numbers


@pytest.mark.parametrize(
    "text",
    [
        "尾号8899",
        "订单202611180042187到哪了",
        "订单号13812345678",
        "SF13800138000 12",
        "SF1380013800012",
        "运单号YT1234567890123",
        "快递单号773012345678901",
        "型号13912345678的零件",
        "共1380013元",
        "1385 2024 1111 2222",
        "199 28 35 120",
        "2024-11-18 13:45:20下单",
        "iPhone 15 Pro Max 256",
        "价格1399.00优惠200",
        "+1 2",
        "+999999999999999",
        "一三五七九",
        "+7 000",
    ],
)
def test_what_is_no_telephone_number_is_left(text: str) -> None:
    assert found(text, "phone") == []


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("我的身份证是11010519491231002X", ["11010519491231002X"]),
        ("11010519491231002x", ["11010519491231002x"]),
        ("110105 19491231 002X", ["110105 19491231 002X"]),
        ("身份证号110105194912310021", ["110105194912310021"]),
        ("110105491231002", ["110105491231002"]),
        ("香港身份证A123456(3)", ["A123456(3)"]),
        ("ID AB987654(3)", ["AB987654(3)"]),
    ],
)
def test_an_identity_card_is_found(text: str, numbers: list[str]) -> None:
    assert found(text, "id_card") == numbers


@pytest.mark.parametrize(
    "text",
    [
        "110105194912310021",
        "订单号11010519491231002X",
        "990105194912310021身份证",
        "订单110105491231002",
        "110105490231002",
        "990105491231002",
        "202611180042187",
        "A123456(9)",
    ],
)
def test_what_is_no_identity_card_is_left(text: str) -> None:
    assert found(text, "id_card") == []


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("退到银行卡6222021234567890128", ["6222021234567890128"]),
        ("卡号 6222 0212 3456 7890 128", ["6222 0212 3456 7890 128"]),
        ("4111-1111-1111-1111", ["4111-1111-1111-1111"]),
        ("6222021234567890128", ["6222021234567890128"]),
        ("订单退款打到工行卡6222021234567890128", ["6222021234567890128"]),
        ("信用卡 378282246310005", ["378282246310005"]),
        ("我的银行账号是6011111111111117", ["6011111111111117"]),
        ("6222021234567890128这张卡是工行的", ["6222021234567890128"]),
    ],
)
def test_a_bank_card_is_found(text: str, numbers: list[str]) -> None:
    assert found(text, "bank_card") == numbers


@pytest.mark.parametrize(
    "text",
    [
        "订单号4111111111111111",
        "快递单号6222021234567890128",
        "6222021234567890128这个订单",
        "SF6222021234567890128",
        "银行卡6222021234567890123",
        "78234567890123452",
        "卡号4111 11111111 1111 11",
        "20261118004218",
    ],
)
def test_order_and_parcel_numbers_are_no_bank_cards(text: str) -> None:
    assert found(text, "bank_card") == []


def test_one_order_number_in_ten_passes_luhn_and_still_none_is_a_card() -> None:
    orders = [f"{20261118004200 + i}" for i in range(200)] + [
        f"{1630294857712000 + i}" for i in range(200)
    ]
    assert [order for order in orders if found(f"帮我查{order}", "bank_card")] == []


@pytest.mark.parametrize(
    ("text", "addresses"),
    [
        ("发我邮箱zhang.san@qq.com谢谢", ["zhang.san@qq.com"]),
        ("li.lei+shop@mail.example.co.uk.", ["li.lei+shop@mail.example.co.uk"]),
        ("ａｂｃ＠１６３．ｃｏｍ", ["abc@163.com"]),
        ("abc @ qq.com", ["abc @ qq.com"]),
        ("abc艾特qq点com", ["abc艾特qq点com"]),
        ("abc(at)qq.com", ["abc(at)qq.com"]),
        ("a@qq.com. Please", ["a@qq.com"]),
        ("@客服 在吗", []),
        ("a@b", []),
        ("3@5.0折", []),
    ],
)
def test_an_email_address_is_found(text: str, addresses: list[str]) -> None:
    assert found(text, "email") == addresses


@pytest.mark.parametrize(
    ("text", "plates"),
    [
        ("京A12345的车", ["京A12345"]),
        ("粤BD12345", ["粤BD12345"]),
        ("沪A12345D绿牌", ["沪A12345D"]),
        ("苏E·12345", ["苏E·12345"]),
        ("粤Z1234港", ["粤Z1234港"]),
        ("车牌是京a12345", ["京a12345"]),
        ("我买的新a12345", []),
        ("全新S24Ultra", []),
        ("新SAMSUNG", []),
        ("新款A1234", []),
        ("云AI0O12", []),
    ],
)
def test_a_number_plate_is_found(text: str, plates: list[str]) -> None:
    assert found(text, "plate") == plates


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("护照号E12345678", ["E12345678"]),
        ("護照 EA1234567", ["EA1234567"]),
        ("my passport number is G12345678", ["G12345678"]),
        ("港澳通行证H12345678", ["H12345678"]),
        ("型号E12345678", []),
        ("护照套E1234", []),
    ],
)
def test_a_passport_needs_its_label(text: str, numbers: list[str]) -> None:
    assert found(text, "passport") == numbers


@pytest.mark.parametrize(
    ("text", "addresses"),
    [
        ("IP是192.168.1.100", ["192.168.1.100"]),
        ("2001:db8::1", ["2001:db8::1"]),
        ("登录fe80::1ff:fe23:4567:890a失败", ["fe80::1ff:fe23:4567:890a"]),
        ("版本10.0.1.25", []),
        ("999.1.1.1", []),
        ("12:30:45", []),
        ("1.2.3.4.5", []),
        ("a::b", []),
        ("MAC 00:1a:2b:3c:4d:5e", []),
    ],
)
def test_an_internet_address_is_found(text: str, addresses: list[str]) -> None:
    assert found(text, "ip") == addresses
