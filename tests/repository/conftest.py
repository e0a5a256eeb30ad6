"""What the program itself says that it can do."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from tests.world import REPOSITORY

ASKING = """
import json
from kedang.entrypoints.cli.verbs import AllVerbs
def with_all_below(command):
    return [command, *(one for sub in getattr(command, "commands", {}).values() for one in with_all_below(sub))]
print(json.dumps({
    name: [
        option
        for one in with_all_below(command)
        for parameter in one.params
        for option in (*parameter.opts, *parameter.secondary_opts)
    ]
    for name, command in AllVerbs().commands.items()
}))
"""


@pytest.fixture(scope="session")
def commands() -> dict[str, set[str]]:
    """Every command and its options, as the program itself knows them, asked in a process with Django."""
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "kedang.entrypoints.settings"}
    asked = subprocess.run(
        [sys.executable, "-c", ASKING], env=environment, cwd=REPOSITORY, check=True, capture_output=True
    )
    found: dict[str, list[str]] = json.loads(asked.stdout)
    return {
        name: {option for option in options if option.startswith("--")} for name, options in found.items()
    }
