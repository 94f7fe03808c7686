from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from kefu.errors import PackError
from kefu.pack.conditions import read_conditions
from kefu.pack.places import Place
from kefu.pack.reading import read_yaml
from kefu.pack.references import fill, look_up, parse, roots
from kefu.pack.replies import read_wording, shown

SCOPE: dict[str, Any] = {
    "pick": {"count": 2, "state": "paid", "rows": [{"id": "A"}, {"id": "B"}], "note": ""},
    "order": "A1",
    "limit": 1,
}


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        ({"pick.count": 2}, True),
        ({"$pick.count": 3}, False),
        ({"pick.state": ["paid", "packing"]}, True),
        ({"pick.state": {"not": "paid"}}, False),
        ({"pick.state": {"not": ["sent", "done"]}}, True),
        ({"pick.count": {"gt": 1, "lt": 3}}, True),
        ({"pick.count": {"gt": "$limit"}}, True),
        ({"pick.state": {"gt": 1}}, False),
        ({"pick.count": {"lt": 2}}, False),
        ({"pick.note": {"known": False}}, True),
        ({"pick.other.deep": {"known": True}}, False),
        ({"order": {"known": True}, "pick.count": 9}, False),
        ({"pick.nothing": None}, True),
    ],
)
def test_conditions_hold_or_not(condition: dict[str, Any], holds: bool) -> None:
    conditions = read_conditions(condition, Place("f"))
    assert all(one.holds(SCOPE) for one in conditions) is holds


def test_references_are_found_in_nested_literals_and_reach_only_into_data() -> None:
    template = parse({"a": "$pick.rows.1.id", "b": ["x", "$order"], "c": {"d": "$pick.none.x"}})
    assert fill(template, SCOPE) == {"a": "B", "b": ["x", "A1"], "c": {"d": None}}
    assert list(roots(template)) == ["pick", "order", "pick"]
    assert look_up(SCOPE, ("pick", "rows", "9")) is None
    assert look_up(SCOPE, ("order", "__class__")) is None


def test_a_text_has_variants_languages_and_holes() -> None:
    wording = read_wording({"zh": ["一{order}", "二{order}{pick.gone}"], "en": "no"}, Place("f"))
    said = {wording.say("zh", SCOPE, key) for key in "abcdefgh"}
    assert said == {"一A1", "二A1"}
    assert wording.say("zh", SCOPE, "a") == wording.say("zh", SCOPE, "a")
    assert wording.say("en", SCOPE) == "no"
    assert read_wording("仅此", Place("f")).say("en", {}) == "仅此"
    assert set(wording.roots()) == {"order", "pick"}
    assert dict(wording.items()) == {"zh": ("一{order}", "二{order}{pick.gone}"), "en": ("no",)}


@pytest.mark.parametrize(
    ("value", "text"),
    [(None, ""), ({"a": 1}, ""), (True, "是"), (12.5, "12.5"), (12.0, "12"), (7, "7")],
)
def test_values_are_shown_as_people_read_them(value: Any, text: str) -> None:
    assert shown(value, "zh") == text


def test_lists_are_joined_as_the_language_does() -> None:
    assert shown(["a", 2], "zh") == "a、2"
    assert shown(("a", False), "en") == "a, no"


def test_yaml_means_what_people_write(tmp_path: Path) -> None:
    file = tmp_path / "x.yaml"
    file.write_text("yes: [none, off]\nat: 12:30\nday: 2026-10-28\nn: [7, 007, 1.5, true, ~]\n")
    assert read_yaml(file, "x") == {
        "yes": ["none", "off"],
        "at": "12:30",
        "day": "2026-10-28",
        "n": [7, "007", 1.5, True, None],
    }


def test_yaml_anchors_may_be_merged(tmp_path: Path) -> None:
    file = tmp_path / "x.yaml"
    file.write_text("a: &a {x: 1, y: 2}\nb: {<<: *a, y: 3}\n")
    assert read_yaml(file, "x")["b"] == {"x": 1, "y": 3}


def test_yaml_makes_no_objects(tmp_path: Path) -> None:
    file = tmp_path / "x.yaml"
    file.write_text("a: !!python/object/apply:os.getcwd []\n")
    with pytest.raises(PackError, match="x, line 1"):
        read_yaml(file, "x")
    file.write_text("a: \x01")
    with pytest.raises(PackError, match=r"^x"):
        read_yaml(file, "x")
