"""Survey of a source: every file that lies there, and everything else with a code. Never silent.

The order is that of the raw paths as bytes, so that a survey can be taken up after any path and two
surveys of the same source give the same order. Folders themselves are not received.
"""

from __future__ import annotations

import heapq
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from kedang.accession.errors import FileVanished, SourceMissing
from kedang.accession.names import readable_name
from kedang.accession.reading import Signature, fault_of, open_folder_below
from kedang.records.errors import KedangError

NAMES_IN_MEMORY = 65_536  # names of one folder sorted at once; larger folders are read again

UNREADABLE_FOLDER = "KD-A101"
SPECIAL_FILE = "KD-A102"
LINK_OUT = "KD-A103"
LINK_INSIDE = "KD-A104"
LINK_DANGLING = "KD-A105"
FOLDER_LOOP = "KD-A106"
OTHER_FILE_SYSTEM = "KD-A107"
EXCLUDED = "KD-A108"
GONE = "KD-A109"
TOO_DEEP = "KD-A111"

# Levels of folders. Opening a folder costs a step for each level, so endless nesting would cost the
# square of its depth; no program that people use can make paths this deep (PATH_MAX is 4,096 bytes).
DEEPEST_LEVEL = 512

_STATUS_BATCH = 1_024  # files looked at with one opening of their folder
_MAILDIR = {b"cur/", b"new/", b"tmp/"}  # maildir(5)
_MESSAGES = {b"cur/", b"new/"}


class Found(StrEnum):
    """What stands at a place of the source."""

    FILE = "file"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Surveyed:
    """One place of the source: a file to be received, or something refused with a code."""

    raw_path: bytes
    """Below the root, parts joined by "/"; empty for a source that is a single file."""
    path: str
    found: Found
    signature: Signature | None = None
    code: str | None = None
    in_maildir: bool = False
    """A message in `cur` or `new` of a maildir folder."""

    @property
    def name(self) -> str:
        """Last part of the readable path."""
        return self.path.rpartition("/")[2]


@dataclass(frozen=True, slots=True)
class SurveyRules:
    """What a survey leaves out. Devices and inodes, because paths can lie."""

    excluded: frozenset[tuple[int, int]] = frozenset()
    """(device, inode) of folders and files that are our own: the archive's home, the places of its keys."""
    other_file_systems: bool = False
    """Whether to go on into folders where another disk or share is mounted."""


@dataclass(frozen=True, slots=True)
class _Folder:
    raw_path: bytes
    above: frozenset[tuple[int, int]]
    """(device, inode) of the folder and all folders on the way to it."""
    in_maildir: bool


def survey(
    root: bytes, *, after: bytes | None = None, rules: SurveyRules | None = None
) -> Iterator[Surveyed]:
    """Everything that lies below `root`, or the one file that `root` is, sorted by raw path.

    `after` takes the survey up behind that raw path; folders wholly before it are not read. Memory
    does not grow with the number of files. Things that appear or vanish meanwhile may be missed or
    be refused with a code; the next survey sees them. Whether a file may be read shows only when it
    is read (`read_stable`).

    Raises:
        SourceMissing: nothing can be seen at `root`.
    """
    try:
        status = Path(os.fsdecode(root)).stat()
    except OSError as error:
        raise SourceMissing(errno=error.errno or 0) from error
    if not stat.S_ISDIR(status.st_mode):
        if after is None:
            yield _single(root, status, rules or SurveyRules())
        return
    walk = _Walk(root, os.path.realpath(root), status.st_dev, after, rules or SurveyRules())
    top = _Folder(b"", frozenset({(status.st_dev, status.st_ino)}), in_maildir=False)
    yield from walk.inside(top)


def _single(root: bytes, status: os.stat_result, rules: SurveyRules) -> Surveyed:
    path = readable_name(root.rpartition(b"/")[2])
    if (status.st_dev, status.st_ino) in rules.excluded:
        return Surveyed(b"", path, Found.REFUSED, code=EXCLUDED)
    if not stat.S_ISREG(status.st_mode):
        return Surveyed(b"", path, Found.REFUSED, code=SPECIAL_FILE)
    return Surveyed(b"", path, Found.FILE, Signature.of(status))


@dataclass(frozen=True, slots=True)
class _Walk:
    root: bytes
    real_root: bytes
    device: int
    after: bytes | None
    rules: SurveyRules

    def inside(self, top: _Folder) -> Iterator[Surveyed]:
        """Depth first without recursion: a source may nest deeper than Python's stack."""
        open_folders = [self._entries(top)]
        while open_folders:
            step = next(open_folders[-1], None)
            if step is None:
                open_folders.pop()
            elif isinstance(step, _Folder):
                open_folders.append(self._entries(step))
            elif self.after is None or step.raw_path > self.after:
                yield step

    def _entries(self, folder: _Folder) -> Iterator[Surveyed | _Folder]:
        last = b""
        is_maildir = False
        while True:
            try:
                keys = _sorted_keys(self.root, folder.raw_path, last)
                is_maildir = is_maildir or set(keys) >= _MAILDIR
                for key, status in _with_status(self.root, folder.raw_path, self._ahead(folder, keys)):
                    yield self._look(folder, key, status, is_maildir=is_maildir)
            except KedangError as error:
                yield _refused(
                    folder.raw_path, GONE if isinstance(error, FileVanished) else UNREADABLE_FOLDER
                )
                return
            if len(keys) < NAMES_IN_MEMORY:
                return
            last = keys[-1]

    def _ahead(self, folder: _Folder, keys: list[bytes]) -> list[bytes]:
        """The keys of `folder` that are not wholly at or before the place to take up from."""
        if self.after is None:
            return keys
        prefix = folder.raw_path + b"/" if folder.raw_path else b""
        return [key for key in keys if prefix + key > self.after or self.after.startswith(prefix + key)]

    def _look(
        self, folder: _Folder, key: bytes, status: os.stat_result | None, *, is_maildir: bool
    ) -> Surveyed | _Folder:
        name = key.rstrip(b"/")
        raw_path = folder.raw_path + b"/" + name if folder.raw_path else name
        if status is None:
            return _refused(raw_path, GONE)
        place = (status.st_dev, status.st_ino)
        if place in self.rules.excluded:
            return _refused(raw_path, EXCLUDED)
        if stat.S_ISLNK(status.st_mode):
            return _refused(raw_path, self._link_code(raw_path))
        if stat.S_ISDIR(status.st_mode):
            if place in folder.above:
                return _refused(raw_path, FOLDER_LOOP)
            if status.st_dev != self.device and not self.rules.other_file_systems:
                return _refused(raw_path, OTHER_FILE_SYSTEM)
            if len(folder.above) > DEEPEST_LEVEL:
                return _refused(raw_path, TOO_DEEP)
            return _Folder(raw_path, folder.above | {place}, is_maildir and key in _MESSAGES)
        if not stat.S_ISREG(status.st_mode):
            return _refused(raw_path, SPECIAL_FILE)
        return Surveyed(
            raw_path,
            readable_path(raw_path),
            Found.FILE,
            Signature.of(status),
            in_maildir=folder.in_maildir,
        )

    def _link_code(self, raw_path: bytes) -> str:
        """Links are never followed: what they name inside the source is received where it lies."""
        try:
            target = os.path.realpath(os.path.join(self.real_root, raw_path), strict=True)
        except OSError:
            return LINK_DANGLING
        inside = target == self.real_root or target.startswith(self.real_root.rstrip(b"/") + b"/")
        return LINK_INSIDE if inside else LINK_OUT


def readable_path(raw_path: bytes) -> str:
    """The path as text, each part read in the charset that fits it."""
    return "/".join(readable_name(part) for part in raw_path.split(b"/"))


def _refused(raw_path: bytes, code: str) -> Surveyed:
    return Surveyed(raw_path, readable_path(raw_path), Found.REFUSED, code=code)


def _sorted_keys(root: bytes, raw_path: bytes, last: bytes) -> list[bytes]:
    """The next names after `last`, folders with "/" behind so that they sort as paths do."""
    descriptor = open_folder_below(root, raw_path)
    try:
        with os.scandir(descriptor) as entries:
            keys = (
                os.fsencode(entry.name) + (b"/" if entry.is_dir(follow_symlinks=False) else b"")
                for entry in entries
            )
            return heapq.nsmallest(NAMES_IN_MEMORY, (key for key in keys if key > last))
    except OSError as error:
        raise fault_of(error) from error
    finally:
        os.close(descriptor)


def _with_status(
    root: bytes, raw_path: bytes, keys: list[bytes]
) -> Iterator[tuple[bytes, os.stat_result | None]]:
    """Each key with its status, None where it is gone.

    The folder is opened anew for each batch, so that no descriptor stays open while folders inside
    are walked: a source may nest deeper than a process may have open files.
    """
    for start in range(0, len(keys), _STATUS_BATCH):
        batch = keys[start : start + _STATUS_BATCH]
        descriptor = open_folder_below(root, raw_path)
        try:
            found = [(key, _status(descriptor, key)) for key in batch]
        finally:
            os.close(descriptor)
        yield from found


def _status(folder: int, key: bytes) -> os.stat_result | None:
    try:
        return os.stat(key.rstrip(b"/"), dir_fd=folder, follow_symlinks=False)
    except OSError:
        return None
