"""The reckoning in sentences that a person can check against the law, in Chinese or English."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any

from kedang.disposition.facts import UNDETERMINED, Until
from kedang.disposition.periods import Duration, Period, said_period
from kedang.disposition.reckoning import AppliedRule, Reckoning
from kedang.disposition.schedule import Rule, Schedule
from kedang.disposition.timing import Told
from kedang.records.days import said_day

_UNITS = (("years", "year"), ("months", "month"), ("days", "day"))


def explain(reckoning: Reckoning, language: str, *, schedule: Schedule) -> tuple[str, ...]:
    """The reckoning as sentences: the outcome, each rule with its days, then what remains open.

    `language` is "zh" or anything else for English; `schedule` is the one it was reckoned by.
    """
    words = _words("zh" if language.startswith("zh") else "en")
    sentences = [_outcome(reckoning, words)]
    for applied in sorted(reckoning.applied, key=lambda one: not one.won):
        sentences.append(_rule_sentence(applied, schedule, words))
    if reckoning.restricted_from is not None:
        sentences.append(words["restricted"].format(day=_day(reckoning.restricted_from, words)))
    if reckoning.holds:
        sentences.append(words["held"].format(count=len(reckoning.holds)))
    sentences += (words["review"][review.value] for review in reckoning.legal_review)
    return tuple(sentences)


@cache
def _words(language: str) -> Mapping[str, Any]:
    text = files("kedang.disposition").joinpath("words.toml").read_text(encoding="utf-8")
    found: Mapping[str, Any] = tomllib.loads(text)[language]
    return found


def _outcome(reckoning: Reckoning, words: Mapping[str, Any]) -> str:
    outcome = words["outcome"]
    if reckoning.until is UNDETERMINED:
        known = reckoning.not_before
        least = words["at_least"].format(day=_day(known, words)) if known else ""
        return str(outcome["undetermined"]) + least
    ground = words["ground"][reckoning.ground.value]
    if isinstance(reckoning.until, date):
        return str(outcome["day"]).format(day=_day(reckoning.until, words), ground=ground)
    return str(outcome["permanent"]).format(ground=ground)


def _rule_sentence(applied: AppliedRule, schedule: Schedule, words: Mapping[str, Any]) -> str:
    rule = schedule.rule(applied.rule)
    chinese = words["language"] == "zh"
    bases = words["and"].join(basis.zh if chinese else basis.en for basis in rule.basis)
    sentence = words["rule"].format(
        mark=words["won"] if applied.won else words["lost"],
        id=rule.id,
        title=rule.zh if chinese else rule.en,
        bases=bases,
        kind=words["kind"][rule.kind.value],
        period=_period(applied.period, words),
        start=_start(applied, rule, schedule, words),
        expiry=_until(applied.expiry, words),
    )
    return str(sentence) + (str(words["unverified"]) if applied.unverified else "")


def _start(applied: AppliedRule, rule: Rule, schedule: Schedule, words: Mapping[str, Any]) -> str:
    start = applied.start
    if start.told is Told.NONE:
        return ""
    trigger = schedule.triggers[start.trigger]
    title = trigger.zh if words["language"] == "zh" else trigger.en
    if start.day is None:
        return str(words["start"]["unknown"]).format(trigger=title)
    counted = isinstance(applied.period, Duration) and applied.period != Duration()
    manner = "fiscal_year" if rule.fiscal_year_end else "day" if counted else "at_once"
    said = str(words["start"][manner]).format(trigger=title, day=_day(start.day, words), year=start.day.year)
    return said + str(words["told"].get(start.told.value, ""))


def _period(period: Period, words: Mapping[str, Any]) -> str:
    if not isinstance(period, Duration):
        return str(words["period"][said_period(period)])
    parts = []
    for field, unit in _UNITS:
        count = getattr(period, field)
        if count:
            parts.append(words["unit"][unit if count == 1 else field].format(count=count))
    return str(words["unit"]["join"]).join(parts) or str(words["period"]["P0D"])


def _until(until: Until, words: Mapping[str, Any]) -> str:
    if isinstance(until, date):
        return str(words["expiry"]["day"]).format(day=_day(until, words))
    return str(words["expiry"]["undetermined" if until is UNDETERMINED else "permanent"])


def _day(day: date, words: Mapping[str, Any]) -> str:
    return said_day(day, words["language"])


@dataclass(frozen=True, slots=True)
class RuleWords:
    """A rule as a table for people names it."""

    title: str
    period: str
    basis: str


def rule_words(rule: Rule, language: str) -> RuleWords:
    """Title, period and legal basis of a rule, in `language` ("zh" or anything else for English)."""
    words = _words("zh" if language.startswith("zh") else "en")
    chinese = words["language"] == "zh"
    bases = str(words["and"]).join(basis.zh if chinese else basis.en for basis in rule.basis)
    return RuleWords(rule.zh if chinese else rule.en, _period(rule.period, words), bases)
