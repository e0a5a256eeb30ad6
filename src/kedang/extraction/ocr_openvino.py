"""Networks run by OpenVINO: the fast way on x86-64.

`import openvino` alone would load a telemetry package that writes a client id under the home folder
and reports the import to a statistics service. Both names are therefore made unimportable first;
OpenVINO itself goes on without them.
"""

from __future__ import annotations

import importlib
import sys
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from kedang.extraction.ocr_inference import Floats, Network, Precision
from kedang.extraction.signal_stack import enlarge_signal_stack

_REPORTING = ("openvino_telemetry", "openvino.tools.ovc")


def _openvino_without_telemetry() -> ModuleType:
    for name in _REPORTING:
        sys.modules[name] = None  # type: ignore[assignment]
    return importlib.import_module("openvino")


openvino = _openvino_without_telemetry()


class OpenvinoNetwork:
    """One compiled network with one request, on one thread."""

    def __init__(self, model: Path, precision: Precision) -> None:
        settings: dict[str, int | str] = {
            "INFERENCE_NUM_THREADS": 1,
            "NUM_STREAMS": 1,
            "ENABLE_CPU_PINNING": False,
        }
        if precision is Precision.EXACT:
            settings["INFERENCE_PRECISION_HINT"] = "f32"
        core = _core()
        read = core.read_model(model)
        self._characters = _characters(read)
        self._compiled = core.compile_model(read, "CPU", settings)
        self._request: Any = self._compiled.create_infer_request()
        enlarge_signal_stack()

    def run(self, batch: Floats) -> Floats:
        """The output for `batch`; valid until the next call."""
        self._request.infer([np.ascontiguousarray(batch)])
        output: Floats = self._request.get_output_tensor().data
        return output

    def characters(self) -> tuple[str, ...]:
        """The signs the network knows."""
        return self._characters


@cache
def _core() -> Any:
    """One for the process: each loads the whole plugin again."""
    return openvino.Core()


def _characters(read: Any) -> tuple[str, ...]:
    """Written into the model file by those who trained it."""
    if not read.has_rt_info(["framework", "character"]):
        return ()
    return tuple(read.get_rt_info(["framework", "character"]).value.splitlines())


def load(model: Path, precision: Precision) -> Network:
    """A network from a model file."""
    return OpenvinoNetwork(model, precision)
