"""The real files of a mixed office: every one gets an answer, and what stands in them is read."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from kedang.extraction import Limits, extract, recognise
from kedang.extraction.limits import Limits as RoomLimits
from kedang.records.content import Extraction, Format
from kedang.records.errors import code_texts
from tests.extraction.contents import REAL_MIXED, BytesContent, codes

# A text file without "!" reads clean but for these: problems that a sound file may rightly have.
HARMLESS = {"KD-E103", "KD-E108", "KD-E112"}


@dataclass(frozen=True, slots=True)
class Expected:
    """One line of the truth table."""

    name: str
    format: str
    said: str


def _truth() -> list[Expected]:
    lines = (Path(__file__).parent / "real_mixed.txt").read_text(encoding="utf-8").splitlines()
    cells = [line.split("|", 2) for line in lines if line and not line.startswith("#")]
    return [Expected(name.strip(), kind.strip(), said.strip()) for name, kind, said in cells]


@cache
def _files() -> dict[str, Path]:
    if not REAL_MIXED.is_dir():
        pytest.skip("the shared test data are not beside this checkout")
    return {path.name: path for path in sorted(REAL_MIXED.rglob("*")) if path.is_file()}


@cache
def _answer(name: str) -> tuple[Format, Extraction]:
    content = BytesContent(_files()[name].read_bytes())
    format = recognise(content, name=name)
    return format, extract(content, format, limits=Limits())


@pytest.mark.parametrize("expected", _truth(), ids=lambda expected: f"{expected.name}-{expected.said}")
def test_a_real_file_is_recognised_and_read(expected: Expected) -> None:
    format, found = _answer(expected.name)
    assert format.name == expected.format
    if expected.said.startswith("!"):
        assert codes(found) == ([expected.said[1:]] if len(expected.said) > 1 else [])
        return
    assert set(codes(found)) <= HARMLESS
    if expected.said.startswith("~"):
        assert any(expected.said[1:] == value for _, value in found.metadata)
    elif expected.said.startswith("#"):
        assert len(found.tables[0].rows) == int(expected.said[1:])
        assert found.tables[0].headers
    else:
        assert expected.said in found.text


def test_every_real_file_gets_an_answer_whose_parts_agree() -> None:
    for name in _files():
        found = _answer(name)[1]
        assert all(0 <= place.start < place.end <= len(found.text) for place in found.places), name
        assert set(codes(found)) <= set(code_texts()), name
        assert not {"\r", "\x00"} & set(found.text), name
        for table in found.tables:
            assert len(table.row_starts) == len(table.rows), name
            for start, row in zip(table.row_starts, table.rows, strict=True):
                assert found.text.startswith("\t".join(row), start), name


def test_the_format_does_not_depend_on_the_name() -> None:
    free = {
        "text",
        "csv",
        "tsv",
        "markdown",
        "sql",
        "eml",
        "mbox",
        "doc",
        "wps",
        "xls",
        "et",
        "ppt",
        "dps",
        "docx",
        "zip",
    }
    for name, path in _files().items():
        content = BytesContent(path.read_bytes())
        named, nameless = recognise(content, name=name).name, recognise(content).name
        assert named == nameless or {named, nameless} <= free, name


def test_facts_of_problems_name_nobody() -> None:
    for name in _files():
        for problem in _answer(name)[1].problems:
            assert all(isinstance(fact, int) or fact.isascii() for fact in problem.facts.values()), name


def test_the_limits_are_one_class() -> None:
    assert Limits is RoomLimits
