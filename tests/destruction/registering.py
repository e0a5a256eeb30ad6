"""Registers a folder as a copy of the archive, in a process of its own: python registering.py COPY"""

from __future__ import annotations

import os
import sys
from datetime import UTC, datetime

import django


def main() -> None:
    """Register the folder."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kedang.entrypoints.settings")
    django.setup()
    from kedang.entrypoints.cli.context import new_context
    from kedang.holdings.actions.registering import register_copy

    with new_context().changing("keys") as archive:
        place = {"name": "副本", "path": sys.argv[1]}
        register_copy(archive, "folder", place, clock=lambda: datetime.now(UTC))


if __name__ == "__main__":
    main()
