"""A case opened in another process of ours, by the keys that it is told over a pipe."""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from kedang.holdings.actions.known_places import use_places, with_known_places
from kedang.holdings.actions.unlocking import archive_of
from kedang.holdings.adapters.archive import Archive
from kedang.holdings.adapters.keyplaces import KeyPlaces
from kedang.holdings.home import Home
from kedang.holdings.models import Case
from kedang.records.ids import AgentId, CaseId
from kedang.vault.keysheet import SlotKind
from kedang.vault.unlocking import Unlocked


def keys_told(archive: Archive) -> bytes:
    """What the other process must be told."""
    unlocked = archive.keyring.unlocked
    return json.dumps(
        {
            "case": unlocked.case,
            "slot": unlocked.slot,
            "kind": unlocked.kind.value,
            "epoch_keys": {
                str(epoch): base64.b64encode(key).decode() for epoch, key in unlocked.epoch_keys.items()
            },
            "slot_private_key": base64.b64encode(bytes(unlocked.slot_private_key)).decode(),
            "serial": unlocked.serial,
            "sheet": base64.b64encode(unlocked.sheet).decode(),
            "home": str(archive.home.root),
            "sheets": [str(place) for place in archive.places.sheets],
            "secrets": str(archive.places.secrets),
        }
    ).encode()


def archive_told(told: Mapping[str, Any], agent: AgentId) -> Archive:
    """The case with the keys that were told, registered as one of their holders."""
    unlocked = Unlocked(
        case=CaseId(told["case"]),
        slot=told["slot"],
        kind=SlotKind(told["kind"]),
        epoch_keys={int(epoch): base64.b64decode(key) for epoch, key in told["epoch_keys"].items()},
        slot_private_key=bytearray(base64.b64decode(told["slot_private_key"])),
        serial=told["serial"],
        sheet=base64.b64decode(told["sheet"]),
    )
    home, places = (
        Home(Path(told["home"])),
        KeyPlaces(tuple(map(Path, told["sheets"])), Path(told["secrets"])),
    )
    case = Case.objects.get(id=unlocked.case)
    archive = archive_of(case, home, places, unlocked, agent, os.urandom)
    use_places(archive, with_known_places(archive))
    archive.keyring.register()
    return archive
