"""A restore is opened by whatever opens the key sheet, from a folder or a bucket, and from several copies in turn."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from kedang.vault.object_store import ObjectStore
from tests.copies.kept import objects_of
from tests.destruction.ordering import require_whole
from tests.keys.softhsm import LABEL, MODULES, PIN
from tests.restoring.conftest import Older, restored
from tests.s3 import BUCKET, CREDENTIALS, S3Server, s3_server
from tests.world import PASSPHRASE, World, kill_all

__all__ = ["s3_server"]
MOMENTS = ("home/vault/ring", "home/restoring", "home/vault/packs", "home/index")
"""Below the world: what appears one after the other while a restore goes on."""


def without_secret(world: World, **environment: str) -> World:
    """The world without the unattended secret, offering something else."""
    shutil.rmtree(world.secrets)
    return replace(world, environment=environment)


def test_nothing_opens_without_a_secret(clean: World) -> None:
    world = without_secret(clean)
    ran = world.run("restore", world.root / "copy", "--json")
    assert (ran.status, ran.json["error"]) == (3, "KD-H106")


def test_two_shares_are_enough(clean: World) -> None:
    lines = [line for line in (clean.root / "shares.txt").read_text().splitlines() if len(line.split()) > 20]
    (clean.root / "two.txt").write_text("\n".join(lines[:2]), "utf-8")
    world = without_secret(clean, KEDANG_SHARES_FILE=str(clean.root / "two.txt"))
    assert restored(world, world.root / "copy")["withheld_records"] == 2
    require_whole(world)


def test_the_passphrase_is_enough(older: Older, tmp_path: Path) -> None:
    world = older.world.copied(tmp_path / "world")
    (world.root / "phrase").write_text(PASSPHRASE, "utf-8")
    world.ask("keys", "add", "passphrase", "--passphrase-file", world.root / "phrase")
    world.lose_home()
    world = without_secret(world, KEDANG_PASSPHRASE=PASSPHRASE)
    assert restored(world, older.copy)["withheld_records"] == 2
    require_whole(world)


def test_a_token_is_enough(older: Older, tmp_path: Path) -> None:
    module = next((path for path in MODULES if Path(path).is_file()), None)
    if module is None or shutil.which("softhsm2-util") is None:
        pytest.skip("SoftHSM2 is not installed (Debian: softhsm2)")
    world = older.world.copied(tmp_path / "world")
    (world.root / "tokens").mkdir()
    (world.root / "softhsm2.conf").write_text(f"directories.tokendir = {world.root}/tokens\n", "utf-8")
    (world.root / "pin").write_text(PIN, "utf-8")
    settings = {
        "SOFTHSM2_CONF": str(world.root / "softhsm2.conf"),
        "KEDANG_TOKEN_PIN_FILE": str(world.root / "pin"),
    }
    made = ["--init-token", "--free", "--label", LABEL, "--so-pin", "3141", "--pin", PIN]
    subprocess.run(
        ["softhsm2-util", *made], check=True, capture_output=True, env=world.surroundings() | settings
    )
    added = replace(world, environment=settings).run(
        "keys", "add", "token", "--module", module, "--token", LABEL
    )
    assert added.status == 0, added.said
    world.lose_home()
    world = without_secret(world, **settings, KEDANG_TOKEN_MODULE=module, KEDANG_TOKEN=LABEL)
    assert restored(world, older.copy)["withheld_records"] == 2
    require_whole(world)


def test_a_bucket_is_restored_from(clean: World, s3_server: S3Server) -> None:
    prefix = os.urandom(8).hex()
    store = ObjectStore(s3_server.bucket(prefix), CREDENTIALS, random_bytes=os.urandom)
    for name, octets in objects_of(clean.root / "copy").items():
        store.put(name, octets)
    keys = {
        "AWS_ACCESS_KEY_ID": CREDENTIALS.access_key_id,
        "AWS_SECRET_ACCESS_KEY": CREDENTIALS.secret_access_key,
        "AWS_ENDPOINT_URL_S3": s3_server.endpoint,
        "NO_PROXY": "*",
    }
    world = replace(clean, environment=keys)
    assert restored(world, f"s3://{BUCKET}/{prefix}")["withheld_records"] == 2
    require_whole(world)


def moments(world: World) -> Iterator[Path]:
    """Places in the order in which a restore reaches them."""
    return (world.root / one for one in MOMENTS)


def test_a_restore_killed_at_several_moments_ends_whole(clean: World) -> None:
    for place in moments(clean):
        running = clean.start("restore", clean.root / "copy", "--json")
        while running.poll() is None and not (place.is_file() and place.stat().st_size):
            if place.is_dir() and any(one.is_file() for one in place.rglob("*")):
                break
        kill_all(running.pid)
        running.communicate()
    if (clean.home / "restoring").exists():
        assert restored(clean, clean.root / "copy")["withheld_records"] == 2
    assert not (clean.home / "restoring").exists()
    require_whole(clean)
    assert clean.run("restore", clean.root / "copy", "--json").json["error"] == "KD-H151"


@pytest.mark.parametrize("missing", [False, True])
def test_a_damaged_or_missing_pack_is_said_and_another_copy_goes_on(clean: World, *, missing: bool) -> None:
    poor = clean.root / "poor"
    shutil.copytree(clean.root / "copy", poor)
    largest = max((poor / "packs").glob("*/*"), key=lambda one: one.stat().st_size)
    octets = bytearray(largest.read_bytes())
    octets[len(octets) // 2] ^= 1
    largest.unlink()
    if not missing:
        largest.write_bytes(octets)
    for _ in range(2):
        ran = clean.run("restore", poor, "--json")
        for other in (("status",), ("verify", "--heal"), ("search", "合同")):
            assert clean.run(*other, "--json").json["error"] == "KD-H154"
        assert (ran.status, ran.json["error"]) == (4, "KD-H153")
    said = restored(clean, clean.root / "copy")
    assert (said["withheld_records"], said["packs"]) == (2, len(clean.objects("packs")))
    require_whole(clean)
