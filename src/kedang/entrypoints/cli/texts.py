"""Sentences of the command line, in Chinese and English."""

from __future__ import annotations

import os
import tomllib
from functools import cache
from importlib.resources import files


def language() -> str:
    """Chinese unless KEDANG_LANG or the system's language says otherwise."""
    chosen = os.environ.get("KEDANG_LANG") or os.environ.get("LC_ALL") or os.environ.get("LANG", "")
    return "en" if chosen.startswith("en") else "zh"


def either(zh: str, en: str) -> str:
    """The one of two sentences that the user reads."""
    return zh if language() == "zh" else en


@cache
def text_of(key: str, language: str) -> str:
    """The sentence named `key`."""
    entry = tomllib.loads(_tables()[key])
    said: str = entry["zh" if language == "zh" else "en"]
    return said


def about(verb: str) -> str:
    """What a verb, or group of verbs, is for, in the user's language."""
    return text_of(f"help-{verb}", language())


@cache
def _tables() -> dict[str, str]:
    """Each table of texts.toml as it is written: only what is said is parsed, which is little of it."""
    text = files("kedang.entrypoints.cli").joinpath("texts.toml").read_text(encoding="utf-8")
    tables = (table.partition("]\n") for table in f"\n{text}".split("\n[")[1:])
    return {name: entry for name, _, entry in tables}
