from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest

from kedang.ledger.errors import CertificateMalformed, TimestampInvalid, TimestampRefused
from kedang.ledger.timestamps import query, read_certificates, verify_time_stamp
from tests.ledger.authority import Authority, new_authority
from tests.ledger.proofs_of import signed_at
from tests.ledger.worlds import ledger_of

LEAVES = [leaf.data for leaf in ledger_of(9).leaves]
NOTE = signed_at(LEAVES, 9)
NONCE = bytes.fromhex("f1f2f3f4f5f6f7f8")


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return new_authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def reply(authority: Authority) -> bytes:
    return authority.reply(query(NOTE, nonce=NONCE))


def test_the_authoritys_time_is_told(authority: Authority, reply: bytes) -> None:
    trusted = read_certificates(authority.root)
    stamp = verify_time_stamp(reply, note=NOTE, trusted=trusted, nonce=NONCE)
    assert abs(stamp.time - datetime.now(UTC)) < timedelta(minutes=5)
    assert stamp.serial > 0


@pytest.mark.parametrize("nonce", [bytes(8), b"\x01" * 8, b"\x7f" * 8, b"\x80" + bytes(7), b"\0\x90" * 4])
def test_every_nonce_is_understood(authority: Authority, nonce: bytes) -> None:
    trusted = read_certificates(authority.root)
    verify_time_stamp(authority.reply(query(NOTE, nonce=nonce)), note=NOTE, trusted=trusted, nonce=nonce)


def test_a_stamp_of_another_head_or_request_is_refused(authority: Authority, reply: bytes) -> None:
    trusted = read_certificates(authority.root)
    with pytest.raises(TimestampInvalid, match="KD-L602"):
        verify_time_stamp(reply, note=signed_at(LEAVES, 8), trusted=trusted)
    with pytest.raises(TimestampInvalid):
        verify_time_stamp(reply, note=NOTE, trusted=trusted, nonce=bytes(8))


def test_a_stamp_of_somebody_else_is_refused(
    authority: Authority, reply: bytes, tmp_path_factory: pytest.TempPathFactory
) -> None:
    other = new_authority(tmp_path_factory.mktemp("other"))
    with pytest.raises(TimestampInvalid):
        verify_time_stamp(reply, note=NOTE, trusted=read_certificates(other.root))


def test_every_changed_byte_of_a_stamp_is_noticed(authority: Authority, reply: bytes) -> None:
    trusted = read_certificates(authority.root)
    good = verify_time_stamp(reply, note=NOTE, trusted=trusted)
    for place in range(0, len(reply), 7):
        changed = reply[:place] + bytes([reply[place] ^ 1]) + reply[place + 1 :]
        # Bytes that no signature covers, such as the root that came along, may change; the time may not.
        with suppress(TimestampInvalid, TimestampRefused):
            assert verify_time_stamp(changed, note=NOTE, trusted=trusted) == good


@pytest.mark.parametrize(
    "reply", [b"", b"<html>", bytes.fromhex("30053003020102")], ids=["none", "page", "no"]
)
def test_a_reply_that_grants_nothing_is_refused(authority: Authority, reply: bytes) -> None:
    with pytest.raises(TimestampRefused, match="KD-L601"):
        verify_time_stamp(reply, note=NOTE, trusted=read_certificates(authority.root))


@pytest.mark.parametrize(
    "pem", ["", "no certificate", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"]
)
def test_what_is_no_certificate_is_refused(pem: str) -> None:
    with pytest.raises(CertificateMalformed, match="KD-L606"):
        read_certificates(pem)
