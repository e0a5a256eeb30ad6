"""A reckoning as a plain JSON object, for storing and showing, and back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from kedang.disposition.errors import PeriodMalformed, ReckoningMalformed
from kedang.disposition.facts import UNDETERMINED, Until
from kedang.disposition.periods import read_period, said_period
from kedang.disposition.reckoning import AppliedRule, Ground, LegalReview, Reckoning
from kedang.disposition.schedule import Authority, RuleKind
from kedang.disposition.timing import Start, Told
from kedang.records.content import Problem

_VERSION = 1
PERMANENT_TEXT = "permanent"
UNDETERMINED_TEXT = "undetermined"


def said_until(until: Until) -> str:
    """A last day as text: "2055-12-31", "permanent" or "undetermined"."""
    if until is UNDETERMINED:
        return UNDETERMINED_TEXT
    return until.isoformat() if isinstance(until, date) else PERMANENT_TEXT


def read_until(text: str) -> Until:
    """The last day that `said_until` wrote.

    Raises:
        ReckoningMalformed: neither a day nor one of the two words.
    """
    if text == UNDETERMINED_TEXT:
        return UNDETERMINED
    if text == PERMANENT_TEXT:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise ReckoningMalformed(length=len(text)) from error


def reckoning_to_json(reckoning: Reckoning) -> dict[str, Any]:
    """The reckoning as an object of strings, numbers, booleans, lists and objects only."""
    return {
        "version": _VERSION,
        "schedule": reckoning.schedule,
        "reckoned_on": reckoning.reckoned_on.isoformat(),
        "until": said_until(reckoning.until),
        "not_before": _said_day(reckoning.not_before),
        "period": reckoning.period,
        "ground": reckoning.ground.value,
        "rules": [_rule_to_json(one) for one in reckoning.applied],
        "restricted_from": _said_day(reckoning.restricted_from),
        "holds": list(reckoning.holds),
        "legal_review": [review.value for review in reckoning.legal_review],
        "questions": [{"code": one.code, **one.facts} for one in reckoning.problems],
    }


def reckoning_from_json(stored: Mapping[str, Any]) -> Reckoning:
    """The reckoning that `reckoning_to_json` wrote.

    Raises:
        ReckoningMalformed: anything missing or not of its kind, or of a later version.
    """
    try:
        if stored["version"] != _VERSION:
            raise ReckoningMalformed(version=str(stored["version"]))
        return Reckoning(
            schedule=stored["schedule"],
            reckoned_on=date.fromisoformat(stored["reckoned_on"]),
            until=read_until(stored["until"]),
            not_before=_read_day(stored["not_before"]),
            period=said_period(read_period(stored["period"])),
            ground=Ground(stored["ground"]),
            applied=tuple(map(_rule_from_json, stored["rules"])),
            restricted_from=_read_day(stored["restricted_from"]),
            holds=tuple(stored["holds"]),
            legal_review=tuple(map(LegalReview, stored["legal_review"])),
            problems=tuple(map(_problem_from_json, stored["questions"])),
        )
    except (KeyError, TypeError, ValueError, AttributeError, PeriodMalformed) as error:
        raise ReckoningMalformed(keys=len(stored)) from error


def _rule_to_json(one: AppliedRule) -> dict[str, Any]:
    return {
        "rule": one.rule,
        "kind": one.kind.value,
        "auth": one.auth.value,
        "period": said_period(one.period),
        "trigger": one.start.trigger,
        "trigger_day": _said_day(one.start.day),
        "told_by": one.start.told.value,
        "after_receipt": one.start.after_receipt,
        "expiry": said_until(one.expiry),
        "won": one.won,
        "unverified": one.unverified,
        "outweighs_maximum": one.outweighs_maximum,
    }


def _rule_from_json(stored: Mapping[str, Any]) -> AppliedRule:
    return AppliedRule(
        rule=stored["rule"],
        kind=RuleKind(stored["kind"]),
        auth=Authority(stored["auth"]),
        period=read_period(stored["period"]),
        start=Start(
            trigger=stored["trigger"],
            day=_read_day(stored["trigger_day"]),
            told=Told(stored["told_by"]),
            after_receipt=stored["after_receipt"],
        ),
        expiry=read_until(stored["expiry"]),
        won=stored["won"],
        unverified=stored["unverified"],
        outweighs_maximum=stored["outweighs_maximum"],
    )


def _problem_from_json(stored: Mapping[str, Any]) -> Problem:
    facts = dict(stored)
    return Problem(facts.pop("code"), facts)


def _said_day(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def _read_day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)
