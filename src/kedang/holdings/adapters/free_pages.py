"""No free page of the database keeps what was deleted, as far as each database lets us see to it."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import Any

from django.db import OperationalError, connection
from django.db.models import Model

REWRITTEN_BYTES = 256 * 1024 * 1024
"""A larger table is not written anew: nobody could read it meanwhile."""
PATIENCE_SECONDS = 5.0
POLL_SECONDS = 0.05
NOBODY_SEES_OLDER = """
SELECT pg_snapshot_xmin(pg_current_snapshot()) >= %s::xid8 AND NOT EXISTS (
    SELECT FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()
    AND age(backend_xmin) > age(%s::xid8::xid))
"""


def clear_free_pages(models: Iterable[type[Model]]) -> None:
    """Take away what the deleted and changed rows of these tables said; outside any transaction.

    SQLite has overwritten it (`secure_delete`); its log is cut. PostgreSQL keeps old versions of rows, and
    `VACUUM` frees them without overwriting: tables are written anew, with their indexes and what the
    planner remembers of their values. One that is too large, or that somebody reads for long, is vacuumed.
    """
    if connection.vendor == "sqlite":
        _run("PRAGMA wal_checkpoint(TRUNCATE)")
        return
    _wait_for_older_readers()
    for table in (model._meta.db_table for model in models):
        name = connection.ops.quote_name(table)
        if _asked("SELECT pg_total_relation_size(%s::regclass)", name) > REWRITTEN_BYTES or not _rewritten(
            name
        ):
            _run(f"VACUUM (ANALYZE) {name}")


def _wait_for_older_readers() -> None:
    """For a while: an old version of a row that an open transaction may see outlasts every `VACUUM`."""
    limit = _asked("SELECT pg_snapshot_xmax(pg_current_snapshot())::text")
    patience = time.monotonic() + PATIENCE_SECONDS
    while not _asked(NOBODY_SEES_OLDER, limit, limit) and time.monotonic() < patience:
        time.sleep(POLL_SECONDS)


def _rewritten(name: str) -> bool:
    _run(f"SET lock_timeout = '{PATIENCE_SECONDS:.0f}s'")
    try:
        _run(f"VACUUM (FULL, ANALYZE) {name}")
    except OperationalError:  # others hold the table, or there is no room for a second one
        return False
    finally:
        _run("RESET lock_timeout")
    return True


def _asked(query: str, *values: str) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        return cursor.fetchone()[0]


def _run(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)
