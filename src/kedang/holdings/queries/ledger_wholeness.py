"""The ledger's rows checked: leaves, their hashes, nodes, head, every signed head; and rows against leaves."""

from __future__ import annotations

from collections.abc import Iterator

from kedang.holdings.adapters.archive import Archive
from kedang.holdings.adapters.book import head_of
from kedang.holdings.adapters.guarding import UNREADABLE
from kedang.holdings.adapters.plain_rows import raw_lines
from kedang.holdings.adapters.signing import signer_of
from kedang.holdings.models import Checkpoint as CheckpointRow
from kedang.holdings.models import LedgerHead, LedgerLeaf, LedgerNode
from kedang.holdings.queries.agreeing import (
    STATING,
    TAKING_BACK,
    Tally,
    gone_of,
    stated_by_leaf,
    stated_by_rows,
    withdrawn_by_leaf,
)
from kedang.holdings.queries.faults import HEAD_ALTERED, LEDGER_BROKEN, ROWS_DISAGREE, Verification
from kedang.ledger.checkpoints import Checkpoint, open_checkpoint
from kedang.ledger.verification import Verdict, act_of, verify_ledger
from kedang.records.errors import KedangError

FAULTS = 100  # of the ledger, that are named: behind a gap every leaf is out of its place


def check_ledger(archive: Archive, found: Verification) -> None:
    """Every leaf is well formed and in its place; every signed head lies on its way; the rows say the same."""
    case = archive.case_id
    row = LedgerHead.objects.get(case_id=case)
    stated, standing, gone = Tally(), Tally(), gone_of(case)
    stored = b"", 0  # hash and number of the leaf that is being verified

    def leaves() -> Iterator[bytes]:
        nonlocal stored
        rows = LedgerLeaf.objects.filter(case_id=case).order_by("n").values_list("n", "leaf", "leaf_hash")
        expected = 0
        for n, octets_of, digest in raw_lines(rows):
            leaf, stored = octets(octets_of), (octets(digest), n)
            if n != expected:  # one fault for a gap, however long
                found.add(LEDGER_BROKEN, str(expected), name=f"ledgerleaf/{expected}")
            expected = n + 1
            act = act_of(leaf)
            if act in STATING:
                for statement in stated_by_leaf(leaf, gone):
                    stated.add(statement)
            elif act in TAKING_BACK:
                for statement in withdrawn_by_leaf(leaf, gone):
                    stated.take(statement)
            yield leaf

    def compare(digest: bytes) -> None:
        if digest != stored[0]:
            found.add(LEDGER_BROKEN, str(stored[1]), name=f"ledgerleaf/{stored[1]}")

    verdict = verify_ledger(leaves(), heads=_heads(archive, row, found), hashed=compare)
    found.leaves = verdict.frontier.size
    for fault in verdict.faults[:FAULTS]:
        found.add(fault.code, str(fault.n), name=f"ledgerleaf/{fault.n}")
    _check_head(row, verdict, found)
    _check_nodes(archive, verdict, found)
    for statement in stated_by_rows(case):
        standing.add(statement)
    for kind in stated.differing(standing):
        found.add(ROWS_DISAGREE, kind)


def octets(stored: object) -> bytes:
    """What a column of octets holds; nothing when a damaged row holds something else there."""
    if isinstance(stored, bytes):
        return stored
    return bytes(stored) if isinstance(stored, memoryview) else b""


def _heads(archive: Archive, row: LedgerHead, found: Verification) -> list[Checkpoint]:
    """Every head that was signed for this ledger, in the database and with the key sheets."""
    try:
        key = signer_of(archive, row.generation).verification_key
    except (ValueError, OverflowError):
        found.add(HEAD_ALTERED, str(row.generation), name="ledgerhead")
        return []
    heads: list[Checkpoint] = []
    for place, note in enumerate(archive.places.read_heads(archive.case_id)):
        try:
            heads.append(open_checkpoint(note, key=key))
        except KedangError:
            found.add(HEAD_ALTERED, f"place {place + 1}", name="heads")
    older = row.generation  # notes of earlier generations name another origin
    for one in CheckpointRow.objects.filter(case_id=archive.case_id).order_by("size"):
        try:
            head = open_checkpoint(one.note, key=key)
        except KedangError:
            if not older or one.size > row.size:
                found.add(HEAD_ALTERED, str(one.size), name=f"checkpoint/{one.id}")
            continue
        if head.size != one.size:
            found.add(HEAD_ALTERED, str(one.size), name=f"checkpoint/{one.id}")
        heads.append(head)
    return heads


def _check_head(row: LedgerHead, verdict: Verdict, found: Verification) -> None:
    """The row of the head is what the leaves give."""
    try:
        head = head_of(row)
        same = head.frontier == verdict.frontier and row.size == verdict.frontier.size
        same = same and (not row.size or row.last_time == verdict.last_time)
    except (KedangError, *UNREADABLE):
        same = False
    if not same:
        found.add(LEDGER_BROKEN, str(row.size), name="ledgerhead")


def _check_nodes(archive: Archive, verdict: Verdict, found: Verification) -> None:
    """Every stored node is what the leaves below it give, and none is missing."""
    expected = {(node.level, node.place): node.hash for node in verdict.nodes}
    rows = LedgerNode.objects.filter(case_id=archive.case_id).values_list("level", "place", "node_hash")
    stored = {(level, place): octets(digest) for level, place, digest in rows}
    for level, place in sorted(expected.keys() | stored.keys(), key=str):
        if expected.get((level, place)) != stored.get((level, place)):
            found.add(LEDGER_BROKEN, f"{level}/{place}", name=f"ledgernode/{level}/{place}")
