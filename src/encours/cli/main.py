"""The `encours` command. One module per noun; each is imported only when its command runs."""

import importlib
import os
import sys
from typing import Any

import typer
from typer.core import TyperGroup
from typer.exceptions import TyperException

from encours.cli.help import french, speak
from encours.cli.output import language

INTERRUPTED = 130

# command -> module in this package; the module has `app` (a group) or a function named as the command
COMMANDS = {
    "company": "company",
    "import": "import_",
    "accounts": "accounts",
    "feeds": "feeds",
    "api": "api",
    "webhooks": "webhooks",
    "watch": "watch",
    "dunning": "dunning",
    "case": "case",
    "migrate": "migrate",
    "reconcile": "reconcile",
    "read-reply": "read_reply",
    "reply": "reply",
    "court-file": "court_file",
    "accounting": "accounting",
    "export": "export",
    "metrics": "metrics",
    "interest": "interest",
    "terms": "terms",
    "unbilled": "unbilled",
    "charge": "charge",
    "direct-debit": "direct_debit",
    "letters": "letters",
    "doctor": "doctor",
    "send": "send",
    "post": "post",
    "demo": "demo",
    "serve": "serve",
    "user": "user",
    "worker": "worker",
    "backup": "backup",
    "restore": "restore",
}


class LazyGroup(TyperGroup):
    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002 (click's interface)
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ARG002
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"encours.cli.{COMMANDS[cmd_name]}")
        command = typer.main.get_command(module.app)
        command.name = cmd_name
        speak(command, language())
        return command


app = typer.Typer(
    cls=LazyGroup,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,  # its frames print local variables: customers' data in a log
)


@app.callback()
@french("Créances clients et recouvrement.")
def _root() -> None:
    """Accounts receivable and cash collection."""


def main() -> None:
    """The command of `sys.argv`; ends the process with its exit code."""
    _open_closed_streams()
    try:
        sys.exit(_run())
    finally:
        _flush()


def _run() -> int:
    from encours.cli.output import WRONG_USAGE, console, fail
    from encours.cli.usage import wrong_usage

    try:
        # typer would answer in English and never in JSON
        command = typer.main.get_command(app)
        speak(command, language())
        return int(command(prog_name="encours", standalone_mode=False) or 0)
    except TyperException as error:
        context = getattr(error, "ctx", None)
        if context is not None and type(error).__name__ == "NoArgsIsHelpError":
            print(context.get_help())
            return WRONG_USAGE
        as_json = "--json" in sys.argv
        if context is not None and not as_json:
            console.print(f"[dim]{context.command_path} --help[/]")
        fail(wrong_usage(error), as_json=as_json)
    except typer.Abort:
        return INTERRUPTED


def _open_closed_streams() -> None:
    """Somebody may close a stream (`>&-`). Its number must not become that of a file or a connection of ours."""
    for number, name, mode in ((0, "stdin", "r"), (1, "stdout", "w"), (2, "stderr", "w")):
        try:
            os.fstat(number)
        except OSError:
            opened = os.open(os.devnull, os.O_RDWR)  # the lowest free number, which is this one
            assert opened == number
        if getattr(sys, name) is None:
            setattr(sys, name, os.fdopen(number, mode))


def _flush() -> None:
    """A reader who left early (`encours … | head -1`) is no error, neither now nor when Python ends."""
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
