"""Django's way to PostgreSQL, in which a transaction waits for the one before it.

Over SQLite every transaction begins with the lock of writers (`transaction_mode` IMMEDIATE): what it reads
stays as it is until it has written. Under PostgreSQL's READ COMMITTED the same code could read a record,
wait for the switch of a destruction, and write the record back as it was. So a transaction begins here too
with a lock of all writers of the database. Single statements and readers need none.
"""

from __future__ import annotations

from django.db.backends.postgresql import base

WRITERS = 0x6B6564616E67
"""The number of the advisory lock: "kedang" in ASCII."""


class DatabaseWrapper(base.DatabaseWrapper):
    """A connection whose transactions come one after another."""

    def set_autocommit(
        self, autocommit: bool, force_begin_transaction_with_broken_autocommit: bool = False
    ) -> None:
        """Begin a transaction, when it is the writers' turn, or end with them."""
        super().set_autocommit(autocommit, force_begin_transaction_with_broken_autocommit)
        if not autocommit:
            with self.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_xact_lock(%s)", [WRITERS])
