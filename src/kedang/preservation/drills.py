"""Restore drills: which records to open, what was compared, and whether the copy has passed.

A drill restores a copy into a private place, opens every key page and a random sample of every class, and
compares counts, digests and the head of the ledger with the archive. A full one restores everything and opens
every byte. The result is canonical JSON, which the caller signs; docs/formats/copy.md says what stands in it.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

import msgspec

from kedang.preservation.errors import DrillResultMalformed
from kedang.preservation.snapshot_values import canonical, parsed, read_time, written_time
from kedang.records.ids import CaseId

FORMAT = "kedang-drill"
FULL_FORMAT = "kedang-full-drill"
VERSION = 1


@dataclass(frozen=True, slots=True)
class SamplePolicy:
    """How many records a drill opens: so many in a thousand of each class, within bounds."""

    permille: int = 10
    at_least: int = 5
    at_most: int = 200


@dataclass(frozen=True, slots=True)
class ClassSample:
    """One class in a drill. Destroyed records are not counted anywhere here."""

    record_class: str
    population: int
    drawn: int
    matched: int
    """Opened from the restored copy, with the digest that the archive has."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """One count that the archive and the restored copy must agree in."""

    what: str
    """A table's name, or "packs", "key-pages", "leaves"."""
    archive: int
    restored: int


@dataclass(frozen=True, slots=True)
class LedgerComparison:
    """The ledger in the copy, against the signed head that the snapshot was taken at."""

    head_size: int
    restored_size: int
    root_matches: bool
    """Whether the restored leaves lead to the root of that head."""


@dataclass(frozen=True, slots=True)
class DrillFinding:
    """What was wrong: a code of any room, and the object or record."""

    code: str
    subject: str


@dataclass(frozen=True, slots=True)
class DrillResult:
    """What a drill did and found."""

    case: CaseId
    copy: str
    snapshot: str
    began: datetime
    ended: datetime
    """Both UTC."""
    policy: SamplePolicy
    samples: tuple[ClassSample, ...]
    comparisons: tuple[Comparison, ...]
    key_pages: int
    key_pages_opened: int
    ledger: LedgerComparison
    withheld: int
    """Records of the snapshot that were destroyed since, or in part: their keys are gone, and that is as it must be."""
    findings: tuple[DrillFinding, ...] = ()

    @property
    def passed(self) -> bool:
        """Whether the copy can be restored, as far as a drill can know."""
        return not shortcomings(self)


@dataclass(frozen=True, slots=True)
class FullDrillResult:
    """What a full restore came to, in a home of its own that is gone."""

    case: CaseId
    copy: str
    snapshot: str
    """The one that was restored; the newest, where the restore failed."""
    began: datetime
    ended: datetime
    """Both UTC."""
    records: int
    faults: int
    """What the verification of every byte found."""
    code: str
    """Why the restore itself failed; empty when it did not."""

    @property
    def passed(self) -> bool:
        """Whether it was restored and every byte of it is right."""
        return not self.code and not self.faults and self.began <= self.ended


def sample_sizes(population: Mapping[str, int], policy: SamplePolicy) -> dict[str, int]:
    """How many records of each class to open."""
    return {
        record_class: min(
            count, max(policy.at_least, min(policy.at_most, -(-count * policy.permille // 1000)))
        )
        for record_class, count in sorted(population.items())
    }


def sample_places(
    population: Mapping[str, int], policy: SamplePolicy, *, chance: random.Random
) -> dict[str, tuple[int, ...]]:
    """Which records of each class to open, as places 0 … in the class's own order, ascending.

    `chance` must not be foreseeable where the keeper of the copy is not trusted: a `random.SystemRandom`.
    """
    return {
        record_class: tuple(sorted(chance.sample(range(population[record_class]), size)))
        for record_class, size in sample_sizes(population, policy).items()
    }


def shortcomings(result: DrillResult) -> tuple[str, ...]:
    """Why a drill is not passed, as stable words; empty when it is.

    Passed is a drill that opened every key page; that drew of every class what its policy asks and matched
    all of it; whose counts agree; whose ledger leads to the head; and that found nothing wrong.
    """
    said = []
    wanted = sample_sizes({one.record_class: one.population for one in result.samples}, result.policy)
    if result.key_pages_opened != result.key_pages:
        said.append("key-pages")
    if any(one.drawn < wanted[one.record_class] for one in result.samples):
        said.append("sample-too-small")
    if any(one.matched != one.drawn for one in result.samples):
        said.append("samples-differ")
    if any(one.archive != one.restored for one in result.comparisons):
        said.append("counts-differ")
    if not result.ledger.root_matches or result.ledger.restored_size < result.ledger.head_size:
        said.append("ledger")
    if result.ended < result.began:
        said.append("clock")
    if result.findings:
        said.append("findings")
    return tuple(said)


def write_drill_result(result: DrillResult) -> bytes:
    """The result as canonical JSON; equal results are equal bytes."""
    return _written(result, FORMAT)


def write_full_drill_result(result: FullDrillResult) -> bytes:
    """The result as canonical JSON; equal results are equal bytes."""
    return _written(result, FULL_FORMAT)


def _written(result: DrillResult | FullDrillResult, kind: str) -> bytes:
    said: dict[str, Any] = {one.name: getattr(result, one.name) for one in fields(result)}
    said |= {
        "began": written_time(result.began),
        "ended": written_time(result.ended),
        "format": kind,
        "passed": result.passed,
        "version": VERSION,
    }
    return canonical(said)


def read_drill_result(written: bytes) -> DrillResult:
    """The result that was written.

    Raises:
        DrillResultMalformed: not what `write_drill_result` writes, byte by byte.
    """
    try:
        said = parsed(written)
        if not isinstance(said, dict):
            raise TypeError("not an object")
        said |= {"began": read_time(said["began"]), "ended": read_time(said["ended"])}
        result = msgspec.convert(said, DrillResult)
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise DrillResultMalformed(reason="members") from error
    if write_drill_result(result) != written:
        raise DrillResultMalformed(reason="not-canonical")
    return result
