"""`kedang serve`."""

from __future__ import annotations

import os
import sys
from typing import Annotated

import typer

from kedang.entrypoints.cli.texts import either

DEFAULT_PORT = 8642
MOST_PROCESSES = min(4, os.cpu_count() or 1)


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
    processes: Annotated[
        int,
        typer.Option(
            "--processes",
            min=1,
            max=64,
            help=either(
                "最多几个进程显示网页；访问的人多了才启动。默认按处理器数，最多 4。",
                "Most processes that show pages; begun when many people come. One for each processor, up to 4.",
            ),
        ),
    ] = MOST_PROCESSES,
) -> None:
    """The web pages and the long work asked for there; ends with Ctrl-C."""
    given = ("--host", host, "--port", str(port), "--processes", str(processes))
    command = [sys.executable, "-m", "kedang.entrypoints.web", *given]
    os.execv(command[0], command)  # the web door has settings of its own
