"""Zip containers that are the same bytes each time."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable
from datetime import date

EPOCH = (1980, 1, 1, 0, 0, 0)


def container(members: Iterable[tuple[str, bytes]], *, stored_first: bool = False, level: int = 6) -> bytes:
    """A zip of the members with fixed times; OpenDocument wants the first one stored."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for place, (name, payload) in enumerate(members):
            entry = zipfile.ZipInfo(name, EPOCH)
            entry.compress_type = zipfile.ZIP_STORED if stored_first and place == 0 else zipfile.ZIP_DEFLATED
            archive.writestr(entry, payload, compresslevel=level)
    return target.getvalue()


def repacked(payload: bytes) -> bytes:
    """The same zip with fixed times, for libraries that write the hour."""
    with zipfile.ZipFile(io.BytesIO(payload)) as archive:
        return container([(name, archive.read(name)) for name in archive.namelist()])


def stamp(day: date) -> tuple[int, int, int, int, int, int]:
    """A day as a zip entry keeps it."""
    return (day.year, day.month, day.day, 9, 30, 0)
