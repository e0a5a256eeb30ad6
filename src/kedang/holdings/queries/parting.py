"""Which records persons have taken away from which customers: no certain key ties them again."""

from __future__ import annotations

from kedang.holdings.adapters.archive import Archive
from kedang.holdings.adapters.judgements import open_judgement
from kedang.holdings.models import Judgement


def standing(archive: Archive) -> list[Judgement]:
    """Judgements that hold, in the order in which they were given."""
    rows = Judgement.objects.filter(case_id=archive.case_id, undone=None)
    return list(rows.exclude(sealed=b"").order_by("ordinal"))


def parted(archive: Archive) -> frozenset[tuple[str, str]]:
    """Record and customer of every link that a standing judgement has taken away."""
    found = set()
    for row in standing(archive):
        said = open_judgement(archive, row)
        for record, customer, _, after in said["changes"]["links"] if said else ():
            if after is None:
                found.add((str(record), str(customer)))
            else:
                found.discard((str(record), str(customer)))
    return frozenset(found)
