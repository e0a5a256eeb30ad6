"""What people type about copies."""

from __future__ import annotations

from collections.abc import Mapping

from kedang.holdings.actions.registering import DEFAULT_DAYS

DAYS_MAX = 3660
RATE_MAX = 100_000.0  # megabytes a second
MEGABYTE = 1_000_000
FIELDS = (
    "name",
    "kind",
    "path",
    "bucket",
    "prefix",
    "endpoint",
    "region",
    "access_key_id",
    "secret_access_key",
)


def days_of(given: Mapping[str, str]) -> int:
    """Every how many days a copy is backed up; the default where no number is given."""
    said = given.get("every_days", "").strip()
    return min(max(int(said), 1), DAYS_MAX) if said.isdecimal() else DEFAULT_DAYS


def rate_of(given: Mapping[str, str]) -> int:
    """Bytes a second at most; 0 for no limit, also where no number is given."""
    try:
        said = float(given.get("rate", "") or 0)
    except ValueError:
        return 0
    return round(min(said, RATE_MAX) * MEGABYTE) if 0 < said < float("inf") else 0


class CopyForm:
    """A copy as it is typed; secrets are taken, and never given back to the page."""

    def __init__(self, given: Mapping[str, str]) -> None:
        self.given = {name: given.get(name, "").strip() for name in FIELDS}
        self.addressing = "host" if given.get("addressing") == "host" else "path"
        self.days = days_of(given)
        self.rate = rate_of(given)

    @property
    def name(self) -> str:
        """What it is called."""
        return self.given["name"]

    @property
    def is_bucket(self) -> bool:
        """Whether it is a bucket."""
        return self.given["kind"] == "s3"

    @property
    def address(self) -> str:
        """The address, as the command line knows it."""
        if self.is_bucket:
            return f"s3://{self.given['bucket']}/{self.given['prefix']}"
        return self.given["path"] or "."
