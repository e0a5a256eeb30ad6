"""Help and wrong usage in the user's own language, each on as much of the terminal as it needs."""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum

from typer._click import Context, Parameter
from typer._click.exceptions import BadParameter, MissingParameter, NoSuchOption, UsageError
from typer._click.formatting import HelpFormatter
from typer.core import TyperCommand, TyperGroup

from kedang.entrypoints.cli.showing import load_drawing
from kedang.entrypoints.cli.texts import language, text_of
from kedang.entrypoints.cli.values import read_sparingly

NAMED = frozenset(
    ("paths", "words", "reference", "references", "copy", "copies", "address")
)  # with texts of their own
VALUES = (("int", "number"), ("Path", "file"), ("date", "day"))  # by what the type is called


class Verb(TyperCommand):
    """A command that tells its use in one language."""

    def parse_args(self, ctx: Context, args: list[str]) -> list[str]:
        """What is left of the arguments when the options are read."""
        for param in self.get_params(ctx):
            read_sparingly(param)
        return super().parse_args(ctx, args)

    def format_help(self, ctx: Context, formatter: HelpFormatter) -> None:
        """Print it; the formatter of typer knows neither two languages nor wide characters."""
        del formatter
        arguments = [one for one in self.params if one.param_type_name == "argument"]
        options = [one for one in self.params if one.param_type_name == "option"]
        needed = [f"{one.opts[0]} {_value(one)}" for one in options if one.required]
        usage = [ctx.command_path, *map(_value, arguments), *needed, f"[{_say('help-options')}]"]
        rows = [(_value(one), _about(one)) for one in arguments]
        rows += [(_named(one), _about(one)) for one in options if one.name != "help"]
        rows.append(("--help", _say("help-this")))
        load_drawing().print_help(_say("help-usage", said=" ".join(usage)), rows, said=self.help or "")


class Verbs(TyperGroup):
    """All commands."""

    def parse_args(self, ctx: Context, args: list[str]) -> list[str]:
        """What is left of the arguments when the options are read."""
        for param in self.get_params(ctx):
            read_sparingly(param)
        return super().parse_args(ctx, args)

    def format_help(self, ctx: Context, formatter: HelpFormatter) -> None:
        """Print what each is for."""
        del formatter
        more = _say("help-more", command=ctx.command_path)
        load_drawing().print_help(self.help or _say("help-kedang"), self.said_of(ctx), more=more)

    def said_of(self, ctx: Context) -> Iterable[tuple[str, str]]:
        """Each command's name and what it is for."""
        known = (self.get_command(ctx, name) for name in self.list_commands(ctx))
        return ((one.name or "", one.help or "") for one in known if one is not None)


def misused(error: UsageError) -> list[str]:
    """What is wrong with a command, and where its use is told."""
    path = error.ctx.command_path if error.ctx else "kedang"
    return [_say("misused", said=_wrong(error)), _say("misused-next", command=path)]


def _wrong(error: UsageError) -> str:
    if isinstance(error, NoSuchOption):
        return _say("misused-option", name=error.option_name)
    if isinstance(error, BadParameter) and error.param is not None:
        name = error.param.opts[0]
        if isinstance(error, MissingParameter):
            return _say("misused-missing", name=name, value=_value(error.param))
        return _say("misused-value", name=name, said=error.message)
    if isinstance(error.ctx and error.ctx.command, Verbs) and error.ctx:
        return _say("misused-command", name=error.message.split("'")[1])
    return _say(
        "misused-other", said=error.message if isinstance(error, BadParameter) else error.format_message()
    )


def _say(key: str, **values: object) -> str:
    return text_of(key, language()).format(**values)


def _named(option: Parameter) -> str:
    said = " / ".join((*option.opts[:1], *option.secondary_opts[:1]))
    value = _value(option)
    return f"{said} {value}" if value else said


def _value(one: Parameter) -> str:
    """What stands for the value; nothing for a switch."""
    if getattr(one, "is_flag", False):
        return ""
    is_argument = one.param_type_name == "argument"
    if is_argument and one.name in NAMED:
        return _say(f"value-{one.name}")
    asked = getattr(one, "type_descriptor").annotation  # noqa: B009  # typer's own, beside click's types
    if isinstance(asked, type) and issubclass(asked, Enum):
        return "|".join(str(choice.value) for choice in asked)
    kind = next((said for kind, said in VALUES if kind in str(asked)), "text")
    return _say(f"value-{kind}") + ("…" if is_argument and one.nargs != 1 else "")


def _about(one: Parameter) -> str:
    """What it is for, whether it is needed, and what holds when it is not given."""
    said = [str(getattr(one, "help", "") or "")]
    if one.required:
        said.append(_say("help-needed"))
    elif isinstance(one.default, int | str) and not isinstance(one.default, bool) and one.default != "":
        said.append(_say("help-default", value=getattr(one.default, "value", one.default)))
    return " ".join(said) if language() == "en" else "".join(said)
