"""The key of the web door: of sessions, sign-in names and the sealed names of those who sign in.

It lies in the home, because people sign in while every case is locked. It opens nothing of a case. Settings ask
for it before there are models, so that none is imported here.
"""

from __future__ import annotations

import hmac
import json
import os
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

from kedang.records.ids import CaseId
from kedang.vault.column import ColumnBinding, open_column, seal_column
from kedang.vault.suites import KEY_BYTES, SALT_BYTES, derive

NAME = "web-key"
_NO_CASE = CaseId("")  # what is sealed here belongs to the installation


@dataclass(frozen=True, slots=True)
class DoorKey:
    """Held in memory by every process of the web door."""

    root: bytes = field(repr=False)

    def of(self, purpose: bytes) -> bytes:
        """The key for one purpose."""
        return derive(self.root, salt=b"", info=b"kedang web door v1 " + purpose)

    def fingerprint(self, login: str) -> str:
        """What stands for a sign-in name in the table: the same for every way of typing it."""
        folded = unicodedata.normalize("NFKC", login).strip().casefold()
        return hmac.new(self.of(b"sign-in names"), folded.encode(), sha256).hexdigest()

    def seal(self, row: str, column: str, value: Mapping[str, Any]) -> bytes:
        """A sealed column of a table of the installation."""
        return seal_column(
            self.of(b"columns"),
            json.dumps(value, ensure_ascii=False).encode(),
            binding=ColumnBinding(_NO_CASE, row, column),
            salt=os.urandom(SALT_BYTES),
        )

    def open(self, row: str, column: str, sealed: bytes | memoryview) -> dict[str, Any]:
        """The JSON object of such a column."""
        binding = ColumnBinding(_NO_CASE, row, column)
        opened: dict[str, Any] = json.loads(open_column(self.of(b"columns"), bytes(sealed), binding=binding))
        return opened


def door_key(home: Path) -> DoorKey:
    """The key of this home, made when there is none. Two processes that make it at once agree on one."""
    place = home / NAME
    if not place.exists():
        home.mkdir(parents=True, exist_ok=True, mode=0o700)
        made = home / f"{NAME}.{os.getpid()}"
        descriptor = os.open(made, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(os.urandom(KEY_BYTES))
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(made, place)
        except FileExistsError:
            pass  # another process was first
        finally:
            made.unlink()
    return DoorKey(place.read_bytes())
