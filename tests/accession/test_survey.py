from __future__ import annotations

import os
import resource
import socket
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kedang.accession import survey as survey_module
from kedang.accession.errors import SourceMissing
from kedang.accession.survey import (
    DEEPEST_LEVEL,
    EXCLUDED,
    FOLDER_LOOP,
    LINK_DANGLING,
    LINK_INSIDE,
    LINK_OUT,
    OTHER_FILE_SYSTEM,
    SPECIAL_FILE,
    TOO_DEEP,
    UNREADABLE_FOLDER,
    Found,
    SurveyRules,
    _Folder,
    _Walk,
    survey,
)
from tests.accession.samples import without_rights


def walked(root: Path, after: bytes | None = None) -> list[tuple[bytes, str | None]]:
    return [(step.raw_path, step.code) for step in survey(os.fsencode(root), after=after)]


def made(root: Path, *paths: str) -> None:
    for path in paths:
        place = root / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(path.encode())


def test_files_come_in_the_order_of_their_raw_paths(tmp_path: Path) -> None:
    made(tmp_path, "a/b", "a.txt", "a-b", "z", "a/a/a", "客户/张三.txt")
    paths = [path for path, _ in walked(tmp_path)]
    assert paths == sorted(paths)
    assert len(paths) == 6


segment = st.sampled_from([b"a", b"a-", b"a.", b"b", b"\xff", b"0", "客".encode("gbk")])


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    paths=st.sets(st.lists(segment, min_size=1, max_size=4).map(tuple), max_size=12), cut=st.integers(0, 12)
)
def test_a_survey_taken_up_anywhere_gives_exactly_the_rest(
    tmp_path: Path, paths: set[tuple[bytes, ...]], cut: int
) -> None:
    root = os.path.join(os.fsencode(tmp_path), os.urandom(4).hex().encode())
    os.mkdir(root)  # noqa: PTH102 - raw byte path
    for path in paths:
        # A name that is a folder elsewhere cannot be a file too; "f" keeps them apart.
        place = os.path.join(root, *path[:-1], b"f" + path[-1])
        os.makedirs(os.path.dirname(place), exist_ok=True)  # noqa: PTH103, PTH120 - raw byte path
        Path(os.fsdecode(place)).write_bytes(b"x")
    everything = [step.raw_path for step in survey(root)]
    assert everything == sorted(everything)
    assert len(everything) == len(paths)
    if everything:
        after = everything[min(cut, len(everything) - 1)]
        assert [step.raw_path for step in survey(root, after=after)] == [p for p in everything if p > after]


def test_a_survey_can_be_taken_up_behind_a_path_that_is_gone(tmp_path: Path) -> None:
    made(tmp_path, "a/1", "a/3", "b")
    assert [path for path, _ in walked(tmp_path, b"a/2")] == [b"a/3", b"b"]


def test_a_folder_larger_than_the_batch_is_read_in_several_passes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(survey_module, "NAMES_IN_MEMORY", 7)
    made(tmp_path, *[f"{number:03}" for number in range(50)], "020x/inner")
    paths = [path for path, _ in walked(tmp_path)]
    assert len(paths) == 51
    assert paths == sorted(paths)


def test_links_devices_and_sockets_are_refused_with_their_codes(tmp_path: Path) -> None:
    root = tmp_path / "source"
    made(root, "kept/file")
    (tmp_path / "outside").write_bytes(b"x")
    (root / "in-link").symlink_to("kept/file")
    (root / "out-link").symlink_to(tmp_path / "outside")
    (root / "out-folder").symlink_to("/")
    (root / "dangling").symlink_to("nowhere")
    (root / "loop").symlink_to("loop")
    (root / "up").symlink_to(".")
    os.mkfifo(root / "pipe")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(root / "socket"))
    assert dict(walked(root)) == {
        b"kept/file": None,
        b"in-link": LINK_INSIDE,
        b"up": LINK_INSIDE,
        b"out-link": LINK_OUT,
        b"out-folder": LINK_OUT,
        b"dangling": LINK_DANGLING,
        b"loop": LINK_DANGLING,
        b"pipe": SPECIAL_FILE,
        b"socket": SPECIAL_FILE,
    }


def test_a_folder_that_may_not_be_read_is_refused_and_the_rest_goes_on(tmp_path: Path) -> None:
    made(tmp_path, "open/1", "shut/2", "z")
    (tmp_path / "shut").chmod(0o000)
    with without_rights(tmp_path, tmp_path / "open"):
        found = walked(tmp_path)
    (tmp_path / "shut").chmod(0o700)
    assert found == [(b"open/1", None), (b"shut", UNREADABLE_FOLDER), (b"z", None)]


def test_a_folder_that_leads_back_to_one_above_it_is_not_entered(tmp_path: Path) -> None:
    made(tmp_path, "mounted/1", "z")
    status = (tmp_path / "mounted").stat()
    # What a bind mount shows: the folder inside is the one that the walk came through.
    above = _Folder(b"", frozenset({(status.st_dev, status.st_ino)}), in_maildir=False)
    root = os.fsencode(tmp_path)
    walk = _Walk(root, root, status.st_dev, None, SurveyRules())
    assert [(step.raw_path, step.code) for step in walk.inside(above)] == [
        (b"mounted", FOLDER_LOOP),
        (b"z", None),
    ]


def test_our_own_places_are_left_out_by_device_and_inode(tmp_path: Path) -> None:
    made(tmp_path, "a", "home/secret")
    status = (tmp_path / "home").stat()
    rules = SurveyRules(excluded=frozenset({(status.st_dev, status.st_ino)}))
    found = [(step.raw_path, step.code) for step in survey(os.fsencode(tmp_path), rules=rules)]
    assert found == [(b"a", None), (b"home", EXCLUDED)]


@pytest.mark.skipif(not os.path.ismount("/dev/shm"), reason="needs a second file system below a folder")
def test_another_file_system_is_refused_unless_asked_for() -> None:
    refused = {step.raw_path: step.code for step in survey(b"/dev", after=b"shl") if step.raw_path == b"shm"}
    assert refused == {b"shm": OTHER_FILE_SYSTEM}


def test_names_in_any_bytes_are_received(tmp_path: Path) -> None:
    raw = "合同".encode("gbk") + b"\xff"
    Path(os.fsdecode(os.path.join(os.fsencode(tmp_path), raw))).write_bytes(b"x")
    (only,) = survey(os.fsencode(tmp_path))
    assert only.raw_path == raw
    assert only.found is Found.FILE


def test_messages_of_a_maildir_are_marked(tmp_path: Path) -> None:
    made(tmp_path, "Mail/cur/1:2,S", "Mail/new/2", "Mail/tmp/3", "Mail/.Sent/cur/4", "cur/5")
    marked = {step.raw_path: step.in_maildir for step in survey(os.fsencode(tmp_path))}
    assert marked == {
        b"Mail/cur/1:2,S": True,
        b"Mail/new/2": True,
        b"Mail/tmp/3": False,
        b"Mail/.Sent/cur/4": False,
        b"cur/5": False,
    }


def test_a_single_file_is_a_source_of_one(tmp_path: Path) -> None:
    made(tmp_path, "客户.zip")
    root = os.fsencode(tmp_path / "客户.zip")
    (only,) = survey(root)
    assert (only.raw_path, only.path, only.found) == (b"", "客户.zip", Found.FILE)
    assert list(survey(root, after=b"")) == []


def test_a_pipe_given_as_source_is_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (only,) = survey(os.fsencode(tmp_path / "pipe"))
    assert (only.found, only.code) == (Found.REFUSED, SPECIAL_FILE)


def test_a_source_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(SourceMissing) as raised:
        list(survey(os.fsencode(tmp_path / "张三")))
    assert "张三" not in str(raised.value)


def test_endless_nesting_ends_at_the_deepest_level_with_few_open_files(tmp_path: Path) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    folder = os.open(tmp_path, os.O_RDONLY)
    for _ in range(DEEPEST_LEVEL + 2):
        os.mkdir("d", dir_fd=folder)
        inner = os.open("d", os.O_RDONLY, dir_fd=folder)
        os.close(folder)
        folder = inner
        os.close(os.open("leaf", os.O_CREAT | os.O_WRONLY, dir_fd=folder))
    os.close(folder)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(soft, 100), hard))
    try:
        found = [(step.raw_path.count(b"/"), step.code) for step in survey(os.fsencode(tmp_path))]
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    assert found == [(DEEPEST_LEVEL, TOO_DEEP), *((level, None) for level in range(DEEPEST_LEVEL, 0, -1))]
    while (tmp_path / "d" / "d").exists():  # too deep for what clears temporary folders
        (tmp_path / "d" / "d").rename(tmp_path / "up")
        (tmp_path / "d" / "leaf").unlink()
        (tmp_path / "d").rmdir()
        (tmp_path / "up").rename(tmp_path / "d")


def test_a_file_that_vanishes_during_the_survey_is_never_silent(tmp_path: Path) -> None:
    made(tmp_path, "a/1", "b/2")
    steps = survey(os.fsencode(tmp_path))
    first = next(steps)
    (tmp_path / "b" / "2").unlink()
    (tmp_path / "b").rmdir()
    assert first.raw_path == b"a/1"
    assert [(step.raw_path, step.code) for step in steps] == [(b"b", survey_module.GONE)]
