"""What the person at the desk may know of what was received."""

from __future__ import annotations

from kedang.access.deciding import Act, scopes_of
from kedang.entrypoints.web.desk import Desk
from kedang.holdings.queries.permitted import customers_seen
from kedang.holdings.queries.taking_in import Seen


def seen_by(desk: Desk) -> Seen:
    """His records, the customers whose names he may read, and the scopes that both come from."""
    return Seen(
        desk.records(Act.LIST),
        customers_seen(desk.archive.case_id, desk.person, today=desk.today()),
        scopes_of(desk.person, Act.LIST, today=desk.today()),
    )
