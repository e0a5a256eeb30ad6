"""Where measured cases and their keys lie."""

from __future__ import annotations

import shutil
from pathlib import Path

from kedang.holdings.adapters.keyplaces import KeyPlaces


def places_of(home: Path) -> KeyPlaces:
    """Where the keys of a measured case lie."""
    return KeyPlaces((home.with_name(home.name + "-keys"),), home.with_name(home.name + "-unattended"))


def remove_case(home: Path) -> None:
    """The home and its keys, gone."""
    for folder in (home, *places_of(home).sheets, places_of(home).secrets):
        shutil.rmtree(folder, ignore_errors=True)
