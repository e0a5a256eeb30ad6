"""What every command says, in one language or as JSON, and how it ends when something is wrong."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass, field
from typing import Any

from kedang.entrypoints.cli.showing import Screen, as_shown_json
from kedang.entrypoints.cli.texts import language, text_of
from kedang.entrypoints.counts import spoken
from kedang.records.errors import KedangError, Kind, code_texts

EXIT_GOOD = 0
EXIT_FINDINGS = 1
EXIT_BROKEN_PIPE = 128 + 13  # as a shell says of a program that SIGPIPE ended
EXIT_STATUS = {
    Kind.MALFORMED: 2,
    Kind.NOT_FOUND: 2,
    Kind.REFUSED: 3,
    Kind.CONFLICT: 3,
    Kind.CORRUPT: 4,
    Kind.UNAVAILABLE: 5,
}


@dataclass(slots=True, kw_only=True)
class Voice:
    """How a command talks to whoever gave it."""

    language: str = field(default_factory=language)
    as_json: bool = False
    out: Screen = field(default_factory=Screen)
    err: Screen = field(default_factory=lambda: Screen(of_errors=True))

    def say(self, key: str, **values: object) -> str:
        """A sentence of the command line in the user's language."""
        return text_of(key, self.language).format(**spoken(values))

    def print(self, key: str, **values: object) -> None:
        """Print a sentence."""
        self.out.print(self.say(key, **values))

    def print_json(self, value: Any) -> None:
        """Print one JSON document and nothing else."""
        sys.stdout.write(as_shown_json(json.dumps(value, ensure_ascii=False, default=str)) + "\n")

    def failed(self, error: KedangError) -> int:
        """Say what went wrong and what to do; the exit status."""
        texts = code_texts().get(error.code)
        said = texts.said(self.language) if texts else (error.__doc__ or "").partition("\n")[0]
        following = texts.next_step(self.language) if texts else ""
        if self.as_json:
            self.print_json({"error": error.code, "message": said, "next": following, "facts": error.facts})
        else:
            self.err.print(f"{error.code}  {said}", style="bold red")
            if following:
                self.err.print(following)
        return EXIT_STATUS[error.kind]
