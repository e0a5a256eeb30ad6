"""Searches again and again in a process of its own, as the web does: python searching.py STOP PHRASE…

Until the file STOP is there, every phrase is searched for and every hit is shown. What was found, and every error,
is printed at the end.
"""

from __future__ import annotations

import json
import os
import sys
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import django


def main() -> None:
    """Search until told to stop."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kedang.entrypoints.settings")
    django.setup()
    from kedang.entrypoints.cli.context import new_context
    from kedang.holdings.actions.consulting import search
    from kedang.records.errors import KedangError

    stop, *phrases = sys.argv[1:]
    found: dict[str, Counter[int]] = {phrase: Counter() for phrase in phrases}
    errors: Counter[str] = Counter()
    with new_context().reading() as archive:
        while not Path(stop).exists():
            for phrase in phrases:
                try:
                    searched = search(archive, f'"{phrase}"', limit=50, clock=lambda: datetime.now(UTC))
                except KedangError as error:
                    errors[error.code] += 1
                    continue
                if searched.incomplete or any(phrase not in hit.snippet for hit in searched.hits):
                    errors["incomplete"] += 1
                found[phrase][len(searched.hits)] += 1
    sys.stdout.write(json.dumps({"found": found, "errors": errors}))


if __name__ == "__main__":
    main()
