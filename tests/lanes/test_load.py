"""How busy the worker is."""

from __future__ import annotations

import pytest

from kefu.lanes.load import Load


def test_before_the_first_batch_nobody_else_is_held_up() -> None:
    assert Load().pressure == 1


@pytest.mark.parametrize(("idle", "pressure"), [(3.0, 4 / 3), (1.0, 2.0), (0.25, 5.0), (0.0, 32.0)])
def test_the_busier_the_more_are_held_up(idle: float, pressure: float) -> None:
    load = Load()
    for _ in range(100):
        load.ran(idle, 1.0)
    assert load.pressure == pytest.approx(pressure)


def test_a_rush_is_soon_forgotten() -> None:
    load = Load()
    for _ in range(50):
        load.ran(0.0, 1.0)
    for _ in range(50):
        load.ran(99.0, 1.0)
    assert load.pressure < 1.1
