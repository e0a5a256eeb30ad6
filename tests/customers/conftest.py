"""Archives in which everybody has been compared."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.customers.firm import desk
from tests.examples.conftest import sample as sample
from tests.sharing import made_once
from tests.world import COMPANY, World


@pytest.fixture(scope="session")
def compared(opened_case: World, tmp_path_factory: pytest.TempPathFactory) -> World:
    """The firm's desk taken in and resolved. Copied, not used."""

    def resolved(place: Path) -> World:
        world = opened_case.copied(place / "world")
        ran = world.run(
            "intake", desk(place / "desk", COMPANY), "--no-name-model", "--workers", "1", "--json"
        )
        assert ran.status == 0, ran.said
        assert ran.json["resolved"] is True
        return world

    return made_once(tmp_path_factory, "compared", resolved)


@pytest.fixture
def firm(compared: World, tmp_path: Path) -> World:
    """The same, of this test alone."""
    return compared.copied(tmp_path / "world")
