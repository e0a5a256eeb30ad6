"""Holds the keys of an epoch while another process destroys: python stale.py RECORD GO

Prints a line when it has opened the record and made a page of new keys. When the file GO is there it goes on with
what it has in memory, its old rows and its page, and prints how that ended.
"""

from __future__ import annotations

import json
import os
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import django


def main() -> None:
    """Before and after."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kedang.entrypoints.settings")
    django.setup()
    from django.db import transaction

    from kedang.entrypoints.cli.context import new_context
    from kedang.holdings.actions.consulting import search
    from kedang.holdings.adapters.contents import original_bytes
    from kedang.holdings.adapters.keyring import LOOK_SECONDS
    from kedang.holdings.models import Record
    from kedang.records.errors import KedangError

    with new_context().reading() as archive:
        record = Record.objects.get(id=sys.argv[1])
        before = b"".join(original_bytes(archive, record)).decode()
        pages = archive.write_pages({(holder := archive.new_id()): archive.new_key()})
        sys.stdout.write(before + "\n")
        sys.stdout.flush()
        while not Path(sys.argv[2]).exists():
            time.sleep(0.05)
        time.sleep(LOOK_SECONDS)  # whoever let a lease of a minute end has not looked for longer than this
        said: dict[str, object] = {"held": archive.epoch}
        try:
            said["opened"] = b"".join(original_bytes(archive, record)).decode()
        except KedangError as error:
            said["opened"] = error.code
        with transaction.atomic():
            archive.keep_pages(pages)
        party = before.split()[2]
        said["hits"] = len(search(archive, party, limit=9, clock=lambda: datetime.now(UTC)).hits)
        said["kept"] = [pages[holder].epoch, len(archive.key(pages[holder].id, holder))]
        sys.stdout.write(json.dumps(said))


if __name__ == "__main__":
    main()
