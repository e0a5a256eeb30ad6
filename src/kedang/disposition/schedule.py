"""The retention schedule: rules with their legal bases, triggers, circumstances and industry packs."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Any, TypeVar

from kedang.disposition.errors import PeriodMalformed, ScheduleMalformed
from kedang.disposition.periods import Duration, Period, Special, read_period
from kedang.records.content import RecordClass

NOT_VERIFIED = "NV"
ACCOUNTING = "accounting"  # the flag, as a class of the schedule
SYSTEM = "system"  # what this software itself makes
_CLASSES = frozenset([*RecordClass, ACCOUNTING, SYSTEM])
_RULE_ID = re.compile(r"(?:RS|IP|CO)-[A-Z0-9]+(?:-[A-Z0-9]+)*")  # CO: a company's own rule
_VERIFIED = re.compile(r"(?:JL|QI|PG|NV)(?::.+)?")
_Entry = TypeVar("_Entry")


class RuleKind(StrEnum):
    """What a rule is worth against others."""

    STATUTORY = "STAT"
    MAXIMUM = "MAX"
    PURPOSE = "PURPOSE"
    PRODUCT = "PROD"


class Authority(StrEnum):
    """The level of a rule's basis."""

    LAW = "L"
    REGULATION = "R"
    ORDER = "D"
    DELEGATED_ORDER = "D>L"
    INTERPRETATION = "J"
    STANDARD = "S"
    POLICY = "P"
    PURPOSE = "K"


class Pick(StrEnum):
    """Which date counts when a rule names several triggers."""

    LATER = "later"
    EARLIER = "earlier"


@dataclass(frozen=True, slots=True)
class Trigger:
    """An event from which periods run, and what tells its date."""

    code: str
    zh: str
    en: str
    facts: tuple[str, ...]
    milestones: tuple[str, ...]
    past: bool
    """The event lies before the day of receipt."""
    may_be_absent: bool = False
    """Unknown means that it did not happen."""


@dataclass(frozen=True, slots=True)
class Basis:
    """A legal basis: its title, its level and how it was checked."""

    id: str
    zh: str
    en: str
    level: Authority
    verified: tuple[str, ...]

    @property
    def unverified(self) -> bool:
        """Whether nobody has read the text: it must be checked before it is relied on."""
        return NOT_VERIFIED in self.verified


@dataclass(frozen=True, slots=True)
class Rule:
    """One line of the schedule."""

    id: str
    zh: str
    en: str
    classes: frozenset[str]
    period: Period
    trigger: tuple[str, ...]
    basis: tuple[Basis, ...]
    kind: RuleKind
    auth: Authority
    accounting_kinds: frozenset[str] = frozenset()
    requires: frozenset[str] = frozenset()
    unless: frozenset[str] = frozenset()
    pick: Pick = Pick.LATER
    fiscal_year_end: bool = False
    otherwise: Duration | None = None
    """For INHERIT: the period when there is no record to inherit from."""
    needs_review: bool = False
    pack: str | None = None
    note_zh: str = ""
    note_en: str = ""

    @property
    def unverified(self) -> bool:
        """Whether it rests on a basis that nobody has verified."""
        return any(basis.unverified for basis in self.basis)

    @property
    def verified(self) -> tuple[str, ...]:
        """How each of its bases was checked, as codes with where."""
        return tuple(code for basis in self.basis for code in basis.verified)

    @property
    def outweighs_maximum(self) -> bool:
        """Whether it is a minimum that PIPL arts. 19 and 47 give way to (conflict rule no. 4)."""
        strong = {Authority.LAW, Authority.REGULATION, Authority.DELEGATED_ORDER}
        return self.kind is RuleKind.STATUTORY and self.auth in strong


@dataclass(frozen=True, slots=True)
class Pack:
    """Rules for one line of business that a case may name."""

    name: str
    zh: str
    en: str
    implies: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Schedule:
    """A retention schedule with a name; a changed one gets a new name."""

    name: str
    zh: str
    en: str
    rules: tuple[Rule, ...]
    triggers: Mapping[str, Trigger]
    circumstances: Mapping[str, tuple[str, str]]
    implies: Mapping[str, tuple[str, ...]]
    packs: Mapping[str, Pack] = field(default_factory=dict)

    @property
    def milestones(self) -> frozenset[str]:
        """The milestones of a case that can start a period."""
        return frozenset(name for trigger in self.triggers.values() for name in trigger.milestones)

    def rule(self, rule_id: str) -> Rule:
        """The rule of this id.

        Raises:
            ScheduleMalformed: there is none.
        """
        for rule in self.rules:
            if rule.id == rule_id:
                return rule
        raise ScheduleMalformed(schedule=self.name, rule=rule_id)


@cache
def shipped_schedule() -> Schedule:
    """The schedule that comes with kedang, with every industry pack at hand."""
    room = files("kedang.disposition")
    texts = {
        name: room.joinpath(f"{name}.toml").read_text(encoding="utf-8")
        for name in ("schedule", "packs", "triggers", "bases")
    }
    return read_schedule(**texts)


def read_schedule(*, schedule: str, packs: str, triggers: str, bases: str) -> Schedule:
    """The schedule in four texts in the form of the files beside this module.

    Raises:
        ScheduleMalformed: anything unknown, missing, doubled or contradicting itself.
    """
    main, extra = _toml(schedule), _toml(packs)
    known_triggers = _entries(_toml(triggers), _trigger)
    known_bases = _entries(_toml(bases), _basis)
    circumstances = {**main["circumstances"], **extra["circumstances"]}
    known_packs = _entries(extra["packs"], _pack)
    rules = tuple(_rule(entry, known_bases) for entry in [*main["rules"], *extra["rules"]])
    for rule in rules:
        _check_rule(rule, known_triggers, circumstances, known_packs)
    implied = {name: tuple(codes) for name, codes in main["implies"].items()}
    if len({rule.id for rule in rules}) != len(rules) or not _known(
        (code for codes in implied.values() for code in codes), circumstances
    ):
        raise ScheduleMalformed(schedule=main["name"], rules=len(rules))
    return Schedule(
        name=main["name"],
        zh=main["zh"],
        en=main["en"],
        rules=rules,
        triggers=known_triggers,
        circumstances={code: (zh, en) for code, (zh, en) in circumstances.items()},
        implies=implied,
        packs=known_packs,
    )


def _toml(text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ScheduleMalformed(characters=len(text)) from error


def _entries(table: Mapping[str, Any], read: Any) -> dict[str, Any]:
    """Each entry of a table read with its name; unknown keys and wrong values are refused."""
    found = {}
    for name, entry in table.items():
        try:
            found[name] = read(name, dict(entry))
        except (KeyError, TypeError, ValueError) as error:
            raise ScheduleMalformed(entry=name) from error
    return found


def _trigger(code: str, entry: dict[str, Any]) -> Trigger:
    return Trigger(
        code=code,
        facts=tuple(entry.pop("facts")),
        milestones=tuple(entry.pop("milestones")),
        **entry,
    )


def _basis(basis_id: str, entry: dict[str, Any]) -> Basis:
    verified = tuple(entry.pop("verified"))
    if not verified or not all(_VERIFIED.fullmatch(code) for code in verified):
        raise ScheduleMalformed(basis=basis_id)
    return Basis(id=basis_id, level=Authority(entry.pop("level")), verified=verified, **entry)


def _pack(name: str, entry: dict[str, Any]) -> Pack:
    return Pack(name=name, implies=tuple(entry.pop("implies")), **entry)


def _rule(entry: Mapping[str, Any], bases: Mapping[str, Basis]) -> Rule:
    values: dict[str, Any] = dict(entry)
    rule_id = str(values.get("id", ""))
    readers: dict[str, Any] = {
        "period": read_period,
        "otherwise": _duration,
        "trigger": tuple,
        "kind": RuleKind,
        "auth": Authority,
        "pick": Pick,
        "classes": frozenset,
        "accounting_kinds": frozenset,
        "requires": frozenset,
        "unless": frozenset,
        "basis": lambda ids: tuple(bases[one] for one in ids),
    }
    try:
        for key in readers.keys() & values.keys():
            values[key] = readers[key](values[key])
        return Rule(**values)
    except (KeyError, TypeError, ValueError, PeriodMalformed) as error:
        raise ScheduleMalformed(rule=rule_id) from error


def _duration(text: str) -> Duration:
    period = read_period(text)
    if isinstance(period, Special):
        raise ScheduleMalformed(period=text)
    return period


def _check_rule(
    rule: Rule,
    triggers: Mapping[str, Trigger],
    circumstances: Mapping[str, Any],
    packs: Mapping[str, Pack],
) -> None:
    """Refuse a rule that refers to what is not there or says two things at once."""
    untimed = isinstance(rule.period, Special)
    sound = (
        _RULE_ID.fullmatch(rule.id)
        and rule.classes
        and rule.classes <= _CLASSES
        and rule.trigger
        and _known(rule.trigger, triggers)
        and _known(rule.requires | rule.unless, circumstances)
        and not rule.requires & rule.unless
        and (rule.pack is None or rule.pack in packs)
        and rule.basis
        and (rule.trigger != ("NONE",) or untimed)
        and (rule.otherwise is None or rule.period is Special.INHERITED)
        and not (rule.fiscal_year_end and untimed)
        and (rule.kind is not RuleKind.MAXIMUM or rule.period is not Special.PERMANENT)
    )
    if not sound:
        raise ScheduleMalformed(rule=rule.id)


def _known(codes: Iterable[str], table: Mapping[str, Any]) -> bool:
    return all(code in table for code in codes)
