"""What is wrong with how a command was called, in the language of the command line."""

import re
from typing import Any

from encours.core.wording import Sentence, Wording

NO_SUCH_OPTION = Wording(
    "usage.no_such_option",
    fr="L'option {name} n'existe pas{hint}.",
    en="There is no option {name}{hint}.",
)
_HINT = Wording("usage.hint", fr=" (peut-être {names})", en=" (maybe {names})")
NO_VALUE_TAKEN = Wording(
    "usage.no_value_taken", fr="L'option {name} ne prend pas de valeur.", en="Option {name} takes no value."
)
VALUE_MISSING = Wording(
    "usage.value_missing", fr="L'option {name} demande une valeur.", en="Option {name} needs a value."
)
OPTION_MISSING = Wording(
    "usage.option_missing", fr="Il manque l'option {name}.", en="Option {name} is missing."
)
ARGUMENT_MISSING = Wording(
    "usage.argument_missing", fr="Il manque l'argument {name}.", en="Argument {name} is missing."
)
COMMAND_MISSING = Wording("usage.command_missing", fr="Il manque la commande.", en="The command is missing.")
NO_SUCH_COMMAND = Wording(
    "usage.no_such_command", fr="La commande « {name} » n'existe pas.", en='There is no command "{name}".'
)
TOO_MANY_ARGUMENTS = Wording(
    "usage.too_many_arguments", fr="De trop : {arguments}.", en="Not expected: {arguments}."
)
NOT_A_WHOLE_NUMBER = Wording(
    "usage.not_a_whole_number",
    fr="{name} : « {value} » n'est pas un nombre entier.",
    en='{name}: "{value}" is not a whole number.',
)
NOT_A_NUMBER = Wording(
    "usage.not_a_number",
    fr="{name} : « {value} » n'est pas un nombre.",
    en='{name}: "{value}" is not a number.',
)
TOO_SMALL = Wording(
    "usage.too_small",
    fr="{name} : {value} est trop petit, au moins {limit}.",
    en="{name}: {value} is too small, at least {limit}.",
)
BAD_VALUE = Wording(
    "usage.bad_value", fr="{name} : valeur refusée ({detail}).", en="{name}: value refused ({detail})."
)
OTHER = Wording("usage.other", fr="Commande mal formée : {detail}", en="Wrong usage: {detail}")


def wrong_usage(error: Any) -> Sentence:
    """What typer's exception says, in our words; in its own (English) ones when it is of a kind not known here.

    Kinds are told by name: of all its exceptions typer shows the base class alone.
    """
    match type(error).__name__:
        case "NoSuchOption":
            near = ", ".join(error.possibilities or ())
            return NO_SUCH_OPTION(name=error.option_name, hint=_HINT(names=near) if near else "")
        case "BadOptionUsage":
            takes_none = "not take a value" in error.message
            return (NO_VALUE_TAKEN if takes_none else VALUE_MISSING)(name=error.option_name)
        case "MissingParameter":
            wording = OPTION_MISSING if error.param.param_type_name == "option" else ARGUMENT_MISSING
            return wording(name=_name(error))
        case "BadParameter":
            return _bad_value(error)
        case _:
            return _by_text(error.format_message())


def _bad_value(error: Any) -> Sentence:
    found = error.__cause__.errors()[0] if hasattr(error.__cause__, "errors") else {}
    given = {"name": _name(error), "value": found.get("input", "")}
    match found.get("type", ""):
        case "int_parsing":
            return NOT_A_WHOLE_NUMBER(**given)
        case "float_parsing":
            return NOT_A_NUMBER(**given)
        case "greater_than_equal":
            return TOO_SMALL(**given, limit=found["ctx"]["ge"])
        case _:
            return BAD_VALUE(name=given["name"], detail=error.message)


def _name(error: Any) -> str:
    return error.param.get_error_hint().strip("'") if error.param is not None else "?"


def _by_text(said: str) -> Sentence:
    if said == "Missing command.":
        return COMMAND_MISSING()
    if found := re.fullmatch(r"No such command '(.*?)'\..*", said, re.DOTALL):
        return NO_SUCH_COMMAND(name=found[1])
    if found := re.fullmatch(r"Got unexpected extra argument\(?s?\)? \((.*)\)", said, re.DOTALL):
        return TOO_MANY_ARGUMENTS(arguments=found[1])
    return OTHER(detail=said)
