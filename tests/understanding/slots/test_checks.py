"""Valid values get one normal form; the others none."""

from __future__ import annotations

import pytest

from kefu.understanding.slots import checks, phones


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        ("+86 138-0013-8000", "13800138000"),
        ("+8613800138000", "13800138000"),
        ("008613800138000", "13800138000"),
        ("138 0013 8000", "13800138000"),
        ("138-0013-8000", "13800138000"),
        ("一三八零零一三八零零零", "13800138000"),
        ("010-88886666", "01088886666"),
        ("(010)88886666转12", "01088886666-12"),
        ("86-10-88886666", "01088886666"),
        ("+86 755 26668888", "075526668888"),
        ("0755-8888888", "07558888888"),
        ("4008-123-456", "4008123456"),
        ("12315", "12315"),
        ("+1 415 555 2671", "+14155552671"),
        ("00852 2345 6789", "+85223456789"),
        ("6677", "6677"),
        ("<PHONE_1>", "<PHONE_1>"),
        ("1380013800", None),
        ("138001380001", None),
        ("12800138000", None),
        ("没有", None),
    ],
)
def test_a_phone_is_its_plain_digits(raw: str, value: str | None) -> None:
    assert phones.value(raw) == value


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("电话138 0013 8000", ["138 0013 8000"]),
        ("+86-13800138000", ["+86-13800138000"]),
        ("13800138000和13900139000", ["13800138000", "13900139000"]),
        ("订单138001380001", []),
        ("1 3 8 0 0 1 3 8 0 0 0", []),
    ],
)
def test_a_phone_is_found_with_the_blanks_people_put_in(text: str, found: list[str]) -> None:
    assert [text[start:end] for start, end in phones.find(text)] == found


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        ("91110000802100433B", "91110000802100433B"),
        ("9111 0000 8021 00433b", "91110000802100433B"),
        ("91440300708461136T", "91440300708461136T"),
        ("110105198001010", "110105198001010"),
        ("91110000802100433C", None),  # a wrong check digit
        ("91330106MA2B1C3D4E", None),
        ("9111000080210043", None),
    ],
)
def test_a_tax_number_must_keep_its_check_digit(raw: str, value: str | None) -> None:
    assert checks.tax_id(raw) == value


@pytest.mark.parametrize(
    ("code", "courier"),
    [
        ("SF1630294857712", "顺丰"),
        ("YT7788990011223", "圆通"),
        ("ZTO75839201846", "中通"),
        ("STO3348821907715", "申通"),
        ("JT3048576912345", "极兔"),
        ("JDVB20619837465", "京东物流"),
        ("DPK301827364509", "德邦"),
        ("EE123456789CN", "邮政"),
        ("1Z999AA10123456784", "UPS"),
        ("20261102", None),
    ],
)
def test_a_tracking_number_tells_its_courier(code: str, courier: str | None) -> None:
    assert checks.courier_of(code) == courier
    assert (checks.tracking_no(code.lower()) is None) == (courier is None)


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        ("Li.Lei 艾特 QQ点com", "Li.Lei@qq.com"),
        ("Zhang_San@Example.COM.CN", "Zhang_San@example.com.cn"),
        ("a@b", None),
        ("a..b@c.com", None),
    ],
)
def test_an_email_is_written_as_machines_do(raw: str, value: str | None) -> None:
    assert checks.email(raw) == value


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        ("满三百减五十", "满300减50"),
        ("满300块减50块", "满300减50"),
        ("满一千减一百二", "满1000减120"),
        ("八五折券", "8.5折券"),
        ("9折券", "9折券"),
        ("新人券", "新人券"),
    ],
)
def test_a_coupon_has_its_sums_in_digits(raw: str, value: str) -> None:
    assert checks.coupon(raw) == value
