"""Words of recordings, by sherpa-onnx (optional extra) and a model folder that the user supplies.

No model comes with kedang and none is ever fetched. Loaded through `registry.loaded("speech")` and only
when the settings name a folder, because the library is optional.
"""

from __future__ import annotations

import io
import subprocess
import wave
from dataclasses import dataclass, replace
from enum import StrEnum
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from kedang.extraction.assembly import TextAssembly
from kedang.extraction.errors import NOT_TRANSCRIBED, Damaged, SpeechModelUnusable
from kedang.extraction.limits import Limits
from kedang.extraction.whole import whole_bytes
from kedang.records.content import Content, Extraction, Place

RATE = 16_000  # what the models want
PIECE_SECONDS = 30  # recordings are read in pieces of this length, each a place
_LONGEST_SECONDS = 6 * 3_600
_TOKENS = "tokens.txt"
_MODELS = ("model.int8.onnx", "model.onnx")

Samples = npt.NDArray[np.float32]


class ModelKind(StrEnum):
    """The families of models that are supported; both know Mandarin."""

    SENSE_VOICE = "sense-voice"
    PARAFORMER = "paraformer"


@dataclass(frozen=True, slots=True)
class SpeechModel:
    """What the user supplied: a folder with `tokens.txt` and `model.onnx` or `model.int8.onnx`."""

    folder: Path
    kind: ModelKind
    ffmpeg: Path | None = None
    """Decodes what is not PCM WAV; without it such recordings stay untranscribed."""


class Transcriber:
    """One loaded model; a process holds one and keeps it."""

    def __init__(self, model: SpeechModel) -> None:
        self._ffmpeg = model.ffmpeg
        self._recogniser = _recogniser(model)

    def transcribe(self, content: Content, found: Extraction, *, limits: Limits) -> Extraction:
        """`found`, what `audio.read` gave, with the words added, each half minute a place.

        Comes back unchanged when the recording cannot be decoded here.
        """
        samples = self._samples(whole_bytes(content, limits))
        if samples is None:
            return found
        assembly = TextAssembly(limits)
        for first in range(0, len(samples), PIECE_SECONDS * RATE):
            start = assembly.length
            said = self._words(samples[first : first + PIECE_SECONDS * RATE])
            if said:
                assembly.line(said)
            assembly.mark("seconds", str(first // RATE), start)
        written = assembly.extraction()
        places: tuple[Place, ...] = written.places
        kept = tuple(problem for problem in found.problems if problem.code != NOT_TRANSCRIBED)
        return replace(
            found,
            text=written.text,
            text_source=written.text_source,
            places=places,
            problems=(*kept, *written.problems),
        )

    def _words(self, samples: Samples) -> str:
        stream = self._recogniser.create_stream()
        stream.accept_waveform(RATE, samples)
        self._recogniser.decode_stream(stream)
        return str(stream.result.text).strip()

    def _samples(self, raw: bytes) -> Samples | None:
        try:
            return wav_samples(raw)
        except Damaged:
            return decoded(self._ffmpeg, raw) if self._ffmpeg else None


def wav_samples(raw: bytes) -> Samples:
    """A PCM WAV as one channel of 16,000 samples a second, from -1 to 1.

    Raises:
        Damaged: it is no WAV, or not 16-bit PCM.
    """
    try:
        with wave.open(io.BytesIO(raw)) as recording:
            channels, width, rate, _, _, _ = recording.getparams()
            frames = recording.readframes(_LONGEST_SECONDS * rate)
    except (wave.Error, EOFError) as error:
        raise Damaged(reason="wav") from error
    if width != 2 or not channels or not rate:
        raise Damaged(reason="wav-coding")
    whole = len(frames) // (2 * channels) * 2 * channels
    values = np.frombuffer(frames[:whole], dtype="<i2").reshape(-1, channels)
    one: Samples = np.asarray(values.mean(axis=1, dtype=np.float32) / 32_768, dtype=np.float32)
    if rate == RATE:
        return one
    wanted = np.arange(int(len(one) * RATE / rate)) * (rate / RATE)
    return np.asarray(np.interp(wanted, np.arange(len(one)), one), dtype=np.float32)


def decoded(ffmpeg: Path, raw: bytes) -> Samples | None:
    """What ffmpeg makes of it, through pipes, so that nothing is ever written in clear."""
    command = [
        str(ffmpeg), "-nostdin", "-v", "quiet", "-protocol_whitelist", "pipe", "-i", "pipe:0", "-vn",
        "-t", str(_LONGEST_SECONDS), "-ac", "1", "-ar", str(RATE), "-f", "s16le", "pipe:1",
    ]  # fmt: skip
    try:
        done = subprocess.run(command, input=raw, capture_output=True, timeout=600, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    if done.returncode or not done.stdout:
        return None
    whole = len(done.stdout) // 2 * 2
    return np.frombuffer(done.stdout[:whole], dtype="<i2").astype(np.float32) / np.float32(32_768)


def _recogniser(model: SpeechModel) -> Any:
    tokens = model.folder / _TOKENS
    files = [model.folder / name for name in _MODELS if (model.folder / name).is_file()]
    if not tokens.is_file() or not files:
        raise SpeechModelUnusable(reason="files")
    try:
        recogniser: Any = import_module("sherpa_onnx").OfflineRecognizer
    except ImportError as error:
        raise SpeechModelUnusable(reason="library") from error
    chosen, known = str(files[0]), str(tokens)
    try:
        if model.kind is ModelKind.PARAFORMER:
            return recogniser.from_paraformer(paraformer=chosen, tokens=known, num_threads=1)
        return recogniser.from_sense_voice(model=chosen, tokens=known, num_threads=1, use_itn=True)
    except (RuntimeError, ValueError) as error:
        raise SpeechModelUnusable(reason="model") from error
