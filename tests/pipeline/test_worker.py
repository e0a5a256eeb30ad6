"""A worker starts without parsers, and loads them for the first request that needs them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[2] / "src"
PARSERS = ("kedang.extraction", "kedang.appraisal", "kedang.resolution", "lxml", "xberg", "onnxruntime")


def _loaded_by(program: str) -> set[str]:
    ended = subprocess.run(
        [sys.executable, "-c", f"import sys\n{program}\nprint(*sys.modules)"],
        env=os.environ | {"PYTHONPATH": str(SOURCE)},
        capture_output=True,
        text=True,
        check=True,
    )
    return set(ended.stdout.split())


def test_neither_worker_nor_sealing_process_starts_with_parsers() -> None:
    for module in ("worker", "sealer"):
        loaded = _loaded_by(f"import kedang.pipeline.{module}")
        assert not {name for name in loaded if name.startswith(PARSERS)}


KEEPING = """
from kedang.pipeline.worker import Desk
from kedang.pipeline.items import Item
from kedang.pipeline.messages import ExamineRequest, WorkerSetup
setup = WorkerSetup(bytes(32), "/nowhere", (), (), False, {understand}, 0)
request = ExamineRequest((Item(1, "合同.txt", (), 6, data=b"abcdef"),), only_digest={only_digest})
assert list(Desk(setup).answers(request))
"""


def test_what_is_only_kept_loads_none_and_what_is_understood_does() -> None:
    for understand, only_digest in ((False, False), (True, True)):
        loaded = _loaded_by(KEEPING.format(understand=understand, only_digest=only_digest))
        assert not {name for name in loaded if name.startswith(PARSERS)}
    assert "kedang.appraisal.appraise" in _loaded_by(KEEPING.format(understand=True, only_digest=False))
