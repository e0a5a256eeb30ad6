"""The whole ledger against every head that was ever signed and is still held: here, at the key sheets, outside."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Any

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509 import Certificate

from kedang.holdings.adapters.archive import Archive
from kedang.holdings.adapters.guarding import MARKS, require_as_written
from kedang.holdings.adapters.signing import signer_of
from kedang.holdings.models import Checkpoint as CheckpointRow
from kedang.holdings.models import LedgerHead, LedgerNode, Witness
from kedang.holdings.queries.ledger_events import all_leaves, leaf_bytes, octets
from kedang.ledger.checkpoints import Checkpoint, open_checkpoint, origin_of
from kedang.ledger.clocks import WitnessedTime
from kedang.ledger.errors import (
    ClockBehind,
    FrontierMalformed,
    HeadOrphaned,
    LeavesMissing,
    NodeMismatch,
    OriginMismatch,
    RootMismatch,
    ShortCodeMismatch,
    TimestampInvalid,
    WitnessMissing,
)
from kedang.ledger.leaves import read_leaf, said_time
from kedang.ledger.notes import VerificationKey, split_note
from kedang.ledger.proof_files import FORMAT, read_proof_file, verify_proof_file
from kedang.ledger.receipts import Receipt
from kedang.ledger.short_codes import ShortCode, short_code
from kedang.ledger.timestamps import read_certificates, verify_time_stamp
from kedang.ledger.tree import Frontier
from kedang.ledger.verification import Verdict, verify_ledger
from kedang.records.errors import KedangError
from kedang.records.ids import CaseId

HEAD_ROW = "KD-H207"
WARNINGS = frozenset({ClockBehind.code})
"""Findings that do not speak against the ledger."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something wrong: a code, the entry or size that it concerns, and where the evidence lay."""

    code: str
    n: int
    where: str
    """ledger, database, place, given or witness."""


@dataclass(frozen=True, slots=True)
class StampSeen:
    """A time-stamp that is good: over how many entries, from when, and whose certificate was trusted."""

    size: int
    time: datetime
    certificate: str
    """SHA-256 of the certificate under which it was checked."""
    trusted_by: str
    """given: by the person who asked; kept: the one that was given when the head was stamped."""


@dataclass(slots=True)
class LedgerVerdict:
    """What holds of the ledger and what does not."""

    origin: str
    size: int = 0
    root: str = ""
    code: str = ""
    """Short code of the head over everything that is there."""
    heads: int = 0
    """Signed heads that agree with the entries."""
    proven_size: int = 0
    """So many entries are exactly those that were once signed."""
    proven_time: datetime | None = None
    """Time of the last of them."""
    since: datetime | None = None
    """Time of the last entry under the earliest head that agrees."""
    unsigned: int = 0
    """Entries after the last signed head; ordinary growth, to be signed with the next head."""
    stamps: list[StampSeen] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    @property
    def whole(self) -> bool:
        """Whether nothing speaks against the ledger."""
        return all(finding.code in WARNINGS for finding in self.findings)

    def to_json(self) -> dict[str, Any]:
        """The verdict for a program."""
        return {
            "whole": self.whole,
            "origin": self.origin,
            "size": self.size,
            "root": self.root,
            "code": self.code,
            "heads": self.heads,
            "proven_size": self.proven_size,
            "proven_time": self.proven_time.isoformat() if self.proven_time else None,
            "since": self.since.isoformat() if self.since else None,
            "unsigned": self.unsigned,
            "stamps": [
                {
                    "size": one.size,
                    "time": one.time.isoformat(),
                    "certificate": one.certificate,
                    "trusted_by": one.trusted_by,
                }
                for one in self.stamps
            ],
            "findings": [{"code": one.code, "n": one.n, "where": one.where} for one in self.findings],
        }

    def add(self, code: str, n: int, where: str) -> None:
        """Note something wrong, once."""
        finding = Finding(code, n, where)
        if finding not in self.findings:
            self.findings.append(finding)


@dataclass(slots=True)
class _Evidence:
    """The heads and codes that the entries must meet."""

    heads: list[tuple[Checkpoint, str]] = field(default_factory=list)
    codes: list[ShortCode] = field(default_factory=list)
    tokens: dict[str, tuple[int, str]] = field(default_factory=dict)
    """What the leaves say of time-stamps: size and time by digest."""


def verify_case_ledger(
    archive: Archive, *, given: Sequence[str] = (), certificates: Sequence[Certificate] = (), now: datetime
) -> LedgerVerdict:
    """The verdict on a case's ledger, entry by entry.

    `given` are what people outside hold: receipts, proof files and signed heads as text, or short codes.
    `certificates` are those of time-stamping authorities that the asking person trusts; without them the
    ones given when the head was stamped.
    """
    row = LedgerHead.objects.get(case_id=archive.case_id)
    keys = [signer_of(archive, one).verification_key for one in range(row.generation + 1)]
    verdict = LedgerVerdict(origin_of(archive.case_id, row.generation))
    evidence = _Evidence()
    _gather_own(archive, keys, evidence, verdict)
    for text in given:
        _gather_given(text, keys, evidence, verdict)
    _gather_stamps(archive.case_id, keys, certificates, evidence, verdict, now)
    sizes = {head.size for head, _ in evidence.heads} | {code.size for code in evidence.codes}
    walked = verify_ledger(_watched(all_leaves(archive.case_id), evidence), heads=(), sizes=sizes)
    _tell_walk(archive.case_id, row, walked, verdict)
    _meet(archive.case_id, row.generation, evidence, walked, verdict)
    _compare_stamps(archive.case_id, evidence, verdict)
    return verdict


def latest_witnessed_time(archive: Archive) -> WitnessedTime | None:
    """The latest time that an authority outside has put on a head of this ledger; None when there is none.

    It is verified under the certificates that were trusted when it was asked for.

    Raises:
        RowAltered, TimestampRefused, TimestampInvalid: what is kept of it is not what the authority gave.
    """
    row = Witness.objects.filter(case_id=archive.case_id).order_by("-time", "-id").first()
    if row is None:
        return None
    require_as_written(MARKS[Witness], archive, row)
    trusted = read_certificates(row.certificates)
    return WitnessedTime(verify_time_stamp(octets(row.token), note=row.note, trusted=trusted).time, row.clock)


def _gather_own(
    archive: Archive, keys: Sequence[VerificationKey], evidence: _Evidence, verdict: LedgerVerdict
) -> None:
    """The heads of the database and of the key sheets' places."""
    rows = CheckpointRow.objects.filter(case_id=archive.case_id).order_by("size")
    notes = [(row.note, row.size, "database") for row in rows.iterator(chunk_size=500)]
    notes += [(note, 0, "place") for note in archive.places.read_heads(archive.case_id)]
    for note, size, where in notes:
        try:
            evidence.heads.append((_opened(note, keys), where))
        except KedangError as error:
            verdict.add(error.code, size, where)


def _gather_given(
    text: str, keys: Sequence[VerificationKey], evidence: _Evidence, verdict: LedgerVerdict
) -> None:
    """What somebody outside holds."""
    try:
        if FORMAT in text:
            file = read_proof_file(text)
            heads = verify_proof_file(file, key=_key_named(file.key.name, keys))
            evidence.heads += [(head, "given") for head in heads]
        elif text.startswith("c2sp.org/tlog-proof"):
            evidence.heads.append((_opened(Receipt.parse(text).signed_head, keys), "given"))
        elif "\n" in text.strip():
            evidence.heads.append((_opened(text, keys), "given"))
        else:
            evidence.codes.append(ShortCode.parse(text))
    except KedangError as error:
        verdict.add(error.code, 0, "given")


def _gather_stamps(
    case: CaseId,
    keys: Sequence[VerificationKey],
    certificates: Sequence[Certificate],
    evidence: _Evidence,
    verdict: LedgerVerdict,
    now: datetime,
) -> None:
    """The time-stamps that are kept, each with its head."""
    for row in Witness.objects.filter(case_id=case).order_by("size", "time"):
        try:
            head = _opened(row.note, keys)
            trusted = list(certificates) or read_certificates(row.certificates)
            stamp = verify_time_stamp(octets(row.token), note=row.note, trusted=trusted)
            if stamp.time != row.time or head.size != row.size:
                raise TimestampInvalid(size=row.size)
        except KedangError as error:
            verdict.add(error.code, row.size, "witness")
            continue
        evidence.heads.append((head, "witness"))
        print_ = trusted[0].fingerprint(SHA256()).hex()
        verdict.stamps.append(StampSeen(head.size, stamp.time, print_, "given" if certificates else "kept"))
        if stamp.time > now:
            verdict.add(ClockBehind.code, row.size, "witness")


def _opened(note: str, keys: Sequence[VerificationKey]) -> Checkpoint:
    name = Checkpoint.parse(split_note(note)[0]).origin
    return open_checkpoint(note, key=_key_named(name, keys))


def _key_named(name: str, keys: Sequence[VerificationKey]) -> VerificationKey:
    """The key of this generation of this ledger."""
    for key in keys:
        if key.name == name:
            return key
    raise OriginMismatch(generations=len(keys))


def _watched(leaves: Iterable[bytes], evidence: _Evidence) -> Iterator[bytes]:
    """The leaves as they are; what they say of time-stamps is remembered."""
    for data in leaves:
        if data.startswith(b'{"act":"witnessed",'):
            try:
                facts: dict[str, Any] = json.loads(data)["facts"]
                evidence.tokens[str(facts["token"])] = (int(facts["size"]), str(facts["stamped"]))
            except (ValueError, KeyError, TypeError):
                pass  # the leaf itself is a finding
        yield data


def _tell_walk(case: CaseId, row: LedgerHead, walked: Verdict, verdict: LedgerVerdict) -> None:
    """What the entries themselves say, and whether the head row and the nodes fit them."""
    for fault in walked.faults:
        verdict.add(fault.code, fault.n, "ledger")
    frontier = walked.frontier
    verdict.size, verdict.root = frontier.size, frontier.root.hex()
    verdict.code = str(short_code(Checkpoint(verdict.origin, frontier.size, frontier.root)))
    try:
        if Frontier.from_bytes(octets(row.frontier)) != frontier or row.size != frontier.size:
            verdict.add(HEAD_ROW, row.size, "ledger")
    except FrontierMalformed as error:
        verdict.add(error.code, row.size, "ledger")
    made = {(node.level, node.place): node.hash for node in walked.nodes}
    stored = LedgerNode.objects.filter(case_id=case).values_list("level", "place", "node_hash")
    for level, place, hash_ in stored.iterator(chunk_size=2_000):
        if made.pop((level, place), None) != octets(hash_):
            verdict.add(NodeMismatch.code, place << (8 * level), "ledger")
    for level, place in made:
        verdict.add(NodeMismatch.code, place << (8 * level), "ledger")


def _meet(
    case: CaseId, generation: int, evidence: _Evidence, walked: Verdict, verdict: LedgerVerdict
) -> None:
    """Every head and code against the root at its size."""
    standing: set[int] = set()
    for head, where in evidence.heads:
        reached = walked.roots.get(head.size)
        if reached == head.root:
            standing.add(head.size)
        elif head.origin != origin_of(case, generation):
            verdict.add(HeadOrphaned.code, head.size, where)
        else:
            code = LeavesMissing.code if reached is None else RootMismatch.code
            verdict.add(code, head.size, where)
    for typed in evidence.codes:
        reached = walked.roots.get(typed.size)
        origins = [origin_of(case, one) for one in range(generation + 1)]
        if reached is None:
            verdict.add(LeavesMissing.code, typed.size, "given")
        elif typed not in [short_code(Checkpoint(one, typed.size, reached)) for one in origins]:
            verdict.add(ShortCodeMismatch.code, typed.size, "given")
        else:
            standing.add(typed.size)
    verdict.heads = len(standing)
    signed = sorted(standing - {0})
    if signed:
        verdict.proven_size = signed[-1]
        verdict.proven_time = _time_of(case, signed[-1] - 1)
        verdict.since = _time_of(case, signed[0] - 1)
    verdict.unsigned = verdict.size - verdict.proven_size


def _time_of(case: CaseId, n: int) -> datetime | None:
    try:
        return read_leaf(leaf_bytes(case, n)).time
    except KedangError:
        return None  # altered, which is a finding


def _compare_stamps(case: CaseId, evidence: _Evidence, verdict: LedgerVerdict) -> None:
    """Every time-stamp that the entries speak of is there, and is the one they speak of."""
    kept = {
        sha256(octets(row.token)).hexdigest(): (row.size, said_time(row.time))
        for row in Witness.objects.filter(case_id=case)
    }
    for digest, said in evidence.tokens.items():
        if kept.get(digest) != said:
            verdict.add(WitnessMissing.code, said[0], "witness")
