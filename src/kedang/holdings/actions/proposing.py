"""The queue of pairs that persons are asked to judge."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence

from django.db import transaction

from kedang.holdings.adapters.archive import Archive
from kedang.holdings.adapters.guarding import guarded, rewrite
from kedang.holdings.adapters.inserting import insert_rows
from kedang.holdings.adapters.judgements import seal_proposal
from kedang.holdings.adapters.links import LinksThere
from kedang.holdings.adapters.looking_up import in_batches
from kedang.holdings.models import Judgement, Proposal
from kedang.holdings.queries.forwarding import Forwarding
from kedang.pipeline.resolving_messages import At, ProposedPair

Pair = tuple[At, At]


def propose(
    archive: Archive,
    pairs: Sequence[ProposedPair],
    is_again: Callable[[At], bool],
) -> int:
    """Make these pairs wait, each at its place; how many wait. What has been judged is not asked again.

    Of the others those go of which a mention has been compared again.
    """
    case = archive.case_id
    pages, customer_of = _whose(archive, pairs)
    judged = {_pair(row) for row in Judgement.objects.filter(case_id=case, undone=None).exclude(first=None)}
    wanted = {
        (one.first, one.second): one
        for one in pairs
        if (one.first, one.second) not in judged
        and (customer_of.get(one.first, "1") != customer_of.get(one.second, "2"))
    }
    there = {_pair(row): row for row in Proposal.objects.filter(case_id=case)}
    gone = [
        row.id
        for pair, row in there.items()
        if pair not in wanted and (is_again(pair[0]) or is_again(pair[1]))
    ]
    for some in in_batches(gone):
        Proposal.objects.filter(id__in=some).delete()
    new = [one for pair, one in wanted.items() if pair not in there]
    for some in in_batches(new):
        rows = [_row(archive, one, pages, customer_of) for one in some]
        with transaction.atomic():
            insert_rows(Proposal, rows)
    for pair, row in there.items():
        if pair in wanted:
            _renew(archive, row, wanted[pair].place, customer_of)
    return Proposal.objects.filter(case_id=case).count()


def _whose(archive: Archive, pairs: Sequence[ProposedPair]) -> tuple[dict[str, str], dict[At, str]]:
    """The key pages of all records that the pairs speak of, and whose each of their mentions is now."""
    lead_to = Forwarding.of(archive.case_id)
    pages: dict[str, str] = {}
    found: dict[At, str] = {}
    for some in in_batches(pairs):
        mentions = {at for one in some for at in (one.first, one.second)}
        links = LinksThere.of(archive, {at[0] for at in mentions})
        pages.update(links.pages)
        for whose in (links.model_of, links.certain):
            found.update((at, lead_to.head(whose[at])) for at in mentions if at in whose)
    return pages, found


def _pair(row: Proposal | Judgement) -> Pair:
    return (
        (str(row.first_id), int(row.first_mention or 0)),
        (str(row.second_id), int(row.second_mention or 0)),
    )


def _row(
    archive: Archive, one: ProposedPair, pages: Mapping[str, str], customer_of: Mapping[At, str]
) -> Proposal:
    row = Proposal(
        id=archive.new_id(),
        case_id=archive.case_id,
        place=one.place,
        first_id=one.first[0],
        first_mention=one.first[1],
        second_id=one.second[0],
        second_mention=one.second[1],
        customer=customer_of.get(one.first, ""),
        other=customer_of.get(one.second, ""),
    )
    row.sealed = seal_proposal(archive, row, pages, {"evidence": json.loads(one.evidence)})
    return guarded(archive, row)


def _renew(archive: Archive, row: Proposal, place: int, customer_of: Mapping[At, str]) -> None:
    first, second = _pair(row)
    now = (place, customer_of.get(first, ""), customer_of.get(second, ""))
    if now != (row.place, row.customer, row.other):
        rewrite(archive, [row], place=now[0], customer=now[1], other=now[2])
