"""The `encours` command. One module per noun; each is imported only when its command runs."""

import importlib
import sys
from typing import Any

import typer
from typer.core import TyperGroup

# command -> module in this package; the module has `app` (a group) or a function named as the command
COMMANDS = {
    "company": "company",
    "import": "import_",
    "dunning": "dunning",
    "migrate": "migrate",
    "reconcile": "reconcile",
    "metrics": "metrics",
    "doctor": "doctor",
    "send": "send",
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
        return command


app = typer.Typer(
    cls=LazyGroup,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,  # its frames print local variables: customers' data in a log
)


@app.callback()
def _root() -> None:
    """Accounts receivable and cash collection."""


def main() -> None:
    # pipes that close early (`encours … | head`) are no error
    try:
        app()
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(1)
