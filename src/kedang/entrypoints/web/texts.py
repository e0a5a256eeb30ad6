"""What the pages say, in Chinese and English. Keys are `<area>.<key>`; the layout's own have the area `web`."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from importlib.resources import files

from kedang.entrypoints.counts import spoken
from kedang.entrypoints.web.areas import AREAS
from kedang.records.days import said_day
from kedang.records.errors import code_texts


@cache
def web_texts() -> Mapping[str, Mapping[str, str]]:
    """All texts by key and language."""
    web = files("kedang.entrypoints.web")
    found: dict[str, Mapping[str, str]] = {}
    for area, place in (("web", web), *((area, web / area) for area in AREAS)):
        table = tomllib.loads(place.joinpath("texts.toml").read_text(encoding="utf-8"))
        found.update({f"{area}.{key}": said for key, said in table.items()})
    return found


def say(key: str, language: str, **values: object) -> str:
    """The text of `key`, with numbers written with separators.

    Raises:
        KeyError: there is no such text.
    """
    told = {name: value if isinstance(value, int) else str(value) for name, value in values.items()}
    return web_texts()[key]["zh" if language.startswith("zh") else "en"].format(**spoken(told))


@cache
def _next_steps() -> Mapping[str, Mapping[str, str]]:
    """What people do in the browser, by code, where the code's own text speaks of commands."""
    place = files("kedang.entrypoints.web").joinpath("next_steps.toml")
    return tomllib.loads(place.read_text(encoding="utf-8"))


def next_step(code: str, language: str) -> str:
    """What to do about a code, in the browser; empty when nothing needs doing, or nobody knows the code."""
    told = _next_steps().get(code)
    if told is not None:
        return told["zh" if language.startswith("zh") else "en"]
    known = code_texts().get(code)
    return known.next_step(language) if known else ""


def size(size_bytes: int) -> str:
    """A size in decimal units, three figures."""
    amount = float(size_bytes)
    for unit in ("B", "kB", "MB", "GB", "TB"):
        if amount < 1000 or unit == "TB":
            break
        amount /= 1000
    return (
        f"{size_bytes} B"
        if unit == "B"
        else f"{amount:.3g} {unit}"
        if amount < 1000
        else f"{amount:.0f} {unit}"
    )


def moment(when: datetime, language: str) -> str:
    """A day and time of day; `when` is in the case's time zone already."""
    return f"{said_day(when.date(), language)} {when:%H:%M}"
