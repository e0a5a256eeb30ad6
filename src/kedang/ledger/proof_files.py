"""Proof files: what an outsider keeps, in one JSON file with everything needed to check it.

`docs/formats/receipt.md` describes the file. A receipt holds leaves; a certificate holds data that a leaf
speaks of, too; a growth file shows that a later head continues an earlier one.
"""

from __future__ import annotations

import hmac
import json
from base64 import b64decode, b64encode
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from kedang.ledger.checkpoints import Checkpoint, open_checkpoint
from kedang.ledger.commitments import commit
from kedang.ledger.errors import BindingNotProven, ProofFileMalformed
from kedang.ledger.leaves import read_leaf
from kedang.ledger.notes import VerificationKey, split_note
from kedang.ledger.proofs import Proof, verify_consistency
from kedang.ledger.receipts import Receipt, verify_receipt
from kedang.ledger.short_codes import short_code

FORMAT = "kedang-proof/1"
FILE_CHARACTERS_MAX = 16_000_000  # a receipt has 2,000; a certificate over 10,000 records stays below


@dataclass(frozen=True, slots=True)
class ProvenLeaf:
    """A leaf's bytes with its place in the ledger."""

    data: bytes
    receipt: Receipt


@dataclass(frozen=True, slots=True)
class Growth:
    """Two signed heads, and the proof that the later continues the earlier."""

    old: str
    new: str
    proof: Proof


@dataclass(frozen=True, slots=True)
class Stamped:
    """A signed head and an authority's time-stamp of it (RFC 3161, DER)."""

    note: str
    reply: bytes


@dataclass(frozen=True, slots=True)
class Bound:
    """Data that a leaf speaks of: the fact holds their SHA-256, or with a salt their commitment."""

    text: str
    receipt: int
    """Which of the file's receipts."""
    fact: str
    salt: bytes | None = None

    def digest(self) -> str:
        """What the fact must say."""
        octets = self.text.encode()
        return sha256(octets).hexdigest() if self.salt is None else commit(octets, salt=self.salt)


@dataclass(frozen=True, slots=True)
class ProofFile:
    """Everything in one file."""

    kind: str
    """receipt, growth or certificate."""
    key: VerificationKey
    leaves: tuple[ProvenLeaf, ...] = ()
    growth: Growth | None = None
    stamps: tuple[Stamped, ...] = ()
    data: Bound | None = None

    @property
    def notes(self) -> tuple[str, ...]:
        """Every signed head in it, unchecked."""
        found = [leaf.receipt.signed_head for leaf in self.leaves]
        found += [self.growth.old, self.growth.new] if self.growth else []
        return tuple(dict.fromkeys(found + [stamp.note for stamp in self.stamps]))


def write_proof_file(file: ProofFile) -> str:
    """The file's text."""
    heads = [Checkpoint.parse(split_note(note)[0]) for note in file.notes]
    said: dict[str, Any] = {
        "format": FORMAT,
        "kind": file.kind,
        "origin": file.key.name,
        "verification_key": str(file.key),
        "code": str(short_code(max(heads, key=lambda head: head.size))),
        "receipts": [{"leaf": one.data.decode(), "proof": str(one.receipt)} for one in file.leaves],
    }
    if file.growth is not None:
        proof = [b64encode(hash_).decode() for hash_ in file.growth.proof]
        said["growth"] = {"old": file.growth.old, "new": file.growth.new, "proof": proof}
    if file.data is not None:
        salt = {} if file.data.salt is None else {"salt": file.data.salt.hex()}
        said["data"] = file.data.text
        said["data_digest"] = file.data.digest()
        said["binding"] = {"receipt": file.data.receipt, "fact": file.data.fact} | salt
    if file.stamps:
        said["witnesses"] = [
            {"kind": "rfc3161", "checkpoint": one.note, "token": b64encode(one.reply).decode()}
            for one in file.stamps
        ]
    return json.dumps(said, ensure_ascii=False, indent=1) + "\n"


def read_proof_file(text: str) -> ProofFile:
    """The file that `write_proof_file` wrote, unchecked.

    Raises:
        ProofFileMalformed: not of that form.
        VerificationKeyMalformed, ReceiptMalformed: a part of it is not.
    """
    try:
        said = json.loads(text) if len(text) <= FILE_CHARACTERS_MAX else {}
        if said["format"] != FORMAT:
            raise ProofFileMalformed(characters=len(text))
        leaves = [ProvenLeaf(one["leaf"].encode(), Receipt.parse(one["proof"])) for one in said["receipts"]]
        stamps = [Stamped(one["checkpoint"], _octets(one["token"])) for one in said.get("witnesses", ())]
        return ProofFile(
            kind=str(said["kind"]),
            key=VerificationKey.parse(said["verification_key"]),
            leaves=tuple(leaves),
            growth=_growth(said.get("growth")),
            stamps=tuple(stamps),
            data=_bound(said),
        )
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ProofFileMalformed(characters=len(text)) from error


def verify_proof_file(file: ProofFile, *, key: VerificationKey) -> tuple[Checkpoint, ...]:
    """The heads under which everything in the file stands, signed by this key.

    Time-stamps are not looked at: `verify_time_stamp` does, with certificates that somebody trusts.

    Raises:
        InclusionNotProven, ConsistencyNotProven, BindingNotProven: what it says does not hold.
        NoteMalformed, SignatureInvalid, SignerMissing, CheckpointMalformed, OriginMismatch: see
            `open_checkpoint`.
    """
    heads = [verify_receipt(one.receipt, data=one.data, key=key) for one in file.leaves]
    if file.growth is not None:
        old, new = (open_checkpoint(note, key=key) for note in (file.growth.old, file.growth.new))
        verify_consistency(
            old_size=old.size,
            old_root=old.root,
            new_size=new.size,
            new_root=new.root,
            proof=file.growth.proof,
        )
        heads += [old, new]
    heads += [open_checkpoint(stamp.note, key=key) for stamp in file.stamps]
    if file.data is not None:
        _require_bound(file, file.data)
    return tuple(dict.fromkeys(heads))


def _require_bound(file: ProofFile, data: Bound) -> None:
    if not 0 <= data.receipt < len(file.leaves):
        raise BindingNotProven(receipt=data.receipt)
    stated = read_leaf(file.leaves[data.receipt].data).event.facts.get(data.fact)
    if not isinstance(stated, str) or not hmac.compare_digest(stated, data.digest()):
        raise BindingNotProven(receipt=data.receipt)


def _growth(said: Any) -> Growth | None:
    if said is None:
        return None
    return Growth(str(said["old"]), str(said["new"]), tuple(map(_octets, said["proof"])))


def _bound(said: dict[str, Any]) -> Bound | None:
    if "data" not in said:
        return None
    binding = said["binding"]
    salt = bytes.fromhex(binding["salt"]) if "salt" in binding else None
    return Bound(str(said["data"]), int(binding["receipt"]), str(binding["fact"]), salt)


def _octets(text: str) -> bytes:
    return b64decode(text, validate=True)
