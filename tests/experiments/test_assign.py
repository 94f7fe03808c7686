"""Who gets which variant: stable, to the asked share, and independently of other experiments."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kefu.experiments.assign import BUCKETS, CONTROL, Experiment, assign, bucket

UNITS = [f"session-{number}" for number in range(4000)]
NOISE = 5 / (2 * len(UNITS) ** 0.5)
"""Five standard deviations of a share, at most."""

SALTS = st.text(min_size=1, max_size=30)
SHARES = st.floats(0, 1)


def experiment(name: str = "e", share: float = 0.5, salt: str = "", **moved: float) -> Experiment:
    return Experiment(name, share, salt or name, moved)


def part(one: Experiment, units: list[str]) -> list[str]:
    return [unit for unit in units if assign((one,), unit).name]


def test_without_experiments_everybody_gets_the_bot_as_it_is() -> None:
    assert assign((), "s") is CONTROL
    assert (CONTROL.name, CONTROL.thresholds) == ("", {})


def test_buckets_never_change() -> None:
    assert bucket("sure-at-80", "session-1") == 386_000_249_932_536_878
    assert bucket("a", "b\0c") != bucket("a\0b", "d")
    assert 0 <= bucket("", "") < BUCKETS


@settings(max_examples=40, deadline=None)
@given(SALTS, SHARES)
def test_as_many_units_are_in_as_were_asked_for(salt: str, share: float) -> None:
    inside = len(part(experiment(salt=salt, share=share), UNITS))
    assert abs(inside / len(UNITS) - share) < NOISE


@given(SALTS, st.text(max_size=128), SHARES, SHARES)
def test_a_larger_share_only_adds_units(salt: str, unit: str, one: float, other: float) -> None:
    small, large = sorted((one, other))
    if assign((experiment(salt=salt, share=small),), unit).name:
        assert assign((experiment(salt=salt, share=large),), unit).name


@settings(max_examples=25, deadline=None)
@given(st.lists(SALTS, min_size=2, max_size=2, unique=True), st.floats(0.2, 0.8), SHARES)
def test_experiments_are_independent(salts: list[str], first: float, second: float) -> None:
    inside = part(experiment(salt=salts[0], share=first), UNITS)
    both = part(experiment(salt=salts[1], share=second), inside)
    assert abs(len(both) / len(inside) - second) < 5 / (2 * len(inside) ** 0.5)


@pytest.mark.parametrize("unit", UNITS[:50])
def test_nobody_and_everybody_are_exact(unit: str) -> None:
    assert assign((experiment(share=0.0),), unit) is CONTROL
    assert assign((experiment(share=1.0),), unit).name == "e:on"


def test_a_unit_in_several_experiments_gets_the_changes_of_all() -> None:
    both = (experiment("a", 1.0, faq_sure=0.8), experiment("b", 1.0, faq_maybe=0.3))
    variant = assign(both, "s")
    assert variant.name == "a:on,b:on"
    assert variant.thresholds == {"faq_sure": 0.8, "faq_maybe": 0.3}
