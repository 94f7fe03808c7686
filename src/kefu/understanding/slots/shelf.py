"""A table of goods that a pack names: a CSV file and one or more of its columns."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from kefu.errors import PackError

_FORM = "write it as FILE.csv#column, such as shop/goods.csv#name"


@dataclass(frozen=True, slots=True)
class Shelf:
    """The values of each row, by the row's name in the column that names goods."""

    rows: Mapping[str, tuple[str, ...]]

    def values(self) -> Iterator[str]:
        """The values of all rows."""
        for found in self.rows.values():
            yield from found


def read_shelf(pack: Path, reference: str, named_by: str = "") -> Shelf:
    """What a reference FILE#column,column stands for; several columns hold values apart by blanks.

    `named_by` is the reference whose column names the rows, where it is of the same file. Raises PackError
    with what is missing.
    """
    name, _, wanted = reference.partition("#")
    columns = [column.strip() for column in wanted.split(",") if column.strip()]
    if not name or not columns:
        raise PackError(f"{reference!r} names no column; {_FORM}")
    file, _, key = named_by.partition("#")
    keyed = key.strip() if file == name else ""
    rows: dict[str, tuple[str, ...]] = {}
    for number, row in _rows(pack / name, name, [*columns, *filter(None, [keyed])]):
        names = keyed == columns[0]
        values = [row[column] or "" for column in columns]
        split = values if names else [one for value in values for one in value.split()]
        own = row[keyed] if keyed else str(number)
        rows[own] = (*rows.get(own, ()), *split)
    return Shelf(rows)


def _rows(path: Path, name: str, columns: list[str]) -> Iterator[tuple[int, dict[str, str]]]:
    try:
        text = path.read_text("utf-8-sig")
    except FileNotFoundError:
        raise PackError(f"there is no {name} in the pack; {_FORM}") from None
    except UnicodeDecodeError as exc:
        raise PackError(f"{name}: not UTF-8 at byte {exc.start}; save it as UTF-8") from exc
    reader = csv.DictReader(text.splitlines())
    known = reader.fieldnames or []
    for column in columns:
        if column not in known:
            raise PackError(f"{name} has no column {column!r}; it has: {', '.join(known)}")
    yield from enumerate(reader, start=2)
