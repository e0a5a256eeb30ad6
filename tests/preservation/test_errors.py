from __future__ import annotations

import pickle
import re
from pathlib import Path

from kedang.preservation import errors
from kedang.records.errors import KedangError

CLASSES = [
    found
    for found in vars(errors).values()
    if isinstance(found, type) and issubclass(found, KedangError) and found is not KedangError
]


def test_every_error_survives_the_way_between_processes() -> None:
    for found in CLASSES:
        error = pickle.loads(pickle.dumps(found(line=3)))  # noqa: S301
        assert (type(error), error.facts) == (found, {"line": 3})


def test_every_error_is_produced_by_a_case() -> None:
    tests = "".join(path.read_text(encoding="utf-8") for path in Path(__file__).parent.glob("test_*.py"))
    assert len(CLASSES) == 8
    for found in CLASSES:
        assert len(re.findall(rf"\b{found.__name__}\b", tests)) > 1, found.__name__
