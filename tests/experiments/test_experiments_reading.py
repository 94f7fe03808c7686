"""Experiments as the owner writes them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from kefu.errors import PackError
from kefu.experiments.assign import Experiment
from kefu.experiments.reading import read

KNOWN = ("faq_sure", "faq_maybe", "angry_twice")
GOOD: dict[str, Any] = {"name": "a", "share": 0.05, "thresholds": {"faq_sure": 0.8}}
PAGE = Path(__file__).parents[2] / "docs/packs.md"


def test_a_name_is_its_salt_unless_there_is_one() -> None:
    other = {"name": "b", "share": 1, "salt": "s", "thresholds": {"angry_twice": 3}}
    assert read([GOOD, other], KNOWN) == (
        Experiment("a", 0.05, "a", {"faq_sure": 0.8}),
        Experiment("b", 1, "s", {"angry_twice": 3}),
    )
    assert read([], KNOWN) == ()


def test_the_experiment_of_the_page_is_good() -> None:
    blocks = re.findall(r"```yaml\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    (shown,) = [block for block in blocks if block.startswith("experiments:")]
    (one,) = read(yaml.safe_load(shown)["experiments"], KNOWN)
    assert one.share == 0.05


@pytest.mark.parametrize(
    ("items", "complaint"),
    [
        ({"a": 1}, "settings.experiments: must be a list"),
        ([{**GOOD, "share": 1.2}], r"experiments\[0\].share: must be in 0..1"),
        ([{**GOOD, "share": float("nan")}], r"share: must be in 0..1"),
        ([{**GOOD, "share": "5%"}], r"share: must be a number"),
        ([{**GOOD, "share": True}], r"share: must be a number"),
        ([{**GOOD, "name": "A b"}], r"name: a name is"),
        ([{**GOOD, "thresholds": {"faq_shure": 1}}], r"thresholds: unknown key 'faq_shure'"),
        ([{**GOOD, "thresholds": {"faq_sure": "much"}}], r"thresholds.faq_sure: must be a number"),
        ([{"name": "a", "share": 1}], "'thresholds' is missing"),
        ([GOOD, {**GOOD, "thresholds": {}}], r"experiments\[1\].name: another experiment"),
        ([GOOD, {**GOOD, "name": "b"}], r"thresholds.faq_sure: another experiment moves"),
        ([GOOD, {"name": "b", "share": 1, "salt": "a", "thresholds": {}}], "would draw alike"),
        ([{**GOOD, "name": str(n)} for n in range(6)], "at most 5"),
    ],
)
def test_a_mistake_is_named_with_its_place(items: object, complaint: str) -> None:
    with pytest.raises(PackError, match=complaint):
        read(items, KNOWN)
