"""A new case founded in the browser: named, given its keys, its recovery shares printed; or a demonstration opened.

Shares are held in memory until whoever founded the case says that they are stored, for an hour at most.
"""

from __future__ import annotations

import os
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib.resources import as_file, files
from typing import Any

from django.conf import settings
from django.http import QueryDict
from shamir_mnemonic.wordlist import WORDLIST

from kedang.access.deciding import Act, Grant, decide
from kedang.disposition.schedule import shipped_schedule
from kedang.entrypoints.web.account.adapters import login_of
from kedang.entrypoints.web.opened import now, opened_cases
from kedang.holdings.actions.cases import NewCase, OpenedCase, open_case
from kedang.holdings.actions.jobs import ask_for
from kedang.holdings.actions.people import join_case, person_of
from kedang.holdings.actions.unlocking import Secrets
from kedang.holdings.adapters.archive import Archive
from kedang.holdings.adapters.door_key import door_key
from kedang.holdings.queries.cases import codes_of_account, fonds_codes

SHOWN_FOR = timedelta(hours=1)
LEAST_PASSPHRASE = 12
MADE_WORDS = 7  # of 10 bits, as the command line makes
DEMO_CODES = tuple(f"Y{number:03d}" for number in range(1, 100))
OWNER = "owner"


@dataclass(frozen=True, slots=True)
class Shown:
    """The shares of a case that was just founded."""

    opened: OpenedCase
    passphrase: str
    """Where it was made here; else empty."""
    account: str
    until: datetime


_SHARES: dict[str, Shown] = {}


def may_found(account_id: str) -> bool:
    """Whether somebody may found a case: whoever holds the keys of one, or anybody while there is none."""
    if not fonds_codes():
        return True
    for code in codes_of_account(account_id):
        if opened_cases().is_open(code):
            archive = opened_cases().lend(code, opened_cases().master(code).agent)
            person = person_of(archive, account_id)
            if person is not None and decide(person, Act.HOLD_KEYS, today=now().date()).allowed:
                return True
    return False


def packs(language: str) -> list[tuple[str, str]]:
    """Industry packs by name, in words."""
    return [
        (name, pack.zh if language == "zh" else pack.en) for name, pack in shipped_schedule().packs.items()
    ]


def found(given: QueryDict, account: Any) -> str:
    """A new case as a form describes it; its number.

    Raises:
        CaseExists, CaseMalformed, PlaceRefused and others: as `open_case`.
    """
    passphrase = given.get("passphrase", "")
    made = "" if passphrase else " ".join(secrets.choice(WORDLIST) for _ in range(MADE_WORDS))
    new = NewCase(
        name=given.get("name", "").strip(),
        fonds_code=given.get("code", "").strip().upper(),
        passphrase=passphrase or made,
        own_names=tuple(line.strip() for line in given.get("own_names", "").splitlines() if line.strip()),
        credit_code=given.get("credit_code", "").strip(),
        archiving_review="second-person" if given.get("review") == "1" else "off",
        industry_packs=tuple(given.getlist("packs")),
        unattended=given.get("unattended") == "1",
        agent_name=login_of(account),
    )
    return _opened(new, account, made, passphrase or made)


def open_demo(account: Any, title: str) -> str:
    """A demonstration case with a packaged sample, taken in by a job; its number."""
    taken = set(fonds_codes())
    code = next(one for one in DEMO_CODES if one not in taken)
    made = " ".join(secrets.choice(WORDLIST) for _ in range(MADE_WORDS))
    new = NewCase(name=title, fonds_code=code, passphrase=made, agent_name=login_of(account), demo=True)
    _opened(new, account, made, made)
    _SHARES.pop(code)
    archive = _lent(code, account)
    with as_file(files("kedang.entrypoints.web.arranging").joinpath("demo.zip")) as sample:
        wanted = {"path": str(sample), "source": title, "desk": "", "workers": 1}
        ask_for(archive, "intake", wanted, now=now())
    return code


def _opened(new: NewCase, account: Any, made: str, passphrase: str) -> str:
    cases = opened_cases()
    with cases.home.holding("founding"):
        opened = open_case(new, cases.home, cases.places, now=now(), random_bytes=os.urandom)
    cases.unlock(new.fonds_code, Secrets(passphrase=passphrase))
    archive = cases.lend(new.fonds_code, cases.master(new.fonds_code).agent)
    join_case(archive, door_key(settings.HOME), account, [Grant(archive.new_id(), OWNER)], now=now())
    _SHARES[new.fonds_code] = Shown(opened, made, account.id, now() + SHOWN_FOR)
    return new.fonds_code


def _lent(code: str, account: Any) -> Archive:
    archive = opened_cases().lend(code, opened_cases().master(code).agent)
    person = person_of(archive, account.id)
    if person is not None:
        archive.agent = person.agent  # type: ignore[assignment]  # ids of agents
    return archive


def shares_of(code: str, account_id: str) -> Shown | None:
    """The shares of a case, for whoever has founded it, until he has stored them."""
    for one in [one for one, shown in _SHARES.items() if shown.until < now()]:
        del _SHARES[one]
    shown = _SHARES.get(code)
    return shown if shown is not None and shown.account == account_id else None


def forget_shares(code: str) -> None:
    """They are stored; nothing of them is left here."""
    _SHARES.pop(code, None)
