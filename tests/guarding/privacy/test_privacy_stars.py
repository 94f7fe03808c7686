from __future__ import annotations

import pytest

from kefu.guarding.privacy.stars import star


@pytest.mark.parametrize(
    ("kind", "written", "starred"),
    [
        ("phone", "13812345678", "138****5678"),
        ("phone", "138 1234 5678", "138 **** 5678"),
        ("phone", "62345678", "62****78"),
        ("id_card", "11010519491231002X", "110***********002X"),
        ("bank_card", "6222021234567890128", "6222***********0128"),
        ("passport", "E12345678", "E******78"),
        ("email", "lily@example.com", "l***@example.com"),
        ("email", "lily艾特qq点com", "***"),
        ("name", "王小明", "***"),
    ],
)
def test_the_middle_is_starred(kind: str, written: str, starred: str) -> None:
    assert star(kind, written) == starred
