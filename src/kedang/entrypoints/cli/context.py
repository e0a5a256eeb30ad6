"""What every command needs: the home, the keys, the clock, the language, and how it ends."""

from __future__ import annotations

import getpass
import io
import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from rich.console import Console

from kedang.entrypoints.cli.offered import offered
from kedang.entrypoints.cli.showing import PlainConsole, as_shown_json
from kedang.entrypoints.cli.texts import language, text_of
from kedang.entrypoints.counts import spoken
from kedang.holdings.actions.cases import Secrets, unlock
from kedang.holdings.actions.slots import note_recovery
from kedang.holdings.adapters.archive import Archive
from kedang.holdings.adapters.keyplaces import KeyPlaces
from kedang.holdings.errors import CaseLocked
from kedang.holdings.home import Home
from kedang.pipeline.confinement import keep_secrets
from kedang.records.errors import KedangError, Kind, code_texts

EXIT_GOOD = 0
EXIT_FINDINGS = 1
EXIT_BROKEN_PIPE = 128 + 13  # as a shell says of a program that SIGPIPE ended
EXIT_STATUS = {
    Kind.MALFORMED: 2,
    Kind.NOT_FOUND: 2,
    Kind.REFUSED: 3,
    Kind.CONFLICT: 3,
    Kind.CORRUPT: 4,
    Kind.UNAVAILABLE: 5,
}


@dataclass(slots=True)
class Context:
    """One command's surroundings."""

    home: Home
    places: KeyPlaces
    language: str
    as_json: bool = False
    fonds_code: str | None = None
    out: Console = field(default_factory=lambda: PlainConsole(highlight=False, soft_wrap=True))
    err: Console = field(default_factory=lambda: PlainConsole(stderr=True, highlight=False, soft_wrap=True))

    def say(self, key: str, **values: object) -> str:
        """A sentence of the command line in the user's language."""
        return text_of(key, self.language).format(**spoken(values))

    def print(self, key: str, **values: object) -> None:
        """Print a sentence."""
        self.out.print(self.say(key, **values), markup=False)

    def print_json(self, value: object) -> None:
        """Print one JSON document and nothing else."""
        sys.stdout.write(as_shown_json(json.dumps(value, ensure_ascii=False, default=str)) + "\n")

    def now(self) -> datetime:
        """The time."""
        return datetime.now(UTC)

    def prepare(self) -> None:
        """The home with an up-to-date database."""
        keep_secrets()
        self.home.prepare()
        with self.home.alone(), redirect_stdout(io.StringIO()):
            call_command("migrate", interactive=False, verbosity=0)
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
            self.err.print(self.say("opened-by", kind=kind, slot=slot), style="dim", markup=False)
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

    def failed(self, error: KedangError) -> int:
        """Say what went wrong and what to do; the exit status."""
        texts = code_texts().get(error.code)
        said = texts.said(self.language) if texts else (error.__doc__ or "").partition("\n")[0]
        following = texts.next_step(self.language) if texts else ""
        if self.as_json:
            self.print_json({"error": error.code, "message": said, "next": following, "facts": error.facts})
        else:
            self.err.print(f"{error.code}  {said}", style="bold red", markup=False)
            if following:
                self.err.print(following, markup=False)
        return EXIT_STATUS[error.kind]


def new_context(**values: Any) -> Context:
    """The surroundings as the environment says."""
    keys = os.environ.get("KEDANG_KEYS")
    config = Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config")
    sheets = tuple(map(Path, keys.split(os.pathsep))) if keys else (config / "kedang" / "keys",)
    secrets = os.environ.get("KEDANG_UNATTENDED") or f"{sheets[0]}-unattended"
    return Context(
        home=Home(settings.HOME),
        places=KeyPlaces(sheets, Path(secrets)),
        language=language(),
        **values,
    )
