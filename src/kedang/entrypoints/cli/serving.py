"""`kedang serve`."""

from __future__ import annotations

import os
import sys
from typing import Annotated

import typer

from kedang.entrypoints.cli.texts import either

DEFAULT_PORT = 8642


def serve(
    host: Annotated[
        str,
        typer.Option(
            "--host",
            help=either(
                "监听地址；默认只有本机能打开。", "Address to listen on; by default this computer only."
            ),
        ),
    ] = "127.0.0.1",
    port: Annotated[
        int, typer.Option("--port", min=0, max=65535, help=either("端口。", "Port."))
    ] = DEFAULT_PORT,
) -> None:
    """The web pages and the long work asked for there, in one process; ends with Ctrl-C."""
    command = [sys.executable, "-m", "kedang.entrypoints.web", "--host", host, "--port", str(port)]
    os.execv(command[0], command)  # the web door has settings of its own
