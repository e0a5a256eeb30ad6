"""The sealed pieces of uploads, as files of the home. A piece is there wholly or not at all.

The folder is `uploads/<upload id>`, a piece `<ordinal of the file>.<number>`; both say nothing of what is in them.
A piece is written under another name and renamed: a process that is killed leaves nothing that counts. Power that
fails may leave a piece shorter than it was written; it is told by its length, and sent again.
"""

from __future__ import annotations

import io
import os
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

from kedang.holdings.home import Home
from kedang.holdings.intake.origins import stem_of
from kedang.vault.blob import sealed_size
from kedang.vault.spool import write_spool

_PART = ".part"
_PRIVATE_FOLDER = 0o700


def folder_of(home: Home, upload: str) -> Path:
    """Where the pieces of an upload lie."""
    return home.uploads / upload


def make_folder(home: Home, upload: str) -> None:
    """An empty folder for the pieces of a new upload."""
    folder = folder_of(home, upload)
    folder.parent.mkdir(mode=_PRIVATE_FOLDER, exist_ok=True)
    folder.mkdir(mode=_PRIVATE_FOLDER, exist_ok=True)


def write_piece(
    folder: Path, key: bytes, ordinal: int, piece: int, octets: bytes, *, random_bytes: Callable[[int], bytes]
) -> None:
    """One piece, sealed and in its place. One that is there already stays: the same piece sent twice is one."""
    place = folder / f"{stem_of(ordinal)}.{piece}"
    if is_whole(place, len(octets)):
        return
    part = folder / f"{random_bytes(8).hex()}{_PART}"
    write_spool(part, key, io.BytesIO(octets), random_bytes=random_bytes)
    part.replace(place)


def is_whole(place: Path, length: int) -> bool:
    """Whether a piece of this length is there."""
    try:
        return place.stat().st_size == sealed_size(length).sealed_bytes
    except FileNotFoundError:
        return False


def pieces_there(folder: Path) -> Mapping[str, int]:
    """The sealed length of every piece by name."""
    try:
        with os.scandir(folder) as entries:
            return {one.name: one.stat().st_size for one in entries if not one.name.endswith(_PART)}
    except FileNotFoundError:
        return {}


def make_durable(folder: Path) -> None:
    """Return when every piece is on the disk, not only in the system's memory."""
    for name in sorted(os.listdir(folder)):
        descriptor = os.open(folder / name, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def remove_pieces(folder: Path, ordinal: int) -> None:
    """No piece of one file is left."""
    for name in pieces_there(folder):
        if name.startswith(f"{stem_of(ordinal)}."):
            (folder / name).unlink(missing_ok=True)


def remove(home: Home, upload: str) -> None:
    """No piece of an upload is left."""
    shutil.rmtree(folder_of(home, upload), ignore_errors=True)


def remove_strangers(home: Home, known: frozenset[str]) -> None:
    """Remove folders of uploads that are over: what a process that was killed has not removed."""
    if home.uploads.is_dir():
        for name in os.listdir(home.uploads):
            if name not in known:
                remove(home, name)
