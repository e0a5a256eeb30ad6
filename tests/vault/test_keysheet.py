from __future__ import annotations

import json
from dataclasses import replace

import pytest
import rfc8785

from kedang.vault.errors import KeySheetForeign, KeySheetMalformed, KeySheetStale
from kedang.vault.keysheet import (
    KeySheet,
    PassphraseLock,
    SlotKind,
    TokenLock,
    decode,
    digest,
    encode,
    require_current,
)
from kedang.vault.quorums import DEFAULT_QUORUM
from kedang.vault.shares import split_secret
from kedang.vault.unlocking import (
    NewPassphrase,
    NewQuorum,
    NewSlot,
    NewToken,
    NewUnattended,
    add_epoch,
    create_sheet,
    drop_epoch,
)

from .seeded import CASE, OTHER_CASE, conformance, seeded_bytes

QUICK = PassphraseLock(memory_kib=64, iterations=1, lanes=1)
TOKEN = TokenLock("RSA-PKCS-OAEP-SHA256", "01", bytes(256))


def _sheet(seed: str = "sheet") -> KeySheet:
    random_bytes = seeded_bytes(seed)
    split = split_secret(random_bytes(32), random_bytes=random_bytes, quorum=DEFAULT_QUORUM)
    slots: list[NewSlot] = [
        NewPassphrase("一句只有自己知道的话", QUICK),
        NewUnattended(random_bytes(32)),
        NewQuorum(split),
        NewToken(random_bytes(32), TOKEN),
    ]
    return create_sheet(CASE, slots=slots, random_bytes=random_bytes)[0]


SHEET = _sheet()
STORED = encode(SHEET)


def test_a_sheet_comes_back_and_is_a_few_kib() -> None:
    assert decode(STORED) == SHEET
    assert len(STORED) < 4096
    assert [slot.kind for slot in SHEET.slots] == list(SlotKind)


def test_there_is_one_spelling_of_a_sheet() -> None:
    body = json.loads(STORED)
    spellings = [
        json.dumps(body).encode(),
        json.dumps(body, indent=1, sort_keys=True).encode(),
        STORED + b"\n",
        b" " + STORED,
        STORED.replace(b'"serial":1', b'"serial":1.0'),
        STORED.replace(b'"serial":1', b'"serial":true'),
        STORED.replace(b'"serial":1', b'"serial":1,"serial":1'),
        STORED.replace(b"kedang-key", b"kedang\\u002dkey"),
        b"\xef\xbb\xbf" + STORED,
    ]
    for spelling in spellings:
        assert spelling != STORED
        with pytest.raises(KeySheetMalformed):
            decode(spelling)


def _edited(path: tuple[str | int, ...], value: object) -> bytes:
    body = json.loads(STORED)
    place = body
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    return rfc8785.dumps(body)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("format",), "another"),
        (("version",), 2),
        (("more",), "x"),
        (("serial",), 0),
        (("serial",), "1"),
        (("previous",), "00"),
        (("case",), 7),
        (("slots",), []),
        (("slots",), {}),
        (("slots", 0), None),
        (("slots", 1, "slot"), SHEET.slots[0].slot),
        (("slots", 0, "kind"), "face"),
        (("slots", 0, "kind"), "unattended"),
        (("slots", 0, "salt"), "00" * 31),
        (("slots", 0, "salt"), "zz" * 32),
        (("slots", 0, "salt"), "AA" * 32),
        (("slots", 0, "more"), 1),
        (("slots", 0, "lock", "argon2id", "memory_kib"), 2**40),
        (("slots", 0, "lock", "argon2id", "iterations"), 10**9),
        (("slots", 2, "lock", "slip39", "groups"), [[2, 3, 4]]),
        (("slots", 2, "lock", "slip39", "group_threshold"), 2),
        (("slots", 2, "lock", "slip39", "identifier"), 2**15),
        (("slots", 3, "lock", "wrapped_secret"), "00" * 5000),
        (("epochs",), []),
        (("epochs", 0, "epoch"), 0),
        (("epochs", 0, "wrapped"), []),
        (("epochs", 0, "wrapped", 0), "00"),
        (("epochs", 0, "manifest"), None),
        (("macs",), []),
        (("macs",), ["00" * 32, "00" * 32]),
    ],
)
def test_a_sheet_of_another_shape_is_malformed(path: tuple[str | int, ...], value: object) -> None:
    with pytest.raises(KeySheetMalformed):
        decode(_edited(path, value))


@pytest.mark.parametrize("field", sorted(json.loads(STORED)))
def test_no_field_may_be_missing(field: str) -> None:
    body = json.loads(STORED)
    del body[field]
    with pytest.raises(KeySheetMalformed):
        decode(rfc8785.dumps(body))


@pytest.mark.parametrize(
    "stored",
    [
        b"",
        b"{}",
        b"[]",
        b"null",
        b"7",
        b"\xff\xfe",
        b"[" * 100_000,
        b'"\\ud800"',
        STORED[:-1],
        bytes(300_000),
    ],
)
def test_what_is_no_sheet_is_malformed(stored: bytes) -> None:
    with pytest.raises(KeySheetMalformed):
        decode(stored)


def test_a_stale_sheet_and_one_of_another_case_are_refused() -> None:
    require_current(SHEET, case=CASE, ledger_epoch=1)
    with pytest.raises(KeySheetStale) as caught:
        require_current(SHEET, case=CASE, ledger_epoch=2)
    assert caught.value.facts == {"epoch": 1, "ledger_epoch": 2}
    with pytest.raises(KeySheetForeign):
        require_current(SHEET, case=OTHER_CASE, ledger_epoch=1)


def test_a_sheet_that_holds_two_epochs_serves_before_and_after_the_switch() -> None:
    random_bytes = seeded_bytes("epochs")
    first, unlocked = create_sheet(CASE, slots=[NewUnattended(random_bytes(32))], random_bytes=random_bytes)
    both, unlocked = add_epoch(first, unlocked, manifest=bytes(32), random_bytes=random_bytes)
    last, _ = drop_epoch(both, unlocked)
    require_current(both, case=CASE, ledger_epoch=1)
    require_current(both, case=CASE, ledger_epoch=2)
    require_current(last, case=CASE, ledger_epoch=2)
    assert [both.previous, last.previous] == [digest(first), digest(both)]
    assert [first.serial, both.serial, last.serial] == [1, 2, 3]
    assert decode(encode(both)) == both
    skipped = replace(both, epochs=(both.epochs[0], replace(both.epochs[1], epoch=3)))
    with pytest.raises(KeySheetMalformed):
        decode(encode(skipped))


@pytest.mark.parametrize("name", ["arrays", "french", "structures", "unicode", "values", "weird"])
def test_published_canonical_json_vectors_all_agree(name: str) -> None:
    """The sheet's canonical form is the library's; these are RFC 8785's own cases."""
    read = json.loads(conformance("jcs-rfc8785", "testdata", "input", f"{name}.json").read_text())
    expected = conformance("jcs-rfc8785", "testdata", "outhex", f"{name}.txt").read_text()
    assert rfc8785.dumps(read) == bytes.fromhex(expected)
