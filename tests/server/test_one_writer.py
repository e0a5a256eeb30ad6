"""Writers of PostgreSQL come one after another, as those of SQLite do."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.postgresql import created, rows
from tests.server import two_writers
from tests.world import REPOSITORY


def test_a_transaction_sees_and_keeps_what_the_one_before_it_wrote(
    postgres: tuple[str, Path | None],
) -> None:
    address = created(postgres[0], "kedang_writers")
    environment = os.environ | {
        "KEDANG_DATABASE_URL": address,
        "PYTHONPATH": os.pathsep.join((str(REPOSITORY / "src"), str(REPOSITORY))),
    }
    ran = subprocess.run(
        [sys.executable, str(Path(two_writers.__file__))], env=environment, check=False, capture_output=True
    )
    assert ran.returncode == 0, ran.stderr.decode()
    assert rows(address, "SELECT n FROM counted", ()) == [(two_writers.WRITERS * two_writers.TIMES,)]
