"""Sentences of the command line, in Chinese and English."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files


def text_of(key: str, language: str) -> str:
    """The sentence named `key`."""
    entry = _texts()[key]
    return entry["zh" if language == "zh" else "en"]


@cache
def _texts() -> dict[str, dict[str, str]]:
    text = files("kedang.entrypoints.cli").joinpath("texts.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)
