"""What a received file may still unpack to when a run goes on where an earlier one was stopped.

Without it a decompression bomb that is interrupted and taken up again would get a new budget each time.
"""

from __future__ import annotations

from kedang.accession.limits import Budget, Limits
from kedang.holdings.models import Occurrence
from kedang.records.ids import CaseId, OccurrenceId

LOOKUP = 500  # parents in one query
STREAMED = frozenset(("gzip", "bzip2", "xz", "lzma", "zstd"))
"""Formats that are unpacked from their beginning to get at a later member: what is passed is paid again."""


def budget_left(case: CaseId, received: OccurrenceId, going_on: Occurrence) -> Budget:
    """The budget of a received file, less all members of all depths that are committed.

    `going_on` is the container of it that is read next.

    Sizes are padded (PADMÉ, at most 12 % more), so that a little less is left than in an undisturbed run.
    """
    top = Occurrence.objects.select_related("record").get(case_id=case, id=received)
    budget = Budget.of(Limits(), top.record.padded_bytes if top.record else 0)
    paid_again = going_on.id if going_on.record and going_on.record.format_name in STREAMED else ""
    level: list[str] = [received]
    while level:
        below: list[str] = []
        for start in range(0, len(level), LOOKUP):
            children = Occurrence.objects.filter(case_id=case, parent_id__in=level[start : start + LOOKUP])
            for member, parent, size in children.values_list("id", "parent_id", "record__padded_bytes"):
                below.append(member)
                budget.bytes_left -= 0 if parent == paid_again else size or 0
        budget.members_left -= len(below)
        level = below
    return Budget(max(0, budget.bytes_left), max(0, budget.members_left))
