"""A hardware token in software: SoftHSM2, which PKCS#11 calls like any other."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.world import World

MODULES = ("/usr/lib/softhsm/libsofthsm2.so", "/usr/lib64/pkcs11/libsofthsm2.so")
PIN, WRONG_PIN = "271828", "314159"
LABEL = "档案室"


def soft_token(world: World) -> tuple[str, dict[str, str]]:
    """The module of a new token that only this archive knows, and what its commands must be told beside it."""
    module = next((path for path in MODULES if Path(path).is_file()), None)
    if module is None or shutil.which("softhsm2-util") is None:
        pytest.skip("SoftHSM2 is not installed (Debian: softhsm2)")
    (world.root / "tokens").mkdir()
    settings = world.root / "softhsm2.conf"
    settings.write_text(f"directories.tokendir = {world.root}/tokens\nlog.level = ERROR\n", encoding="utf-8")
    environment = {"SOFTHSM2_CONF": str(settings)}
    subprocess.run(
        ["softhsm2-util", "--init-token", "--free", "--label", LABEL, "--so-pin", "3141", "--pin", PIN],
        check=True,
        capture_output=True,
        env=world.surroundings() | environment,
    )
    return module, environment
