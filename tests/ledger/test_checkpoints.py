from __future__ import annotations

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from kedang.ledger.appending import append
from kedang.ledger.checkpoints import Checkpoint, check_head, open_checkpoint, origin_of, sign_checkpoint
from kedang.ledger.errors import (
    CheckpointMalformed,
    HeadNotExtending,
    LeavesMissing,
    OriginMismatch,
    RootMismatch,
    SignatureInvalid,
)
from kedang.ledger.notes import Signer, VerificationKey, sign_note
from kedang.ledger.storage import MemoryStorage, root_at
from kedang.ledger.tree import EMPTY_ROOT
from tests.ledger.tiles import PublishedTiles
from tests.ledger.worlds import (
    CASE,
    CONFORMANCE,
    NOON,
    ORIGIN,
    SIGNER,
    checkpoint_of,
    ledger_of,
    received,
    storage_of,
)

LOG = CONFORMANCE / "tlog-tiles" / "testdata" / "log"
# The public key of the published test log; its id, 33d7b496, stands in the signatures.
LOG_KEY = "example.com/log/testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx"


@pytest.mark.parametrize("path", sorted(LOG.glob("checkpoint.*")) or [LOG / "absent"], ids=lambda p: p.name)
def test_published_checkpoints_are_opened_and_fit_their_tiles(path: Path) -> None:
    if not path.exists():
        pytest.skip(f"published vectors are not at {path}")
    head = open_checkpoint(path.read_text(encoding="utf-8"), key=VerificationKey.parse(LOG_KEY))
    assert head.size == int(path.suffix[1:])

    if head.size:
        assert root_at(PublishedTiles(head.size, LOG), head.size) == head.root
    else:
        assert head.root == EMPTY_ROOT


@pytest.mark.parametrize("size", [0, 1, 2, 40])
def test_a_signed_head_is_opened_with_the_ledgers_key(size: int) -> None:
    ledger = ledger_of(size)
    head = checkpoint_of(ledger)
    storage = storage_of([leaf.data for leaf in ledger.leaves])
    note = sign_checkpoint(head, signer=SIGNER, last_signed=None, ledger=storage)
    assert open_checkpoint(note, key=SIGNER.verification_key) == head
    assert note.startswith(f"kedang/{CASE}/1\n{size}\n")


def test_each_head_continues_the_one_before() -> None:
    ledger = ledger_of(20)
    before = checkpoint_of(ledger)
    more = append(ledger.head, [received(99)], now=NOON)
    storage = storage_of([leaf.data for leaf in (*ledger.leaves, *more.leaves)])
    after = Checkpoint(ORIGIN, more.head.size, more.head.root)
    assert sign_checkpoint(after, signer=SIGNER, last_signed=before, ledger=storage)


def test_a_head_that_does_not_continue_the_last_is_never_signed() -> None:
    ledger = ledger_of(20)
    leaves = [leaf.data for leaf in ledger.leaves]
    rebuilt = storage_of([leaves[1], leaves[0], *leaves[2:]])
    shorter = storage_of(leaves[:10])
    for storage, size in ((rebuilt, 20), (shorter, 10)):
        head = Checkpoint(ORIGIN, size, root_at(storage, size))
        with pytest.raises(HeadNotExtending, match="KD-L406"):
            sign_checkpoint(head, signer=SIGNER, last_signed=checkpoint_of(ledger), ledger=storage)


def test_an_earlier_head_is_not_signed_after_a_later_one() -> None:
    ledger = ledger_of(20)
    storage = storage_of([leaf.data for leaf in ledger.leaves])
    earlier = Checkpoint(ORIGIN, 12, root_at(storage, 12))
    with pytest.raises(HeadNotExtending):
        sign_checkpoint(earlier, signer=SIGNER, last_signed=checkpoint_of(ledger), ledger=storage)


def test_a_head_that_is_not_the_ledgers_is_not_signed() -> None:
    ledger = ledger_of(5)
    storage = storage_of([leaf.data for leaf in ledger.leaves])
    with pytest.raises(HeadNotExtending):
        sign_checkpoint(Checkpoint(ORIGIN, 5, b"r" * 32), signer=SIGNER, last_signed=None, ledger=storage)


def test_generations_and_cases_are_told_apart() -> None:
    ledger = ledger_of(5)
    storage = storage_of([leaf.data for leaf in ledger.leaves])
    second = Checkpoint(origin_of(CASE, 2), 5, ledger.head.root)
    with pytest.raises(OriginMismatch, match="KD-L405"):
        sign_checkpoint(second, signer=SIGNER, last_signed=None, ledger=storage)
    with pytest.raises(OriginMismatch):
        sign_checkpoint(checkpoint_of(ledger), signer=SIGNER, last_signed=second, ledger=storage)
    other = Signer(ORIGIN + "x", Ed25519PrivateKey.from_private_bytes(b"o" * 32))
    note = sign_note(checkpoint_of(ledger).text, other)
    with pytest.raises(OriginMismatch):
        open_checkpoint(note, key=other.verification_key)


def test_a_signed_head_with_another_size_is_refused() -> None:
    note = sign_note(checkpoint_of(ledger_of(5)).text, SIGNER)
    with pytest.raises(SignatureInvalid):
        open_checkpoint(note.replace("\n5\n", "\n6\n"), key=SIGNER.verification_key)


ROOT = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="


@pytest.mark.parametrize(
    "text",
    [
        "",
        f"{ORIGIN}\n5\n",
        f"{ORIGIN}\n05\n{ROOT}\n",
        f"{ORIGIN}\n-5\n{ROOT}\n",
        f"{ORIGIN}\n5x\n{ROOT}\n",
        f"{ORIGIN}\n5\n{ROOT[:-5]}=\n",
        f"{ORIGIN}\n5\n{ROOT[:-2]}V=\n",
        f"{ORIGIN}\n5\n????\n",
        f"\n5\n{ROOT}\n",
        f"{ORIGIN}\n5\n{ROOT}\n\nextension\n",
    ],
)
def test_what_is_no_head_is_refused(text: str) -> None:
    with pytest.raises(CheckpointMalformed, match="KD-L404"):
        Checkpoint.parse(text)


def test_extension_lines_of_other_logs_are_passed_over() -> None:
    assert Checkpoint.parse(f"{ORIGIN}\n5\n{ROOT}\nextension\n").size == 5


def test_a_held_head_tells_a_cut_ledger_from_an_altered_one() -> None:
    ledger = ledger_of(9)
    leaves = [leaf.data for leaf in ledger.leaves]
    held = checkpoint_of(ledger)
    check_head(storage_of([*leaves, b"later"]), held)
    with pytest.raises(LeavesMissing, match="KD-L206"):
        check_head(storage_of(leaves[:8]), held)
    with pytest.raises(RootMismatch, match="KD-L205"):
        check_head(storage_of([*leaves[:8], b"other"]), held)
    check_head(MemoryStorage(), Checkpoint(ORIGIN, 0, EMPTY_ROOT))
