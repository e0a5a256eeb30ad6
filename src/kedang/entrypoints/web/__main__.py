"""The processes of the web door of this computer, started by `kedang serve` and by each other.

python -m kedang.entrypoints.web [--host H] [--port N] [--processes N]
python -m kedang.entrypoints.web reading CHANNEL…
"""

from __future__ import annotations

import os
import sys
from importlib import import_module

import django

if __name__ == "__main__":
    os.environ["DJANGO_SETTINGS_MODULE"] = "kedang.entrypoints.web.settings"
    django.setup()
    reads = sys.argv[1:2] == ["reading"]
    process = import_module(f"kedang.entrypoints.web.{'reading' if reads else 'serving'}")
    sys.exit(process.main(sys.argv[2:] if reads else sys.argv[1:]))
