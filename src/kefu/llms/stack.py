"""The wrappers around a vendor, in the one order that makes sense."""

from __future__ import annotations

from dataclasses import dataclass, field

from kefu.llms.base import LanguageModel
from kefu.llms.breaker import Breaker, Fuse
from kefu.llms.limits import Limited, Room
from kefu.llms.observed import Note, Observed
from kefu.llms.retrying import Retrying, Tries
from kefu.llms.timed import Patience, Timed


@dataclass(frozen=True, slots=True)
class Care:
    """The numbers of all wrappers."""

    patience: Patience = field(default_factory=Patience)
    tries: Tries = field(default_factory=Tries)
    room: Room = field(default_factory=Room)
    fuse: Fuse = field(default_factory=Fuse)


def sturdy(model: LanguageModel, note: Note, care: Care | None = None) -> LanguageModel:
    """A vendor's model that neither hangs, nor floods, nor is asked while it is down.

    From the outside in: an open breaker refuses before the queue; a retry keeps its place in the room;
    each try is timed, and noted, on its own.
    """
    care = care or Care()
    timed = Observed(Timed(model, care.patience), note)
    return Breaker(Limited(Retrying(timed, care.tries), care.room), care.fuse)
