"""The index of a case kept open between searches: opening an encrypted part costs more than most searches.

Parts hold their keys, so whoever locks the case closes them (`close`), and a part that was made again, after a
destruction, is closed when next somebody searches or the watch looks (`tidy`).
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from kedang.access.index import SearchIndex
from kedang.access.part import IndexPart
from kedang.holdings.adapters.archive import Archive
from kedang.holdings.models import IndexPart as PartRow
from kedang.records.ids import IndexPartId

Opened = tuple[SearchIndex, list[IndexPartId]]


@dataclass(slots=True)
class _Generation:
    """The parts as their rows said at one time."""

    files: tuple[tuple[str, str, str], ...]
    """Id, file and key page, newest first."""
    index: SearchIndex
    users: int = 0


class KeptIndex:
    """The open parts of one case, for every thread of this process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()  # protects the two below and every count of users
        self._current: _Generation | None = None
        self._ended: list[_Generation] = []
        self._mine = threading.local()

    @contextmanager
    def reading(self, archive: Archive) -> Iterator[Opened]:
        """The index and its parts, newest first; `archive` opens what is not open yet."""
        generation = self._generation(archive)
        self._mine.archive = archive
        try:
            yield generation.index, [IndexPartId(part) for part, _, _ in generation.files]
        finally:
            self._mine.archive = None
            with self._lock:
                generation.users -= 1
            self._close_ended()

    def tidy(self, archive: Archive) -> None:
        """Close what is no part of the case any more."""
        with self._lock:
            if self._current is not None and self._current.files != _files(archive):
                self._ended.append(self._current)
                self._current = None
        self._close_ended()

    def close(self) -> None:
        """Forget every part and its key, as soon as no search reads it."""
        with self._lock:
            if self._current is not None:
                self._ended.append(self._current)
                self._current = None
        self._close_ended()

    def _generation(self, archive: Archive) -> _Generation:
        files = _files(archive)
        with self._lock:
            if self._current is None or self._current.files != files:
                if self._current is not None:
                    self._ended.append(self._current)
                self._current = _Generation(files, SearchIndex(self._opener(files)))
            self._current.users += 1
            return self._current

    def _opener(self, files: tuple[tuple[str, str, str], ...]) -> Callable[[IndexPartId], IndexPart]:
        places = {part: (file, page) for part, file, page in files}

        def open_part(part: IndexPartId) -> IndexPart:
            archive: Archive = self._mine.archive
            file, page = places[part]
            return IndexPart(archive.home.index / f"{file}.part", archive.key(page, file))

        return open_part

    def _close_ended(self) -> None:
        with self._lock:
            idle = [one for one in self._ended if not one.users]
            self._ended = [one for one in self._ended if one.users]
        for one in idle:
            one.index.close()


def _files(archive: Archive) -> tuple[tuple[str, str, str], ...]:
    rows = PartRow.objects.filter(case_id=archive.case_id).order_by("-ordinal")
    return tuple(rows.values_list("id", "file", "key_page"))
