"""Having the ledger's head time-stamped by an authority outside (RFC 3161); only ever when somebody asks."""

from __future__ import annotations

import urllib.request
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from http.client import HTTPException
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import Certificate
from django.db import transaction

from kedang.holdings.adapters import book
from kedang.holdings.adapters.archive import Archive
from kedang.holdings.adapters.guarding import guarded
from kedang.holdings.adapters.signing import require_latest, sign_head
from kedang.holdings.errors import HomeOlder
from kedang.holdings.models import Witness
from kedang.ledger.checkpoints import Checkpoint
from kedang.ledger.errors import AuthorityUnreachable
from kedang.ledger.leaves import Event, said_time
from kedang.ledger.notes import split_note
from kedang.ledger.timestamps import (
    NONCE_BYTES,
    QUERY_TYPE,
    REPLY_BYTES_MAX,
    query,
    verify_time_stamp,
)

PATIENCE_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Witnessed:
    """A head and when an authority says that it saw it."""

    head: Checkpoint
    time: datetime
    ahead: bool
    """The authority's time is later than this computer's clock."""


def witness_head(
    archive: Archive, authority: str, certificates: Sequence[Certificate], *, clock: Callable[[], datetime]
) -> Witnessed:
    """Sign the head of now and have it stamped. The authority learns a digest and nothing else.

    Raises:
        AuthorityUnreachable: nothing is changed.
        TimestampRefused, TimestampInvalid: the reply is no good; nothing is changed.
    """
    note = sign_head(archive, now=clock())
    nonce = archive.random_bytes(NONCE_BYTES)
    reply = _ask(authority, query(note, nonce=nonce))
    stamp = verify_time_stamp(reply, note=note, trusted=certificates, nonce=nonce)
    head = Checkpoint.parse(split_note(note)[0])
    digest = sha256(reply).hexdigest()
    facts: dict[str, str | int] = {
        "size": head.size,
        "kind": "rfc3161",
        "token": digest,
        "stamped": said_time(stamp.time),
    }
    now = clock()
    with transaction.atomic():
        witness = Witness(
            case_id=archive.case_id,
            size=head.size,
            note=note,
            kind="rfc3161",
            token=reply,
            token_digest=digest,
            certificates="".join(one.public_bytes(Encoding.PEM).decode() for one in certificates),
            time=stamp.time,
            clock=now,
        )
        guarded(archive, witness).save(force_insert=True)
        book.write(archive.case_id, [Event(archive.agent, "witnessed", (), facts)], now=now)
    return Witnessed(head, stamp.time, ahead=stamp.time > now)


def note_ledger_shown(archive: Archive, file_format: str, *, now: datetime) -> None:
    """The ledger was written out; a home that was restored from an older copy stays as it is."""
    with suppress(HomeOlder), transaction.atomic():
        require_latest(archive)
        facts = {"what": "ledger", "format": file_format}
        book.write(archive.case_id, [Event(archive.agent, "exported", (), facts)], now=now)


def _ask(authority: str, request: bytes) -> bytes:
    """The authority's reply.

    Raises:
        AuthorityUnreachable: no reply, or one that is no time-stamp's.
    """
    if urlsplit(authority).scheme not in ("http", "https"):
        raise AuthorityUnreachable(scheme=urlsplit(authority).scheme)
    asked = urllib.request.Request(authority, data=request, headers={"Content-Type": QUERY_TYPE})  # noqa: S310 - scheme checked
    try:
        with urllib.request.urlopen(asked, timeout=PATIENCE_SECONDS) as answer:  # noqa: S310 - scheme checked
            reply: bytes = answer.read(REPLY_BYTES_MAX)
    except (OSError, HTTPException, ValueError) as error:
        raise AuthorityUnreachable(scheme=urlsplit(authority).scheme) from error
    return reply
