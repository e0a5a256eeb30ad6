"""Registers a copy, or backs up, as of some days ago.

python earlier.py register DAYS FOLDER
python earlier.py back-up DAYS
"""

from __future__ import annotations

import os
import sys
from datetime import UTC, datetime, timedelta

import django


def main() -> None:
    """Do what the arguments say."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kedang.entrypoints.settings")
    django.setup()
    from kedang.entrypoints.cli.context import new_context
    from kedang.holdings.actions.backing_up import back_up
    from kedang.holdings.actions.progress import Silent
    from kedang.holdings.actions.registering import register_copy
    from kedang.holdings.adapters.copies import open_copies

    verb, days, *places = sys.argv[1:]

    def clock() -> datetime:
        return datetime.now(UTC) - timedelta(days=int(days))

    with new_context().changing("copies") as archive:
        if verb == "register":
            register_copy(archive, "folder", {"path": places[0]}, clock=clock)
        else:
            (done,) = back_up(archive, open_copies(archive), clock=clock, progress=Silent())
            sys.exit(1 if done.code else 0)


if __name__ == "__main__":
    main()
