"""The cases that this process has unlocked, with an archive of its own for every thread.

Keys live here and nowhere else. Locking forgets them in every thread: an archive that a thread still holds is of an
older generation and is not given out again. An archive is lent until the answer has been sent; meanwhile idle,
it is looked after by the watch of the process (`keeping_watch`), so that it lets go of old keys when the epoch changes.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.core.signals import request_finished

from kedang.holdings.actions.unlocking import Secrets, unlock
from kedang.holdings.adapters.archive import Archive
from kedang.holdings.adapters.kept_index import KeptIndex
from kedang.holdings.adapters.kept_ledger import KeptLedger
from kedang.holdings.adapters.keyplaces import KeyPlaces
from kedang.holdings.errors import CaseLocked, EpochChanged
from kedang.holdings.home import Home
from kedang.records.ids import AgentId

LEDGER_STEPS = 5
"""Steps of the ledger that are read at each look: a large one is read within some looks, and none of them waits long."""
NOBODY: Any = "0" * 32
"""Who acts where nobody has said who he is yet."""


@dataclass(slots=True)
class _Lent:
    archive: Archive
    generation: int
    busy: threading.Lock = field(default_factory=threading.Lock)
    """Held while its thread works for somebody, or while it is looked after."""


@dataclass(slots=True)
class _Opened:
    master: Archive
    generation: int
    lent: list[_Lent] = field(default_factory=list)
    index: KeptIndex = field(default_factory=KeptIndex)
    ledger: KeptLedger = field(default_factory=KeptLedger)
    quiet: threading.Lock = field(default_factory=threading.Lock)
    """Held while the master's keys are read or renewed."""


class OpenedCases:
    """Unlocked cases by fonds number."""

    def __init__(self, home: Home, places: KeyPlaces) -> None:
        self.home, self.places = home, places
        self._cases: dict[str, _Opened] = {}
        self._guard = threading.Lock()
        self._mine = threading.local()
        self._generation = 0
        self.when_changed: Callable[[], None] = _nothing
        """Called after a case was opened or locked, before whoever did it goes on."""

    def unlock(self, fonds_code: str, secrets: Secrets) -> Archive:
        """The case, opened for every thread of this process; what `unlock` raises otherwise."""
        master = unlock(fonds_code, self.home, self.places, secrets, random_bytes=os.urandom)
        self.take(fonds_code, master)
        return master

    def take(self, fonds_code: str, master: Archive) -> None:
        """Hold a case that was opened already."""
        with self._guard:
            self._generation += 1
            earlier = self._cases.pop(fonds_code, None)
            self._cases[fonds_code] = _Opened(master, self._generation)
        if earlier is not None:
            _forget(earlier)
        self.when_changed()

    def is_open(self, fonds_code: str) -> bool:
        """Whether the case is unlocked here."""
        return fonds_code in self._cases

    def open_codes(self) -> Sequence[str]:
        """The cases that are unlocked here."""
        return sorted(self._cases)

    def master(self, fonds_code: str) -> Archive:
        """The archive that was unlocked first: for a job's process to be told its keys.

        Raises:
            CaseLocked: it is not open here.
        """
        return self._opened(fonds_code).master

    @contextmanager
    def master_at_rest(self, fonds_code: str) -> Iterator[Archive]:
        """The master while nobody renews its keys: to be copied, or told to another process.

        Raises:
            CaseLocked: it is not open here.
        """
        opened = self._opened(fonds_code)
        with opened.quiet:
            self._require_open(fonds_code, opened)
            yield opened.master

    def _opened(self, fonds_code: str) -> _Opened:
        opened = self._cases.get(fonds_code)
        if opened is None:
            raise CaseLocked(because="")
        return opened

    def _require_open(self, fonds_code: str, opened: _Opened) -> None:
        """Nothing while it is this opening of the case that is held; it may have been locked while we waited."""
        if self._cases.get(fonds_code) is not opened:
            raise CaseLocked(because="")

    def lend(self, fonds_code: str, agent: AgentId) -> Archive:
        """The archive of this thread, in which `agent` acts until it is given back.

        Raises:
            CaseLocked: nobody has unlocked the case.
        """
        opened = self._opened(fonds_code)
        held: dict[str, _Lent] = self._mine.__dict__.setdefault("held", {})
        mine = held.get(fonds_code)
        if mine is None or mine.generation != opened.generation:
            self.give_back(fonds_code)
            with opened.quiet:
                self._require_open(fonds_code, opened)
                mine = _Lent(opened.master.twin(agent), opened.generation)
            held[fonds_code] = mine
            with self._guard:
                opened.lent.append(mine)
        busy: dict[str, _Lent] = self._mine.__dict__.setdefault("busy", {})
        if fonds_code not in busy:
            mine.busy.acquire()
            busy[fonds_code] = mine
        mine.archive.agent = agent
        return mine.archive

    def give_back(self, fonds_code: str) -> None:
        """This thread does not work in the case for now."""
        mine = self._mine.__dict__.get("busy", {}).pop(fonds_code, None)
        if mine is not None:
            mine.busy.release()

    def give_all_back(self) -> None:
        """This thread has answered."""
        for fonds_code in list(self._mine.__dict__.get("busy", {})):
            self.give_back(fonds_code)

    def look_after(self, fonds_code: str) -> None:
        """Archives that nobody works with let go of old keys when the epoch has changed.

        A case whose newest key sheet does not know our slot any more is locked.
        """
        opened = self._cases.get(fonds_code)
        if opened is None:
            return
        try:
            with opened.quiet:
                opened.master.keyring.follow()
                opened.index.tidy(opened.master)
            for one in list(opened.lent):
                if one.busy.acquire(blocking=False):
                    try:
                        one.archive.keyring.follow()
                    finally:
                        one.busy.release()
            for _ in range(LEDGER_STEPS):
                if not opened.ledger.follow(opened.master.case_id):
                    break
        except EpochChanged:
            self.lock(fonds_code)

    def index(self, fonds_code: str) -> KeptIndex:
        """The open parts of the case's index, closed when it is locked.

        Raises:
            CaseLocked: it is not open here.
        """
        return self._opened(fonds_code).index

    def ledger(self, fonds_code: str) -> KeptLedger:
        """Where the case's ledger names records and customers.

        Raises:
            CaseLocked: it is not open here.
        """
        return self._opened(fonds_code).ledger

    def read_ledger(self, fonds_code: str) -> None:
        """All of it, at once.

        Raises:
            CaseLocked: it is not open here.
        """
        opened = self._opened(fonds_code)
        while opened.ledger.follow(opened.master.case_id):
            pass

    def has_changed(self, fonds_code: str) -> None:
        """The row of the case says something else: every thread's archive learns it."""
        with self._guard:
            opened = self._cases.get(fonds_code)
            known = (opened.master, *(one.archive for one in opened.lent)) if opened is not None else ()
        for case in {id(archive.case): archive.case for archive in known}.values():
            case.refresh_from_db(
                fields=["archiving_review", "archiving_standard", "milestones", "sealed", "mac"]
            )

    def lock(self, fonds_code: str) -> None:
        """Forget the keys of a case."""
        with self._guard:
            opened = self._cases.pop(fonds_code, None)
        if opened is not None:
            _forget(opened)
            self.when_changed()

    def lock_all(self) -> None:
        """Forget every key."""
        for code in self.open_codes():
            self.lock(code)


def _nothing() -> None:
    """Nobody else holds these cases."""


def _forget(opened: _Opened) -> None:
    with opened.quiet:
        opened.index.close()
        for archive in (*(one.archive for one in opened.lent), opened.master):
            archive.forget()


def opened_cases() -> OpenedCases:
    """Those of this process."""
    return _OPENED[0]


def hold(home: Path, places: KeyPlaces) -> OpenedCases:
    """Begin to hold cases of this home."""
    _OPENED[:] = [OpenedCases(Home(home), places)]
    request_finished.connect(_answered, dispatch_uid="kedang-opened")
    return _OPENED[0]


def _answered(**_sent: Any) -> None:
    _OPENED[0].give_all_back()


_OPENED: list[OpenedCases] = []


def now() -> datetime:
    """The time of this computer's clock."""
    return datetime.now(UTC)
