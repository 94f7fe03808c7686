"""The breaker, as a machine that Hypothesis plays with against a plain model of it."""

from __future__ import annotations

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, rule

from kefu.deadline import Deadline
from kefu.errors import ModelBroken, ModelRefused, ModelTimeout
from kefu.llms.breaker import Breaker, Circuit, Fuse
from kefu.llms.scripted import Scene, Scripted
from listening import PROMPT, Heard

FUSE = Fuse(failures=3, open_s=30.0)


class Machine(RuleBasedStateMachine):
    """Calls that begin and end in any order, while the clock goes on."""

    calls = Bundle[tuple[int, int]]("calls")

    def __init__(self) -> None:
        super().__init__()
        self.time = 0.0
        self.circuit = Circuit(FUSE, lambda: self.time)
        self.opened_at: float | None = None
        self.in_a_row = 0
        self.era = 0
        self.probe: int | None = None
        self.numbers = 0

    @rule(target=calls)
    def begin(self) -> tuple[int, int]:
        """A call is admitted while closed, or as the one probe after the time."""
        ticket = self.circuit.admit()
        may = self.opened_at is None or (
            self.time - self.opened_at >= FUSE.open_s and self.probe is None
        )
        assert (ticket is not None) == may
        self.numbers += 1
        if may and self.opened_at is not None:
            self.probe = self.numbers
            self.era += 1
        if ticket is None:
            return (-1, -1)
        return (ticket, self.era)

    @rule(call=consumes(calls), end=st.sampled_from(["succeeded", "failed", "told_nothing"]))
    def end(self, call: tuple[int, int], end: str) -> None:
        """A call ends; only one of the present era counts."""
        ticket, era = call
        if ticket < 0:
            return
        getattr(self.circuit, end)(ticket)
        if era != self.era:
            return
        if end == "told_nothing":
            if self.probe is not None:
                self._change(None)
        elif end == "succeeded":
            self.in_a_row = 0
            if self.probe is not None:
                self.opened_at = None
                self._change(None)
        else:
            self.in_a_row += 1
            if self.probe is not None or self.in_a_row >= FUSE.failures:
                self.opened_at = self.time
                self._change(None)

    def _change(self, probe: int | None) -> None:
        self.probe = probe
        self.era += 1

    @rule(seconds=st.integers(0, 40))
    def wait(self, seconds: int) -> None:
        """Time goes by."""
        self.time += seconds

    @invariant()
    def the_states_agree(self) -> None:
        """The circuit says what the plain model says."""
        if self.opened_at is None:
            assert self.circuit.state == "closed"
        else:
            assert self.circuit.state == ("probing" if self.probe is not None else "open")
        assert 0.0 <= self.circuit.away <= FUSE.open_s


TestMachine = Machine.TestCase


async def test_refusals_do_not_open_the_circuit() -> None:
    model = Breaker(Scripted([Scene(error=ModelRefused("429"))]), FUSE)
    for _ in range(5):
        with pytest.raises(ModelRefused, match="429"):
            await model.complete(PROMPT, Heard(), Deadline.after(5))
    assert model.circuit.state == "closed"


@pytest.mark.parametrize(("given_s", "state"), [(5.0, "open"), (0.5, "closed")])
async def test_a_time_out_counts_only_where_the_model_had_a_fair_chance(
    given_s: float, state: str
) -> None:
    model = Breaker(Scripted([Scene(error=ModelTimeout("late"))]), FUSE)
    for _ in range(3):
        with pytest.raises(ModelTimeout):
            await model.complete(PROMPT, Heard(), Deadline.after(given_s))
    assert model.circuit.state == state


async def test_a_probe_that_works_closes_the_circuit() -> None:
    now = [0.0]
    scenes = [Scene(error=ModelBroken("500"))] * 3
    model = Breaker(Scripted([*scenes, "好"]), FUSE, lambda: now[0])
    for _ in range(3):
        with pytest.raises(ModelBroken):
            await model.complete(PROMPT, Heard(), Deadline.after(5))
    with pytest.raises(ModelRefused, match="circuit open"):
        await model.complete(PROMPT, Heard(), Deadline.after(5))
    now[0] = 30.0
    assert (await model.complete(PROMPT, Heard(), Deadline.after(5))).text == "好"
    assert model.circuit.state == "closed"
