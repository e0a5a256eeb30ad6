"""What the tests of the engine share."""

from __future__ import annotations

import os

import pytest

from tests.world import REPOSITORY


@pytest.fixture(autouse=True)
def _programs_of_the_tests(monkeypatch: pytest.MonkeyPatch) -> None:
    """Workers find programs of the tests by PYTHONPATH only: they take no module from where they are started."""
    before = os.environ.get("PYTHONPATH")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(filter(None, (str(REPOSITORY), before))))
