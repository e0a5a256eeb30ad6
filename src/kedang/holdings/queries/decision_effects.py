"""What a decision about customers would do, told before anything is done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

from kedang.holdings.adapters.archive import Archive
from kedang.holdings.adapters.judgements import open_judgement
from kedang.holdings.adapters.names import customer_name
from kedang.holdings.customer_errors import DecisionImpossible, JudgementUnknown
from kedang.holdings.models import Customer, Judgement, Link, RowSet
from kedang.holdings.queries.customer_scope import EVERYTHING, CustomerScope
from kedang.holdings.queries.forwarding import Forwarding


@dataclass(frozen=True, slots=True)
class Party:
    """A customer before and after."""

    id: str
    number: int
    name: str
    kind: str
    records: int
    records_after: int
    row_sets: int
    """Tables in which he has rows of his own; they follow with the next making of row sets."""


@dataclass(frozen=True, slots=True)
class Effect:
    """What would change."""

    kind: str
    """merged, split, moved, tied, or the kind of the judgement that is undone."""
    parties: tuple[Party, ...]
    moved: int
    """Records that change hands."""
    ordinal: int = 0
    """Of the judgement that is undone."""
    unmerged: int = 0
    """Numbers that stand alone again."""

    @property
    def mark(self) -> str:
        """Changes with whatever is shown: a form that was shown something else is not carried out."""
        return sha256(repr(self).encode()).hexdigest()[:16]


def effect_of_merge(archive: Archive, one: str, into: str, *, scope: CustomerScope = EVERYTHING) -> Effect:
    """Two numbers become one customer.

    Raises:
        DecisionImpossible: one customer twice, or a person and an organisation.
    """
    merged = Forwarding.of(archive.case_id)
    first, second = merged.head(one), merged.head(into)
    if first == second:
        raise DecisionImpossible(reason="same")
    mine, theirs = _records(archive, merged, first, scope), _records(archive, merged, second, scope)
    left, right = _row(archive, first), _row(archive, second)
    if left.kind != right.kind:
        raise DecisionImpossible(reason="kind")
    parties = (
        _party(archive, left, len(mine), 0, scope),
        _party(archive, right, len(theirs), len(mine | theirs), scope),
    )
    return Effect("merged", parties, len(mine - theirs))


def effect_of_move(
    archive: Archive,
    records: Sequence[str],
    customer: str,
    to: str | None,
    *,
    scope: CustomerScope = EVERYTHING,
) -> Effect:
    """Some of a customer's records go to another, or to a new one when `to` is None.

    Raises:
        DecisionImpossible: a record is not his, none is given, or the other is he himself or of another kind.
    """
    merged = Forwarding.of(archive.case_id)
    head = merged.head(customer)
    target = merged.head(to) if to is not None else ""
    mine, moving = _records(archive, merged, head, scope), set(records)
    if target == head or not moving or not moving <= mine:
        raise DecisionImpossible(reason="not-theirs")
    row = _row(archive, head)
    parties = [_party(archive, row, len(mine), len(mine - moving), scope)]
    if target:
        other = _row(archive, target)
        if other.kind != row.kind:
            raise DecisionImpossible(reason="kind")
        theirs = _records(archive, merged, target, scope)
        parties.append(_party(archive, other, len(theirs), len(theirs | moving), scope))
    return Effect("moved" if target else "split", tuple(parties), len(moving))


def effect_of_tie(
    archive: Archive, record: str, customer: str, *, scope: CustomerScope = EVERYTHING
) -> Effect:
    """A record becomes a customer's too.

    Raises:
        DecisionImpossible: it is his already.
    """
    merged = Forwarding.of(archive.case_id)
    head = merged.head(customer)
    mine = _records(archive, merged, head, scope)
    if record in mine:
        raise DecisionImpossible(reason="theirs-already")
    return Effect("tied", (_party(archive, _row(archive, head), len(mine), len(mine) + 1, scope),), 1)


def effect_of_undo(archive: Archive, ordinal: int, *, scope: CustomerScope = EVERYTHING) -> Effect:
    """A judgement taken back, with everything that it changed.

    Raises:
        JudgementUnknown: none that holds has this number, or it is about what may not be seen.
    """
    rows = Judgement.objects.filter(case_id=archive.case_id, ordinal=ordinal, undone=None)
    row = rows.exclude(sealed=b"").first()
    said = open_judgement(archive, row) if row is not None else {}
    if row is None or not said or not _may_be_seen(row, said, scope):
        raise JudgementUnknown(number=ordinal)
    changes = said["changes"]
    merged = Forwarding.of(archive.case_id)
    about = [one for one in (row.customer, row.other) if one]
    about += [one[0] for one in changes["forwards"]] + [str(one[1]) for one in changes["links"]]
    heads = dict.fromkeys(one for one in map(merged.head, about) if one)
    known = Customer.objects.filter(case_id=archive.case_id, id__in=list(heads)).exclude(key_page="")
    parties = []
    for customer in known.order_by("number"):
        count = len(_records(archive, merged, customer.id, scope))
        parties.append(_party(archive, customer, count, count, scope))
    moved = {str(one[0]) for one in changes["links"]}
    return Effect(row.kind, tuple(parties), len(moved), ordinal, len(changes["forwards"]))


def _may_be_seen(row: Judgement, said: dict[str, dict[str, list[list[str]]]], scope: CustomerScope) -> bool:
    """Whether no record of the judgement, and no customer of it, lies beyond the scope."""
    sides = {one for one in (row.first_id, row.second_id) if one}
    sides |= {str(one[0]) for one in said["changes"]["links"]}
    if scope.records is not None and scope.records.filter(id__in=sides).count() != len(sides):
        return False
    return all(scope.holds(one) for one in (row.customer, row.other) if one)


def _records(archive: Archive, merged: Forwarding, head: str, scope: CustomerScope) -> set[str]:
    rows = Link.objects.filter(case_id=archive.case_id, customer_id__in=list(merged.members(head)))
    return set(scope.narrowed(rows).values_list("record_id", flat=True))


def _row(archive: Archive, customer: str) -> Customer:
    return Customer.objects.get(case_id=archive.case_id, id=customer)


def _party(archive: Archive, row: Customer, now: int, after: int, scope: CustomerScope) -> Party:
    sets = RowSet.objects.filter(case_id=archive.case_id, customer=row, replaced=False).exclude(key_page="")
    count = scope.narrowed(sets).count()
    return Party(row.id, row.number, customer_name(archive, row), row.kind, now, after, count)
