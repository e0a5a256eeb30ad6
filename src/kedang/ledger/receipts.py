"""Receipts (C2SP tlog-proof): one leaf's place in a signed ledger, to be checked without the ledger.

    c2sp.org/tlog-proof@v1
    index <n>
    <base64 of each hash of the inclusion proof>
    <empty line>
    <signed checkpoint>

The leaf itself is not in it: the holder keeps its bytes beside the receipt.
"""

from __future__ import annotations

import re
from base64 import b64decode, b64encode
from dataclasses import dataclass

from kedang.ledger.checkpoints import Checkpoint, open_checkpoint
from kedang.ledger.errors import ReceiptMalformed
from kedang.ledger.notes import VerificationKey, split_note
from kedang.ledger.proofs import Proof, prove_inclusion, verify_inclusion
from kedang.ledger.storage import LedgerStorage
from kedang.ledger.tree import HASH_BYTES, leaf_hash

_FIRST_LINE = "c2sp.org/tlog-proof@v1"
_INDEX = re.compile(r"index (0|[1-9][0-9]{0,18})")
_PROOF_MAX = 63  # hashes in a proof: the height of the largest tree


@dataclass(frozen=True, slots=True)
class Receipt:
    """Proof that the n-th leaf is in the ledger that the signed head names."""

    n: int
    proof: Proof
    signed_head: str

    def __str__(self) -> str:
        hashes = "".join(b64encode(hash_).decode() + "\n" for hash_ in self.proof)
        return f"{_FIRST_LINE}\nindex {self.n}\n{hashes}\n{self.signed_head}"

    @classmethod
    def parse(cls, text: str) -> Receipt:
        """The receipt that `str()` wrote. An `extra` line of other writers is passed over.

        Raises:
            ReceiptMalformed: not of that form.
        """
        front, _, signed_head = text.partition("\n\n")
        first, *rest = front.split("\n")
        if rest and rest[0].startswith("extra "):
            rest = rest[1:]
        index = _INDEX.fullmatch(rest[0]) if rest else None
        if first != _FIRST_LINE or index is None or len(rest) > _PROOF_MAX + 1:
            raise ReceiptMalformed(characters=len(text))
        try:
            proof = tuple(b64decode(line, validate=True) for line in rest[1:])
        except ValueError as error:
            raise ReceiptMalformed(characters=len(text)) from error
        if any(len(hash_) != HASH_BYTES for hash_ in proof):
            raise ReceiptMalformed(characters=len(text))
        return cls(n=int(index[1]), proof=proof, signed_head=signed_head)


def issue_receipt(ledger: LedgerStorage, n: int, *, signed_head: str) -> Receipt:
    """The receipt for leaf n under a head that this ledger signed.

    Raises:
        OutOfRange: the head was signed before the leaf was appended.
        NoteMalformed, CheckpointMalformed: the head is not one.
    """
    head = Checkpoint.parse(split_note(signed_head)[0])
    return Receipt(n=n, proof=prove_inclusion(ledger, n, head.size), signed_head=signed_head)


def verify_receipt(receipt: Receipt, *, data: bytes, key: VerificationKey) -> Checkpoint:
    """The head under which the leaf with these bytes stands in the ledger.

    Raises:
        InclusionNotProven: the leaf is not these bytes, or not at this place.
        NoteMalformed, SignatureInvalid, SignerMissing, CheckpointMalformed, OriginMismatch: see
            `open_checkpoint`.
    """
    head = open_checkpoint(receipt.signed_head, key=key)
    verify_inclusion(leaf_hash(data), n=receipt.n, size=head.size, proof=receipt.proof, root=head.root)
    return head
