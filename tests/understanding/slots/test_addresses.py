"""Addresses by their parts."""

from __future__ import annotations

import pytest

from kefu.understanding.slots.addresses import complete, merge, normal, parts
from kefu.understanding.slots.regions import provinces_of_cities

HOME = "浙江省杭州市西湖区文二路28号3幢2单元501室"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (HOME, "浙江省|杭州市|西湖区|文二路|28号|3幢|2单元|501室"),
        ("浙江杭州西湖区文二路28号3幢501", "浙江|杭州|西湖区|文二路|28号|3幢|501"),
        (
            "北京朝阳区望京街道阜通东大街6号院3号楼1205",
            "北京|朝阳区|望京街道|阜通东大街|6号院|3号楼|1205",
        ),
        ("上海市浦东新区龙阳路123弄45号602室", "上海市|浦东新区|龙阳路123弄|45号|602室"),
        ("吉林市船营区解放大路12号", "吉林市|船营区|解放大路|12号"),
        ("江苏省苏州市昆山市花桥镇绿地大道99号", "江苏省|苏州市|昆山市|花桥镇|绿地大道|99号"),
        ("深圳宝安区西乡街道固戍一路88号", "深圳|宝安区|西乡街道|固戍一路|88号"),
        ("河南省周口市太康县城关镇李庄村三组", "河南省|周口市|太康县|城关镇|李庄村三组"),
        (
            "恩施土家族苗族自治州恩施市舞阳坝街道施州大道9号",
            "恩施土家族苗族自治州|恩施市|舞阳坝街道|施州大道|9号",
        ),
        ("广东省深圳市南山区科技园南区A栋1203", "广东省|深圳市|南山区|科技园南区|A栋|1203"),
        ("龙湖花园5号楼2单元301", "龙湖花园|5号楼|2单元|301"),
        ("北京东路100号", "北京东路|100号"),
        ("新疆", "新疆"),
    ],
)
def test_an_address_is_cut_into_its_parts_and_nothing_is_lost(text: str, expected: str) -> None:
    cut = parts(text)
    assert "|".join(words for _, words in cut.tokens) == expected
    assert all(level for level, _ in cut.tokens)
    assert cut.text == text


def test_blanks_and_full_width_signs_make_no_other_address() -> None:
    assert normal("杭州市 西湖区　文二路２８号") == "杭州市西湖区文二路28号"
    assert normal("10 Downing Street, London") == "10 Downing Street, London"


@pytest.mark.parametrize(
    ("text", "enough"),
    [
        (HOME, True),
        ("杭州西湖区文二路28号", True),
        ("天津市和平区南京路108号", True),
        ("河南省周口市太康县城关镇李庄村三组", True),
        ("10 Downing Street, London", True),
        ("新疆", False),
        ("重庆市渝北区龙溪街道", False),
        ("西湖区文二路", False),
        ("龙湖花园5号楼2单元301", False),
        ("88号", False),
        ("London", False),
    ],
)
def test_a_parcel_needs_a_city_a_street_and_a_number(text: str, enough: bool) -> None:
    assert complete(text) == enough


@pytest.mark.parametrize(
    ("held", "correction", "merged"),
    [
        (HOME, "88号", "浙江省杭州市西湖区文二路88号3幢2单元501室"),
        (HOME, "文三路", "浙江省杭州市西湖区文三路28号3幢2单元501室"),
        (HOME, "文三路99号", "浙江省杭州市西湖区文三路99号3幢2单元501室"),
        (HOME, "滨江区", "浙江省杭州市滨江区文二路28号3幢2单元501室"),
        (HOME, "2单元602室", "浙江省杭州市西湖区文二路28号3幢2单元602室"),
        (HOME, "602", "浙江省杭州市西湖区文二路28号3幢2单元602室"),
        (HOME, "杭州", HOME),
        (HOME, "江苏省南京市玄武区中山路1号", "江苏省南京市玄武区中山路1号"),
        ("西湖区文二路28号", "杭州市", "杭州市西湖区文二路28号"),
        ("西湖区文二路28号", "3幢501", "西湖区文二路28号3幢501"),
        ("龙湖花园5号楼301", "6号", "龙湖花园6号楼301"),
        (HOME, "上海", None),
        (HOME, "是的", None),
    ],
)
def test_a_corrected_part_takes_its_place(held: str, correction: str, merged: str | None) -> None:
    made = merge(held, correction)
    assert (made and made.text) == merged


def test_a_city_tells_its_province() -> None:
    assert parts("杭州西湖区").province == "浙江"
    assert parts("恩施土家族苗族自治州恩施市").province == "湖北"
    assert parts("文二路").province == ""
    assert len(provinces_of_cities()) > 330
