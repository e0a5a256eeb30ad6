"""Archives in several files: which names the further volumes of an archive have.

Known ways: `a.part1.rar, a.part2.rar …`; `a.rar, a.r00, a.r01 … a.r99, a.s00 …`; `a.7z.001, a.7z.002 …`
and the same behind `.zip` and `.rar`, which are one file cut into pieces.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_PART = re.compile(rb"(.*\.part)(\d+)(\.rar)", re.IGNORECASE | re.DOTALL)
_CUT = re.compile(rb"(.*\.(?:7z|zip|rar|tar)\.)(\d{3})", re.IGNORECASE | re.DOTALL)
_OLD = re.compile(rb"(.*\.)([r-z])(\d\d)", re.IGNORECASE | re.DOTALL)
_FIRST_OLD = re.compile(rb"(.*\.)(r)(ar)", re.IGNORECASE | re.DOTALL)
MOST_VOLUMES = 10_000  # three digits, or part numbers of up to four


def further_volumes(raw_name: bytes) -> Iterator[bytes]:
    """The names that the volumes behind the first would have, in order; nothing for other names.

    Whether they are there is for the caller to see: the archive ends at the first that is not.
    """
    for pattern in (_PART, _CUT):
        found = pattern.fullmatch(raw_name)
        if found is not None:
            if int(found[2]) == 1:
                for number in range(2, MOST_VOLUMES):
                    digits = b"%0*d" % (len(found[2]), number)
                    yield found[1] + digits + (found[3] if pattern is _PART else b"")
            return
    old = _FIRST_OLD.fullmatch(raw_name)
    if old is not None:
        first = old[2][0]
        for letter in range(first, first + 9):
            for number in range(100):
                yield old[1] + bytes((letter,)) + b"%02d" % number


def is_further_volume(raw_name: bytes) -> bool:
    """Whether a name is that of a volume behind the first. The first one tells what it holds."""
    for pattern in (_PART, _CUT):
        found = pattern.fullmatch(raw_name)
        if found is not None:
            return int(found[2]) > 1
    return _OLD.fullmatch(raw_name) is not None
