"""Views of the list that a person saves for himself: sealed, because they may hold names that he looks for."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from kedang.holdings.adapters.archive import Archive
from kedang.holdings.adapters.guarding import MARKS, guarded, require_as_written
from kedang.holdings.browsing_errors import TooManyAtOnce, ViewUnknown
from kedang.holdings.models import SavedView

MOST_VIEWS = 50  # of one person in one case
LONGEST_NAME = 60  # characters
_COLUMN = "saved_view.sealed"


def save_view(archive: Archive, name: str, said: Mapping[str, Any], *, now: datetime) -> SavedView:
    """A view of whoever acts; one of the same name is replaced.

    Raises:
        TooManyAtOnce: he has MOST_VIEWS already.
    """
    name = " ".join(name.split())[:LONGEST_NAME]
    mine = views_of(archive)
    for one, there in mine:
        if there["name"] == name:
            one.delete()
    if len(mine) >= MOST_VIEWS:
        raise TooManyAtOnce(chosen=len(mine) + 1, most=MOST_VIEWS)
    row = SavedView(id=archive.new_id(), case_id=archive.case_id, agent_id=archive.agent, saved=now)
    row.sealed = archive.seal(archive.case_key(), row.id, _COLUMN, {**said, "name": name})
    guarded(archive, row).save(force_insert=True)
    return row


def views_of(archive: Archive) -> list[tuple[SavedView, dict[str, Any]]]:
    """The views of whoever acts, each with what it says, in the order of saving.

    Raises:
        RowAltered: one is not as it was written.
    """
    rows = SavedView.objects.filter(case_id=archive.case_id, agent_id=archive.agent).order_by("saved")
    return [(row, _opened(archive, row)) for row in rows]


def view_of(archive: Archive, view_id: str) -> dict[str, Any]:
    """What one of them says.

    Raises:
        ViewUnknown: whoever acts has none of this id.
    """
    row = SavedView.objects.filter(case_id=archive.case_id, agent_id=archive.agent, id=view_id).first()
    if row is None:
        raise ViewUnknown()
    return _opened(archive, row)


def remove_view(archive: Archive, view_id: str) -> None:
    """It is there no more."""
    SavedView.objects.filter(case_id=archive.case_id, agent_id=archive.agent, id=view_id).delete()


def _opened(archive: Archive, row: SavedView) -> dict[str, Any]:
    require_as_written(MARKS[SavedView], archive, row)
    return archive.open(archive.case_key(), row.id, _COLUMN, row.sealed)
