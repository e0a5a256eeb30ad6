"""Accounts, who may do what in a case, and why."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime

from kedang.access.deciding import OF_RECORDS, Act, Decision, Grant, Person, decide
from kedang.holdings.actions.people import grant_of
from kedang.holdings.adapters.archive import Archive
from kedang.holdings.adapters.door_key import DoorKey
from kedang.holdings.adapters.guarding import MARKS, require_as_written
from kedang.holdings.adapters.second_factors import linked_identities, second_factors
from kedang.holdings.models import Account, Agent, Membership, Record, SignIn
from kedang.holdings.queries.permitted import subject_of


@dataclass(frozen=True, slots=True)
class AccountLine:
    """One account, as whoever keeps them sees it."""

    id: str
    name: str
    login: str
    active: bool
    must_change: bool
    keeps_accounts: bool
    created: datetime
    last_login: datetime | None
    factors: tuple[str, ...]
    """Kinds of second factors."""
    linked: tuple[str, ...]
    """Providers of single sign-on."""
    sessions: int


def accounts(door: DoorKey) -> list[AccountLine]:
    """All accounts of the installation, by name."""
    factors, linked = second_factors(), linked_identities()
    sessions = Counter(SignIn.objects.values_list("account", flat=True))
    lines = []
    for row in Account.objects.all():
        said = door.open(row.id, "account.sealed", row.sealed)
        kinds = tuple(dict.fromkeys(factors.get(row.id, ())))
        lines.append(
            AccountLine(
                row.id, said["name"], said["login"], row.is_active, row.must_change, row.keeps_accounts,
                row.created, row.last_login, kinds, tuple(linked.get(row.id, ())), sessions[row.id],
            )
        )  # fmt: skip
    return sorted(lines, key=lambda line: (not line.active, line.name))


def there_are_accounts() -> bool:
    """Whether anybody can sign in at all."""
    return Account.objects.filter(is_active=True).exists()


@dataclass(frozen=True, slots=True)
class GrantLine:
    """One grant with its story."""

    grant: Grant
    given_by: str
    """The name of who gave it."""
    given: datetime
    in_force: bool


@dataclass(frozen=True, slots=True)
class MemberLine:
    """Somebody who has joined the case."""

    account: str
    agent: str
    name: str
    active: bool
    keeps_accounts: bool
    grants: tuple[GrantLine, ...]


def members(archive: Archive, *, today: date) -> list[MemberLine]:
    """Everybody who has joined the case, by name."""
    names = agent_names(archive)
    known = {row.id: row for row in Account.objects.only("id", "is_active", "keeps_accounts")}
    lines = []
    for row in Membership.objects.filter(case_id=archive.case_id):
        require_as_written(MARKS[Membership], archive, row)
        account = known.get(row.account)
        lines.append(
            MemberLine(
                row.account,
                row.agent_id,
                names.get(row.agent_id, ""),
                account is not None and account.is_active,
                account is not None and account.keeps_accounts,
                _grant_lines(row, names, today),
            )
        )
    return sorted(lines, key=lambda line: (not line.active, line.name))


def _grant_lines(row: Membership, names: dict[str, str], today: date) -> tuple[GrantLine, ...]:
    return tuple(
        GrantLine(
            grant_of(said),
            names.get(said["given_by"], ""),
            datetime.fromisoformat(said["given"]),
            grant_of(said).holds(today),
        )
        for said in row.grants
    )


def agent_names(archive: Archive) -> dict[str, str]:
    """The names of everybody and everything that acts in the case, by id."""
    key = archive.case_key()
    return {
        row.id: str(archive.open(key, row.id, "agent.sealed", row.sealed)["name"])
        for row in Agent.objects.filter(case_id=archive.case_id)
    }


def reasons(person: Person, record: Record, *, today: date) -> list[tuple[Act, Decision]]:
    """For every act on a record: whether it is allowed, and by which grant or why not."""
    subject = subject_of(record)
    return [(act, decide(person, act, subject, today=today)) for act in Act if act in OF_RECORDS]
