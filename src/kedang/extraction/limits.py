"""How much one thing's bytes may cost before reading stops."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Ceilings for one thing; what lies beyond is left unread and a problem says so.

    The defaults fit a worker of 2 GB: a hostile file ends within them, an honest one seldom meets them.
    """

    max_text_code_points: int = 16_000_000
    max_whole_bytes: int = 512 * 1024 * 1024  # read into memory at once, for formats that need it
    max_inflated_bytes: int = 256 * 1024 * 1024  # of all members of one zip-based document
    max_tree_bytes: int = 64 * 1024 * 1024  # of one XML part held as a tree, which takes ten times as much
    max_members: int = 50_000  # entries of one zip-based document
    max_pages: int = 5_000
    max_rows: int = 1_000_000  # of all tables of one thing
    max_cells: int = 4_000_000
    max_depth: int = 400  # nesting of elements, parts of a mail, levels of JSON
    max_pixels: int = 200_000_000  # of one picture
    native_reader_seconds: int = 20  # handed to readers that keep their own clock
