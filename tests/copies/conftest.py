"""An archive to be copied, and buckets to copy it to."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.breaking import BreakingProxy, breaking_proxy
from tests.copies.kept import Bucketed
from tests.s3 import BUCKET, CREDENTIALS, S3Server, s3_server
from tests.sharing import made_once
from tests.world import World

__all__ = ["s3_server"]
TEXTS = 36
MANY = 560  # more than the longest block has, so that each table has one that nothing new touches


@pytest.fixture(scope="session")
def filled(tmp_path_factory: pytest.TempPathFactory, opened_case: World) -> World:
    """An archive of some texts, enough for a block of rows, and some large bytes, never copied yet."""

    def made(folder: Path) -> World:
        world = opened_case.copied(folder)
        desk = folder / "desk"
        desk.mkdir()
        for number in range(TEXTS):
            (desk / f"{number}.txt").write_text(
                f"服务合同 第{number}号 签订于2023年{number % 12 + 1}月{number % 28 + 1}日", "utf-8"
            )
        (desk / "bytes.bin").write_bytes(os.urandom(6_000_000))
        world.intake(desk)
        return world

    return made_once(tmp_path_factory, "filled-for-copies", made)


@pytest.fixture
def archive(filled: World, tmp_path: Path) -> World:
    """That archive, of this test alone."""
    return filled.copied(tmp_path / "world")


@pytest.fixture
def copied(archive: World) -> World:
    """The archive with one folder, `copy`, registered and backed up."""
    archive.ask("copies", "add", archive.root / "copy")
    archive.ask("backup")
    return archive


@pytest.fixture(scope="session")
def grown(tmp_path_factory: pytest.TempPathFactory, opened_case: World) -> World:
    """An archive of many small texts with a copy that holds two snapshots of it: before and after one more came."""

    def made(folder: Path) -> World:
        world = opened_case.copied(folder)
        (folder / "desk").mkdir()
        for number in range(MANY):
            (folder / "desk" / f"{number:04d}.txt").write_text(f"便条 {number}", "utf-8")
        world.intake(folder / "desk")
        world.ask("copies", "add", folder / "copy")
        world.ask("backup")
        one_more(world, "补充")
        return world

    return made_once(tmp_path_factory, "grown-for-blocks", made)


def one_more(world: World, text: str) -> None:
    """One more file, and a backup of it."""
    (world.root / "desk" / f"{text}.txt").write_text(text, "utf-8")
    world.intake(world.root / "desk")
    world.ask("backup")


@pytest.fixture
def proxy(s3_server: S3Server) -> Iterator[BreakingProxy]:
    """What stands between the archive and its bucket."""
    with breaking_proxy(s3_server.endpoint) as standing:
        yield standing


@pytest.fixture
def bucketed(archive: World, s3_server: S3Server, proxy: BreakingProxy) -> Bucketed:
    """The archive with a bucket registered, behind the proxy."""
    prefix = os.urandom(8).hex()
    keys = {
        "AWS_ACCESS_KEY_ID": CREDENTIALS.access_key_id,
        "AWS_SECRET_ACCESS_KEY": CREDENTIALS.secret_access_key,
        "NO_PROXY": "*",
    }
    registering = replace(archive, environment=keys)
    registering.ask("copies", "add", f"s3://{BUCKET}/{prefix}", "--endpoint", proxy.endpoint, "--name", "桶")
    return Bucketed(archive, proxy, s3_server, prefix)
