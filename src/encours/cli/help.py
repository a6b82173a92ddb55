"""Help texts in both languages: English where typer wants them, the French beside it, both one `Wording`.

Typer reads help texts when a module is imported and knows one language. They are declared in English; when a command
is about to run, `speak` puts the words of the reader's language in their place, typer's own included.
"""

import inspect
import re
from collections.abc import Callable
from typing import Any, TypeVar

from encours.core.wording import Wording

Function = TypeVar("Function", bound=Callable[..., Any])

_ONE_LINE = re.compile(r"(?<!\n)\n(?!\n)")
_USAGE = Wording("help.usage", fr="Utilisation : ", en="Usage: ")
_ITS_COMMAND = Wording("help.its_command", fr="COMMANDE [ARGUMENTS]...", en="COMMAND [ARGS]...")
_THIS_MESSAGE = Wording(
    "help.this_message", fr="Afficher ce message et terminer.", en="Show this message and exit."
)
_FIXED = {
    "DEFAULT_STRING": Wording("help.default", fr="[par défaut : {{}}]", en="[default: {{}}]"),
    "REQUIRED_LONG_STRING": Wording("help.required", fr="[obligatoire]", en="[required]"),
    "ARGUMENTS_PANEL_TITLE": Wording("help.arguments", fr="Arguments", en="Arguments"),
    "OPTIONS_PANEL_TITLE": Wording("help.options", fr="Options", en="Options"),
    "COMMANDS_PANEL_TITLE": Wording("help.commands", fr="Commandes", en="Commands"),
}
_METAVARS = (
    Wording("help.name_value", fr="NOM=VALEUR", en="NAME=VALUE"),
    Wording("help.name_path", fr="NOM=CHEMIN", en="NAME=PATH"),
    Wording("help.name", fr="NOM", en="NAME"),
    Wording("help.path", fr="CHEMIN", en="PATH"),
    Wording("help.files", fr="FICHIER…", en="FILE…"),
    Wording("help.file", fr="FICHIER", en="FILE"),
    Wording("help.slug", fr="NOM", en="SLUG"),
    Wording("help.file_or_slug", fr="FICHIER|NOM", en="FILE|SLUG"),
    Wording("help.number", fr="N", en="N"),
    Wording("help.code", fr="CODE", en="CODE"),
    Wording("help.document_number", fr="NUMÉRO", en="NUMBER"),
    Wording("help.date", fr="DATE", en="DATE"),
    Wording("help.id", fr="ID", en="ID"),
    Wording("help.ids", fr="ID…", en="ID…"),
)
_by_english: dict[str, Wording] = {each.en: each for each in (_THIS_MESSAGE, *_METAVARS)}


def help_text(code: str, *, fr: str, en: str) -> str:
    """The English text, for typer; `speak` finds its French."""
    return _remember(en, Wording(f"help.{code}", fr=fr, en=en))


def french(text: str) -> Callable[[Function], Function]:
    """The French of a command whose docstring is its English help. Lines of a paragraph are one in either."""

    def remember(function: Function) -> Function:
        module = function.__module__.rpartition(".")[2]
        english = inspect.cleandoc(function.__doc__ or "")
        wording = Wording(f"help.{module}.{function.__name__}", fr=text, en=_ONE_LINE.sub(" ", english))
        _remember(english, wording)
        return function

    return remember


def _remember(english: str, wording: Wording) -> str:
    known = _by_english.setdefault(english, wording)
    assert known.fr == wording.fr, f"two ways to say in French: {english}"
    return english


def speak(command: Any, language: str) -> None:
    """Gives a command, its parameters and all commands below it their help in a language."""
    command.help = _said(command.help, language)
    for param in command.params:
        param.help = _said(getattr(param, "help", None), language)
        param.metavar = _said(param.metavar, language)
    if hasattr(command, "subcommand_metavar"):
        command.subcommand_metavar = _ITS_COMMAND().say(language)
    command.get_help_option = _help_option(command.get_help_option, language)
    command.format_usage = _usage(command, language)
    command.format_help = _help(command.format_help, language)
    for below in getattr(command, "commands", {}).values():
        speak(below, language)


def _said(english: str | None, language: str) -> str | None:
    if english is None:
        return None
    wording = _by_english.get(inspect.cleandoc(english))
    return wording().say(language) if wording else english


def _help_option(find: Callable[[Any], Any], language: str) -> Callable[[Any], Any]:
    """`--help` is made when it is first asked for."""

    def found(ctx: Any) -> Any:
        option = find(ctx)
        if option is not None:
            option.help = _THIS_MESSAGE().say(language)
        return option

    return found


def _help(write: Callable[[Any, Any], None], language: str) -> Callable[[Any, Any], None]:
    """Typer's own words, set when they are needed: what holds them takes a fifth of a second to import."""

    def written(ctx: Any, formatter: Any) -> None:
        from typer import rich_utils

        for name, wording in _FIXED.items():
            setattr(rich_utils, name, wording().say(language))
        write(ctx, formatter)

    return written


def _usage(command: Any, language: str) -> Callable[[Any, Any], None]:
    def write(ctx: Any, formatter: Any) -> None:
        pieces = " ".join(command.collect_usage_pieces(ctx))
        formatter.write_usage(ctx.command_path, pieces, prefix=_USAGE().say(language))

    return write
