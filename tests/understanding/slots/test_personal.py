"""Personal data at the door: put back, and in its normal form where a value is nothing else."""

from __future__ import annotations

import pytest

from kefu.understanding.slots.personal import revealed

VAULT = {
    "<PHONE_1>": "+86 138-0013-8000",
    "<EMAIL_1>": "Li.Lei 艾特 QQ点com",
    "<ADDRESS_1>": "杭州市 西湖区 文二路２８号",
    "<NAME_1>": "李 雷",
}


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("<PHONE_1>", "13800138000"),
        ("<EMAIL_1>", "Li.Lei@qq.com"),
        ("<ADDRESS_1>", "杭州市西湖区文二路28号"),
        ("<NAME_1>", "李 雷"),
        ("<NAME_1>,<PHONE_1>", "李 雷,+86 138-0013-8000"),
        ("<PHONE_7>", "<PHONE_7>"),
        ("黑色", "黑色"),
    ],
)
def test_a_value_is_shown_in_its_normal_form(value: str, shown: str) -> None:
    assert revealed(value, VAULT) == shown
