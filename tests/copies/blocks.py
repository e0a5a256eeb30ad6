"""Snapshots read by the pages of docs/formats alone: zstd, JSON, and blobs that a key opens."""

from __future__ import annotations

import json
from base64 import b64decode
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from backports import zstd

from kedang.records.ids import CaseId
from kedang.vault.blob import Binding, Role, open_bytes
from kedang.vault.folder_store import FolderStore
from tests.destruction import thief
from tests.world import World


@dataclass(frozen=True, slots=True)
class Read:
    """What one snapshot holds."""

    taken: str
    rows: list[tuple[str, dict[str, Any]]]
    objects: dict[str, int]
    """Named by its footer, with their lengths."""
    blocks: int


def snapshots_in(vault: Path, case: CaseId, keys: Mapping[str, set[bytes]]) -> dict[str, Read]:
    """Every snapshot of a store that one of the keys opens, by id."""
    found = {}
    for name in FolderStore(vault).names("snapshots"):
        one = name.partition("/")[2]
        for key in keys.get(one, ()):
            sealed = FolderStore(vault).read(name)
            lines = _lines(open_bytes(key, sealed, binding=Binding(case, one, Role.SNAPSHOT)))
            found[one] = _read(vault, case, lines)
    return found


def snapshots_of(world: World, vault: Path) -> dict[str, Read]:
    """The same for whoever has the sheet of now and the secret of this computer."""
    secret = next(world.secrets.glob("*.secret"))
    unlocked = thief.unlocked_with([world.sheet()], passphrase="", secret=secret, shares=())
    return snapshots_in(vault, CaseId(world.sheet().stem), thief.keys_in([vault], unlocked))


def _lines(content: bytes) -> list[Any]:
    return [json.loads(line) for line in zstd.decompress(content).splitlines()]


def _read(vault: Path, case: CaseId, lines: list[Any]) -> Read:
    header, footer = lines[0], lines[-1]
    rows, blocks = [], 0
    for line in lines[1:-1]:
        if "block" not in line:
            rows += _rows(line)
            continue
        said = line["block"]
        sealed = FolderStore(vault).read(f"blocks/{said['object']}", said["offset"], said["bytes"])
        binding = Binding(case, said["object"], Role.BLOCK, said["part"])
        inner = _lines(open_bytes(b64decode(said["key"]["base64"]), sealed, binding=binding))
        assert sum(one["rows"] for one in inner) == said["rows"]
        rows += [row for one in inner for row in _rows(one)]
        blocks += 1
    counts = [[table, sum(one == table for one, _ in rows)] for table, _ in header["tables"]]
    assert counts == header["tables"] == footer["counts"]
    return Read(header["taken"], rows, {one: size for one, size, _ in footer["objects"]}, blocks)


def _rows(line: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """The rows of a line; what is no text, number or switch stands as in its column, `{kind: value}`."""
    count, columns = line["rows"], {}
    for name, said in line["columns"].items():
        values = said
        if isinstance(said, dict):
            ((kind, values),) = said.items()
            values = [value if value is None else {kind: value} for value in values]
        assert len(values) in (1, count)
        columns[name] = values if len(values) == count else values * count
    return [(line["table"], {name: values[at] for name, values in columns.items()}) for at in range(count)]
