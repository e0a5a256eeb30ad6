"""Traditional and variant Chinese characters as simplified ones, character for character.

Source: OpenCC 1.4.2, TSCharacters.txt (Apache-2.0); the table's own head says which choices were made.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files


@cache
def simplified_characters() -> dict[str, str]:
    """The simplified character by the traditional one."""
    table = files("kedang.records").joinpath("traditional.tsv").read_text(encoding="utf-8")
    lines = (line for line in table.splitlines() if not line.startswith("#"))
    return {line[0]: line[2] for line in lines}


def simplified(text: str) -> str:
    """The text in simplified characters, of the same length."""
    return text.translate(_table())


@cache
def _table() -> dict[int, str]:
    return {ord(old): new for old, new in simplified_characters().items()}
