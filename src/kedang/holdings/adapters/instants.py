"""Reading the database as it is at one instant, here or in several processes, while others go on writing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection
from django.db.backends.utils import CursorWrapper

_AT_WILL = {
    "sqlite": "BEGIN DEFERRED",  # Django's own would take the lock of writers
    "postgresql": "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
}
_HELD = {"sqlite": "BEGIN IMMEDIATE", "postgresql": _AT_WILL["postgresql"]}
_NAMED = {"sqlite": "SELECT ''", "postgresql": "SELECT pg_export_snapshot()"}


@contextmanager
def one_instant(shared: bytes = b"") -> Iterator[None]:
    """Everything read inside is of one instant: of now, or of what `held_instant` calls so in another process."""
    with _within(_AT_WILL) as cursor:
        if shared:
            cursor.execute("SET TRANSACTION SNAPSHOT %s", [shared.decode()])
        cursor.execute("SELECT count(*) FROM django_migrations")  # the instant is that of the first reading
        yield


@contextmanager
def held_instant() -> Iterator[bytes]:
    """The name of an instant: other processes that begin to read inside all read what is there now.

    SQLite knows no names: nobody writes meanwhile, so it has to be short.
    """
    with _within(_HELD) as cursor:
        cursor.execute(_NAMED[connection.vendor])
        yield str(cursor.fetchone()[0]).encode()


@contextmanager
def _within(begin: dict[str, str]) -> Iterator[CursorWrapper]:
    with connection.cursor() as cursor:
        cursor.execute(begin[connection.vendor])
        try:
            yield cursor
        finally:
            cursor.execute("ROLLBACK")
