from __future__ import annotations

import json
import random
import tomllib
from datetime import UTC, datetime, timedelta, timezone
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from kedang.ledger.errors import LeafMalformed, LeafTooLarge, ObjectsMalformed, TimeWithoutZone
from kedang.ledger.leaves import Event, read_leaf, said_time, written
from kedang.ledger.schema import FactValue, acts
from kedang.records.ids import AgentId
from tests.ledger.worlds import CONFORMANCE, LIN, NOON, received

JCS = CONFORMANCE / "jcs-rfc8785" / "testdata"
FACTS_BY_ACT: dict[str, dict[str, FactValue]] = {
    "case-opened": {"schedule": "cn-2026-07", "scheme": "kedang-2026", "name": "1" * 64},
    "source-registered": {"kind": "folder"},
    "accession-opened": {"resumed": True},
    "accession-closed": {"received": 3, "kept": 2, "refused": 1, "open": 0, "bytes": 2**40},
    "received": {"content": "1" * 64, "duplicate": False},
    "refused": {"code": "KD-E101"},
    "question-raised": {"code": "KD-D201"},
    "question-answered": {"answer": "accepted", "reason": "2" * 64},
    "classified": {"class": "contract", "by": "machine", "accounting": True},
    "sent-to-review": {},
    "archived": {"reference_code": "Q001-KH·HT·2025·D10-00042"},
    "sent-back": {"reason": "3" * 64},
    "customer-recognised": {"basis": "identifier"},
    "linked": {"basis": "contract-party"},
    "reckoned": {"schedule": "cn-2026-07", "rules": ["RS-TAX"], "until": "2035-12-31"},
    "exported": {"what": "catalogue", "format": "xlsx", "records": 12},
    "searched": {"words": "5" * 64, "hits": 3},
    "shown": {"screen": "record"},
    "restored": {"previous_size": 9, "previous_root": "4" * 64},
    "key-slot-added": {"kind": "quorum", "epoch": 1, "threshold": 2, "shares": 3},
    "key-slot-removed": {"kind": "passphrase", "epoch": 2},
    "key-place-added": {"kind": "stick"},
    "key-place-removed": {"kind": "stick", "emptied": True},
    "key-place-confirmed": {"kind": "stick", "serial": 7},
    "index-part-closed": {"records": 16384},
    "unlocked": {"kind": "passphrase", "epoch": 1},
}


SCHEMA = tomllib.loads(files("kedang.ledger").joinpath("acts.toml").read_text(encoding="utf-8"))
SAMPLES: dict[str, FactValue] = {
    "id": "a" * 32,
    "count": 7,
    "flag": True,
    "date": "2026-11-21",
    "time": said_time(NOON),
    "digest": "6" * 64,
    "commitment": "7" * 64,
    "code": "KD-E101",
    "rule": "RS-TAX",
    "token": "cn-2026-07",
    "reference-code": "Q001-KH·HT·2025·D10-00042",
    "until": "permanent",
}


def facts_of(act: str) -> dict[str, FactValue]:
    """Valid facts of the act: those of the table above, or one of each type."""
    if act in FACTS_BY_ACT:
        return FACTS_BY_ACT[act]
    found: dict[str, FactValue] = {}
    for name, said in SCHEMA["acts"][act]["facts"].items():
        kind = said.removesuffix("?")
        base = kind.removesuffix("[]")
        value: Any = SAMPLES[base] if base in SAMPLES else SCHEMA["choices"][base][0]
        found[name] = [value] if kind.endswith("[]") else value
    return found


def event_of(act: str, seed: int = 0) -> Event:
    """An event of the act with every object it may have and valid facts."""
    numbers = random.Random(seed)
    kinds = [kind for kind, _, _ in acts()[act].objects]
    objects = tuple(f"{kind}:{numbers.getrandbits(128):032x}" for kind in kinds)
    return Event(actor=LIN, act=act, objects=objects, facts=facts_of(act))


@pytest.mark.parametrize("act", acts())
@given(n=st.integers(0, 2**53 - 1), time=st.datetimes(timezones=st.just(UTC)))
def test_a_leaf_is_what_any_rfc8785_writer_writes(act: str, n: int, time: datetime) -> None:
    event = event_of(act, n % 1000)
    data = written(event, n=n, time=said_time(time))
    entry: dict[str, Any] = {
        "time": said_time(time),
        "objects": list(event.objects),
        "n": n,
        "facts": dict(event.facts),
        "actor": event.actor,
        "act": act,
    }
    assert data == rfc8785.dumps(entry)
    assert rfc8785.dumps(json.loads(data)) == data


@pytest.mark.parametrize("act", acts())
def test_a_leaf_is_read_back_as_it_was(act: str) -> None:
    event = event_of(act)
    leaf = read_leaf(written(event, n=41, time=said_time(NOON)))
    assert (leaf.n, leaf.time) == (41, NOON)
    assert (leaf.event.act, tuple(leaf.event.objects), leaf.event.actor) == (act, event.objects, LIN)
    assert leaf.event.facts == event.facts


@pytest.mark.parametrize("path", sorted(JCS.glob("input/*.json")) or [JCS / "absent"], ids=lambda p: p.name)
def test_the_rfc8785_library_gives_the_published_output(path: Path) -> None:
    if not path.exists():
        pytest.skip(f"published vectors are not at {path}")
    value = json.loads(path.read_bytes())
    assert rfc8785.dumps(value) == (JCS / "output" / path.name).read_bytes()
    printed = (JCS / "outhex" / path.with_suffix(".txt").name).read_text()
    assert rfc8785.dumps(value) == bytes.fromhex(printed)


@pytest.mark.parametrize(
    "alter",
    [
        lambda data: data.replace(b'"n":5', b'"n":5.0'),
        lambda data: data.replace(b'"n":5', b'"n": 5'),
        lambda data: data.replace(b'"n":5', b'"n":true'),
        lambda data: data.replace(b'"n":5', b'"n":5,"n":5'),
        lambda data: data.replace(b'"act":"received"', b'"act":"deceived"'),
        lambda data: data.replace(b'"duplicate":false', b'"duplicate":"no"'),
        lambda data: data.replace(b'"facts":{', b'"facts":{"note":"x",'),
        lambda data: data.replace(b"Z", b"+00:00"),
        lambda data: data + b"\n",
        lambda data: data[:-1],
        lambda data: b"\xff" + data,
        lambda data: data[:0] + b"[]",
        lambda data: data[:0] + b"7",
        lambda data: b"[" * 100_000 + data,
        lambda data: data.replace(b"record:", b"recorD:"),
    ],
)
def test_bytes_that_no_leaf_has_are_refused(alter: object) -> None:
    data = written(received(5), n=5, time=said_time(NOON))
    assert callable(alter)
    altered = alter(data)
    assert altered != data
    with pytest.raises(LeafMalformed, match="KD-L201"):
        read_leaf(altered)


def test_an_actor_is_an_id() -> None:
    event = received(1)
    named = Event(AgentId("林"), event.act, event.objects, event.facts)
    with pytest.raises(ObjectsMalformed):
        written(named, n=0, time=said_time(NOON))


def test_a_leaf_too_large_for_its_bundle_is_refused() -> None:
    records = tuple(f"record:{n:032x}" for n in range(2_000))
    event = Event(LIN, "sent-to-review", records, {})
    with pytest.raises(LeafTooLarge, match="KD-L104"):
        written(event, n=0, time=said_time(NOON))


def test_time_is_said_in_utc_to_the_microsecond() -> None:
    peking = timezone(timedelta(hours=8))
    assert said_time(datetime(2026, 11, 21, 7, 0, tzinfo=peking)) == "2026-11-20T23:00:00.000000Z"
    with pytest.raises(TimeWithoutZone, match="KD-L105"):
        said_time(datetime(2026, 11, 21, 7, 0))  # noqa: DTZ001
