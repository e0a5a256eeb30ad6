"""How much there is to be sealed anew, and what that does not promise: said before it is decided."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from django.db.models import Sum

from kedang.holdings.adapters.archive import Archive
from kedang.holdings.models import Pack, Record, Segment

LIMITS = ("case-key", "kept-copies", "secrets", "old-disk", "left-the-house")
"""What sealing anew does not promise; the doors have a sentence for each."""


@dataclass(frozen=True, slots=True)
class ToSeal:
    """How much there is to be sealed anew, shown before it is decided."""

    records: int
    ranges: int
    packs: int
    size_bytes: int
    """Of the packs: as much again is needed on the disk until the end."""
    not_promised: tuple[str, ...] = LIMITS

    def to_json(self) -> dict[str, Any]:
        """The same for a program."""
        return asdict(self)


def to_seal(archive: Archive) -> ToSeal:
    """How much lives now."""
    case = archive.case_id
    kept = Pack.objects.filter(case_id=case, state="kept")
    return ToSeal(
        records=Record.objects.filter(case_id=case).exclude(key_page="").count(),
        ranges=Segment.objects.filter(case_id=case).exclude(key_id="").count(),
        packs=kept.count(),
        size_bytes=kept.aggregate(total=Sum("size_bytes"))["total"] or 0,
    )
