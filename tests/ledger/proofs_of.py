"""Proof files and exported ledgers for the tests, made without any database."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from kedang.ledger.checkpoints import Checkpoint
from kedang.ledger.notes import Signer, sign_note
from kedang.ledger.proof_files import Growth, ProofFile, ProvenLeaf, write_proof_file
from kedang.ledger.proofs import prove_consistency
from kedang.ledger.receipts import issue_receipt
from kedang.ledger.storage import root_at
from tests.ledger.worlds import ORIGIN, SIGNER, storage_of


def signed_at(leaves: Sequence[bytes], size: int, signer: Signer = SIGNER) -> str:
    """The signed head over the first leaves."""
    return sign_note(Checkpoint(ORIGIN, size, root_at(storage_of(list(leaves)), size)).text, signer)


def receipt_file(leaves: Sequence[bytes], n: int, size: int, signer: Signer = SIGNER) -> ProofFile:
    """The receipt for leaf n under the head over the first `size` leaves."""
    note = signed_at(leaves, size, signer)
    proven = ProvenLeaf(leaves[n], issue_receipt(storage_of(list(leaves)), n, signed_head=note))
    return ProofFile("receipt", signer.verification_key, leaves=(proven,))


def growth_file(leaves: Sequence[bytes], old: int, new: int) -> ProofFile:
    """The proof that the first `new` leaves continue the first `old`."""
    proof = prove_consistency(storage_of(list(leaves)), old, new)
    growth = Growth(signed_at(leaves, old), signed_at(leaves, new), proof)
    return ProofFile("growth", SIGNER.verification_key, growth=growth)


def exported(leaves: Sequence[bytes], heads: Sequence[int], signer: Signer = SIGNER) -> str:
    """A ledger as `kedang ledger export` writes it."""
    header = {
        "format": "kedang-ledger/1",
        "origin": ORIGIN,
        "verification_key": str(signer.verification_key),
        "checkpoints": [signed_at(leaves, size, signer) for size in heads],
        "witnesses": [],
    }
    lines = [json.dumps(header, ensure_ascii=False, separators=(",", ":")).encode(), *leaves]
    return b"\n".join([*lines, b""]).decode()


def written_to(folder: Path, name: str, content: ProofFile | str) -> str:
    """The path of a file with this content."""
    path = folder / name
    text = content if isinstance(content, str) else write_proof_file(content)
    path.write_text(text, encoding="utf-8", newline="\n")
    return str(path)
