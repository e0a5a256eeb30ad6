"""What every command needs: the home, the keys, the clock, and a voice."""

from __future__ import annotations

import getpass
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from django.conf import settings

from kedang.entrypoints.cli.offered import offered
from kedang.entrypoints.cli.speaking import Voice
from kedang.holdings.actions.unlocking import Secrets, note_recovery, unlock
from kedang.holdings.adapters.archive import Archive
from kedang.holdings.adapters.keyplaces import KeyPlaces
from kedang.holdings.adapters.tables import make_tables, tables_are_current
from kedang.holdings.errors import CaseLocked
from kedang.holdings.home import Home
from kedang.pipeline.confinement import keep_secrets


@dataclass(slots=True, kw_only=True)
class Context(Voice):
    """One command's surroundings."""

    home: Home
    places: KeyPlaces
    fonds_code: str | None = None

    def now(self) -> datetime:
        """The time."""
        return datetime.now(UTC)

    def prepare(self, *, even_unfinished: bool = False) -> None:
        """The home with an up-to-date database; `even_unfinished` for whoever goes on with a restore."""
        keep_secrets()
        self.home.prepare()
        if not even_unfinished:
            self.home.require_restored()
        if not tables_are_current():
            with self.home.alone():
                make_tables()
        database = self.home.root / "kedang.sqlite3"
        if database.exists():
            database.chmod(0o600)

    def unlock(self, *, even_older: bool = False, ask: bool = True) -> Archive:
        """The case, unlocked by what the surroundings offer; says by which slot.

        With `ask`, a person at a terminal is asked for what is missing.
        """
        archive = self._unlock(even_older=even_older, ask=ask and sys.stdin.isatty())
        if archive.slot == "quorum" and not even_older:
            note_recovery(archive, now=self.now())
        if not self.as_json:
            kind, slot = self.say(f"slot-{archive.slot}"), archive.keyring.unlocked.slot[:12]
            self.err.print(self.say("opened-by", kind=kind, slot=slot), style="dim")
        return archive

    def ask_pin(self) -> str:
        """The PIN of a hardware token, as a person types it."""
        return getpass.getpass(self.say("ask-pin"))

    def _unlock(self, *, even_older: bool, ask: bool) -> Archive:
        opening = partial(
            unlock,
            self.fonds_code,
            self.home,
            self.places,
            random_bytes=os.urandom,
            even_older=even_older,
        )
        given = offered(self.ask_pin if ask else None)
        try:
            return opening(given)
        except CaseLocked:
            if given != Secrets() or not ask:
                raise
        return opening(Secrets(passphrase=getpass.getpass(self.say("ask-passphrase"))))

    @contextmanager
    def reading(self, *, even_older: bool = False, ask: bool = True) -> Iterator[Archive]:
        """The unlocked case, for looking only; `even_older` to look at what was restored or tampered with."""
        self.prepare()
        archive = self.unlock(even_older=even_older, ask=ask)
        try:
            yield archive
        finally:
            archive.forget()

    @contextmanager
    def writing(self, *, even_older: bool = False) -> Iterator[Archive]:
        """The unlocked case in a home that nobody else is changing; `even_older` to verify what was restored."""
        self.prepare()
        with self.home.held():
            archive = self.unlock(even_older=even_older)
            try:
                yield archive
            finally:
                archive.forget()

    @contextmanager
    def changing(self, what: str) -> Iterator[Archive]:
        """The unlocked case for one kind of work ("keys", "copies"); intake and reading may go on beside it."""
        self.prepare()
        with self.home.holding(what):
            archive = self.unlock()
            try:
                yield archive
            finally:
                archive.forget()


def new_context(**values: Any) -> Context:
    """The surroundings as the environment says."""
    keys = os.environ.get("KEDANG_KEYS")
    config = Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config")
    sheets = tuple(map(Path, keys.split(os.pathsep))) if keys else (config / "kedang" / "keys",)
    secrets = os.environ.get("KEDANG_UNATTENDED") or f"{sheets[0]}-unattended"
    return Context(
        home=Home(settings.HOME),
        places=KeyPlaces(sheets, Path(secrets)),
        **values,
    )
