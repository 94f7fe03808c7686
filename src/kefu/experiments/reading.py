"""The experiments of a pack: `experiments` in the settings of pack.yaml."""

from __future__ import annotations

import re
from collections.abc import Collection

from kefu.experiments.assign import Experiment
from kefu.pack.places import Place

PLACE = Place("pack.yaml").key("settings").key("experiments")
MOST = 5
"""Experiments at once: each doubles the variants that metrics tell apart."""

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")


def read(value: object, known: Collection[str]) -> tuple[Experiment, ...]:
    """The experiments, in their order; `known` are the thresholds that there are. Raises PackError."""
    items = PLACE.items(value)
    if len(items) > MOST:
        raise PLACE.wrong(f"at most {MOST} experiments at once")
    experiments = tuple(_one(item, PLACE.item(i), known) for i, item in enumerate(items))
    _check_apart(experiments)
    return experiments


def _one(value: object, place: Place, known: Collection[str]) -> Experiment:
    item = place.mapping(
        value, ("name", "share", "salt", "thresholds"), ("name", "share", "thresholds")
    )
    name = place.key("name").text(item["name"])
    if not _NAME.fullmatch(name):
        raise place.key("name").wrong("a name is 1 to 40 of a-z, 0-9, _ and -")
    share = _number(item["share"], place.key("share"))
    if not 0 <= share <= 1:
        raise place.key("share").wrong("must be in 0..1; 0.05 is one conversation in twenty")
    moved = place.key("thresholds")
    thresholds = moved.mapping(item["thresholds"], known)
    return Experiment(
        name=name,
        share=share,
        salt=place.key("salt").text(item.get("salt", name)),
        thresholds={key: _number(to, moved.key(key)) for key, to in thresholds.items()},
    )


def _check_apart(experiments: tuple[Experiment, ...]) -> None:
    """Two experiments that draw alike, or move the same threshold, could not be told apart."""
    names: set[str] = set()
    salts: set[str] = set()
    moved: set[str] = set()
    for i, one in enumerate(experiments):
        place = PLACE.item(i)
        if one.name in names:
            raise place.key("name").wrong(f"another experiment is named {one.name!r}")
        if one.salt in salts:
            raise place.key("salt").wrong("another experiment has this salt, and would draw alike")
        for key in moved & one.thresholds.keys():
            raise place.key("thresholds").key(key).wrong("another experiment moves this threshold")
        names.add(one.name)
        salts.add(one.salt)
        moved |= one.thresholds.keys()


def _number(value: object, place: Place) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise place.wrong("must be a number")
    return value
