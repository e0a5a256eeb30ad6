"""Which parts of a source a parsing process may read when the archive's own places lie in it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from kedang.pipeline.territory import Ground, ground_around


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A source with papers beside and below the way to what is hidden."""
    for name in ("a.txt", "desk/b.txt", "desk/keys/x.keysheet", "desk/keys/deep/y", "desk/papers/c.txt"):
        (tmp_path / "source" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "source" / name).write_text(name)
    return tmp_path / "source"


def around(root: Path, *hidden: Path) -> tuple[set[Path], set[Path]]:
    """The ground as paths: what may be read, where names may be read."""
    ground = ground_around(os.fsencode(root), map(os.fsencode, hidden))
    return set(map(Path, map(os.fsdecode, ground.readable))), set(map(Path, map(os.fsdecode, ground.listed)))


def test_a_source_without_hidden_places_is_open_as_a_whole(source: Path, tmp_path: Path) -> None:
    elsewhere = (tmp_path / "home", tmp_path / "source-keys", tmp_path)
    assert ground_around(os.fsencode(source), map(os.fsencode, elsewhere)) == Ground((os.fsencode(source),))


def test_what_lies_beside_the_way_to_a_hidden_place_may_be_read(source: Path) -> None:
    readable, listed = around(source, source / "desk" / "keys")
    assert readable == {source / "a.txt", source / "desk" / "b.txt", source / "desk" / "papers"}
    assert listed == {source, source / "desk"}


def test_a_place_within_a_hidden_one_and_one_file_are_hidden_too(source: Path) -> None:
    keys = source / "desk" / "keys"
    readable, _ = around(source, keys, keys / "deep", source / "desk" / "b.txt")
    assert readable == {source / "a.txt", source / "desk" / "papers"}


def test_files_of_a_source_that_is_itself_a_key_place_are_hidden_one_by_one(source: Path) -> None:
    keys = source / "desk" / "keys"
    assert around(keys, keys, keys / "x.keysheet") == ({keys / "deep"}, {keys})


def test_a_link_on_the_way_leads_to_the_place_itself(source: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(source)
    readable, _ = around(tmp_path / "link", tmp_path / "link" / "desk" / "keys")
    assert readable == {source / "a.txt", source / "desk" / "b.txt", source / "desk" / "papers"}
