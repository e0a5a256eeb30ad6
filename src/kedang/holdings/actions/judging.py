"""What persons decide about who is who. A judgement wins over every score and stays until it is undone."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Max

from kedang.holdings.actions.customer_changes import Changes, apply, link_state, new_state
from kedang.holdings.actions.founding import Founded, found_customers
from kedang.holdings.adapters import book
from kedang.holdings.adapters.archive import Archive
from kedang.holdings.adapters.guarding import guarded, rewrite
from kedang.holdings.adapters.judgements import open_judgement, open_proposal, seal_judgement
from kedang.holdings.adapters.kept_mentions import mentions_of_record
from kedang.holdings.adapters.links import MODEL, PERSON, open_link
from kedang.holdings.customer_errors import DecisionImpossible, JudgementUnknown, PairUnknown
from kedang.holdings.models import Customer, Judgement, Link, Proposal, Record
from kedang.holdings.queries.forwarding import Forwarding
from kedang.holdings.queries.judging_queue import find_pair
from kedang.ledger.commitments import SALT_BYTES, commit
from kedang.ledger.leaves import Event
from kedang.pipeline.kept_mentions import KeptMention

SAME, DIFFERENT, CANNOT_TELL = "same", "different", "cannot-tell"
VERDICTS = (SAME, DIFFERENT, CANNOT_TELL)
MERGED, SPLIT, MOVED = "merged", "split", "moved"


@dataclass(frozen=True, slots=True)
class Place:
    """One mention: a record and the place among its mentions."""

    record: str
    mention: int


@dataclass(frozen=True, slots=True)
class Decided:
    """Why, and in which audit, if any."""

    reason: str = field(default="", repr=False)
    audited: str = ""


def judge(
    archive: Archive, pair: tuple[Place, Place], verdict: str, why: Decided, *, clock: Callable[[], datetime]
) -> Judgement:
    """Note whether two mentions are one customer, and do at once what follows for their customers.

    What a "different" means for chains of others is drawn by the next resolving.

    Raises:
        PairUnknown: a record names nobody there. DecisionImpossible: no verdict, or one mention twice.
    """
    if verdict not in VERDICTS or pair[0] == pair[1]:
        raise DecisionImpossible(reason="verdict")
    pair = pair if (pair[0].record, pair[0].mention) < (pair[1].record, pair[1].mention) else pair[::-1]
    now = clock()
    with transaction.atomic():
        sides = [_Side.of(archive, place) for place in pair]
        changes = Changes()
        if verdict == SAME:
            changes = _joined(archive, *sides)
        elif verdict == DIFFERENT:
            changes = _parted(archive, *sides)
        row = _new(archive, verdict, why, now=now)
        row.first_id, row.first_mention = pair[0].record, pair[0].mention
        row.second_id, row.second_mention = pair[1].record, pair[1].mention
        _settle(archive, row, why, changes, now=now, evidence=_evidence(archive, *sides))
    return row


def _evidence(archive: Archive, one: _Side, other: _Side) -> dict[str, Any]:
    """What the comparison has said of two mentions: of a pair of the queue, or of a join that it has made."""
    places = {
        "first_id": one.place.record,
        "first_mention": one.place.mention,
        "second_id": other.place.record,
        "second_mention": other.place.mention,
    }
    asked = Proposal.objects.filter(case_id=archive.case_id, **places).select_related("first", "second")
    for row in asked:
        evidence: dict[str, Any] = open_proposal(archive, row)["evidence"]
        return evidence
    for side, to in ((one, other.place), (other, one.place)):
        join: dict[str, Any] = side.said.get("model", {}).get(str(side.place.mention), {})
        if join.get("to") == [to.record, to.mention]:
            return join
    return {}


def answer_pair(
    archive: Archive, said: str, verdict: str, why: Decided, *, clock: Callable[[], datetime]
) -> tuple[Judgement, dict[str, Any]]:
    """The judgement about a pair of the queue, named by its id or the beginning of it, and the evidence it had.

    Raises:
        PairUnknown, DecisionImpossible: nothing is changed.
    """
    row = find_pair(archive, said)
    evidence: dict[str, Any] = open_proposal(archive, row)["evidence"]
    pair = Place(row.first_id, row.first_mention), Place(row.second_id, row.second_mention)
    return judge(archive, pair, verdict, why, clock=clock), evidence


def merge(archive: Archive, one: str, into: str, why: Decided, *, clock: Callable[[], datetime]) -> Judgement:
    """Let the number of one customer lead to another's from now on.

    Raises:
        DecisionImpossible: they are one already, or a person and an organisation.
    """
    now = clock()
    with transaction.atomic():
        merged = Forwarding.of(archive.case_id)
        rows = {row.id: row for row in Customer.objects.filter(case_id=archive.case_id, id__in=[one, into])}
        if len(rows) != 2 or merged.head(one) == merged.head(into) or merged.is_forwarded(one):
            raise DecisionImpossible(reason="one-already")
        if rows[one].kind != rows[into].kind:
            raise DecisionImpossible(reason="kind")
        head = merged.head(into)
        changes = Changes(forwards=[(one, ["", ""], [head, PERSON])])
        row = _new(archive, MERGED, why, now=now)
        row.customer, row.other = one, head
        _settle(archive, row, why, changes, now=now)
    return row


def move(
    archive: Archive,
    records: Sequence[str],
    customer: str,
    to: str | None,
    why: Decided,
    *,
    clock: Callable[[], datetime],
) -> Judgement:
    """Give what these records say of a customer to another; to a new one when `to` is None.

    Raises:
        DecisionImpossible: a record is not the customer's, or nothing would be left to split from.
    """
    now = clock()
    with transaction.atomic():
        merged = Forwarding.of(archive.case_id)
        head = merged.head(customer)
        target = merged.head(to) if to is not None else ""
        links = _links_of(archive, merged.members(head), records)
        if target == head or {link.record_id for link in links} != set(records) or not links:
            raise DecisionImpossible(reason="not-theirs")
        made = None if target else _founded(archive, head, links)
        if made is not None:
            target = made
        kinds = dict(Customer.objects.filter(id__in=[head, target]).values_list("id", "kind"))
        if len(set(kinds.values())) != 1:
            raise DecisionImpossible(reason="kind")
        changes = _moved(archive, links, target)
        changes.made = [made] if made is not None else []
        row = _new(archive, SPLIT if made is not None else MOVED, why, now=now)
        row.customer, row.other = head, target
        recognised = [] if made is None else [_recognised(archive, made)]
        _settle(archive, row, why, changes, now=now, before=recognised)
    return row


def tie(
    archive: Archive, record: str, customer: str, why: Decided, *, clock: Callable[[], datetime]
) -> Judgement:
    """Let a record be a customer's by a person's word, whoever it names: noted as moved from nobody.

    Raises:
        DecisionImpossible: it is his already, or has been destroyed.
    """
    now = clock()
    with transaction.atomic():
        merged = Forwarding.of(archive.case_id)
        head = merged.head(customer)
        living = Record.objects.filter(case_id=archive.case_id, id=record).exclude(key_page="").exists()
        if not living or _links_of(archive, merged.members(head), [record]):
            raise DecisionImpossible(reason="theirs-already")
        row = _new(archive, MOVED, why, now=now)
        row.other = head
        after = new_state(archive, PERSON, {"mentions": []})
        _settle(archive, row, why, Changes(links=[(record, head, None, after)]), now=now)
    return row


def undo(archive: Archive, ordinal: int, *, clock: Callable[[], datetime]) -> Judgement:
    """Take a judgement back, and everything that it changed, to the byte.

    Raises:
        JudgementUnknown: none that holds has this number. DecisionOverlaid: something later rests on it.
    """
    now = clock()
    with transaction.atomic():
        rows = Judgement.objects.select_for_update().filter(case_id=archive.case_id, ordinal=ordinal)
        row = rows.filter(undone=None).exclude(sealed=b"").first()
        if row is None:
            raise JudgementUnknown(number=ordinal)
        said = open_judgement(archive, row)
        if not said:
            raise JudgementUnknown(number=ordinal)
        changes = Changes.from_json(said["changes"]).reversed()
        events = [Event(archive.agent, "judgement-undone", _objects(row), {})]
        events += apply(archive, changes, basis=PERSON)
        rewrite(archive, [row], undone=now)
        book.write(archive.case_id, events, now=now)
    return row


def _new(archive: Archive, kind: str, why: Decided, *, now: datetime) -> Judgement:
    last = Judgement.objects.filter(case_id=archive.case_id).aggregate(last=Max("ordinal"))["last"]
    return Judgement(
        id=archive.new_id(),
        case_id=archive.case_id,
        ordinal=(last or 0) + 1,
        kind=kind,
        audited=why.audited,
        agent_id=archive.agent,
        decided=now,
    )


def _settle(
    archive: Archive,
    row: Judgement,
    why: Decided,
    changes: Changes,
    *,
    now: datetime,
    before: Sequence[Event] = (),
    evidence: Mapping[str, Any] | None = None,
) -> None:
    """Write the judgement with what it changes, in the caller's transaction; the event last."""
    salt = archive.random_bytes(SALT_BYTES)
    said: dict[str, Any] = {"reason": why.reason, "salt": salt.hex(), "changes": changes.to_json()}
    if evidence:
        said["evidence"] = {name: evidence[name] for name in ("kind", "steps") if name in evidence}
    row.sealed = seal_judgement(archive, row, said)
    guarded(archive, row).save(force_insert=True)
    events = [*before, *apply(archive, changes, basis=PERSON)]
    facts: dict[str, str | int] = {"verdict": row.kind}
    if why.reason:
        facts["reason"] = commit(why.reason.encode(), salt=salt)
    events.append(Event(archive.agent, "judged", _objects(row), facts))
    book.write(archive.case_id, events, now=now)


def _objects(row: Judgement) -> tuple[str, ...]:
    records = dict.fromkeys(one for one in (row.first_id, row.second_id) if one)
    customers = dict.fromkeys(one for one in (row.customer, row.other) if one)
    return (
        f"judgement:{row.id}",
        *(f"record:{one}" for one in records),
        *(f"customer:{one}" for one in customers),
    )


@dataclass(frozen=True, slots=True)
class _Side:
    """One mention of a pair, and whose it is now."""

    place: Place
    record: Record
    mention: KeptMention
    link: Link | None
    head: str
    """Empty while it is nobody's."""
    said: dict[str, Any]

    @classmethod
    def of(cls, archive: Archive, place: Place) -> _Side:
        """The mention at this place.

        Raises:
            PairUnknown: there is none.
        """
        record = Record.objects.filter(case_id=archive.case_id, id=place.record).exclude(key_page="").first()
        mentions = mentions_of_record(archive, record) if record is not None else ()
        mention = next((one for one in mentions if one.at == place.mention), None)
        if record is None or mention is None:
            raise PairUnknown()
        for link in Link.objects.filter(case_id=archive.case_id, record=record).order_by("id"):
            said = open_link(archive, record.key_page, link)
            if place.mention in said.get("mentions", ()) or str(place.mention) in said.get("model", {}):
                head = Forwarding.of(archive.case_id).head(link.customer_id)
                return cls(place, record, mention, link, head, said)
        return cls(place, record, mention, None, "", {})


def _joined(archive: Archive, one: _Side, other: _Side) -> Changes:
    """Two customers become one, or the mention that is nobody's becomes the other's."""
    if one.head and other.head:
        if one.head == other.head:
            return Changes()
        rows = Customer.objects.filter(case_id=archive.case_id, id__in=[one.head, other.head])
        older, younger = sorted(rows, key=lambda row: row.number)
        if older.kind != younger.kind:
            raise DecisionImpossible(reason="kind")
        return Changes(forwards=[(younger.id, ["", ""], [older.id, PERSON])])
    known, loose = (one, other) if one.head else (other, one)
    if not known.head:
        return Changes()
    links = Link.objects.filter(case_id=archive.case_id, record=loose.record, customer_id=known.head)
    there = links.first()
    said = open_link(archive, loose.record.key_page, there) if there is not None else {"mentions": []}
    said = said | {"mentions": sorted({*said.get("mentions", ()), loose.place.mention})}
    after = new_state(archive, there.ground if there is not None else PERSON, said)
    before = link_state(archive, loose.record.key_page, there)
    return Changes(links=[(loose.record.id, known.head, before, after)])


def _parted(archive: Archive, one: _Side, other: _Side) -> Changes:
    """The side that only the model or a person has tied lets go; two numbers that were merged part again."""
    if not one.head or one.head != other.head:
        return Changes()
    customers = [side.link.customer_id for side in (one, other) if side.link is not None]
    if len(set(customers)) == 2:
        young = [one for one in customers if one != one_head(archive, one)]
        rows = Customer.objects.filter(case_id=archive.case_id, id__in=young, forward_ground=MODEL)
        forwards = [(row.id, [row.forward_id or "", row.forward_ground], ["", ""]) for row in rows]
        return Changes(forwards=forwards[:1])
    for side in (other, one):
        if side.link is None or side.link.ground not in (MODEL, PERSON):
            continue
        left = [at for at in side.said.get("mentions", ()) if at != side.place.mention]
        after = None
        if left:
            after = new_state(archive, side.link.ground, side.said | {"mentions": left})
        before = link_state(archive, side.record.key_page, side.link)
        return Changes(links=[(side.record.id, side.link.customer_id, before, after)])
    return Changes()


def one_head(archive: Archive, customer: str) -> str:
    """The customer that this one is now."""
    return Forwarding.of(archive.case_id).head(customer)


def _links_of(archive: Archive, members: Sequence[str], records: Sequence[str]) -> list[Link]:
    rows = Link.objects.filter(
        case_id=archive.case_id, customer_id__in=list(members), record_id__in=list(records)
    )
    return list(rows.select_related("record").order_by("record_id", "customer_id"))


def _moved(archive: Archive, links: Sequence[Link], target: str) -> Changes:
    """The links end and are the target's, with the same mentions."""
    changes = Changes()
    by_record: dict[str, list[Link]] = {}
    for link in links:
        by_record.setdefault(link.record_id, []).append(link)
    for record, some in by_record.items():
        page = some[0].record.key_page
        there = Link.objects.filter(case_id=archive.case_id, record_id=record, customer_id=target).first()
        opened = [open_link(archive, page, link) for link in (*some, *([there] if there else []))]
        said = {"mentions": sorted({at for one in opened for at in one.get("mentions", ())})}
        changes.links += [(record, link.customer_id, link_state(archive, page, link), None) for link in some]
        after = new_state(archive, PERSON, said)
        changes.links.append((record, target, link_state(archive, page, there), after))
    return changes


def _founded(archive: Archive, head: str, links: Sequence[Link]) -> str:
    """A new customer, named as the first of these records names him; in the caller's transaction."""
    parent = Customer.objects.get(case_id=archive.case_id, id=head)
    link = links[0]
    places = open_link(archive, link.record.key_page, link).get("mentions", [])
    named = [one for one in mentions_of_record(archive, link.record) if one.at in places]
    profile = archive.open(
        archive.key(parent.key_page, parent.id), parent.id, "customer.sealed", parent.sealed
    )
    name = named[0].mention.raw if named else str(profile["name"])
    return found_customers(archive, [Founded(parent.kind, name)])[0]


def _recognised(archive: Archive, customer: str) -> Event:
    return Event(archive.agent, "customer-recognised", (f"customer:{customer}",), {"basis": PERSON})
