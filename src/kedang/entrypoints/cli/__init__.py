"""The command `kedang`."""

from __future__ import annotations

import os
import sys


def main() -> None:
    """Set Django up in the home, then run the command."""
    os.umask(0o077)  # whatever is written is its owner's alone
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kedang.entrypoints.settings")
    import django

    django.setup()
    from kedang.entrypoints.cli.app import run

    sys.exit(run())
