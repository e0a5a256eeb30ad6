"""Kinds of boxes and sheets of labels, and how numbered records fill folders and boxes."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

A4 = (210.0, 297.0)  # millimetres, ISO 216


@dataclass(frozen=True, slots=True)
class BoxKind:
    """A box by the thickness of its spine (millimetres) and the pages it takes."""

    name: str
    zh: str
    en: str
    spine: int
    pages: int


@dataclass(frozen=True, slots=True)
class LabelSheet:
    """A sheet of labels; lengths in millimetres."""

    name: str
    zh: str
    en: str
    columns: int
    rows: int
    width: float
    height: float
    left: float
    top: float
    across: float
    down: float
    paper: tuple[float, float] = A4


@dataclass(frozen=True, slots=True)
class Run:
    """Records that lie together in one folder: numbers from `first` to `last`."""

    first: int
    last: int
    pages: int


@cache
def box_kinds() -> Mapping[str, BoxKind]:
    """By name, the thinnest first."""
    return {name: BoxKind(name, **said) for name, said in _table()["boxes"].items()}


@cache
def label_sheets() -> Mapping[str, LabelSheet]:
    """By name."""
    return {
        name: LabelSheet(name, **{**said, "paper": tuple(said.get("paper", A4))})
        for name, said in _table()["sheets"].items()
    }


@cache
def _table() -> Mapping[str, Any]:
    return tomllib.loads(files("kedang.catalogue").joinpath("paper.toml").read_text(encoding="utf-8"))


def fill(
    numbered: Iterable[tuple[int, int]], *, folder_pages: int, box_pages: int
) -> Iterator[tuple[Run, ...]]:
    """The folders of one box after the other, for the records of one series.

    `numbered` are number and pages of each record, ascending. A folder takes `folder_pages` pages and a box
    `box_pages`; a record that is thicker lies alone.
    """
    box: list[Run] = []
    for run in _runs(numbered, folder_pages):
        if box and sum(one.pages for one in box) + run.pages > box_pages:
            yield tuple(box)
            box = []
        box.append(run)
    if box:
        yield tuple(box)


def _runs(numbered: Iterable[tuple[int, int]], most: int) -> Iterator[Run]:
    run: Run | None = None
    for number, pages in numbered:
        if run is not None and run.pages + pages > most:
            yield run
            run = None
        run = Run(number, number, pages) if run is None else Run(run.first, number, run.pages + pages)
    if run is not None:
        yield run
