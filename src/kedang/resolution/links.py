"""Which mentions are certainly one customer. Everything that is not certain stays a mention.

The rules work on *link keys*: (kind, value) pairs, whose values may be clear or keyed fingerprints, so that a
database can join them without holding a name. The flow, in streaming form:

1. `link_keys(mention)` of each mention; the caller fingerprints the values and stores them.
2. Founding mentions (`founds_customer`: a row of a customer list, a contract party, never the closing company) in a
   fixed order: look up the customers that hold one of the keys, call `decide`; on `Linked` add the keys to that
   customer (also for former names in its row: `extends_customer`), on `Unlinked` make a new customer with them, on `Undecided` ask a person.
3. All other mentions: the same `decide`; `Unlinked` and `Undecided` stay mentions.

The probabilistic matching compares what is left over: the same mentions in normal forms (`normal_parts`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from kedang.records.identifiers import IdentifierKind
from kedang.records.ids import CustomerId
from kedang.resolution.forms import organisation_form
from kedang.resolution.mention import Mention, MentionKind
from kedang.resolution.roles import Role

_SHORTEST_ORGANISATION = 6  # characters of a full name; a shorter one is a short name and not certain
_FULL_NAME_ENDS = ("公司", "集团", "企业", "事务所", "合作社", "商行", "经营部", "银行", "医院", "学校", "大学", "厂", "店", "部", "行", "中心", "院", "局", "室", "社", "超市", "馆", "坊", "药房", "农场", "商场", "诊所", "园", "小学", "中学", "limited", "ltd", "ltd.", "inc", "inc.", "llc", "gmbh", "corp.")  # fmt: skip


class KeyKind(StrEnum):
    """Kinds of link keys, in the order of their weight."""

    RESIDENT_ID = "resident_id"
    CREDIT_CODE = "credit_code"
    PASSPORT = "passport"
    TRAVEL_PERMIT = "travel_permit"
    MOBILE_PHONE = "mobile_phone"
    EMAIL = "email"
    BANK_CARD = "bank_card"
    PERSON_NAME = "person_name"
    ORGANISATION_NAME = "organisation_name"


_UNIQUE = frozenset({KeyKind.RESIDENT_ID, KeyKind.CREDIT_CODE, KeyKind.PASSPORT, KeyKind.TRAVEL_PERMIT})
_CONTACT = frozenset({KeyKind.MOBILE_PHONE, KeyKind.EMAIL, KeyKind.BANK_CARD})
_NAMES = frozenset({KeyKind.PERSON_NAME, KeyKind.ORGANISATION_NAME})
_KEY_OF_IDENTIFIER = {
    IdentifierKind.RESIDENT_ID: KeyKind.RESIDENT_ID,
    IdentifierKind.CREDIT_CODE: KeyKind.CREDIT_CODE,
    IdentifierKind.PASSPORT: KeyKind.PASSPORT,
    IdentifierKind.TRAVEL_PERMIT: KeyKind.TRAVEL_PERMIT,
    IdentifierKind.MOBILE_PHONE: KeyKind.MOBILE_PHONE,
    IdentifierKind.EMAIL: KeyKind.EMAIL,
    IdentifierKind.BANK_CARD: KeyKind.BANK_CARD,
}


@dataclass(frozen=True, slots=True)
class LinkKey:
    """One value by which mentions may be tied; `value` is clear here and a fingerprint in a database."""

    kind: KeyKind
    value: str


class Ground(StrEnum):
    """Why a link is certain."""

    SAME_IDENTITY_NUMBER = "same-identity-number"
    SAME_CREDIT_CODE = "same-credit-code"
    SAME_TELEPHONE = "same-telephone-of-one-customer"
    SAME_EMAIL = "same-email-of-one-customer"
    SAME_BANK_CARD = "same-bank-card-of-one-customer"
    SAME_FULL_NAME = "same-full-name-of-one-customer"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A customer that holds at least one of a mention's keys, with all its keys."""

    customer: CustomerId
    keys: frozenset[LinkKey]


@dataclass(frozen=True, slots=True)
class Linked:
    """The mention is this customer, for these reasons."""

    customer: CustomerId
    grounds: tuple[Ground, ...]


@dataclass(frozen=True, slots=True)
class Undecided:
    """Several customers fit, or the numbers contradict one another: a person decides."""

    customers: tuple[CustomerId, ...]


@dataclass(frozen=True, slots=True)
class Unlinked:
    """No customer is certain."""


Decision = Linked | Undecided | Unlinked


@dataclass(frozen=True, slots=True)
class Own:
    """The company being closed: it stands in nearly every contract and is never a customer."""

    names: frozenset[str] = frozenset()
    numbers: frozenset[str] = frozenset()

    @classmethod
    def of(cls, names: Iterable[str], numbers: Iterable[str] = ()) -> Own:
        """From its names (full, former, short) and its credit code, telephones and e-mail addresses, as written."""
        return cls(
            frozenset(organisation_form(name) for name in names if name.strip()),
            frozenset(number.casefold() for number in numbers if number.strip()),
        )

    def is_own(self, mention: Mention) -> bool:
        """Whether a mention is the closing company itself or a branch of it.

        Its numbers count only beside a short name: beside another full name they were misread.
        """
        if mention.kind is MentionKind.ORGANISATION and any(map(mention.normalised.startswith, self.names)):
            return True
        if _is_full_name(mention):
            return False
        return any(number.value.casefold() in self.numbers for number in mention.identifiers)


def _is_full_name(mention: Mention) -> bool:
    name = mention.normalised
    return (
        mention.kind is MentionKind.ORGANISATION
        and len(name) >= _SHORTEST_ORGANISATION
        and name.endswith(_FULL_NAME_ENDS)
    )


def link_keys(mention: Mention) -> tuple[LinkKey, ...]:
    """The keys of a mention, identity numbers first. A name that is not a full name gives no key."""
    keys = [
        LinkKey(kind, identifier.value)
        for identifier in mention.identifiers
        if (kind := _KEY_OF_IDENTIFIER.get(identifier.kind)) is not None
    ]
    if mention.kind is MentionKind.ORGANISATION:
        if _is_full_name(mention):
            keys.append(LinkKey(KeyKind.ORGANISATION_NAME, mention.normalised))
    elif len(mention.normalised) >= 2:
        keys.append(LinkKey(KeyKind.PERSON_NAME, mention.normalised))
    order = {kind: place for place, kind in enumerate(KeyKind)}
    return tuple(sorted(dict.fromkeys(keys), key=lambda key: order[key.kind]))


def fingerprinted(keys: Sequence[LinkKey], fingerprint: Callable[[str], str]) -> tuple[LinkKey, ...]:
    """The keys with `fingerprint` of kind and value in place of the value, as a database keeps them."""
    return tuple(replace(key, value=fingerprint(f"{key.kind.value}:{key.value}")) for key in keys)


def founds_customer(mention: Mention, own: Own) -> bool:
    """Whether a mention may make a new customer: named in a customer list, as contract party or as buyer."""
    return (
        mention.role in (Role.CUSTOMER_LIST, Role.CONTRACT_PARTY, Role.BUYER)
        and bool(mention.normalised)
        and not own.is_own(mention)
        and any(key.kind in _NAMES for key in link_keys(mention))
    )


def extends_customer(mention: Mention, own: Own) -> bool:
    """Whether a tied mention's keys become its customer's: founding mentions, and other names in their rows."""
    return founds_customer(mention, own) or (mention.role is Role.ALIAS and not own.is_own(mention))


def may_link_by_name(mention: Mention) -> bool:
    """Whether the bare name may tie a mention.

    The closing company's own people may share a customer's name, and so may somebody whom a row only speaks of.
    """
    return mention.role not in (Role.HANDLER, Role.IN_PASSING, Role.PATH)


def decide(keys: Sequence[LinkKey], candidates: Sequence[Candidate], *, by_name: bool = True) -> Decision:
    """Which of `candidates` the mention with `keys` certainly is.

    `candidates` are all customers that hold at least one of the keys. Pure; the order of candidates does not matter.
    """
    unique = _holders(keys, candidates, _UNIQUE)
    if unique:
        return _one_of(unique, keys)
    contacts = [one for one in _holders(keys, candidates, _CONTACT) if not _contradicts(keys, one)]
    exclusive = [one for one in contacts if _exclusive(keys, one, candidates)]
    if len(exclusive) == 1 and len(contacts) == 1:
        return (
            _one_of(exclusive, keys)
            if not _other_person(keys, exclusive[0])
            else Undecided((exclusive[0].customer,))
        )
    if len(contacts) > 1:
        return _undecided(contacts)
    bearers = _holders(keys, candidates, _NAMES) if by_name else []
    named = [one for one in bearers if not (_contradicts(keys, one) or _namesake(keys, one))]
    if len(named) == 1:
        return _one_of(named, keys)
    return _undecided(named) if named else Unlinked()


def _holders(
    keys: Sequence[LinkKey], candidates: Sequence[Candidate], kinds: frozenset[KeyKind]
) -> list[Candidate]:
    wanted = {key for key in keys if key.kind in kinds}
    return [one for one in candidates if one.keys & wanted]


def _contradicts(keys: Sequence[LinkKey], candidate: Candidate) -> bool:
    """Both have an identity number of one kind, and they differ."""
    for kind in _UNIQUE:
        mine = {key for key in keys if key.kind is kind}
        theirs = {key for key in candidate.keys if key.kind is kind}
        if mine and theirs and not mine & theirs:
            return True
    return False


def _namesake(keys: Sequence[LinkKey], candidate: Candidate) -> bool:
    """Both are persons of one name with mobile telephones, and share none: two people, until somebody says otherwise."""
    if any(key.kind is KeyKind.ORGANISATION_NAME for key in keys):
        return False
    mine = {key for key in keys if key.kind is KeyKind.MOBILE_PHONE}
    theirs = {key for key in candidate.keys if key.kind is KeyKind.MOBILE_PHONE}
    return bool(mine and theirs and not mine & theirs)


def _exclusive(keys: Sequence[LinkKey], candidate: Candidate, candidates: Sequence[Candidate]) -> bool:
    shared = {key for key in keys if key.kind in _CONTACT} & candidate.keys
    return any(all(key not in other.keys for other in candidates if other is not candidate) for key in shared)


def _other_person(keys: Sequence[LinkKey], candidate: Candidate) -> bool:
    """The telephone is the customer's but another name of the same kind stands beside it."""
    for kind in _NAMES:
        mine = {key for key in keys if key.kind is kind}
        theirs = {key for key in candidate.keys if key.kind is kind}
        if mine and theirs and not mine & theirs:
            return True
    return False


def _one_of(found: Sequence[Candidate], keys: Sequence[LinkKey]) -> Decision:
    if len(found) > 1 or _contradicts(keys, found[0]):
        return _undecided(found)
    shared = {key.kind for key in keys} & {key.kind for key in found[0].keys & set(keys)}
    grounds = tuple(dict.fromkeys(_GROUNDS[kind] for kind in KeyKind if kind in shared))
    return Linked(found[0].customer, grounds)


_GROUNDS = {
    KeyKind.RESIDENT_ID: Ground.SAME_IDENTITY_NUMBER,
    KeyKind.PASSPORT: Ground.SAME_IDENTITY_NUMBER,
    KeyKind.TRAVEL_PERMIT: Ground.SAME_IDENTITY_NUMBER,
    KeyKind.CREDIT_CODE: Ground.SAME_CREDIT_CODE,
    KeyKind.MOBILE_PHONE: Ground.SAME_TELEPHONE,
    KeyKind.EMAIL: Ground.SAME_EMAIL,
    KeyKind.BANK_CARD: Ground.SAME_BANK_CARD,
    KeyKind.PERSON_NAME: Ground.SAME_FULL_NAME,
    KeyKind.ORGANISATION_NAME: Ground.SAME_FULL_NAME,
}


def _undecided(found: Sequence[Candidate]) -> Undecided:
    return Undecided(tuple(sorted({one.customer for one in found})))


class KnownCustomers:
    """Customers and their keys in memory: the twin of the database's tables, for tests and small cases."""

    def __init__(self) -> None:
        self._keys: dict[CustomerId, set[LinkKey]] = {}
        self._holders: dict[LinkKey, set[CustomerId]] = {}

    def add(self, customer: CustomerId, keys: Iterable[LinkKey]) -> None:
        """Give a customer more keys."""
        mine = self._keys.setdefault(customer, set())
        for key in keys:
            mine.add(key)
            self._holders.setdefault(key, set()).add(customer)

    def candidates(self, keys: Iterable[LinkKey]) -> tuple[Candidate, ...]:
        """The customers that hold one of `keys`."""
        holders = sorted({customer for key in keys for customer in self._holders.get(key, ())})
        return tuple(Candidate(customer, frozenset(self._keys[customer])) for customer in holders)


def link(
    mentions: Sequence[Mention],
    *,
    own: Own,
    new_id: Callable[[], CustomerId],
    known: KnownCustomers | None = None,
) -> Mapping[int, Decision]:
    """Tie mentions to customers, making those that the founding mentions name; by place in `mentions`.

    Customer lists found first, then contract parties and buyers; then the rest is tied. Mentions of the closing
    company are left out.
    """
    known = known or KnownCustomers()
    decisions: dict[int, Decision] = {}
    order = sorted(
        range(len(mentions)), key=lambda place: (_FOUNDING_ORDER.get(mentions[place].role, 9), place)
    )
    for place in order:
        mention = mentions[place]
        if own.is_own(mention):
            continue
        keys = link_keys(mention)
        decision = decide(keys, known.candidates(keys), by_name=may_link_by_name(mention))
        if isinstance(decision, Unlinked) and founds_customer(mention, own):
            decision = Linked(new_id(), ())
        if isinstance(decision, Linked) and extends_customer(mention, own):
            known.add(decision.customer, keys)
        decisions[place] = decision
    return decisions


_FOUNDING_ORDER = {Role.CUSTOMER_LIST: 0, Role.ALIAS: 1, Role.CONTRACT_PARTY: 2, Role.BUYER: 3}
