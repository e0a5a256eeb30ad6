from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path

import pytest

from kedang.ledger.errors import ConsistencyNotProven, InclusionNotProven, OutOfRange
from kedang.ledger.proofs import (
    prove_consistency,
    prove_inclusion,
    prove_subtree,
    verify_consistency,
    verify_inclusion,
    verify_inclusion_in_subtree,
    verify_subtree,
)
from kedang.ledger.storage import MemoryStorage, root_at
from kedang.ledger.tree import leaf_hash
from tests.ledger.worlds import CONFORMANCE, read_vector, unbase64, vectors

MERKLE = CONFORMANCE / "rfc6962-merkle" / "testdata"
LARGEST = 64


@pytest.fixture(scope="module")
def ledger() -> MemoryStorage:
    return MemoryStorage(leaf_hash(n.to_bytes(2, "big")) for n in range(600))


def merkle_vectors(suite: str) -> list[Path]:
    return vectors(f"rfc6962-merkle/testdata/{suite}") or [MERKLE / suite / "absent.json"]


def name(path: Path) -> str:
    return str(path.relative_to(MERKLE))


@pytest.mark.parametrize("path", merkle_vectors("inclusion"), ids=name)
def test_published_inclusion_vectors_pass_and_fail_as_they_should(path: Path) -> None:
    case = read_vector(path)
    with pytest.raises(InclusionNotProven) if case["wantErr"] else nullcontext():
        verify_inclusion(
            unbase64(case["leafHash"]),
            n=case["leafIdx"],
            size=case["treeSize"],
            proof=[unbase64(part) for part in case["proof"] or []],
            root=unbase64(case["root"]),
        )


@pytest.mark.parametrize("path", merkle_vectors("consistency"), ids=name)
def test_published_consistency_vectors_pass_and_fail_as_they_should(path: Path) -> None:
    case = read_vector(path)
    with pytest.raises(ConsistencyNotProven) if case["wantErr"] else nullcontext():
        verify_consistency(
            old_size=case["size1"],
            old_root=unbase64(case["root1"]),
            new_size=case["size2"],
            new_root=unbase64(case["root2"]),
            proof=[unbase64(part) for part in case["proof"] or []],
        )


@pytest.mark.parametrize("path", merkle_vectors("subtreeinclusion"), ids=name)
def test_published_subtree_inclusion_vectors_pass_and_fail_as_they_should(path: Path) -> None:
    case = read_vector(path)
    with pytest.raises(InclusionNotProven) if case["wantErr"] else nullcontext():
        verify_inclusion_in_subtree(
            unbase64(case["leafHash"]),
            n=case["leafIdx"],
            start=case["start"],
            end=case["end"],
            proof=[unbase64(part) for part in case["proof"] or []],
            root=unbase64(case["root"]),
        )


@pytest.mark.parametrize("path", merkle_vectors("subtreeconsistency"), ids=name)
def test_published_subtree_consistency_vectors_pass_and_fail_as_they_should(path: Path) -> None:
    case = read_vector(path)
    with pytest.raises(ConsistencyNotProven) if case["wantErr"] else nullcontext():
        verify_subtree(
            start=case["start"],
            end=case["end"],
            subtree_root=unbase64(case["root1"]),
            size=case["size"],
            root=unbase64(case["root2"]),
            proof=[unbase64(part) for part in case["proof"] or []],
        )


@pytest.mark.parametrize("size", [*range(1, LARGEST + 1), 255, 256, 257, 511, 512, 513, 600])
def test_every_leaf_of_every_tree_is_proven_and_no_other_place_is(ledger: MemoryStorage, size: int) -> None:
    root = root_at(ledger, size)
    for n in range(size):
        proof, hashed = prove_inclusion(ledger, n, size), ledger.hashes(0, n, n + 1)[0]
        verify_inclusion(hashed, n=n, size=size, proof=proof, root=root)
        for wrong in {n - 1, n + 1, size - 1 - n} - {n}:
            with pytest.raises(InclusionNotProven):
                verify_inclusion(hashed, n=wrong, size=size, proof=proof, root=root)


@pytest.mark.parametrize("size", range(1, LARGEST + 1))
def test_every_earlier_tree_is_proven_and_its_neighbours_are_not(ledger: MemoryStorage, size: int) -> None:
    root = root_at(ledger, size)
    for old in range(1, size + 1):
        proof = prove_consistency(ledger, old, size)
        old_root = root_at(ledger, old)
        verify_consistency(old_size=old, old_root=old_root, new_size=size, new_root=root, proof=proof)
        for wrong in {old - 1, old + 1} - {0, size + 1}:
            with pytest.raises(ConsistencyNotProven):
                verify_consistency(
                    old_size=wrong, old_root=old_root, new_size=size, new_root=root, proof=proof
                )


@pytest.mark.parametrize("size", range(1, 33))
def test_every_subtree_of_every_tree_is_proven(ledger: MemoryStorage, size: int) -> None:
    root = root_at(ledger, size)
    for start in range(size):
        for end in range(start + 1, size + 1):
            span = 1 << (end - start - 1).bit_length()
            if start % span:
                with pytest.raises(OutOfRange):
                    prove_subtree(ledger, start, end, size)
                continue
            below = MemoryStorage(ledger.hashes(0, start, end))
            verify_subtree(
                start=start,
                end=end,
                subtree_root=root_at(below, end - start),
                size=size,
                root=root,
                proof=prove_subtree(ledger, start, end, size),
            )


def test_a_proof_with_any_bit_turned_fails(ledger: MemoryStorage) -> None:
    size, n = 23, 9
    root, hashed = root_at(ledger, size), ledger.hashes(0, n, n + 1)[0]
    proof = prove_inclusion(ledger, n, size)
    for at, part in enumerate(proof):
        for bit in (0, 100, 255):
            turned = (int.from_bytes(part, "big") ^ (1 << bit)).to_bytes(32, "big")
            with pytest.raises(InclusionNotProven):
                verify_inclusion(
                    hashed, n=n, size=size, proof=(*proof[:at], turned, *proof[at + 1 :]), root=root
                )


@pytest.mark.parametrize(("n", "size"), [(-1, 5), (5, 5), (0, 0), (0, 601)])
def test_no_proof_is_made_of_what_is_not_there(ledger: MemoryStorage, n: int, size: int) -> None:
    with pytest.raises(OutOfRange, match="KD-L301"):
        prove_inclusion(ledger, n, size)


@pytest.mark.parametrize(("old", "new"), [(0, 5), (6, 5), (1, 601)])
def test_no_consistency_is_proven_of_the_empty_or_of_the_future(
    ledger: MemoryStorage, old: int, new: int
) -> None:
    with pytest.raises(OutOfRange):
        prove_consistency(ledger, old, new)
