"""What a destruction costs: `python -m bench.destroying HOME SOURCE [--records N]`.

SOURCE is taken in for real; its records are then multiplied to N rows, each with a key of its own in a ring of real
pages. Contents, which a destruction never touches, are not multiplied. Destroyed are 1 and then 10,000 of the
multiplied ones (keys and rows), and one that was taken in (the words of its index part).
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import sys
import time
from pathlib import Path
from typing import Any


def measured(home: Path, source: Path, records: int) -> dict[str, Any]:
    """Seconds by step for each destruction; peak memory in MB."""
    os.environ["KEDANG_HOME"] = str(home)
    os.environ["DJANGO_SETTINGS_MODULE"] = "kedang.entrypoints.settings"
    import django  # noqa: PLC0415 - set up in the home that was given

    django.setup()
    from bench.multiplying import Multiplied  # noqa: PLC0415

    begun = time.perf_counter()
    archive = Multiplied(home, source, records)
    found: dict[str, Any] = {"records": records, "making": round(time.perf_counter() - begun, 1)}
    for name, doomed in (("1", 1), ("10,000", 10_000)):
        found[f"{name} of the multiplied"] = archive.destroy(archive.multiplied(doomed))
    found["1 with words"] = archive.destroy(archive.taken_in(1))
    found["megabytes"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    return found


if __name__ == "__main__":
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("home", type=Path)
    asked.add_argument("source", type=Path)
    asked.add_argument("--records", type=int, default=1_000_000)
    given = asked.parse_args()
    said = measured(given.home, given.source, given.records)
    sys.stdout.write(json.dumps(said, ensure_ascii=False) + "\n")
