"""The API as it is really served, and tokens."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from kedang.access.deciding import Act
from tests.holdings.test_correcting import played
from tests.web.conftest import Filled, Served, enrol, filled_case, serving

__all__ = ["filled_case"]
EVERYTHING = [act.value for act in Act]
PROGRAMS: list[dict[str, Any]] = [
    {"login": "whole", "grants": [{"role": "owner"}], "token": {"acts": EVERYTHING}},
    {
        "login": "contracts",
        "grants": [{"role": "owner"}],
        "token": {"acts": EVERYTHING, "scope": {"classes": ["contract"]}},
    },
    {
        "login": "reading",
        "grants": [{"role": "reader", "scope": {"classes": ["contract"]}}],
        "token": {"acts": EVERYTHING},
    },
    {"login": "second", "grants": [{"role": "owner"}], "token": {"acts": EVERYTHING}},
    {"login": "nothing", "grants": [], "token": {"acts": EVERYTHING}},
]


@pytest.fixture(scope="module")
def api(filled_case: Filled, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A door, and tokens of several people."""
    world = filled_case.world.copied(tmp_path_factory.mktemp("api") / "world")
    people = enrol(world, PROGRAMS)
    played(world, "reviewing_on")
    with serving(world, people) as door:
        yield door
