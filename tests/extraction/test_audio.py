"""Recordings: how long they last, what their tags say, and that their words need a model."""

from __future__ import annotations

import io
import shutil
import wave
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kedang.extraction import speech
from kedang.extraction.audio import read as read_audio
from kedang.extraction.errors import Damaged, SpeechModelUnusable
from kedang.extraction.limits import Limits
from kedang.records.content import Extraction, Family, Format
from tests.extraction.contents import BytesContent, codes, read, real

LIMITS = Limits()
FOLDER = "客服部/电话录音"
NARROW_FRAME = bytes([0x3C]) + bytes(31)  # 12.2 kbit/s
WIDE_FRAME = bytes([0x44]) + bytes(60)  # 23.85 kbit/s


def sound(raw: bytes, name: str) -> Extraction:
    return read_audio(BytesContent(raw), Format("audio/x", Family.AUDIO, name), limits=LIMITS)


def seconds(found: Extraction) -> float:
    return float(dict(found.metadata)["duration_seconds"])


def wav(samples: list[int], *, rate: int = 16_000, channels: int = 1) -> bytes:
    file = io.BytesIO()
    with wave.open(file, "wb") as recording:
        recording.setnchannels(channels)
        recording.setsampwidth(2)
        recording.setframerate(rate)
        recording.writeframes(np.asarray(samples, dtype="<i2").tobytes())
    return file.getvalue()


@pytest.mark.parametrize(
    ("name", "lasts"),
    [
        ("aishell-BAC009S0724W0121.wav", 4.28),
        ("testFLAC.flac", 0.02),
        ("testMP3i18n.mp3", 2.46),
        ("testMP4.m4a", 0.07),
        ("testOPUS.opus", 0.02),
        ("testWAV.wav", 0.02),
    ],
)
def test_a_real_recording_tells_how_long_it_lasts(name: str, lasts: float) -> None:
    found = read(real(f"{FOLDER}/{name}"), name)
    assert seconds(found) == pytest.approx(lasts, abs=0.005)
    assert (found.text, codes(found)) == ("", ["KD-E401"])


def test_a_real_phone_recording_is_counted_frame_by_frame() -> None:
    raw = real(f"{FOLDER}/testAMR.amr")
    found = read(raw, "testAMR.amr")
    frames, at = 0, 6
    while at < len(raw):
        at += 1 + (12, 13, 15, 17, 19, 20, 26, 31, 5)[raw[at] >> 3 & 15]
        frames += 1
    assert seconds(found) == pytest.approx(frames * 0.02)
    assert codes(found) == ["KD-E401"]


def test_tags_come_as_metadata_in_every_script() -> None:
    found = dict(read(real(f"{FOLDER}/testMP3i18n.mp3")).metadata)
    assert (found["title"], found["author"]) == ("Une chason en Français", "Test Artist ⑨①")


@pytest.mark.parametrize(
    ("raw", "name"),
    [
        (b"#!AMR\n" + NARROW_FRAME * 150, "amr"),
        (b"#!AMR-WB\n" + WIDE_FRAME * 150, "amr-wb"),
        (b"\x02#!SILK_V3" + b"\x05\x00hello" * 150 + b"\xff\xff", "silk"),
        (b"#!SILK_V3" + b"\x05\x00hello" * 150, "silk"),
    ],
    ids=["amr", "amr-wb", "silk-of-wechat", "silk"],
)
def test_voice_messages_are_counted_frame_by_frame(raw: bytes, name: str) -> None:
    found = sound(raw, name)
    assert (seconds(found), codes(found)) == (3.0, ["KD-E401"])
    cut = sound(raw[: len(raw) // 2], name)
    assert 1.4 < seconds(cut) < 1.6
    assert codes(cut) == ["KD-E103", "KD-E401"]


@pytest.mark.parametrize("name", ["amr", "amr-wb", "silk"])
def test_voice_messages_without_their_mark_have_no_length(name: str) -> None:
    found = sound(b"#!nothing of the kind", name)
    assert (found.metadata, codes(found)) == ((), ["KD-E103", "KD-E401"])


def test_a_header_that_promises_more_than_the_file_holds_is_noted() -> None:
    found = sound(real("旧电脑备份/损坏与可疑文件/testMP4_truncated.m4a"), "m4a")
    assert codes(found) == ["KD-E103", "KD-E401"]


@given(
    st.sampled_from(["amr", "amr-wb", "silk", "wav", "mp3", "flac", "ogg", "m4a", "wma", "aac"]),
    st.binary(max_size=200),
)
def test_no_bytes_break_the_reader(name: str, body: bytes) -> None:
    heads = {"amr": b"#!AMR\n", "amr-wb": b"#!AMR-WB\n", "silk": b"\x02#!SILK_V3", "wav": b"RIFF\x00\x00\x00\x00WAVEfmt ",
             "mp3": b"ID3\x03\x00\x00", "flac": b"fLaC\x00\x00\x00\x22", "ogg": b"OggS", "m4a": b"\x00\x00\x00\x18ftypM4A ",
             "wma": bytes.fromhex("3026b2758e66cf11a6d900aa0062ce6c")}  # fmt: skip
    found = sound(heads.get(name, b"") + body, name)
    assert codes(found)[-1] == "KD-E401"
    assert found.text == ""


# Transcripts. No speech model can be had for these tests, so the recognition itself is NOT tested here:
# what leads to the model is, and that an unusable folder is refused plainly.


def test_a_recording_becomes_one_channel_of_16_000_samples() -> None:
    tone = np.sin(np.arange(8_000) / 8_000 * 2 * np.pi * 200) * 16_000
    stereo = np.repeat(tone, 2).round().astype(int).tolist()
    samples = speech.wav_samples(wav(stereo, rate=8_000, channels=2))
    again = np.sin(np.arange(16_000) / 16_000 * 2 * np.pi * 200) * 16_000 / 32_768
    assert len(samples) == 16_000
    assert np.abs(samples - again)[:-1].max() < 0.02


def test_a_real_recording_is_decoded_to_its_length() -> None:
    samples = speech.wav_samples(real(f"{FOLDER}/aishell-BAC009S0724W0121.wav"))
    assert len(samples) / speech.RATE == pytest.approx(4.281, abs=0.001)
    assert 0.01 < float(np.abs(samples).max()) <= 1


@pytest.mark.parametrize("raw", [b"", b"RIFF", b"RIFF\x00\x00\x00\x00WAVE", wav([1, 2, 3])[:30]])
def test_what_is_no_wav_is_said_to_be_damaged(raw: bytes) -> None:
    with pytest.raises(Damaged):
        speech.wav_samples(raw)


@pytest.mark.parametrize("kind", list(speech.ModelKind))
def test_a_model_folder_without_its_files_is_refused(tmp_path: Path, kind: speech.ModelKind) -> None:
    with pytest.raises(SpeechModelUnusable) as refused:
        speech.Transcriber(speech.SpeechModel(tmp_path, kind))
    assert refused.value.facts == {"reason": "files"}


def test_a_model_that_does_not_load_is_refused(tmp_path: Path) -> None:
    (tmp_path / "tokens.txt").write_text("<blk> 0\n")
    (tmp_path / "model.onnx").write_bytes(b"no model")
    with pytest.raises(SpeechModelUnusable) as refused:
        speech.Transcriber(speech.SpeechModel(tmp_path, speech.ModelKind.SENSE_VOICE))
    assert refused.value.facts["reason"] in {"library", "model"}


def test_other_codings_go_through_the_users_ffmpeg() -> None:
    ffmpeg = shutil.which("ffmpeg")
    if ffmpeg is None:
        pytest.skip("ffmpeg is not installed")
    samples = speech.decoded(Path(ffmpeg), real(f"{FOLDER}/testMP3i18n.mp3"))
    assert samples is not None
    assert len(samples) / speech.RATE == pytest.approx(2.46, abs=0.1)


def test_without_a_working_decoder_nothing_is_decoded(tmp_path: Path) -> None:
    assert speech.decoded(tmp_path / "absent", b"ID3") is None
    assert speech.decoded(Path("/bin/false"), b"ID3") is None
