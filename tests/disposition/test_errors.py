from __future__ import annotations

import tomllib
from importlib.resources import files

from kedang.disposition import errors, reckoning
from kedang.records.errors import KedangError


def test_every_code_and_question_has_its_texts() -> None:
    texts = tomllib.loads(files("kedang.disposition").joinpath("errors.toml").read_text(encoding="utf-8"))
    codes = {
        entry.code
        for entry in vars(errors).values()
        if isinstance(entry, type) and issubclass(entry, KedangError) and entry is not KedangError
    }
    questions = {
        value for value in vars(reckoning).values() if isinstance(value, str) and value[:4] == "KD-D"
    }
    assert codes | questions == set(texts)
    assert all(text[key] for text in texts.values() for key in ("zh", "en", "next_zh", "next_en"))
