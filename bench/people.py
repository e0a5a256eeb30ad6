"""People who may sign in to a measured case: `python -m bench.people HOME COUNT PASSWORD`; prints their sign-in names.

A fifth may everything, the others read some classes only: their lists and searches are filtered, and counted apart.
"""

from __future__ import annotations

import os
import sys
from datetime import UTC, datetime
from pathlib import Path

import django

CLASSES = (("contract", "transaction"), ("service", "communication"), ("personal", "contract", "other"))


def main() -> None:
    """Add those that are missing."""
    home, count, password = Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
    os.environ["KEDANG_HOME"] = str(home)
    os.environ["DJANGO_SETTINGS_MODULE"] = "kedang.entrypoints.settings"
    django.setup()
    from bench.case import opened  # noqa: PLC0415 - set up in the home that was given
    from kedang.access.deciding import Grant, Scope  # noqa: PLC0415
    from kedang.holdings.actions.people import add_account, join_case  # noqa: PLC0415
    from kedang.holdings.adapters.door_key import door_key  # noqa: PLC0415
    from kedang.holdings.models import Account  # noqa: PLC0415

    archive, door, now = opened(home), door_key(home), datetime.now(UTC)
    for number in range(count):
        login = f"person-{number}"
        if not Account.objects.filter(login=door.fingerprint(login)).exists():
            account = add_account(
                door,
                archive.new_id(),
                name=login,
                login=login,
                password=password,
                must_change=False,
                now=now,
            )
            scope = Scope() if number % 5 == 0 else Scope(classes=frozenset(CLASSES[number % 3]))
            role = "owner" if number % 5 == 0 else "officer"
            join_case(archive, door, account, [Grant(archive.new_id(), role, scope)], now=now)
        print(login)
    archive.forget()


if __name__ == "__main__":
    main()
