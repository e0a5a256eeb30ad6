"""Every format that is recognised, read from `formats.toml`."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from importlib.resources import files

from kedang.records.content import Family, Format


def _read() -> dict[str, Format]:
    table = tomllib.loads((files(__package__) / "formats.toml").read_text(encoding="utf-8"))
    return {
        name: Format(
            media_type=entry["media_type"], family=Family(entry["family"]), name=name, puid=entry.get("puid")
        )
        for name, entry in table.items()
    }


FORMATS = _read()


def named(name: str, *, puid: str | None = None, charset: str | None = None) -> Format:
    """The format of that name, with what was learnt of this thing beside it."""
    known = FORMATS[name]
    return replace(known, puid=puid or known.puid, charset=charset)
