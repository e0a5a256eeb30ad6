"""The networks that find and read lines, whichever library runs them."""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt

from kedang.extraction.errors import OcrModelsMissing

Floats = npt.NDArray[np.float32]

_MODEL_PACKAGE = "rapidocr"
_MODEL_FILES = {
    "detection": "PP-OCRv6_det_small.onnx",
    "reading": "PP-OCRv6_rec_small.onnx",
    "direction": "ch_ppocr_mobile_v2.0_cls_mobile.onnx",
}


class Precision(StrEnum):
    """How many bits the multiplications keep."""

    NATIVE = "native"  # bfloat16 where the processor has it, else 32 bits
    EXACT = "exact"  # always 32 bits: the same result on every machine, about half as fast


class Network(Protocol):
    """One network, loaded and ready; one caller at a time."""

    def run(self, batch: Floats) -> Floats:
        """The only output for one input batch; valid until the next call."""
        ...

    def characters(self) -> tuple[str, ...]:
        """The signs a reading network knows, in the order of its classes; empty for the others."""
        ...


class NetworkLoader(Protocol):
    """Makes a network from a model file, on one thread."""

    def __call__(self, model: Path, precision: Precision) -> Network: ...


@dataclass(frozen=True, slots=True)
class Networks:
    """The three networks that reading a page takes."""

    detection: Network
    reading: Network
    direction: Network


def model_files(package: str = _MODEL_PACKAGE) -> Mapping[str, Path]:
    """Where the models lie inside the installed package; nothing is ever fetched."""
    spec = importlib.util.find_spec(package)
    roots = list(spec.submodule_search_locations or ()) if spec else []
    if not roots:
        raise OcrModelsMissing(package=package)
    found = {role: Path(roots[0]) / "models" / name for role, name in _MODEL_FILES.items()}
    for role, path in found.items():
        if not path.is_file():
            raise OcrModelsMissing(package=package, model=role)
    return found


def load_networks(load: NetworkLoader, precision: Precision) -> Networks:
    """All three networks, made by `load`."""
    models = model_files()
    return Networks(
        detection=load(models["detection"], precision),
        reading=load(models["reading"], precision),
        direction=load(models["direction"], precision),
    )
