"""Options that many verbs have."""

from __future__ import annotations

from typing import Annotated

import typer

from kedang.entrypoints.cli.texts import either

Json = Annotated[bool, typer.Option("--json", help=either("输出 JSON。", "Print JSON."))]
Case = Annotated[
    str | None,
    typer.Option(
        "--case",
        help=either(
            "全宗号；数据目录里有几个全宗时用。", "Fonds number, where the home holds several cases."
        ),
    ),
]
