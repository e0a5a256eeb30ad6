"""What can be read of one thing: the door of the room. Whatever the bytes are, an answer comes back."""

from __future__ import annotations

import struct
import zipfile
import zlib

from kedang.extraction import errors, registry
from kedang.extraction.errors import ExtractionError
from kedang.extraction.limits import Limits
from kedang.records.content import Content, Extraction, Format, Problem

# What parsers raise at bytes they do not understand. A fault of our own that is none of these still ends the
# worker, where the pipeline turns it into a question.
PARSER_FAULTS = (
    ArithmeticError,
    EOFError,
    LookupError,
    NotImplementedError,
    OSError,
    RecursionError,
    RuntimeError,
    SyntaxError,
    UnicodeError,
    ValueError,
    struct.error,
    zipfile.BadZipFile,
    zlib.error,
)
# Archives and mailboxes whose members are received as things of their own; of others nothing is read.
OPENED = frozenset(["zip", "7z", "rar", "tar", "gzip", "bzip2", "xz", "zstd", "mbox", "pst", "tnef"])


# What programs leave lying about: it holds no record, so it raises no question.
LITTER = frozenset(("thumbs-db", "ds-store", "office-lock", "windows-shortcut"))


def extract(content: Content, format: Format, *, limits: Limits | None = None) -> Extraction:
    """The text, places, tables, metadata and problems of one thing; never raises for what the bytes hold.

    Archives and mailboxes give no text: their members are received as things of their own.
    """
    limits = limits or Limits()
    if content.size_bytes == 0:
        return Extraction(problems=(Problem(errors.EMPTY),))
    if format.name in OPENED or format.name in LITTER:
        return Extraction()
    module = registry.reader_of(format)
    if module is None:
        return Extraction(problems=(_unread(format),))
    try:
        found: Extraction = registry.loaded(module).read(content, format, limits=limits)
    except ExtractionError as error:
        return Extraction(problems=(_problem(error),))
    except MemoryError:
        return Extraction(problems=(Problem(errors.LimitExceeded.code, {"limit": "memory"}),))
    except PARSER_FAULTS as error:
        return Extraction(problems=(Problem(errors.Damaged.code, {"reason": type(error).__name__}),))
    return found


def _unread(format: Format) -> Problem:
    if format.name == "unknown":
        return Problem(errors.UNKNOWN_FORMAT)
    return Problem(errors.FormatNotReadable.code, {"format": format.name})


def _problem(error: ExtractionError) -> Problem:
    facts = {name: fact for name, fact in error.facts.items() if isinstance(fact, str | int)}
    return Problem(error.code, facts)
