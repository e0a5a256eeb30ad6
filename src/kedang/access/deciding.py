"""The one decision: who may do what with which record. Pages, API, search, counts, exports and jobs all ask here.

A person has grants: a role within a scope, for a time. What no grant allows is refused. The same grants, as the
scopes within which an act is allowed, become the filter of every list, count and search (`scopes_of`): what
`decide` refuses is neither shown nor counted nor found.
"""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from functools import cache
from importlib.resources import files

from kedang.access.errors import RolesClash


class Act(StrEnum):
    """Everything that is allowed or refused."""

    SEE_CASE = "see-case"
    """Figures of the case as a whole: balance, counts, dates due."""
    LIST = "list"
    """That a record exists: number, class, dates, title with values covered."""
    READ = "read"
    """Its text and pages with personal values covered."""
    REVEAL = "reveal"
    """Covered values and whole pages, for a reason."""
    OPEN_ORIGINAL = "open-original"
    TAKE_IN = "take-in"
    ANSWER = "answer"
    ACCEPT = "accept"
    JUDGE = "judge"
    """Whether two mentions are one customer."""
    SEE_CUSTOMERS = "see-customers"
    EXPORT = "export"
    LABEL = "label"
    SEE_LEDGER = "see-ledger"
    WHO_SAW = "who-saw"
    SEE_PERMISSIONS = "see-permissions"
    KEEP_COPIES = "keep-copies"
    HOLD_KEYS = "hold-keys"
    PROPOSE_DESTRUCTION = "propose-destruction"
    ORDER_DESTRUCTION = "order-destruction"
    SET_STANDARD = "set-standard"
    """By which standard records are checked before another person accepts them."""
    ACCOUNTS = "accounts"
    GRANTS = "grants"
    SETTINGS = "settings"


OF_RECORDS = frozenset({Act.LIST, Act.READ, Act.REVEAL, Act.OPEN_ORIGINAL, Act.ANSWER, Act.ACCEPT, Act.LABEL})
"""Acts on one record: a scope narrows them. The others are about the case."""


@dataclass(frozen=True, slots=True)
class Role:
    """What a role may do."""

    name: str
    duty: str
    """"administration", "security", "audit" or "records"."""
    acts: frozenset[Act]
    title: Mapping[str, str]
    """By language."""
    about: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Scope:
    """Which records a grant covers; None for all. A record is covered when every part of the scope holds it."""

    classes: frozenset[str] | None = None
    sensitivities: frozenset[str] | None = None
    sources: frozenset[str] | None = None
    """Ids of sources; a record is of a source when any of its occurrences is."""
    customers: frozenset[str] | None = None
    """Ids of customers; a record is of a customer when a link says so."""
    records: frozenset[str] | None = None
    """Ids of records: a task."""

    @property
    def whole(self) -> bool:
        """Whether it leaves nothing out."""
        return self == Scope()

    def covers(self, subject: Subject) -> bool:
        """Whether a record lies within it."""
        return (
            (self.classes is None or subject.record_class in self.classes)
            and (self.sensitivities is None or subject.sensitivity in self.sensitivities)
            and (self.sources is None or not self.sources.isdisjoint(subject.sources))
            and (self.customers is None or not self.customers.isdisjoint(subject.customers))
            and (self.records is None or subject.record in self.records)
        )

    def within(self, other: Scope) -> Scope:
        """What both name. Of sources and customers the ids that both name: never more than either covers."""
        return Scope(
            *(
                theirs if ours is None else ours if theirs is None else ours & theirs
                for ours, theirs in zip(_parts(self), _parts(other), strict=True)
            )
        )


def _parts(scope: Scope) -> tuple[frozenset[str] | None, ...]:
    return (scope.classes, scope.sensitivities, scope.sources, scope.customers, scope.records)


@dataclass(frozen=True, slots=True)
class Subject:
    """What a decision must know of a record."""

    record: str
    record_class: str
    sensitivity: str
    sources: Collection[str] = ()
    customers: Collection[str] = ()


@dataclass(frozen=True, slots=True)
class Grant:
    """A role within a scope, until a day (that day included) or until it is taken back."""

    id: str
    role: str
    scope: Scope = field(default_factory=Scope)
    last_day: date | None = None
    only: frozenset[Act] | None = None
    """Of the role's acts these alone, as a token allows; None for all."""

    def allows(self, act: Act) -> bool:
        """Whether the role has the act, and nothing takes it away."""
        return act in roles()[self.role].acts and (self.only is None or act in self.only)

    def holds(self, today: date) -> bool:
        """Whether it is in force."""
        return self.last_day is None or today <= self.last_day


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who asks, with what was granted. Without a grant he may do nothing."""

    agent: str
    grants: tuple[Grant, ...] = ()


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether it is allowed, and why."""

    allowed: bool
    because: str
    """"granted", or: "no-grant", "no-role", "ended", "out-of-scope"."""
    grant: Grant | None = None
    """The grant that allows it, or that comes nearest."""


@cache
def roles() -> Mapping[str, Role]:
    """All roles by name, in the order of their table."""
    table = tomllib.loads(files("kedang.access").joinpath("roles.toml").read_text(encoding="utf-8"))["roles"]
    return {
        name: Role(
            name,
            said["duty"],
            frozenset(map(Act, said["acts"])),
            {"zh": said["zh"], "en": said["en"]},
            {"zh": said["about_zh"], "en": said["about_en"]},
        )
        for name, said in table.items()
    }


def require_apart(names: Collection[str]) -> None:
    """Nothing when one person may have these roles together.

    Raises:
        RolesClash: administration, security, audit and records are four duties of four people.
    """
    if len({roles()[name].duty for name in names}) > 1:
        raise RolesClash()


def decide(person: Person, act: Act, subject: Subject | None = None, *, today: date) -> Decision:
    """Whether a person may do something: with a record, or with the case when `subject` is None.

    Without a subject an act on records is allowed when there is any scope for it at all: it opens the page, and
    the list on it is narrowed by `scopes_of`.
    """
    nearest = Decision(allowed=False, because="no-role" if person.grants else "no-grant")
    for grant in person.grants:
        if not grant.allows(act):
            continue
        if not grant.holds(today):
            nearest = Decision(allowed=False, because="ended", grant=grant)
        elif act not in OF_RECORDS or subject is None or grant.scope.covers(subject):
            return Decision(allowed=True, because="granted", grant=grant)
        else:
            nearest = Decision(allowed=False, because="out-of-scope", grant=grant)
    return nearest


def scopes_of(person: Person, act: Act, *, today: date) -> tuple[Scope, ...]:
    """The scopes within which an act is allowed; together they are what a list may show. Empty: nothing."""
    held = tuple(grant.scope for grant in person.grants if grant.allows(act) and grant.holds(today))
    return (Scope(),) if any(scope.whole for scope in held) else held


def narrowed(person: Person, acts: Collection[Act], scope: Scope) -> Person:
    """The person as a token lets a program act for him: never more than he may himself."""
    only = frozenset(acts)
    return Person(
        person.agent,
        tuple(
            replace(
                grant, scope=grant.scope.within(scope), only=only if grant.only is None else only & grant.only
            )
            for grant in person.grants
        ),
    )
