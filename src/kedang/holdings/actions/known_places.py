"""The registered places of the key sheet, as they are read when a case is unlocked."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Any

from kedang.holdings.adapters.archive import Archive
from kedang.holdings.adapters.keyplaces import KeyPlaces
from kedang.holdings.models import KeyPlace
from kedang.records.errors import KedangError
from kedang.records.ids import CaseId


def living_places(case_id: CaseId) -> Any:
    """Rows of the registered places that were not given up, in order."""
    return KeyPlace.objects.filter(case_id=case_id, removed=None).order_by("ordinal")


def with_known_places(archive: Archive) -> KeyPlaces:
    """The places that the surroundings name, and those that the case knows and that are there.

    What the surroundings name goes first: a copy of an archive never writes to the places of its original.
    """
    known = []
    named = [one.place for one in archive.places.found(archive.case_id) if one.place]
    for row in living_places(archive.case_id).exclude(id__in=named):
        with suppress(KedangError):  # a damaged row must not lock the case; `kedang keys` says so
            path = path_of(archive, row)
            if any(one.place == row.id for one in KeyPlaces((path,), path).found(archive.case_id)):
                known.append(path)
    return archive.places.with_also(known)


def use_places(archive: Archive, places: KeyPlaces) -> None:
    """From now on the archive reads and writes these."""
    archive.places = archive.keyring.places = places


def path_of(archive: Archive, row: KeyPlace) -> Path:
    """Where the place was last reached."""
    return Path(archive.open(archive.case_key(), row.id, "key_place.sealed", row.sealed)["path"])
