"""The reckoning: how long a record must be kept, by which rules, and which of them won.

The conflict rule, in order:
1. Every rule that fits the record's classes, packs and circumstances is applied.
2. The longest statutory minimum decides; a permanent one ends the matter. A recorded product decision
   may lengthen it.
3. Without a statutory minimum the longest purpose decides; a valid request to delete pulls it forward,
   unless a living claim needs the record.
4. A statutory maximum gives way to minimums of law or regulation (or delegated by a law); against
   anything weaker the longer period stands and a lawyer must look.
5. Between the end of the purpose and the last day the record is restricted.
6. Nothing is ever destroyed by this: the last day only lets people propose.
8. A hold stops disposal, whatever the day.
9. Unknown facts mean the longer period and a question; what cannot be told is undetermined.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from kedang.disposition.errors import CircumstanceUnknown, MilestoneUnknown, PackUnknown
from kedang.disposition.facts import UNDETERMINED, RecordFacts, Until
from kedang.disposition.periods import Duration, Period, Special
from kedang.disposition.schedule import ACCOUNTING, SYSTEM, Authority, Rule, RuleKind, Schedule
from kedang.disposition.timing import Start, Told, expiry_of, known_day, later_of, start_of
from kedang.records.content import Problem, RecordClass

TRIGGER_UNKNOWN = "KD-D201"
DATE_AFTER_RECEIPT = "KD-D202"
ACCOUNTING_KIND_UNKNOWN = "KD-D203"
CLASS_UNSURE = "KD-D204"
END_UNDETERMINED = "KD-D205"
LAWYER_NEEDED = "KD-D206"
_HOLD_RULE = "RS-HOLD"
_VOUCHER = "voucher"
_ANY_DAY = date(2000, 1, 1)  # lengths of periods are compared from it
_BELOW_REGULATION = frozenset({Authority.ORDER, Authority.STANDARD, Authority.POLICY})
_PURPOSE_ENDS = ("REL_END", "SERVICE_STOP", "WITHDRAWN")


class Ground(StrEnum):
    """Why the reckoning ends as it does."""

    STATUTORY = "statutory"
    PRODUCT = "product"
    PURPOSE = "purpose"
    MAXIMUM = "maximum"
    DELETION_REQUEST = "deletion-request"
    NO_RULE = "no-rule"


_GROUNDS = {
    RuleKind.STATUTORY: Ground.STATUTORY,
    RuleKind.PRODUCT: Ground.PRODUCT,
    RuleKind.PURPOSE: Ground.PURPOSE,
    RuleKind.MAXIMUM: Ground.MAXIMUM,
}


class LegalReview(StrEnum):
    """Why a qualified person must confirm the reckoning in writing before it is acted on."""

    BASIS_BELOW_REGULATION = "basis-below-regulation"
    MAXIMUM_EXCEEDED = "maximum-exceeded"
    BASIS_UNVERIFIED = "basis-unverified"


@dataclass(frozen=True, slots=True)
class AppliedRule:
    """One rule as it applies to the record."""

    rule: str
    kind: RuleKind
    auth: Authority
    period: Period
    start: Start
    expiry: Until
    won: bool = False
    unverified: bool = False
    outweighs_maximum: bool = False


@dataclass(frozen=True, slots=True)
class Reckoning:
    """How long one record must be kept, and why. `until` is the last day; None is permanent."""

    schedule: str
    reckoned_on: date
    until: Until
    not_before: date | None
    """The latest last day that is known; below it nothing may happen even if `until` is undetermined."""
    period: str
    """The period of the rule that won, for the 档号: "P30Y", "PERM" …"""
    ground: Ground
    applied: tuple[AppliedRule, ...]
    restricted_from: date | None
    """From when only storage and protection are allowed (PIPL art. 47); None: not restricted."""
    holds: tuple[str, ...]
    legal_review: tuple[LegalReview, ...]
    problems: tuple[Problem, ...]

    @property
    def winners(self) -> tuple[str, ...]:
        """Ids of the rules that decided."""
        return tuple(one.rule for one in self.applied if one.won)

    @property
    def rules(self) -> tuple[str, ...]:
        """Ids of all rules that apply, winners first."""
        others = tuple(one.rule for one in self.applied if not one.won)
        return (*self.winners, *others)

    @property
    def needs_review(self) -> bool:
        """Whether a person must look before anything follows from it."""
        return bool(self.problems or self.legal_review or self.until is UNDETERMINED)

    def restricted(self, today: date) -> bool:
        """Whether the record is to be locked away on this day: purpose over, period not."""
        if self.restricted_from is None or today < self.restricted_from:
            return False
        return not isinstance(self.until, date) or today <= self.until


def reckon(record_facts: RecordFacts, rules: Schedule, *, today: date) -> Reckoning:
    """How long the record must be kept under the schedule.

    Raises:
        CircumstanceUnknown, PackUnknown, MilestoneUnknown: the facts speak of what it does not know.
    """
    _check_known(record_facts, rules)
    applied = [_apply(rule, record_facts, rules) for rule in _applicable(record_facts, rules)]
    deciding, ground = _deciding(applied, record_facts)
    until = _until(deciding, ground, record_facts)
    winners = _winners(deciding, until, ground, rules)
    marked = (
        *(replace(one, won=True) for one in winners),
        *(replace(one, won=False) for one in applied if one not in winners),
    )
    reviews = _reviews(winners, applied, until, record_facts)
    return Reckoning(
        schedule=rules.name,
        reckoned_on=today,
        until=until,
        not_before=_latest_known(deciding, until),
        period=_period(deciding if until is UNDETERMINED else winners, until, record_facts),
        ground=_GROUNDS[winners[0].kind] if winners else ground,
        applied=marked,
        restricted_from=_purpose_end(record_facts, rules),
        holds=record_facts.holds,
        legal_review=reviews,
        problems=_problems(winners, until, record_facts, rules, lawyer=bool(reviews)),
    )


def _check_known(facts: RecordFacts, schedule: Schedule) -> None:
    if not facts.circumstances <= schedule.circumstances.keys():
        raise CircumstanceUnknown(schedule=schedule.name)
    if not facts.packs <= schedule.packs.keys():
        raise PackUnknown(schedule=schedule.name)
    if not facts.milestones.keys() <= schedule.milestones:
        raise MilestoneUnknown(schedule=schedule.name)


def _applicable(facts: RecordFacts, schedule: Schedule) -> list[Rule]:
    """The rules that fit. An accounting record of unknown kind counts as a voucher (AAR-15)."""
    classes: set[str] = set(facts.classes)
    circumstances = set(facts.circumstances)
    for pack in facts.packs:
        circumstances.update(schedule.packs[pack].implies)
    if facts.accounting:
        classes.add(ACCOUNTING)
        circumstances.update(schedule.implies.get(ACCOUNTING, ()))
    if facts.system:
        classes.add(SYSTEM)
    if "contract-forming" in circumstances:
        classes.add(RecordClass.CONTRACT)
    kind = facts.accounting_kind or _VOUCHER
    return [
        rule
        for rule in schedule.rules
        if (rule.pack is None or rule.pack in facts.packs)
        and rule.classes & classes
        and (not rule.accounting_kinds or (facts.accounting and kind in rule.accounting_kinds))
        and rule.requires <= circumstances
        and not rule.unless & circumstances
        and (rule.id != _HOLD_RULE or facts.holds)
    ]


def _apply(rule: Rule, facts: RecordFacts, schedule: Schedule) -> AppliedRule:
    start = start_of(rule, facts, schedule)
    alone = rule.otherwise is not None and not facts.inherited
    return AppliedRule(
        rule=rule.id,
        kind=rule.kind,
        auth=rule.auth,
        period=(rule.otherwise or rule.period) if alone else rule.period,
        start=start,
        expiry=expiry_of(rule, start, facts),
        unverified=rule.unverified,
        outweighs_maximum=rule.outweighs_maximum,
    )


def _deciding(applied: Sequence[AppliedRule], facts: RecordFacts) -> tuple[tuple[AppliedRule, ...], Ground]:
    """The rules among which the longest decides (for maximums the shortest), and on what ground."""

    def of(*kinds: RuleKind) -> tuple[AppliedRule, ...]:
        return tuple(one for one in applied if one.kind in kinds and one.rule != _HOLD_RULE)

    statutory = of(RuleKind.STATUTORY)
    if statutory:
        decided = of(RuleKind.STATUTORY, RuleKind.PRODUCT)
        # A minimum that nobody has verified may lengthen, but not put a purpose aside.
        if all(one.unverified for one in statutory):
            decided += of(RuleKind.PURPOSE)
        return decided, Ground.STATUTORY
    purposes = of(RuleKind.PURPOSE, RuleKind.PRODUCT)
    if purposes:
        pulled = _pulled_forward(later_of(*(one.expiry for one in purposes)), facts)
        return purposes, Ground.DELETION_REQUEST if pulled else Ground.PURPOSE
    if of(RuleKind.MAXIMUM):
        return of(RuleKind.MAXIMUM), Ground.MAXIMUM
    return (), Ground.NO_RULE


def _pulled_forward(until: Until, facts: RecordFacts) -> bool:
    """Whether a request to delete ends the purpose before its time."""
    requested = facts.deletion_requested_on
    if requested is None or "live-claim" in facts.circumstances:
        return False
    return not isinstance(until, date) or requested < until


def _until(deciding: Sequence[AppliedRule], ground: Ground, facts: RecordFacts) -> Until:
    if ground is Ground.DELETION_REQUEST:
        return facts.deletion_requested_on
    ends = [one.expiry for one in deciding]
    if ground is Ground.MAXIMUM:
        days = [end for end in ends if isinstance(end, date)]
        return min(days) if days else later_of(*ends)
    return later_of(*ends) if ends else UNDETERMINED


def _winners(
    deciding: Sequence[AppliedRule], until: Until, ground: Ground, schedule: Schedule
) -> tuple[AppliedRule, ...]:
    """The rules whose own end is the end of all, the most particular first. Pulled forward by a request, none has won."""
    if ground is Ground.DELETION_REQUEST:
        return ()
    won = [one for one in deciding if one.expiry == until]
    return tuple(sorted(won, key=lambda one: -_particular(schedule.rule(one.rule), schedule)))


def _particular(rule: Rule, schedule: Schedule) -> int:
    """How much a rule asks of a record beyond its class; what an accounting record implies anyway does not count."""
    implied = {word for words in schedule.implies.values() for word in words}
    return len(rule.requires - implied) + bool(rule.accounting_kinds)


def _latest_known(deciding: Sequence[AppliedRule], until: Until) -> date | None:
    if isinstance(until, date):
        return until
    return max((one.expiry for one in deciding if isinstance(one.expiry, date)), default=None)


def _period(rules: Sequence[AppliedRule], until: Until, facts: RecordFacts) -> str:
    """The period to write into the 档号: the longest of these rules', an inherited one in years."""
    if until is None:
        return Special.PERMANENT.value
    if isinstance(until, date) and any(one.period is Special.INHERITED for one in rules):
        return str(Duration(years=max(0, until.year - facts.received_on.year + 1)))
    durations = [one.period for one in rules if isinstance(one.period, Duration)]
    return str(max(durations, key=lambda one: one.last_day(_ANY_DAY), default=Duration()))


def _purpose_end(facts: RecordFacts, schedule: Schedule) -> date | None:
    """The first day on which the personal data's purpose is known to have ended."""
    if not (facts.personal_data or RecordClass.PERSONAL in facts.classes):
        return None
    ends = [known_day(schedule.triggers[code], facts) for code in _PURPOSE_ENDS]
    return min((end for end in ends if end is not None), default=None)


def _reviews(
    winners: Sequence[AppliedRule], applied: Sequence[AppliedRule], until: Until, facts: RecordFacts
) -> tuple[LegalReview, ...]:
    reviews = []
    personal = facts.personal_data or RecordClass.PERSONAL in facts.classes
    if personal and any(one.auth in _BELOW_REGULATION for one in winners):
        reviews.append(LegalReview.BASIS_BELOW_REGULATION)
    if _exceeds_maximum(winners, applied, until):
        reviews.append(LegalReview.MAXIMUM_EXCEEDED)
    if any(one.unverified for one in winners):
        reviews.append(LegalReview.BASIS_UNVERIFIED)
    return tuple(reviews)


def _exceeds_maximum(winners: Sequence[AppliedRule], applied: Sequence[AppliedRule], until: Until) -> bool:
    """Whether the end lies beyond a statutory maximum without a minimum that outweighs it."""
    maximums = [one for one in applied if one.kind is RuleKind.MAXIMUM]
    if not winners or not maximums or winners[0].kind is RuleKind.MAXIMUM:
        return False
    if any(one.outweighs_maximum for one in winners):
        return False
    ends = [one.expiry for one in maximums if isinstance(one.expiry, date)]
    return not (isinstance(until, date) and len(ends) == len(maximums) and until <= min(ends))


def _problems(
    winners: Sequence[AppliedRule],
    until: Until,
    facts: RecordFacts,
    schedule: Schedule,
    *,
    lawyer: bool,
) -> tuple[Problem, ...]:
    """The questions that the reckoning leaves, each once; facts name rules and triggers only."""
    found = []
    for one in winners:
        where = {"rule": one.rule, "trigger": one.start.trigger}
        if until is UNDETERMINED:
            found.append(Problem(END_UNDETERMINED, where))
        if one.start.told is Told.RECEIPT:
            found.append(Problem(TRIGGER_UNKNOWN, where))
        if one.start.after_receipt:
            found.append(Problem(DATE_AFTER_RECEIPT, where))
        if schedule.rule(one.rule).needs_review:
            found.append(Problem(CLASS_UNSURE, {"rule": one.rule}))
    if facts.accounting and facts.accounting_kind is None:
        found.append(Problem(ACCOUNTING_KIND_UNKNOWN))
    if lawyer:
        found.append(Problem(LAWYER_NEEDED))
    if not winners and until is UNDETERMINED:
        found.append(Problem(END_UNDETERMINED))
    codes = [problem.code for problem in found]
    return tuple(problem for at, problem in enumerate(found) if problem.code not in codes[:at])
