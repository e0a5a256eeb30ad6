"""Sound recordings: how long they last and what their tags say; for their words see `speech`."""

from __future__ import annotations

from tinytag import ParseError, TinyTag, UnsupportedFormatError

from kedang.extraction.assembly import TextAssembly
from kedang.extraction.errors import NOT_TRANSCRIBED, PARTLY_READ
from kedang.extraction.limits import Limits
from kedang.extraction.voice_frames import amr_seconds, silk_seconds
from kedang.records.content import Content, Extraction, Format

_COUNTED = {"amr": amr_seconds, "amr-wb": amr_seconds, "silk": silk_seconds}
_TAGS = {
    "title": "title",
    "artist": "author",
    "album": "album",
    "comment": "description",
    "year": "created",
    "genre": "genre",
}
_FEWEST_BYTES_A_SECOND = 50  # below any speech codec: the header promises more than the file holds


def read(content: Content, format: Format, *, limits: Limits) -> Extraction:
    """The duration and tags as metadata; a problem says that the words were not transcribed."""
    assembly = TextAssembly(limits)
    if format.name in _COUNTED:
        _count(content, format, assembly)
    else:
        _tell_tags(content, assembly)
    assembly.problem(NOT_TRANSCRIBED)
    return assembly.extraction()


def _count(content: Content, format: Format, assembly: TextAssembly) -> None:
    with content.open() as stream:
        counted = _COUNTED[format.name](stream)
    if counted is None:
        assembly.problem(PARTLY_READ, part="header")
        return
    seconds, whole = counted
    _tell_seconds(seconds, assembly)
    if not whole:
        assembly.problem(PARTLY_READ, part="frames")


def _tell_tags(content: Content, assembly: TextAssembly) -> None:
    try:
        with content.open() as stream:
            tag = TinyTag.get(file_obj=stream)
    except UnsupportedFormatError:
        return  # no reader of tags for it; the recording itself may be sound
    except ParseError:
        assembly.problem(PARTLY_READ, part="header")
        return
    if tag.duration:
        _tell_seconds(tag.duration, assembly)
        if content.size_bytes < tag.duration * _FEWEST_BYTES_A_SECOND:
            assembly.problem(PARTLY_READ, part="frames")
    for key, number in (("channels", tag.channels), ("sample_rate", tag.samplerate)):
        if number:
            assembly.tell(key, str(number))
    for key, name in _TAGS.items():
        said = getattr(tag, key)
        assembly.tell(name, str(said) if said is not None else None)
        for more in tag.other.get(key, ()):
            assembly.tell(name, more)


def _tell_seconds(seconds: float, assembly: TextAssembly) -> None:
    assembly.tell("duration_seconds", f"{seconds:.2f}".rstrip("0").rstrip("."))
