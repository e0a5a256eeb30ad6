"""Days as they are written beside names."""

from __future__ import annotations

import re
from datetime import date

_DAY = re.compile(r"((?:19|20)\d{2})\s*[-/.年]?\s*(\d{1,2})\s*[-/.月]?\s*(\d{1,2})(?!\d)")


def day_of(written: str) -> str:
    """YYYY-MM-DD of 1990年7月3日, 1990/7/3 or 19900703; empty when no day is written."""
    found = _DAY.search(written)
    if found is None:
        return ""
    year, month, day = map(int, found.groups())
    try:
        return date(year, month, day).isoformat()
    except ValueError:
        return ""
