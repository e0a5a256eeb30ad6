"""What the serving process does by itself: it lets go of old keys in time, and asks for work that is due.

Threads that wait for people hold keys too. When the epoch of a case has changed, a destruction waits until nobody
holds the old keys: so the archives of idle threads are looked after here, and not only when somebody uses them.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Mapping

from django.db import DatabaseError, close_old_connections

from kedang.entrypoints.cli.mailing import mail_settings
from kedang.entrypoints.errors import Unforeseen, fault_of
from kedang.entrypoints.web.faults import told_without_values
from kedang.entrypoints.web.opened import NOBODY, OpenedCases, now
from kedang.holdings.actions.alarming import raise_alarm
from kedang.holdings.actions.scheduling import ask_for_due
from kedang.holdings.queries.copy_standings import standings_of
from kedang.records.errors import KedangError

LOOK_SECONDS = 1.0
"""How long a destruction may wait for a thread that does nothing."""
DUE_SECONDS = 60.0
"""How often what is due is asked for. KEDANG_SCHEDULE_SECONDS changes it; 0: never."""


class Watch:
    """A thread of the serving process."""

    def __init__(self, cases: OpenedCases, environment: Mapping[str, str] = os.environ) -> None:
        self._cases, self._environment = cases, environment
        self._every = float(environment.get("KEDANG_SCHEDULE_SECONDS") or DUE_SECONDS)
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look, name="watch", daemon=True)
        self.mail_code = ""
        """Why the last alarm could not be mailed; empty when it could, or none was raised."""

    def start(self) -> None:
        """Begin to watch."""
        self._thread.start()

    def stop(self) -> None:
        """End."""
        self._over.set()
        self._thread.join()

    def _look(self) -> None:
        waited = 0.0
        while not self._over.wait(LOOK_SECONDS):
            waited += LOOK_SECONDS
            due = bool(self._every) and waited >= self._every
            waited = 0.0 if due else waited
            for code in self._cases.open_codes():
                self._safely(code, due=due)
            close_old_connections()

    def _safely(self, code: str, *, due: bool) -> None:
        """A case that cannot be looked after now is looked after later; the others are not kept from it."""
        try:
            self._cases.look_after(code)
            if due:
                self._ask_for_due(code)
        except KedangError as error:
            sys.stderr.write(f"{error.code} {code}\n")
        except (OSError, DatabaseError) as error:
            sys.stderr.write(f"{fault_of(error).code} {code}\n")
        except (KeyError, ValueError) as error:  # locked in the middle of this: its keys are gone
            sys.stderr.write(f"{Unforeseen.code} {told_without_values(error)}\n")

    def _ask_for_due(self, code: str) -> None:
        archive = self._cases.lend(code, NOBODY)
        try:
            ask_for_due(archive, now=now())
            late = [one for one in standings_of(archive.case_id, now=now()) if one.alarming]
            settings = mail_settings(self._environment) if late else None
            if settings is not None:
                raise_alarm(archive, late, settings, now=now())
            self.mail_code = ""
        except KedangError as error:
            self.mail_code = error.code
            raise
        finally:
            self._cases.give_back(code)
