"""The web door of this computer: `python -m kedang.entrypoints.web [--host H] [--port N]`. `kedang serve` starts it."""

from __future__ import annotations

import os
import sys
from importlib import import_module

import django

if __name__ == "__main__":
    os.environ["DJANGO_SETTINGS_MODULE"] = "kedang.entrypoints.web.settings"
    django.setup()
    sys.exit(import_module("kedang.entrypoints.web.serving").main(sys.argv[1:]))
