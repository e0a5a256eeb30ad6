from __future__ import annotations

import pickle
import tomllib
from importlib.resources import files

import pytest

from kedang.ledger import errors
from kedang.records.errors import KedangError

CLASSES = [
    entry
    for entry in vars(errors).values()
    if isinstance(entry, type) and issubclass(entry, KedangError) and entry is not KedangError
]


def test_every_code_has_its_texts_and_every_text_its_code() -> None:
    texts = tomllib.loads(files("kedang.ledger").joinpath("errors.toml").read_text(encoding="utf-8"))
    assert {entry.code for entry in CLASSES} == set(texts)
    assert len({entry.code for entry in CLASSES}) == len(CLASSES)
    assert all(text[key] for text in texts.values() for key in ("zh", "en", "next_zh", "next_en"))


@pytest.mark.parametrize("entry", CLASSES)
def test_an_error_survives_the_way_between_processes(entry: type[KedangError]) -> None:
    revived = pickle.loads(pickle.dumps(entry(n=3)))  # noqa: S301
    assert (type(revived), revived.facts, str(revived)) == (entry, {"n": 3}, f"{entry.code} n=3")
