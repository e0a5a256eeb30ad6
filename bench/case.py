"""A case for measuring: opened in a fresh home, filled from a folder, opened again for reading."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from django.core.management import call_command

from bench.homes import places_of
from kedang.holdings.actions.cases import NewCase, open_case
from kedang.holdings.actions.intake import IntakeOptions, intake
from kedang.holdings.actions.progress import Silent
from kedang.holdings.actions.unlocking import Secrets, unlock
from kedang.holdings.adapters.archive import Archive
from kedang.holdings.home import Home

NEW_CASE = NewCase(name="样例公司", fonds_code="B001", passphrase="for measuring only", agent_name="bench")  # noqa: S106


def intake_into(
    root: Path,
    source: Path,
    *,
    understand: bool,
    names: bool,
    workers: int,
    clock: Callable[[], datetime],
) -> dict[str, Any]:
    """Open a case at `root` if there is none, take `source` in; what came of it and the seconds by stage."""
    home, places = Home(root), places_of(root)
    begun, used = time.perf_counter(), time.process_time()
    home.prepare()
    call_command("migrate", interactive=False, verbosity=0)
    with home.held():
        if not places.sheets[0].exists():
            open_case(NEW_CASE, home, places, now=clock(), random_bytes=os.urandom)
        opening, opening_processor = time.perf_counter() - begun, time.process_time() - used
        archive = unlock(None, home, places, Secrets(), random_bytes=os.urandom)
        started = time.perf_counter()
        result = intake(
            archive,
            source,
            IntakeOptions(understand=understand, name_model=names, workers=workers),
            progress=Silent(),
            clock=clock,
        )
        archive.forget()
        return {
            "received": result.balance.received,
            "kept": result.balance.kept,
            "records": result.balance.records,
            "bytes": result.bytes,
            "opening": opening,
            "opening_processor": opening_processor,
            "intake_wall": time.perf_counter() - started,
            "stages": result.seconds,
        }


def opened(root: Path) -> Archive:
    """The case at `root`, unlocked."""
    return unlock(None, Home(root), places_of(root), Secrets(), random_bytes=os.urandom)
