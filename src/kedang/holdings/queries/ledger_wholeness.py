"""The ledger's rows checked: leaves, their hashes, nodes, head, every signed head; and rows against leaves."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence

from kedang.holdings.adapters.archive import Archive
from kedang.holdings.adapters.book import head_of
from kedang.holdings.adapters.guarding import UNREADABLE
from kedang.holdings.adapters.reading_rows import raw_chunks
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
from kedang.records.ids import CaseId

FAULTS = 100  # of the ledger, that are named: behind a gap every leaf is out of its place


def check_ledger(archive: Archive, found: Verification) -> None:
    """Every leaf is well formed and in its place; every signed head lies on its way; the rows say the same."""
    case = archive.case_id
    row = LedgerHead.objects.get(case_id=case)
    stored, standing = _StoredLeaves(case, found), Tally()
    verdict = verify_ledger(stored.leaves(), heads=_heads(archive, row, found), hashed=stored.compare)
    found.leaves = verdict.frontier.size
    for fault in verdict.faults[:FAULTS]:
        found.add(fault.code, str(fault.n), name=f"ledgerleaf/{fault.n}")
    _check_head(row, verdict, found)
    _check_nodes(archive, verdict, found)
    for statement in stated_by_rows(case):
        standing.add(statement)
    for kind in stored.stated.differing(standing):
        found.add(ROWS_DISAGREE, kind)


class _StoredLeaves:
    """The rows of all leaves, read once: what the leaves state, and whether each row has the hash of its leaf."""

    def __init__(self, case: CaseId, found: Verification) -> None:
        self.stated = Tally()
        self._case, self._found, self._gone = case, found, gone_of(case)
        self._expected = 0  # the number of the next leaf
        self._stored = deque[tuple[int, bytes]]()  # number and hash in the rows of leaves not yet compared

    def leaves(self) -> Iterator[bytes]:
        """Every leaf, in order."""
        rows = LedgerLeaf.objects.filter(case_id=self._case).order_by("n")
        for some in raw_chunks(rows.values_list("n", "leaf", "leaf_hash")):
            numbers, stored_leaves, stored_hashes = zip(*some, strict=True)
            leaves = _all_octets(stored_leaves)
            self._note_gaps(numbers)
            self._stored.extend(zip(numbers, _all_octets(stored_hashes), strict=True))
            self._count_statements(leaves)
            yield from leaves

    def compare(self, hashes: Sequence[bytes]) -> None:
        """Take the hashes of the next leaves, as the leaves themselves give them."""
        for digest in hashes:
            n, stored = self._stored.popleft()
            if digest != stored:
                self._found.add(LEDGER_BROKEN, str(n), name=f"ledgerleaf/{n}")

    def _note_gaps(self, numbers: Sequence[int]) -> None:
        for n in numbers:
            if n != self._expected:  # one fault for a gap, however long
                self._found.add(LEDGER_BROKEN, str(self._expected), name=f"ledgerleaf/{self._expected}")
            self._expected = n + 1

    def _count_statements(self, leaves: Sequence[bytes]) -> None:
        for leaf in leaves:
            act = act_of(leaf)
            if act in _STATING:
                for statement in stated_by_leaf(leaf, self._gone):
                    self.stated.add(statement)
            elif act in _TAKING_BACK:
                for statement in withdrawn_by_leaf(leaf, self._gone):
                    self.stated.take(statement)


_STATING, _TAKING_BACK = (frozenset(act.encode() for act in acts) for acts in (STATING, TAKING_BACK))


def _all_octets(stored: Sequence[object]) -> list[bytes]:
    return [one if type(one) is bytes else octets(one) for one in stored]


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
