"""Worked cases: what a record is, and how long it must be kept, day by day."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kedang.disposition.errors import CircumstanceUnknown, MilestoneUnknown, PackUnknown
from kedang.disposition.facts import UNDETERMINED, RecordFacts, dates_of
from kedang.disposition.reckoning import Ground, LegalReview, Reckoning, reckon
from kedang.disposition.schedule import shipped_schedule
from kedang.disposition.stored import said_until
from kedang.records.content import Fact, RecordClass

SCHEDULE = shipped_schedule()
TODAY = date(2026, 11, 22)
STOPPED = {"service_stopped_on": date(2026, 10, 1)}
CLOSED = {**STOPPED, "deregistered_on": date(2027, 3, 31)}


def record(kind: str, **facts: Any) -> RecordFacts:
    """A record of a class; `dates` and `milestones` may be given as ISO text."""
    dates = {name: (date.fromisoformat(day),) for name, day in facts.pop("dates", {}).items()}
    for name in ("circumstances", "packs"):
        facts[name] = frozenset(facts.get(name, ()))
    return RecordFacts(classes=frozenset({RecordClass(kind)}), received_on=TODAY, dates=dates, **facts)


def reckoned(facts: RecordFacts) -> Reckoning:
    return reckon(facts, SCHEDULE, today=TODAY)


@dataclass(frozen=True)
class Case:
    """One worked case with its outcome."""

    name: str
    facts: RecordFacts
    until: str
    winners: tuple[str, ...]
    period: str
    questions: tuple[str, ...] = ()
    reviews: tuple[LegalReview, ...] = field(default=())


BELOW, BEYOND = LegalReview.BASIS_BELOW_REGULATION, LegalReview.MAXIMUM_EXCEEDED
UNREAD = LegalReview.BASIS_UNVERIFIED
ACCOUNT: dict[str, Any] = {"accounting": True}
INVOICE: dict[str, Any] = {**ACCOUNT, "accounting_kind": "voucher", "circumstances": {"invoice"}}
PLATFORM: dict[str, Any] = {"circumstances": {"platform-operator"}}
CASES = [
    # accounting: 30 and 10 years from the 1 January after the fiscal year
    Case(
        "an invoice is kept as a voucher",
        record("transaction", dates={"issued_on": "2025-03-10"}, **INVOICE),
        "2055-12-31",
        ("RS-ACC-VOUCHER",),
        "P30Y",
    ),
    Case(
        "the last day of a fiscal year belongs to it",
        record("transaction", dates={"issued_on": "2025-12-31"}, **INVOICE),
        "2055-12-31",
        ("RS-ACC-VOUCHER",),
        "P30Y",
    ),
    Case(
        "the first day of the next does not",
        record("transaction", dates={"issued_on": "2026-01-01"}, **INVOICE),
        "2056-12-31",
        ("RS-ACC-VOUCHER",),
        "P30Y",
    ),
    Case(
        "an invoice paid in the next year counts from that year",
        record("transaction", dates={"issued_on": "2025-12-30", "paid_on": "2026-01-05"}, **INVOICE),
        "2056-12-31",
        ("RS-ACC-VOUCHER",),
        "P30Y",
    ),
    Case(
        "a ledger",
        record("other", **ACCOUNT, accounting_kind="book", dates={"record_date": "2020-02-29"}),
        "2050-12-31",
        ("RS-ACC-BOOK",),
        "P30Y",
    ),
    Case(
        "a quarterly report",
        record("other", **ACCOUNT, accounting_kind="interim-report", dates={"record_date": "2020-09-30"}),
        "2030-12-31",
        ("RS-ACC-INTERIM", "RS-TAX"),
        "P10Y",
    ),
    Case(
        "an annual report is permanent",
        record("other", **ACCOUNT, accounting_kind="annual-report"),
        "permanent",
        ("RS-ACC-ANNUAL",),
        "PERM",
    ),
    Case(
        "a bank statement",
        record("transaction", **ACCOUNT, accounting_kind="bank", dates={"record_date": "2024-12-31"}),
        "2034-12-31",
        ("RS-ACC-BANK", "RS-TAX", "RS-TXN"),
        "P10Y",
    ),
    Case(
        "an accounting record of unknown kind counts as a voucher, with a question",
        record("transaction", **ACCOUNT, dates={"record_date": "2024-12-31"}),
        "2054-12-31",
        ("RS-ACC-VOUCHER",),
        "P30Y",
        ("KD-D203",),
    ),
    Case(
        "a contract in the books is kept like them, if its obligations are over",
        record("contract", **INVOICE, dates={"signed_on": "2019-05-05", "valid_until": "2020-05-04"}),
        "2049-12-31",
        ("RS-ACC-VOUCHER",),
        "P30Y",
    ),
    # tax: 10 years
    Case(
        "an order",
        record("transaction", dates={"completed_on": "2024-02-29"}),
        "2034-12-31",
        ("RS-TXN",),
        "P10Y",
    ),
    Case(
        "an order without any date counts from receipt, with a question",
        record("transaction"),
        "2036-12-31",
        ("RS-TXN",),
        "P10Y",
        ("KD-D201",),
    ),
    Case(
        "an order dated after it was received is asked about and not kept shorter",
        record("transaction", dates={"completed_on": "2062-02-28"}),
        "2072-12-31",
        ("RS-TXN",),
        "P10Y",
        ("KD-D202",),
    ),
    # contracts
    Case(
        "a contract counts from the end of the fiscal year of its end",
        record("contract", dates={"signed_on": "2020-01-01", "valid_until": "2024-02-29"}),
        "2034-12-31",
        ("RS-CONTRACT-TAX",),
        "P10Y",
    ),
    Case(
        "the warranty is an obligation too",
        record("contract", dates={"valid_until": "2024-12-31", "warranty_until": "2026-06-30"}),
        "2036-12-31",
        ("RS-CONTRACT-TAX",),
        "P10Y",
    ),
    Case(
        "an open-ended contract cannot be told before the company is gone",
        record("contract", dates={"signed_on": "2020-01-01"}),
        "undetermined",
        ("RS-CONTRACT-TAX",),
        "P10Y",
        ("KD-D205",),
    ),
    Case(
        "at deregistration its obligations have ended",
        record("contract", dates={"signed_on": "2020-01-01"}, milestones=CLOSED),
        "2037-12-31",
        ("RS-CONTRACT-TAX",),
        "P10Y",
    ),
    Case(
        "a contract without tax role: three years of limitation",
        record("contract", dates={"valid_until": "2024-02-29"}, circumstances={"contract-without-tax-role"}),
        "2027-02-28",
        ("RS-CONTRACT-GEN",),
        "P3Y",
    ),
    Case(
        "a demand starts the limitation again",
        record(
            "contract",
            dates={"valid_until": "2024-02-29", "demanded_on": "2026-11-20"},
            circumstances={"contract-without-tax-role"},
        ),
        "2029-11-20",
        ("RS-CONTRACT-GEN",),
        "P3Y",
    ),
    Case(
        "international sale without tax role: four years",
        record(
            "contract",
            dates={"valid_until": "2024-02-29"},
            circumstances={"contract-without-tax-role", "international-sale"},
        ),
        "2028-02-29",
        ("RS-CONTRACT-INTL",),
        "P4Y",
    ),
    Case(
        "a decision makes a contract important",
        record("contract", dates={"valid_until": "2024-02-29"}, circumstances={"important-contract"}),
        "2054-02-28",
        ("RS-CONTRACT-KEY",),
        "P30Y",
    ),
    Case(
        "or permanent; with personal data a lawyer must look",
        record("contract", personal_data=True, circumstances={"important-contract-permanent"}),
        "permanent",
        ("RS-CONTRACT-KEY-PERM",),
        "PERM",
        ("KD-D206",),
        (BELOW,),
    ),
    # e-commerce: 3 years from completion, absorbed by tax
    Case(
        "a platform's service record",
        record("service", dates={"completed_on": "2024-02-29"}, **PLATFORM),
        "2027-02-28",
        ("RS-TXN-PLATFORM",),
        "P3Y",
    ),
    Case(
        "a platform's order is kept for tax",
        record("transaction", dates={"completed_on": "2024-02-29"}, **PLATFORM),
        "2034-12-31",
        ("RS-TXN",),
        "P10Y",
    ),
    # service, communication, other: limitation
    Case(
        "a service record",
        record("service", dates={"occurred_on": "2023-11-22"}),
        "2026-11-22",
        ("RS-SERVICE",),
        "P3Y",
    ),
    Case(
        "a mail follows its own date when no contract is known",
        record("communication", dates={"message_date": "2024-03-01"}),
        "2027-03-01",
        ("RS-COMM",),
        "P3Y",
    ),
    Case(
        "and the end of the obligations when that is later",
        record("communication", dates={"message_date": "2024-03-01", "valid_until": "2025-03-01"}),
        "2028-03-01",
        ("RS-COMM",),
        "P3Y",
    ),
    Case(
        "an undated mail counts from receipt when that is later than what is known",
        record("communication", dates={"valid_until": "2025-03-01"}),
        "2029-11-22",
        ("RS-COMM",),
        "P3Y",
        ("KD-D201",),
    ),
    Case(
        "a message that forms a contract is kept as one",
        record(
            "communication",
            dates={"message_date": "2024-03-01", "valid_until": "2025-03-01"},
            circumstances={"contract-forming"},
        ),
        "2035-12-31",
        ("RS-CONTRACT-TAX",),
        "P10Y",
    ),
    Case(
        "other material waits for a person",
        record("other", dates={"closed_on": "2024-03-01"}),
        "2027-03-01",
        ("RS-OTHER",),
        "P3Y",
        ("KD-D204",),
    ),
    Case(
        "corporate papers",
        record("other", circumstances={"corporate-paper"}),
        "permanent",
        ("RS-CORP",),
        "PERM",
    ),
    Case(
        "corporate papers of a state-owned company",
        record("other", circumstances={"corporate-paper", "state-owned"}),
        "permanent",
        ("RS-CORP-SOE",),
        "PERM",
    ),
    # personal information
    Case(
        "personal information runs out with the service",
        record("personal", milestones=STOPPED),
        "2026-10-01",
        ("RS-PERSONAL",),
        "P0D",
    ),
    Case(
        "or with the relationship, whichever is earlier",
        record("personal", milestones=STOPPED, dates={"relationship_ended_on": "2025-01-31"}),
        "2025-01-31",
        ("RS-PERSONAL",),
        "P0D",
    ),
    Case(
        "the customer's own end of service ends the relationship",
        record("personal", milestones=STOPPED, dates={"service_stopped_on": "2024-02-29"}),
        "2024-02-29",
        ("RS-PERSONAL",),
        "P0D",
    ),
    Case(
        "but is kept as long as a record that needs it",
        record("personal", milestones=STOPPED, inherited=(date(2034, 12, 31), date(2055, 12, 31))),
        "2055-12-31",
        ("RS-PERSONAL",),
        "P30Y",
    ),
    Case(
        "permanently, if that record is",
        record("personal", milestones=STOPPED, inherited=(date(2034, 12, 31), None)),
        "permanent",
        ("RS-PERSONAL",),
        "PERM",
    ),
    Case(
        "and cannot be told if that record's end cannot",
        record("personal", milestones=STOPPED, inherited=(date(2034, 12, 31), UNDETERMINED)),
        "undetermined",
        ("RS-PERSONAL",),
        "P0D",
        ("KD-D205",),
    ),
    Case(
        "while the service goes on its end cannot be told",
        record("personal"),
        "undetermined",
        ("RS-PERSONAL",),
        "P0D",
        ("KD-D205",),
    ),
    Case(
        "a marketing profile never survives, whatever needs the person's data",
        record(
            "personal",
            milestones=STOPPED,
            inherited=(date(2055, 12, 31),),
            circumstances={"marketing-profile"},
        ),
        "2026-10-01",
        ("RS-MARKETING",),
        "P0D",
    ),
    # minimum against maximum
    Case(
        "a minimum of law outweighs the maximum",
        record(
            "personal",
            milestones=STOPPED,
            dates={"relationship_ended_on": "2025-01-31"},
            circumstances={"aml-obliged"},
        ),
        "2035-01-31",
        ("RS-AML-ID",),
        "P10Y",
    ),
    Case(
        "a minimum of a mere ministry order needs a lawyer",
        record(
            "personal",
            milestones=STOPPED,
            dates={"exited_on": "2026-09-30"},
            circumstances={"platform-operator", "seller-identity"},
        ),
        "2029-09-30",
        ("RS-SELLER-ID",),
        "P3Y",
        ("KD-D206",),
        (BELOW, BEYOND),
    ),
    Case(
        "adverse credit information has a longest period only",
        record("personal", packs={"credit-reporting"}, dates={"bad_event_ended_on": "2024-02-29"}),
        "2029-02-28",
        ("IP-CRED-16",),
        "P5Y",
    ),
    Case(
        "security video: at least and at most thirty days",
        record("other", dates={"logged_on": "2026-11-01"}, circumstances={"security-video"}),
        "2026-12-01",
        ("RS-VIDEO-MIN",),
        "P30D",
    ),
    # industry packs
    Case(
        "a broker's client file: twenty years",
        record(
            "contract", packs={"securities"}, dates={"valid_until": "2020-05-05", "signed_on": "2019-05-05"}
        ),
        "2039-05-05",
        ("IP-SEC-BR",),
        "P20Y",
    ),
    Case(
        "an insurance contract of unknown length counts as long",
        record("contract", packs={"insurance"}, dates={"valid_until": "2020-05-05"}),
        "2030-12-31",
        ("RS-CONTRACT-TAX",),
        "P10Y",
    ),
    Case(
        "a payment firm is bound against money laundering",
        record("transaction", packs={"payment"}, dates={"completed_on": "2024-02-29"}),
        "2034-12-31",
        ("RS-TXN",),
        "P10Y",
    ),
    Case(
        "an inpatient record of a clinic",
        record("service", packs={"medical"}, dates={"discharged_on": "2020-02-29"}, personal_data=True),
        "2050-02-28",
        ("IP-MED-IP",),
        "P30Y",
        ("KD-D206",),
        (BELOW,),
    ),
    Case(
        "an unverified minimum does not put the longer purpose aside",
        record(
            "service",
            packs={"travel"},
            dates={"completed_on": "2024-06-30", "obligations_end": "2024-06-30"},
        ),
        "2027-06-30",
        ("RS-SERVICE",),
        "P3Y",
    ),
    Case(
        "where an unverified minimum decides a lawyer must look",
        record(
            "transaction",
            packs={"real-estate"},
            dates={"completed_on": "2020-01-01", "valid_until": "2026-06-30"},
        ),
        "2031-06-30",
        ("IP-RE",),
        "P5Y",
        ("KD-D206",),
        (UNREAD,),
    ),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_worked_case(case: Case) -> None:
    reckoning = reckoned(case.facts)
    assert said_until(reckoning.until) == case.until
    assert reckoning.winners == case.winners
    assert reckoning.period == case.period
    assert tuple(problem.code for problem in reckoning.problems) == case.questions
    assert reckoning.legal_review == case.reviews


@pytest.mark.parametrize(
    ("facts", "ground"),
    [
        (record("transaction"), Ground.STATUTORY),
        (record("contract", circumstances={"important-contract-permanent"}), Ground.PRODUCT),
        (record("other", circumstances={"corporate-paper"}), Ground.PRODUCT),
        (record("service"), Ground.PURPOSE),
        (record("personal"), Ground.MAXIMUM),
        (RecordFacts(classes=frozenset(), received_on=TODAY), Ground.NO_RULE),
    ],
)
def test_the_ground_is_that_of_the_rule_that_won(facts: RecordFacts, ground: Ground) -> None:
    assert reckoned(facts).ground is ground


def test_where_no_rule_applies_the_end_cannot_be_told() -> None:
    reckoning = reckoned(RecordFacts(classes=frozenset(), received_on=TODAY))
    assert reckoning.until is UNDETERMINED
    assert [problem.code for problem in reckoning.problems] == ["KD-D205"]


def test_a_request_to_delete_pulls_a_purpose_forward() -> None:
    mail = record(
        "communication", dates={"message_date": "2026-01-01"}, deletion_requested_on=date(2026, 11, 1)
    )
    reckoning = reckoned(mail)
    assert (reckoning.until, reckoning.ground) == (date(2026, 11, 1), Ground.DELETION_REQUEST)
    needed = reckoned(replace(mail, circumstances=frozenset({"live-claim"})))
    assert (needed.until, needed.ground) == (date(2029, 1, 1), Ground.PURPOSE)


def test_a_request_to_delete_does_not_touch_a_statutory_minimum() -> None:
    order = record(
        "transaction", dates={"completed_on": "2026-01-01"}, deletion_requested_on=date(2026, 11, 1)
    )
    assert reckoned(order).until == date(2036, 12, 31)


def test_a_request_to_delete_never_lengthens() -> None:
    mail = record(
        "communication", dates={"message_date": "2020-01-01"}, deletion_requested_on=date(2026, 11, 1)
    )
    assert reckoned(mail).until == date(2023, 1, 1)


def test_a_hold_is_named_and_leaves_the_day_as_it_is() -> None:
    order = record("transaction", dates={"completed_on": "2026-01-01"})
    held = reckoned(replace(order, holds=("h" * 32,)))
    assert held.until == reckoned(order).until
    assert held.holds == ("h" * 32,)
    assert "RS-HOLD" in held.rules


def test_personal_data_is_restricted_between_the_end_of_purpose_and_the_last_day() -> None:
    order = record(
        "transaction", dates={"completed_on": "2024-02-29"}, milestones=STOPPED, personal_data=True
    )
    reckoning = reckoned(order)
    days = [date(2026, 9, 30), date(2026, 10, 1), date(2034, 12, 31), date(2035, 1, 1)]
    assert [reckoning.restricted(day) for day in days] == [False, True, True, False]
    assert reckoned(replace(order, personal_data=False)).restricted_from is None


def test_several_classes_are_all_reckoned_and_the_longest_wins() -> None:
    both = RecordFacts(
        classes=frozenset({RecordClass.SERVICE, RecordClass.TRANSACTION}),
        received_on=TODAY,
        dates={"completed_on": (date(2024, 2, 29),)},
    )
    reckoning = reckoned(both)
    assert reckoning.winners == ("RS-TXN",)
    assert set(reckoning.rules) == {"RS-TXN", "RS-SERVICE"}


def test_what_is_known_of_an_undetermined_end_is_kept_as_its_least() -> None:
    facts = record("contract", **ACCOUNT, accounting_kind="voucher", dates={"signed_on": "2024-05-05"})
    reckoning = reckoned(facts)
    assert reckoning.until is UNDETERMINED
    assert reckoning.not_before == date(2054, 12, 31)
    assert reckoning.period == "P30Y"


@pytest.mark.parametrize(
    ("given_facts", "error"),
    [
        ({"circumstances": {"rumour"}}, CircumstanceUnknown),
        ({"packs": {"piracy"}}, PackUnknown),
        ({"milestones": {"party_on": TODAY}}, MilestoneUnknown),
    ],
)
def test_what_the_schedule_does_not_know_is_refused(
    given_facts: dict[str, Any], error: type[Exception]
) -> None:
    with pytest.raises(error, match="KD-D10"):
        reckoned(record("other", **given_facts))


def test_the_days_of_an_appraisal_are_taken_by_kind() -> None:
    facts = [
        Fact("paid_on", "2024-02-29", 0, 1, 0.9),
        Fact("paid_on", "2024-03-01", 2, 3, 0.9),
        Fact("amount", "100.00", 4, 5, 0.9),
        Fact("signed_on", "2024-13-01", 6, 7, 0.9),
    ]
    assert dates_of(facts) == {"paid_on": (date(2024, 2, 29), date(2024, 3, 1))}


DAYS = st.dates(date(1990, 1, 1), TODAY)
KINDS = ("issued_on", "paid_on", "signed_on", "valid_until", "completed_on", "message_date", "record_date")


@given(
    record_class=st.sampled_from(list(RecordClass)),
    dates=st.dictionaries(st.sampled_from(KINDS), st.tuples(DAYS), max_size=4),
    accounting=st.booleans(),
    circumstances=st.frozensets(st.sampled_from(sorted(SCHEDULE.circumstances)), max_size=4),
    packs=st.frozensets(st.sampled_from(sorted(SCHEDULE.packs)), max_size=2),
    extra=DAYS,
)
def test_more_is_never_shorter(
    record_class: RecordClass,
    dates: dict[str, tuple[date, ...]],
    accounting: bool,
    circumstances: frozenset[str],
    packs: frozenset[str],
    extra: date,
) -> None:
    """No statutory end lies before any verified minimum that applies; a later date never shortens it."""
    facts = RecordFacts(
        classes=frozenset({record_class}),
        received_on=TODAY,
        accounting=accounting,
        dates=dates,
        circumstances=circumstances,
        packs=packs,
    )
    reckoning = reckoned(facts)
    if reckoning.ground is not Ground.STATUTORY:
        return
    for one in reckoning.applied:
        if one.kind.value == "STAT" and isinstance(one.expiry, date) and isinstance(reckoning.until, date):
            assert reckoning.until >= one.expiry
    later = {kind: (*days, max(*days, extra)) for kind, days in dates.items()}
    after = reckoned(replace(facts, dates=later))
    if isinstance(reckoning.until, date) and isinstance(after.until, date):
        assert after.until >= reckoning.until


def test_of_rules_that_end_together_the_particular_one_is_named_first() -> None:
    found = reckoned(record("personal", circumstances={"sensitive"}))
    assert found.winners == ("RS-PERSONAL-SENS", "RS-PERSONAL")
    bank = reckoned(
        record("transaction", dates={"period_end": "2023-06-30"}, accounting=True, accounting_kind="bank")
    )
    assert bank.winners[0] == "RS-ACC-BANK"


def test_a_talk_runs_from_its_last_message() -> None:
    found = reckoned(record("communication", dates={"last_message_on": "2024-11-05"}))
    assert said_until(found.until) == "2027-11-05"
    assert found.problems == ()


def test_a_list_runs_from_its_last_row_and_not_from_its_own_date() -> None:
    dates = {"record_date": "2021-03-04", "last_entry_on": "2024-02-29"}
    assert said_until(reckoned(record("transaction", dates=dates)).until) == "2034-12-31"


def test_a_book_of_the_running_year_raises_no_question() -> None:
    found = reckoned(
        record("transaction", dates={"period_end": "2026-12-31"}, accounting=True, accounting_kind="book")
    )
    assert said_until(found.until) == "2056-12-31"
    assert found.problems == ()


def test_a_book_of_a_later_year_is_asked_about() -> None:
    found = reckoned(
        record("transaction", dates={"period_end": "2031-12-31"}, accounting=True, accounting_kind="book")
    )
    assert [problem.code for problem in found.problems] == ["KD-D202"]


def test_a_resolution_is_kept_for_ever() -> None:
    found = reckoned(record("other", circumstances={"corporate-paper"}, dates={"record_date": "2022-09-21"}))
    assert found.until is None
