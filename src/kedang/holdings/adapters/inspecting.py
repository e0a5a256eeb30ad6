"""What is found at a folder that is to hold the key sheet: file system, medium, neighbours."""

from __future__ import annotations

import os
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

from kedang.holdings.home import file_system_of
from kedang.records.ids import CaseId
from kedang.vault.places import FoundFolder, Keeping, PlaceKind, judge

ID_DIGITS = 32
VIRTUAL_DISKS = ("vd", "xvd", "nbd", "loop")  # what they lie on cannot be told from inside


def inspect_folder(folder: Path) -> FoundFolder:
    """What was found at a folder that is there."""
    there = folder.resolve()
    above = (there, *there.parents)
    return FoundFolder(
        file_system=file_system_of(there),
        folders=tuple(one.name for one in above if one.name),
        files=frozenset(name for one in above for name in _names(one)),
        flash=_flash(there),
    )


def inspect_nearest(folder: Path) -> FoundFolder:
    """What was found at the nearest folder that is there; those to be made below it count by their names."""
    wanted, there = folder.resolve(), nearest(folder)
    below = tuple(one.name for one in (wanted, *wanted.parents) if there in one.parents)
    found = inspect_folder(there)
    return replace(found, folders=(*below, *found.folders))


def nearest(folder: Path) -> Path:
    """The folder, or the nearest one above it that is there."""
    return next(one for one in (folder.resolve(), *folder.resolve().parents) if one.is_dir())


def volume_of(folder: Path, case: CaseId) -> str:
    """The same digest for every folder of one file system; it tells nothing of the file system."""
    there = os.statvfs(folder).f_fsid or folder.stat().st_dev
    return sha256(f"kedang volume v1 {case} {there}".encode()).hexdigest()[:ID_DIGITS]


def likely_kind(folder: Path) -> PlaceKind:
    """What sort of place it is when nobody says."""
    if judge(inspect_folder(folder)).keeping is Keeping.REMOTE:
        return PlaceKind.ONLINE
    return PlaceKind.STICK if _removable(folder.resolve()) else PlaceKind.COMPUTER


def _names(folder: Path) -> list[str]:
    try:
        return os.listdir(folder)
    except OSError:
        return []


def _flash(folder: Path) -> bool | None:
    disk = _disk(folder)
    if disk is None or disk.name.startswith(VIRTUAL_DISKS):
        return None
    if _read(disk / "removable") == "1":
        return True
    turning = _read(disk / "queue" / "rotational")
    return None if turning is None else turning == "0"


def _removable(folder: Path) -> bool:
    disk = _disk(folder)
    return disk is not None and (_read(disk / "removable") == "1" or "/usb" in str(disk))


def _disk(folder: Path) -> Path | None:
    """The disk in /sys that holds the folder, None where there is none."""
    device = folder.stat().st_dev
    block = Path(f"/sys/dev/block/{os.major(device)}:{os.minor(device)}")
    if not block.exists():
        return None
    there = block.resolve()
    return there if (there / "queue").is_dir() else there.parent


def _read(path: Path) -> str | None:
    try:
        return path.read_text(encoding="ascii").strip()
    except OSError:
        return None
