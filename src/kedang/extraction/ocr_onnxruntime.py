"""Networks run by ONNX Runtime: slower, but wherever Python runs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import onnxruntime

from kedang.extraction.ocr_inference import Floats, Network, Precision

_FATAL_ONLY = 4


class OnnxruntimeNetwork:
    """One session on one thread; always computes with 32 bits."""

    def __init__(self, model: Path) -> None:
        options = onnxruntime.SessionOptions()
        options.log_severity_level = _FATAL_ONLY
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        options.enable_cpu_mem_arena = False
        providers = ["CPUExecutionProvider"]
        self._session: Any = onnxruntime.InferenceSession(str(model), options, providers=providers)
        self._input: str = self._session.get_inputs()[0].name
        self._output: str = self._session.get_outputs()[0].name
        written: str = self._session.get_modelmeta().custom_metadata_map.get("character", "")
        self._characters = tuple(written.splitlines())

    def run(self, batch: Floats) -> Floats:
        """The output for `batch`."""
        output: Floats = self._session.run([self._output], {self._input: batch})[0]
        return output

    def characters(self) -> tuple[str, ...]:
        """The signs the network knows."""
        return self._characters


def load(model: Path, precision: Precision) -> Network:
    """A network from a model file; `precision` makes no difference here."""
    del precision
    return OnnxruntimeNetwork(model)
