"""One sample company for all tests of this folder."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from examples.sample_company.company import truth_path, write_company
from tests.examples.sample import SEED, Sample
from tests.sharing import made_once


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Sample:
    """The sample company at scale 1."""

    def written(folder: Path) -> Sample:
        root = folder / "company"
        write_company(root, seed=SEED, scale=1)
        return Sample(root, json.loads(truth_path(root).read_text("utf-8")))

    return made_once(tmp_path_factory, "sample-company", written)
