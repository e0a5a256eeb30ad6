"""Certain links only: what ties a mention to a customer, and what must not."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from itertools import count

import pytest

from kedang.records.identifiers import Identifier, IdentifierKind
from kedang.records.ids import CustomerId
from kedang.resolution.links import (
    Candidate,
    Ground,
    KeyKind,
    KnownCustomers,
    Linked,
    LinkKey,
    Own,
    Undecided,
    Unlinked,
    decide,
    fingerprinted,
    founds_customer,
    link,
    link_keys,
    may_link_by_name,
)
from kedang.resolution.mentions import Mention, MentionKind, Role

LIN, BO, YUN = CustomerId("c-lin"), CustomerId("c-bo"), CustomerId("c-yun")
ID_LIN, ID_BO = "110101199003074477", "330106198506121237"
OWN = Own.of(["苏州样禾办公设备有限公司"], ["91330106MA2CE0J17P"])


def person(name: str, *numbers: Identifier, role: Role = Role.NAMED) -> Mention:
    return Mention(MentionKind.PERSON, 0, len(name), name, name, role, numbers)


def company(name: str, *numbers: Identifier, role: Role = Role.NAMED) -> Mention:
    return Mention(MentionKind.ORGANISATION, 0, len(name), name, name, role, numbers)


def phone(number: str) -> Identifier:
    return Identifier(IdentifierKind.MOBILE_PHONE, number)


def resident(number: str) -> Identifier:
    return Identifier(IdentifierKind.RESIDENT_ID, number)


def key(kind: KeyKind, value: str) -> LinkKey:
    return LinkKey(kind, value)


LIN_KEYS = frozenset({
    key(KeyKind.PERSON_NAME, "林小梅"), key(KeyKind.RESIDENT_ID, ID_LIN), key(KeyKind.MOBILE_PHONE, "13800138000"),
})  # fmt: skip
BO_KEYS = frozenset({
    key(KeyKind.PERSON_NAME, "柏建国"), key(KeyKind.RESIDENT_ID, ID_BO), key(KeyKind.MOBILE_PHONE, "13800138001"),
})  # fmt: skip
BOTH = (Candidate(LIN, LIN_KEYS), Candidate(BO, BO_KEYS))


@pytest.mark.parametrize(
    ("mention", "grounds"),
    [
        (person("林小梅", resident(ID_LIN)), (Ground.SAME_IDENTITY_NUMBER, Ground.SAME_FULL_NAME)),
        (person("小梅", resident(ID_LIN)), (Ground.SAME_IDENTITY_NUMBER,)),
        (person("林小梅", phone("13800138000")), (Ground.SAME_TELEPHONE, Ground.SAME_FULL_NAME)),
        (person("林小梅"), (Ground.SAME_FULL_NAME,)),
    ],
)
def test_a_number_or_a_full_name_of_one_customer_ties(mention: Mention, grounds: tuple[Ground, ...]) -> None:
    known = KnownCustomers()
    known.add(LIN, LIN_KEYS)
    known.add(BO, BO_KEYS)
    keys = link_keys(mention)
    assert decide(keys, known.candidates(keys)) == Linked(LIN, grounds)


def test_a_name_that_two_customers_bear_ties_nobody() -> None:
    name = key(KeyKind.PERSON_NAME, "林小梅")
    two = (Candidate(LIN, frozenset({name})), Candidate(BO, frozenset({name})))
    assert decide((name,), two) == Undecided((BO, LIN))


def test_a_telephone_of_two_customers_ties_nobody() -> None:
    shared = key(KeyKind.MOBILE_PHONE, "13800138000")
    two = (Candidate(LIN, frozenset({shared})), Candidate(BO, frozenset({shared})))
    assert decide((shared,), two) == Undecided((BO, LIN))


def test_another_name_beside_the_customers_telephone_is_for_a_person_to_decide() -> None:
    keys = link_keys(person("赵六一", phone("13800138000")))
    assert decide(keys, (Candidate(LIN, LIN_KEYS),)) == Undecided((LIN,))


def test_equal_names_with_different_identity_numbers_are_two_people() -> None:
    keys = link_keys(person("林小梅", resident(ID_BO)))
    assert decide(keys, (Candidate(LIN, LIN_KEYS),)) == Unlinked()


def test_an_identity_number_of_one_and_the_name_of_another_follows_the_number() -> None:
    keys = link_keys(person("柏建国", resident(ID_LIN)))
    assert decide(keys, BOTH) == Linked(LIN, (Ground.SAME_IDENTITY_NUMBER,))


def test_our_own_people_are_not_tied_by_a_name_they_share_with_a_customer() -> None:
    mention = person("林小梅", role=Role.HANDLER)
    keys = link_keys(mention)
    assert decide(keys, (Candidate(LIN, LIN_KEYS),), by_name=may_link_by_name(mention)) == Unlinked()


def test_a_short_name_gives_no_key() -> None:
    assert link_keys(company("禾澄科技")) == ()
    assert link_keys(company("苏州禾澄科技有限公司")) == (
        key(KeyKind.ORGANISATION_NAME, "苏州禾澄科技有限公司"),
    )


def test_the_closing_company_is_never_a_customer() -> None:
    by_name = company("苏州样禾办公设备有限公司", role=Role.CONTRACT_PARTY)
    branch = company("苏州样禾办公设备有限公司杭州分公司", role=Role.CONTRACT_PARTY)
    by_code = company(
        "样禾", Identifier(IdentifierKind.CREDIT_CODE, "91330106MA2CE0J17P"), role=Role.CUSTOMER_LIST
    )
    assert [OWN.is_own(one) for one in (by_name, branch, by_code)] == [True, True, True]
    assert not any(founds_customer(one, OWN) for one in (by_name, branch, by_code))


def test_decisions_on_fingerprints_are_those_on_clear_values() -> None:
    def fingerprint(value: str) -> str:
        return hashlib.blake2b(value.encode(), key=b"k" * 16).hexdigest()

    mention = person("林小梅", phone("13800138000"))
    hidden = [Candidate(one.customer, frozenset(fingerprinted(tuple(one.keys), fingerprint))) for one in BOTH]
    keys = link_keys(mention)
    assert decide(fingerprinted(keys, fingerprint), hidden) == decide(keys, BOTH)


def ids() -> Callable[[], CustomerId]:
    numbers = count(1)
    return lambda: CustomerId(f"c{next(numbers)}")


def test_lists_found_customers_and_the_rest_is_tied_to_them() -> None:
    mentions = [
        person("林小梅", phone("13800138000")),
        company("苏州样禾办公设备有限公司", role=Role.CONTRACT_PARTY),
        company("杭州云帆贸易有限公司", role=Role.CONTRACT_PARTY),
        person("林小梅", phone("13800138000"), resident(ID_LIN), role=Role.CUSTOMER_LIST),
        company("杭州云帆贸易有限公司"),
        person("路人甲"),
    ]
    decided = link(mentions, own=OWN, new_id=ids())
    assert decided[3] == Linked(CustomerId("c1"), ())
    assert decided[0] == Linked(CustomerId("c1"), (Ground.SAME_TELEPHONE, Ground.SAME_FULL_NAME))
    assert decided[4] == Linked(CustomerId("c2"), (Ground.SAME_FULL_NAME,))
    assert decided[5] == Unlinked()
    assert 1 not in decided


def test_the_same_customer_in_two_lists_is_one_customer() -> None:
    mentions = [
        person("林小梅", phone("13800138000"), role=Role.CUSTOMER_LIST),
        person("林小梅", phone("13800138000"), resident(ID_LIN), role=Role.CUSTOMER_LIST),
    ]
    decided = link(mentions, own=OWN, new_id=ids())
    assert {one.customer for one in decided.values() if isinstance(one, Linked)} == {CustomerId("c1")}


def test_namesakes_with_their_own_numbers_are_two_customers_and_their_bare_name_ties_nobody() -> None:
    mentions = [
        person("林小梅", resident(ID_LIN), role=Role.CUSTOMER_LIST),
        person("林小梅", resident(ID_BO), role=Role.CUSTOMER_LIST),
        person("林小梅"),
    ]
    decided = link(mentions, own=OWN, new_id=ids())
    assert decided[0] == Linked(CustomerId("c1"), ())
    assert decided[1] == Linked(CustomerId("c2"), ())
    assert decided[2] == Undecided((CustomerId("c1"), CustomerId("c2")))


def test_two_people_of_one_name_with_different_telephones_are_two_customers() -> None:
    ids = count()
    mentions = [
        person("王芳", phone("13800138000"), role=Role.CUSTOMER_LIST),
        person("王芳", phone("13900139000"), role=Role.CUSTOMER_LIST),
        person("王芳"),
        person("王芳", phone("13900139000")),
    ]
    decided = link(mentions, own=OWN, new_id=lambda: CustomerId(f"c{next(ids)}"))
    first, second = decided[0], decided[1]
    assert isinstance(first, Linked)
    assert isinstance(second, Linked)
    assert first.customer != second.customer
    assert isinstance(decided[2], Undecided)
    assert isinstance(last := decided[3], Linked)
    assert last.customer == second.customer


def test_a_name_with_a_strange_telephone_is_not_the_customer_of_that_name() -> None:
    keys = (key(KeyKind.MOBILE_PHONE, "13711112222"), key(KeyKind.PERSON_NAME, "林小梅"))
    assert decide(keys, [Candidate(LIN, LIN_KEYS)]) == Unlinked()


def test_another_contact_of_a_firm_does_not_part_it_from_its_name() -> None:
    name = key(KeyKind.ORGANISATION_NAME, "杭州云帆贸易有限公司")
    firm = Candidate(YUN, frozenset({name, key(KeyKind.MOBILE_PHONE, "13800138000")}))
    assert decide((key(KeyKind.MOBILE_PHONE, "13711112222"), name), [firm]) == Linked(
        YUN, (Ground.SAME_FULL_NAME,)
    )


def test_a_bank_card_of_one_customer_ties_and_the_card_of_another_name_does_not() -> None:
    card = Identifier(IdentifierKind.BANK_CARD, "6222021202012345675")
    held = Candidate(LIN, LIN_KEYS | {key(KeyKind.BANK_CARD, card.value)})
    assert decide(link_keys(person("林小梅", card)), [held]) == Linked(
        LIN, (Ground.SAME_BANK_CARD, Ground.SAME_FULL_NAME)
    )
    assert decide(link_keys(person("薄文", card)), [held]) == Undecided((LIN,))


def test_whom_a_summary_speaks_of_is_not_tied_by_his_name() -> None:
    assert not may_link_by_name(person("林小梅", role=Role.IN_PASSING))
    assert not founds_customer(person("林小梅", role=Role.IN_PASSING), OWN)
