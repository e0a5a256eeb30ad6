"""What a backup has to write into a copy, in which order, and what to take away when all is written."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from enum import Enum


class ObjectKind(Enum):
    """What lies in a copy; the value is the first part of an object's name."""

    PACK = "packs"
    KEY_PAGE = "ring"
    LEAF_BUNDLE = "leaves"
    BLOCKS = "blocks"
    SNAPSHOT = "snapshots"


WRITING_ORDER = tuple(ObjectKind)
"""What is referred to comes before what refers to it: a snapshot in a copy finds all that it needs there."""


@dataclass(frozen=True, slots=True)
class CopyObject:
    """An object by its name, `<kind>/<32 digits>`, and its length."""

    name: str
    size_bytes: int

    @property
    def kind(self) -> ObjectKind:
        """What it is."""
        return ObjectKind(self.name.partition("/")[0])


@dataclass(frozen=True, slots=True)
class Total:
    """How many objects, and how long they are together."""

    objects: int
    size_bytes: int


@dataclass(frozen=True, slots=True)
class CopyPlan:
    """The steps of a backup. Each can be done again; a backup that was broken off is planned anew."""

    to_replace: tuple[CopyObject, ...]
    """In the copy with another length, so damaged: taken away, then written. Also in `to_write`."""
    to_write: tuple[CopyObject, ...]
    """In the order of writing."""
    to_remove: tuple[str, ...]
    """After everything is written and verified: old key pages first."""
    kept: Total
    """What the copy has already."""

    @property
    def written(self) -> Total:
        """What is to be written."""
        return total(self.to_write)


def total(objects: Iterable[CopyObject]) -> Total:
    """Count and length of objects."""
    sizes = [entry.size_bytes for entry in objects]
    return Total(len(sizes), sum(sizes))


def plan_copy(
    archive: Iterable[CopyObject], present: Mapping[str, int], *, expired: Collection[str] = ()
) -> CopyPlan:
    """What makes a copy that holds `present` (names and lengths) hold all of `archive`.

    `expired` are names that are no longer needed in the copy: snapshots that retention drops, bundles of
    leaves that were merged. Key pages that the archive does not
    have are of an old epoch and are always removed. Nothing else is ever taken away, and nothing that the
    archive has.
    """
    wanted = {entry.name: entry for entry in archive}
    to_write = [entry for entry in wanted.values() if present.get(entry.name) != entry.size_bytes]
    old_pages = [
        name for name in present if name not in wanted and name.startswith(f"{ObjectKind.KEY_PAGE.value}/")
    ]
    no_longer = {name for name in expired if name in present and name not in wanted} - set(old_pages)
    rank = {kind: number for number, kind in enumerate(WRITING_ORDER)}
    return CopyPlan(
        to_replace=tuple(sorted((one for one in to_write if one.name in present), key=lambda one: one.name)),
        to_write=tuple(sorted(to_write, key=lambda one: (rank[one.kind], one.name))),
        to_remove=(*sorted(old_pages), *sorted(no_longer)),
        kept=total(entry for entry in wanted.values() if present.get(entry.name) == entry.size_bytes),
    )
