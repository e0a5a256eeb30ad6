"""Checkpoints (C2SP tlog-checkpoint): the ledger's head as a signed note that outsiders can hold.

kedang/<case>/<generation>
<size, decimal>
<root, base64>
<empty line>
— kedang/<case>/<generation> <signature>
"""

from __future__ import annotations

import re
from base64 import b64decode, b64encode
from dataclasses import dataclass

from kedang.ledger.errors import (
    CheckpointMalformed,
    HeadNotExtending,
    LeavesMissing,
    OriginMismatch,
    RootMismatch,
)
from kedang.ledger.notes import Signer, VerificationKey, open_note, sign_note
from kedang.ledger.storage import LedgerStorage, root_at
from kedang.ledger.tree import HASH_BYTES
from kedang.records.ids import CaseId

_SIZE = re.compile(r"0|[1-9][0-9]{0,18}")  # below 2^63
_HEAD_LINES = 3


def origin_of(case: CaseId, generation: int) -> str:
    """The ledger's name in the world. A generation begins when leaves were lost beyond recovery."""
    return f"kedang/{case}/{generation}"


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A ledger's head: which ledger, how many leaves, which root. Unsigned by itself."""

    origin: str
    size: int
    root: bytes

    @property
    def text(self) -> str:
        """The text that is signed."""
        return f"{self.origin}\n{self.size}\n{b64encode(self.root).decode()}\n"

    @classmethod
    def parse(cls, text: str) -> Checkpoint:
        """The head in the text of a note; lines after the third are other logs' extensions.

        Raises:
            CheckpointMalformed: not three lines of origin, size and root.
        """
        lines = text.split("\n")
        if len(lines) <= _HEAD_LINES or not all(lines[:-1]) or not _SIZE.fullmatch(lines[1]):
            raise CheckpointMalformed(lines=len(lines))
        try:
            root = b64decode(lines[2], validate=True)
        except ValueError as error:
            raise CheckpointMalformed(lines=len(lines)) from error
        if len(root) != HASH_BYTES or b64encode(root).decode() != lines[2]:
            raise CheckpointMalformed(root_bytes=len(root))
        return cls(origin=lines[0], size=int(lines[1]), root=root)


def sign_checkpoint(
    checkpoint: Checkpoint, *, signer: Signer, last_signed: Checkpoint | None, ledger: LedgerStorage
) -> str:
    """The signed head, after making sure that the ledger is what it says and continues the last.

    `last_signed` is the head signed before this one, kept outside the database too; None for the
    first of a generation.

    Raises:
        OriginMismatch: signer, head and last head are not of one ledger.
        HeadNotExtending: the ledger does not have this root, or does not continue the last head.
    """
    for origin in {checkpoint.origin, last_signed.origin if last_signed else signer.name}:
        if origin != signer.name:
            raise OriginMismatch(size=checkpoint.size)
    try:
        check_head(ledger, checkpoint)
        if last_signed is not None:
            check_head(ledger, last_signed)
    except (LeavesMissing, RootMismatch) as error:
        raise HeadNotExtending(size=checkpoint.size, ledger_size=ledger.size) from error
    if last_signed is not None and last_signed.size > checkpoint.size:
        raise HeadNotExtending(size=checkpoint.size, last_signed=last_signed.size)
    return sign_note(checkpoint.text, signer)


def open_checkpoint(note: str, *, key: VerificationKey) -> Checkpoint:
    """The head in a signed note, signed by the ledger's own key.

    Raises:
        NoteMalformed, SignatureInvalid, SignerMissing: see `open_note`.
        CheckpointMalformed: the note holds something else.
        OriginMismatch: the key signs for another ledger than the head names.
    """
    checkpoint = Checkpoint.parse(open_note(note, keys=[key]))
    if checkpoint.origin != key.name:
        raise OriginMismatch(size=checkpoint.size)
    return checkpoint


def check_head(ledger: LedgerStorage, head: Checkpoint) -> None:
    """Nothing when the ledger begins with exactly the leaves that the head stands for.

    Raises:
        LeavesMissing: the ledger is shorter.
        RootMismatch: it holds other leaves, or the same in another order.
    """
    if head.size > ledger.size:
        raise LeavesMissing(size=ledger.size, expected=head.size)
    if root_at(ledger, head.size) != head.root:
        raise RootMismatch(size=head.size)
