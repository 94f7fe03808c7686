from __future__ import annotations

import random
from pathlib import Path

import pytest

from kefu.errors import PackError
from kefu.training.data import load, unmark
from kefu.training.neural.lessons import Lessons
from kefu.training.patterns import parse

ROOT = Path(__file__).parents[2]
INTENT = """\
intent: {name}
title: {{zh: x}}
examples:
  - "{example}"
patterns:
  - "{pattern}"
"""


def said(written: str, **values: list[str]) -> set[str]:
    """Every sentence that comes up in many tries."""
    pattern = parse(written, "any")
    return {pattern.sample(values, random.Random(seed)) for seed in range(200)}


def test_a_group_stands_for_each_of_its_wordings() -> None:
    assert said("(我|俺)要(退货|退了)") == {"我要退货", "我要退了", "俺要退货", "俺要退了"}


def test_an_empty_wording_may_be_left_away() -> None:
    assert said("(亲，|)退货") == {"亲，退货", "退货"}


def test_a_slot_takes_a_value_and_marks_it() -> None:
    assert said("退{product}", product=["冰箱", "手机"]) == {
        "退[冰箱](product)",
        "退[手机](product)",
    }


def test_a_fixed_value_is_marked_and_no_group() -> None:
    assert said("([昨天](date)|[前天](date))买的") == {"[昨天](date)买的", "[前天](date)买的"}
    assert unmark("[昨天](date)买的")[0] == "昨天买的"


def test_a_pattern_names_the_slots_it_needs_and_its_script() -> None:
    pattern = parse("(退{product}|买{spec})在{date}", "any")
    assert pattern.slots == {"product", "spec", "date"}
    assert not pattern.latin
    assert parse("(return|send back) {product}", "any").latin


def test_the_same_chance_says_the_same_sentence() -> None:
    pattern = parse("(一|二|三)(四|五|六)(七|八|)", "any")
    assert pattern.sample({}, random.Random(5)) == pattern.sample({}, random.Random(5))


@pytest.mark.parametrize(
    "wrong",
    ["(我|俺要退", "我|俺", "(我)要退", "((我|俺)|他)退", "退{product", "退product}", "退{产品}"],
)
def test_a_group_that_is_nested_open_or_alone_is_refused(wrong: str) -> None:
    with pytest.raises(ValueError, match="near"):
        parse(wrong, "any")


def pack(folder: Path, pattern: str, slots: str = "slots: {product: {}}\n") -> Path:
    (folder / "intents").mkdir()
    (folder / "slots.yaml").write_text(slots, "utf-8")
    written = INTENT.format(name="buy", example="买[冰箱](product)", pattern=pattern)
    (folder / "intents" / "buy.yaml").write_text(written, "utf-8")
    return folder


@pytest.mark.parametrize(
    ("pattern", "complaint"),
    [
        ("(我|俺要买", "nested, not closed or without"),
        ("买{colour}", "has no slot 'colour'"),
        ("买{prodct}", "has no slot 'prodct'"),
    ],
)
def test_a_wrong_pattern_is_named_with_its_file_and_line(
    tmp_path: Path, pattern: str, complaint: str
) -> None:
    with pytest.raises(PackError, match=rf"buy\.yaml:6.*{complaint}"):
        load(pack(tmp_path, pattern))


def test_patterns_are_taught_with_values_of_the_pack(tmp_path: Path) -> None:
    data = load(pack(tmp_path, "(来|整)(一台|个){product}"))
    lessons = Lessons(data).epoch(random.Random(3))
    patterned = [lesson for lesson in lessons if lesson.text[:1] in "来整"]
    assert patterned
    assert any(lesson.text.endswith("冰箱") and lesson.marks for lesson in patterned)


def test_a_pattern_whose_slot_has_no_value_is_left_out(tmp_path: Path) -> None:
    slots = "slots: {product: {}, colour: {}}\n"
    data = load(pack(tmp_path, "要{colour}的", slots))
    assert len(data.patterns) == 1
    assert all("要" not in lesson.text for lesson in Lessons(data).epoch(random.Random(3)))


def test_every_pattern_of_the_shop_can_be_said() -> None:
    data = load(ROOT / "packs" / "retail")
    values = {spec.name: ["x"] for spec in data.slots}
    rng = random.Random(1)
    assert len(data.patterns) > 500
    for pattern in data.patterns:
        text, marks = unmark(pattern.sample(values, rng))
        assert text.strip(), pattern
        assert not set("(){}|") & set(text), pattern
        assert {mark.slot for mark in marks} <= {spec.name for spec in data.slots}
