"""Several threads read a number and write it one greater, without any lock of their own."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor

import django

WRITERS, TIMES = 4, 25


def main() -> None:
    """Count together in the table `counted`."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kedang.entrypoints.settings")
    django.setup()
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE counted (n integer)")
        cursor.execute("INSERT INTO counted VALUES (0)")
    with ThreadPoolExecutor(WRITERS) as threads:
        list(threads.map(_count, range(WRITERS)))


def _count(_writer: int) -> None:
    from django.db import connection, transaction

    for _ in range(TIMES):
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT n FROM counted")
            (n,) = cursor.fetchone()
            cursor.execute("UPDATE counted SET n = %s", [n + 1])
    connection.close()


if __name__ == "__main__":
    main()
