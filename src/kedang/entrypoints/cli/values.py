"""Values of options and arguments, read without what typer loads for it where nothing is to be read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from typer._click import Context, Parameter
from typer._coercion import RuntimeParam, TypeDescriptor, build_runtime_param


@dataclass(frozen=True)
class _AsGiven(RuntimeParam):
    """A text or a default as it stands; anything else as typer reads it, with pydantic (50 ms to import)."""

    described: TypeDescriptor

    def _coerce_value(self, value: Any, param: Any, ctx: Context) -> Any:
        if type(value) is self.annotation or (type(value) is str and self.annotation == str | None):
            return value
        return build_runtime_param(self.described).coerce(value, param=param, ctx=ctx)


def read_sparingly(param: Parameter) -> None:
    """Have typer load what reads values only when there is one to read."""
    described: TypeDescriptor | None = getattr(param, "type_descriptor", None)
    if described is not None and described.file_annotation is None:
        reading = _AsGiven(described.parameter_info, described.annotation, described)
        param._runtime_param = reading  # type: ignore[attr-defined]  # where typer keeps what it makes late
