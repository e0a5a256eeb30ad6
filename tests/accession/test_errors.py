from __future__ import annotations

import pickle
import re
import tomllib
from pathlib import Path

import pytest

from kedang.accession import errors, members, survey
from kedang.records.errors import KedangError

ROOM = Path(errors.__file__).parent
TEXTS = tomllib.loads((ROOM / "errors.toml").read_text(encoding="utf-8"))
CLASSES = [
    value
    for value in vars(errors).values()
    if isinstance(value, type) and value.__module__ == errors.__name__
]
FAULTS: list[type[KedangError]] = [value for value in CLASSES if issubclass(value, KedangError)]
CODES = {
    value
    for module in (members, survey)
    for value in vars(module).values()
    if isinstance(value, str) and re.fullmatch(r"KD-A\d{3}", value)
} | {cls.code for cls in FAULTS}


def test_every_code_has_its_texts_and_every_text_its_code() -> None:
    assert set(TEXTS) == CODES


@pytest.mark.parametrize("code", sorted(TEXTS))
def test_texts_are_sentences_in_both_languages(code: str) -> None:
    entry = TEXTS[code]
    assert set(entry) <= {"zh", "en", "next_zh", "next_en", "blocking"}
    for key in ("zh", "next_zh"):
        assert entry[key].endswith("。")
    for key in ("en", "next_en"):
        assert entry[key].endswith(".")


@pytest.mark.parametrize("cls", FAULTS)
def test_errors_survive_the_way_between_processes(cls: type[KedangError]) -> None:
    again = pickle.loads(pickle.dumps(cls(size=3)))  # noqa: S301 - our own bytes
    assert (type(again), again.code, again.facts) == (cls, cls.code, {"size": 3})
