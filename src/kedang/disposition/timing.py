"""From when a rule's period runs, and until when, for one record."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from kedang.disposition.facts import UNDETERMINED, RecordFacts, Until
from kedang.disposition.periods import Duration, Special, fiscal_year_end
from kedang.disposition.schedule import Pick, Rule, Schedule, Trigger

_RUNNING = frozenset({"period_end"})


class Told(StrEnum):
    """What told a trigger's date."""

    FACT = "fact"
    MILESTONE = "milestone"
    RECEIPT = "receipt"  # unknown; the day of receipt is the latest plausible
    UNKNOWN = "unknown"
    NONE = "none"  # the rule has no trigger


@dataclass(frozen=True, slots=True)
class Start:
    """The event from which a period runs: its code, its day (None: unknown) and what told it."""

    trigger: str
    day: date | None
    told: Told
    after_receipt: bool = False
    """An event that should be over is dated after the day of receipt: probably misread."""


def start_of(rule: Rule, facts: RecordFacts, schedule: Schedule) -> Start:
    """From when the rule's period runs for this record.

    Of several triggers the rule's `pick` decides among the known ones; the first is the one that must
    not be left out when the later counts.
    """
    if rule.trigger == ("NONE",):
        return Start("NONE", None, Told.NONE)
    starts = [_told(schedule.triggers[code], facts) for code in rule.trigger]
    known = [start for start in starts if start.day is not None]
    if rule.pick is Pick.EARLIER:
        return min(known, key=_day) if known else starts[0]
    first = starts[0]
    if first.day is None:
        main = schedule.triggers[first.trigger]
        if not main.past:
            return first
        known.append(Start(first.trigger, facts.received_on, Told.RECEIPT))
    return max(known, key=_day)


def known_day(trigger: Trigger, facts: RecordFacts) -> date | None:
    """The day that a fact or milestone tells for a trigger; None when neither does."""
    return _told(trigger, facts).day


def expiry_of(rule: Rule, start: Start, facts: RecordFacts) -> Until:
    """The last day of the rule's period for this record."""
    match rule.period:
        case Special.PERMANENT:
            return None
        case Special.UNTIL_RELEASED:
            return UNDETERMINED
        case Special.INHERITED:
            return _inherited(rule, start, facts)
        case Duration() as duration:
            return _last_day(duration, rule, start)


def later_of(*ends: Until) -> Until:
    """The longest of these: permanent, else undetermined if any is, else the latest day."""
    if None in ends:
        return None
    days = [end for end in ends if isinstance(end, date)]
    return max(days) if len(days) == len(ends) and days else UNDETERMINED


def _told(trigger: Trigger, facts: RecordFacts) -> Start:
    days = [_over(kind, day, facts) for kind in trigger.facts for day in facts.dates.get(kind, ())]
    if days:
        latest = max(days)
        return Start(trigger.code, latest, Told.FACT, trigger.past and latest > facts.received_on)
    stones = [facts.milestones[name] for name in trigger.milestones if name in facts.milestones]
    if stones:
        return Start(trigger.code, max(stones), Told.MILESTONE)
    return Start(trigger.code, None, Told.UNKNOWN)


def _over(kind: str, day: date, facts: RecordFacts) -> date:
    """The day of a fact; a period that still ran at the receipt, as that of a book of this year, ended for it then."""
    return min(day, facts.received_on) if kind in _RUNNING and day.year == facts.received_on.year else day


def _day(start: Start) -> date:
    return start.day or date.min


def _last_day(duration: Duration, rule: Rule, start: Start) -> Until:
    if start.day is None:
        return UNDETERMINED
    return duration.last_day(fiscal_year_end(start.day) if rule.fiscal_year_end else start.day)


def _inherited(rule: Rule, start: Start, facts: RecordFacts) -> Until:
    """As long as the records that need it, but not before the trigger; `otherwise` when none does."""
    if rule.trigger == ("NONE",):
        return later_of(*facts.inherited) if facts.inherited else UNDETERMINED
    if not facts.inherited:
        return UNDETERMINED if rule.otherwise is None else _last_day(rule.otherwise, rule, start)
    return later_of(start.day or UNDETERMINED, *facts.inherited)
