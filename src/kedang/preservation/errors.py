"""What can go wrong with copies. Families: 1 snapshots, 2 leaf bundles, 3 drills, 4 what fixity rounds find."""

from __future__ import annotations

from kedang.records.errors import KedangError, Kind


class SnapshotMalformed(KedangError):
    """The bytes are no snapshot, or a line of it is not in the documented form; use another snapshot."""

    code = "KD-B101"
    kind = Kind.CORRUPT


class SnapshotNewer(KedangError):
    """The snapshot has a version or a table that this release does not know; upgrade before restoring."""

    code = "KD-B102"
    kind = Kind.REFUSED


class SnapshotCutOff(KedangError):
    """The snapshot ends before its footer; use another one."""

    code = "KD-B103"
    kind = Kind.CORRUPT


class SnapshotAltered(KedangError):
    """Counts, order or digest of the snapshot's rows are not what it says of itself; use another one."""

    code = "KD-B104"
    kind = Kind.CORRUPT


class SnapshotUnsteady(KedangError):
    """The rows given are not those that were counted; take the snapshot again, at one instant."""

    code = "KD-B105"
    kind = Kind.CONFLICT


class SnapshotIncomplete(KedangError):
    """An object with rows of the snapshot is missing or damaged; use another copy, or an older snapshot."""

    code = "KD-B106"
    kind = Kind.CORRUPT


class LeafBundleMalformed(KedangError):
    """The bundle does not hold the leaves that its name tells; use another bundle or copy."""

    code = "KD-B201"
    kind = Kind.CORRUPT


class DrillResultMalformed(KedangError):
    """The bytes are no result of a drill in canonical form; hold another drill."""

    code = "KD-B301"
    kind = Kind.MALFORMED
