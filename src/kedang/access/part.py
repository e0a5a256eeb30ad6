"""An index part: the words of at most 16,384 records in one encrypted FTS5 file.

Life of a part: open for adding → finished (one file, complete, never written again) → read only.
The file is SQLCipher with a raw key of 32 bytes: every page of it, of its journal and of its
write-ahead log is AES-256-CBC with HMAC-SHA256. Words are kept as index words (tokens.py); the texts
are not in it. Everything in a part can be made again from the records, so a commit is not forced
to the disk: after a power cut a part may lack its last batches, which `ordinals` shows; after a
kill it lacks only the batch at hand.
The format is docs/formats/index-part.md.
"""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from threading import RLock
from typing import BinaryIO
from urllib.parse import quote

import sqlcipher3

from kedang.access.errors import PartBusy, PartFinished, PartFull, PartStale, PartUnreadable
from kedang.access.folding import SCHEME
from kedang.access.fts import fts_expression
from kedang.access.query import EVERYTHING, Expression
from kedang.access.tokens import index_words

MAX_RECORDS = 16_384  # of a part; design 8
KEY_BYTES = 32
FORMAT = 1
PAGE_BYTES = 16_384  # of the encrypted file: a tenth smaller and faster to write than 4,096
HMAC = "HMAC_SHA256"  # faster than SHA-512 where the processor has SHA instructions
LEAF_BYTES = 16_200  # of an FTS5 leaf: fits one page beside its header and MAC
HASH_BYTES = 32 * 1024 * 1024  # words gathered in memory before a segment is written
MERGE_AT = 64  # segments of a level that are merged into one
CACHE_KIB = 4096  # of decrypted pages kept by an open part
MERGE_CACHE_KIB = 98_304  # while a part is finished: a full one of business papers, merged
BUSY_MILLISECONDS = 5_000

_SCHEMA = """
CREATE TABLE part(format INTEGER NOT NULL, scheme TEXT NOT NULL, finished INTEGER NOT NULL);
CREATE VIRTUAL TABLE words USING fts5(
    texts, content='', contentless_delete=1, detail=full, tokenize="ascii tokenchars '_='");
"""
_TABLES = ("part", "words_data", "words_idx", "words_docsize", "words_config")
"""What stands on the disk of both: the last four are FTS5's own."""
_ADD = "INSERT INTO words(rowid, texts) VALUES (?, ?)"
_REPLACE = "INSERT OR REPLACE INTO words(rowid, texts) VALUES (?, ?)"
"""The same, where some may be there already: each one's old words are looked for first."""
_SETTINGS = (
    ("pgsz", LEAF_BYTES),
    ("hashsize", HASH_BYTES),
    ("automerge", 0),
    ("crisismerge", MERGE_AT),
)


@dataclass(frozen=True, slots=True)
class Entry:
    """What is searched of one record. `Entry.of` may be called in a worker, away from the key."""

    ordinal: int
    """The record's number in the part, 0 to MAX_RECORDS − 1; greater is newer."""
    words: str = field(repr=False)
    """Index words (tokens.py): as personal as the text itself."""

    @classmethod
    def of(cls, ordinal: int, *texts: str) -> Entry:
        """The entry of a record's texts (title, file name, content); no phrase spans two of them."""
        return cls(ordinal, " ".join(map(index_words, texts)))


class IndexPart:
    """One open part. Safe to use from several threads; one process writes, others may read."""

    def __init__(self, path: Path, key: bytes, *, read_only: bool = False) -> None:
        """Open the part at `path`, or make an empty one there unless `read_only`.

        Raises:
            PartUnreadable: damaged, missing for reading, or another's key.
            PartStale: made by other folding rules or another format.
        """
        if len(key) != KEY_BYTES:
            raise ValueError(f"a part's key has {KEY_BYTES} bytes")
        self.path = path
        self._key = key
        self._lock = RLock()
        with _faults():
            self._database = _connect(path, key, None if read_only else "WAL")
            try:
                self._finished = self._prepare(read_only=read_only)
            except BaseException:
                self._database.close()
                raise
        self._read_only = read_only

    def _prepare(self, *, read_only: bool) -> bool:
        """Make the tables if there are none; whether the part is finished."""
        known = self._database.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
        if not known:
            if read_only:
                raise PartUnreadable(empty=True)
            self._make_tables()
        row = self._database.execute("SELECT format, scheme, finished FROM part").fetchone()
        if row is None or row[0] != FORMAT or row[1] != SCHEME:
            raise PartStale(format=row[0] if row else None)
        if read_only and not row[2]:  # its log may lie beside it, which a reader of one file passes over
            raise PartUnreadable(finished=False)
        return bool(row[2])

    def _make_tables(self) -> None:
        """All tables or none: a process killed here leaves a file that is begun anew."""
        self._database.executescript("BEGIN IMMEDIATE;" + _SCHEMA)
        self._database.executemany("INSERT INTO words(words, rank) VALUES (?, ?)", _SETTINGS)
        self._database.execute("INSERT INTO part VALUES (?, ?, 0)", (FORMAT, SCHEME))
        self._database.execute("COMMIT")

    def add(self, entries: Iterable[Entry]) -> int:
        """Index the entries in one transaction; how many ordinals are new.

        An entry whose ordinal is there already replaces it, so that a batch may come twice. Ascending
        ordinals are fastest.
        """
        prepared = sorted({entry.ordinal: entry.words for entry in entries}.items())
        for ordinal, _ in prepared:
            if not 0 <= ordinal < MAX_RECORDS:
                raise PartFull(ordinal=ordinal)
        with self._writing() as database:
            before = self._count_rows()
            old = prepared and self._count_rows(prepared[0][0])
            database.executemany(_REPLACE if old else _ADD, prepared)
            return self._count_rows() - before

    def remove(self, ordinals: Iterable[int]) -> None:
        """Hide records from every search. Their words stay in the file until the part is rebuilt
        under a new key, which destroying a record demands."""
        with self._writing() as database:
            rows = [(ordinal,) for ordinal in ordinals]
            database.executemany("DELETE FROM words WHERE rowid = ?", rows)

    def newest(
        self, expression: Expression, *, limit: int = MAX_RECORDS, before: int | None = None
    ) -> list[int]:
        """Ordinals of the hits, newest first, at most `limit`, only such as are less than `before`."""
        bound = MAX_RECORDS if before is None else before
        if expression == EVERYTHING:
            found = self._rows(
                "SELECT id FROM words_docsize WHERE id < ? ORDER BY id DESC LIMIT ?", bound, limit
            )
        else:
            found = self._rows(
                "SELECT rowid FROM words WHERE words MATCH ? AND rowid < ? ORDER BY rowid DESC LIMIT ?",
                fts_expression(expression), bound, limit,
            )  # fmt: skip
        return [row[0] for row in found]

    def count(self, expression: Expression, *, bound: int = MAX_RECORDS) -> int:
        """How many records are hits; counting stops at `bound`."""
        return int(
            self._rows(
                "SELECT count(*) FROM (SELECT 1 FROM words WHERE words MATCH ? LIMIT ?)",
                fts_expression(expression), bound,
            )[0][0]
        )  # fmt: skip

    def best(self, expression: Expression, *, limit: int) -> list[tuple[float, int]]:
        """(weight, ordinal) of the weightiest hits by BM25, greatest first."""
        found = self._rows(
            "SELECT -rank, rowid FROM words WHERE words MATCH ? ORDER BY rank, rowid DESC LIMIT ?",
            fts_expression(expression), limit,
        )  # fmt: skip
        return [(float(weight), int(ordinal)) for weight, ordinal in found]

    def ordinals(self) -> list[int]:
        """Every indexed record, ascending: what a resumed run need not add again."""
        return [row[0] for row in self._rows("SELECT id FROM words_docsize ORDER BY id")]

    def is_intact(self) -> bool:
        """Whether every page of the file is as it was written; reads all of it."""
        with self._lock, _faults():
            return not self._database.execute("PRAGMA cipher_integrity_check").fetchall()

    def __len__(self) -> int:
        with self._lock, _faults():
            return self._count_rows()

    @property
    def finished(self) -> bool:
        """Whether the part is complete and takes no more words."""
        return self._finished

    def finish(self, target: Path) -> None:
        """Write the part's final form to `target`: one file without journal; take no more words.

        `target` appears at once or not at all; with it there, nothing is done. Afterwards this
        working part can be closed and removed (`remove_part`). The final form is ciphertext already.
        """
        with self._lock, _faults():
            if target.exists():
                return
            if not self._finished:
                with self._writing() as database:
                    database.execute("UPDATE part SET finished = 1")
                self._finished = True
            beside = target.with_name(target.name + ".new")
            self._write_merged(beside)
            with beside.open("rb") as written:
                os.fsync(written.fileno())
            beside.replace(target)

    def _write_merged(self, beside: Path) -> None:
        """The merged words in a file of their own; the merging is taken back in this one.

        So merged pages go to the disk once, and not by way of the log.
        """
        beside.unlink(missing_ok=True)
        self._database.execute(f"PRAGMA cache_size = -{MERGE_CACHE_KIB}")
        self._database.execute("BEGIN IMMEDIATE")
        try:
            self._database.execute("INSERT INTO words(words) VALUES ('optimize')")
            with contextlib.closing(_connect(beside, self._key, "OFF")) as merged:
                merged.executescript("BEGIN;" + _SCHEMA)
                for table in _TABLES:
                    rows = self._database.execute(f"SELECT * FROM {table}")  # noqa: S608 - names of our own
                    places = ", ".join("?" * len(rows.description))
                    merged.execute(f"DELETE FROM {table}")  # noqa: S608
                    merged.executemany(f"INSERT INTO {table} VALUES ({places})", rows)  # noqa: S608
                merged.execute("COMMIT")
        finally:
            self._database.execute("ROLLBACK")

    def close(self) -> None:
        """Let go of the file; the part cannot be used afterwards."""
        with self._lock:
            self._database.close()

    def __enter__(self) -> IndexPart:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _count_rows(self, first: int = 0) -> int:
        """How many records there are from an ordinal on."""
        found = self._database.execute("SELECT count(*) FROM words_docsize WHERE id >= ?", (first,))
        row: Sequence[int] = found.fetchone()
        return row[0]

    def _rows(self, statement: str, *values: object) -> list[tuple[int, ...]]:
        with self._lock, _faults():
            rows: list[tuple[int, ...]] = self._database.execute(statement, values).fetchall()
            return rows

    @contextlib.contextmanager
    def _writing(self) -> Iterator[sqlcipher3.Connection]:
        """A transaction that is wholly there or not at all."""
        with self._lock, _faults():
            if self._read_only or self._finished:
                raise PartFinished()
            self._database.execute("BEGIN IMMEDIATE")
            try:
                yield self._database
            except BaseException:
                self._database.execute("ROLLBACK")
                raise
            self._database.execute("COMMIT")


def place_part(sealed: BinaryIO, path: Path) -> None:
    """Write a finished part's bytes to `path`, where it is opened `read_only`; replaces what is there."""
    beside = path.with_name(path.name + ".new")
    with beside.open("wb") as out:
        shutil.copyfileobj(sealed, out, 1024 * 1024)
    beside.replace(path)


def remove_part(path: Path) -> None:
    """Delete a part's file and the log beside it; nothing happens where there is none."""
    for name in (path.name, path.name + "-wal", path.name + "-shm", path.name + ".new"):
        path.with_name(name).unlink(missing_ok=True)


def _connect(path: Path, key: bytes, journal: str | None) -> sqlcipher3.Connection:
    """An open database; without a journal, one that is only read."""
    mode = "rwc" if journal else "ro&immutable=1"
    database = sqlcipher3.connect(
        f"file:{quote(str(path.absolute()))}?mode={mode}",
        uri=True, isolation_level=None, check_same_thread=False,
        timeout=BUSY_MILLISECONDS / 1000,
    )  # fmt: skip
    try:
        _configure(database, key, journal)
    except BaseException:
        database.close()
        raise
    return database


def _configure(database: sqlcipher3.Connection, key: bytes, journal: str | None) -> None:
    """Key and settings; they hold for this connection alone and must be given every time."""
    database.execute("PRAGMA cipher_log_level = NONE").fetchall()
    database.execute(f"PRAGMA key = \"x'{key.hex()}'\"")
    database.execute(f"PRAGMA cipher_page_size = {PAGE_BYTES}")
    database.execute(f"PRAGMA cipher_hmac_algorithm = {HMAC}")
    database.execute("PRAGMA temp_store = MEMORY")
    database.execute(f"PRAGMA cache_size = -{CACHE_KIB}")
    database.execute("PRAGMA trusted_schema = OFF")
    if journal:
        database.execute(f"PRAGMA journal_mode = {journal}").fetchone()
        database.execute("PRAGMA synchronous = NORMAL")  # the log is consistent after a power cut


@contextlib.contextmanager
def _faults() -> Iterator[None]:
    """SQLite's errors as ours, without the texts SQLite puts into them."""
    try:
        yield
    except sqlcipher3.OperationalError as error:
        code = getattr(error, "sqlite_errorcode", None)
        if "unable to open" in str(error) or "malformed" in str(error):
            raise PartUnreadable(sqlite=code) from None
        raise PartBusy(sqlite=code) from None
    except sqlcipher3.DatabaseError as error:
        raise PartUnreadable(sqlite=getattr(error, "sqlite_errorcode", None)) from None
