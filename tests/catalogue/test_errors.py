from __future__ import annotations

import tomllib
from importlib.resources import files

from kedang.catalogue import errors
from kedang.records.errors import KedangError


def test_every_code_has_its_texts_and_every_text_its_code() -> None:
    texts = tomllib.loads(files("kedang.catalogue").joinpath("errors.toml").read_text(encoding="utf-8"))
    codes = {
        entry.code
        for entry in vars(errors).values()
        if isinstance(entry, type) and issubclass(entry, KedangError) and entry is not KedangError
    }
    assert codes == set(texts)
    assert all(text[key] for text in texts.values() for key in ("zh", "en", "next_zh", "next_en"))
