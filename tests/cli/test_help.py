"""The command line speaks French and English: its help whole, and nothing that it prints is in one language only."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

from encours import cli
from encours.cli.help import speak
from encours.cli.main import COMMANDS, app
from encours.core.wording import all_wordings

MODULES = sorted(Path(cli.__path__[0]).glob("*.py"))
# what shows something to a person
SHOWING = {"print", "prompt", "confirm", "echo", "secho", "add_column", "add_task", "Panel", "Table"}
# what a person types is the same in every language
TYPED = re.compile(r"\[/?[a-z ]*\]|https?://\S*|encours( demo)?|--[\w-]+|\{task\.\w+[^}]*\}")


def every_command(command: Any, path: str = "encours") -> Iterator[tuple[str, Any]]:
    yield path, command
    below = getattr(command, "commands", {})
    for name in below:
        yield from every_command(below[name], f"{path} {name}")


def tree(language: str, monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, Any]]:
    monkeypatch.setenv("ENCOURS_LANGUAGE", language)
    root: Any = typer.main.get_command(app)
    speak(root, language)
    found = [("encours", root)]
    for name in COMMANDS:
        found += every_command(root.get_command(None, name), f"encours {name}")
    return found


def helps(language: str, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Every help text and metavar by where it stands."""
    told = {}
    for path, command in tree(language, monkeypatch):
        told[path] = command.help or ""
        for param in (*command.params, command.get_help_option(typer.Context(command))):
            told[f"{path} {param.name}"] = param.help or ""
            if param.metavar:
                told[f"{path} {param.name} metavar"] = param.metavar
    return told


@pytest.mark.parametrize("language", ["fr", "en"])
def test_every_command_argument_and_option_is_told_in_both_languages(language, monkeypatch):
    told = helps(language, monkeypatch)
    assert len(told) > 100
    known = {getattr(wording, language) for wording in all_wordings() if wording.code.startswith("help.")}
    assert [place for place, words in told.items() if words not in known] == []


def test_french_is_not_english(monkeypatch):
    french, english = helps("fr", monkeypatch), helps("en", monkeypatch)
    assert french.keys() == english.keys()
    # names that programs know, and those of days and rows
    same = {place for place in french if french[place] == english[place] and not place.endswith("metavar")}
    assert same == {"encours export entries format"}


@pytest.mark.parametrize(
    ("language", "usage"), [("fr", "Utilisation : encours send"), ("en", "Usage: encours send")]
)
def test_what_typer_itself_says_is_told_too(language, usage, monkeypatch, capsys):
    monkeypatch.setenv("ENCOURS_LANGUAGE", language)
    command: Any = typer.main.get_command(app)
    speak(command, language)
    for arguments in (["send"], ["export", "fec"], ["reconcile"]):
        command([*arguments, "--help"], prog_name="encours", standalone_mode=False)
    told = capsys.readouterr().out
    assert usage in told
    words = {"fr": ("[obligatoire]", "[par défaut : tab]", "Commandes", "COMMANDE", "Afficher ce message"),
             "en": ("[required]", "[default: tab]", "Commands", "COMMAND", "Show this message")}  # fmt: skip
    for word in words[language]:
        assert word in told


def shown_words(path: Path) -> Iterator[str]:
    """Words written straight into what is shown to people, and so in one language only."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if not isinstance(node, ast.Call):
            continue
        name = getattr(node.func, "attr", getattr(node.func, "id", ""))
        if name not in SHOWING:
            continue
        for given in (*node.args, *(each.value for each in node.keywords if each.arg == "title")):
            for part in ast.walk(given):
                if isinstance(part, ast.Constant) and isinstance(part.value, str) and is_said(given, part):
                    yield from re.findall(r"[^\W\d_]{2,}", TYPED.sub("", part.value))


def is_said(given: ast.AST, part: ast.Constant) -> bool:
    """Not the key of a lookup, an argument of a call or a format: those are not shown."""
    hidden = {
        inner
        for node in ast.walk(given)
        if isinstance(node, ast.Subscript | ast.Call | ast.FormattedValue)
        for child in (
            [node.slice] if isinstance(node, ast.Subscript)
            else [node.format_spec] if isinstance(node, ast.FormattedValue)
            else [*node.args, *(each.value for each in node.keywords)]
        )
        if child is not None
        for inner in ast.walk(child)
    }  # fmt: skip
    return part not in hidden


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_nothing_is_printed_in_one_language_only(path):
    assert list(shown_words(path)) == []


def test_the_check_itself_sees_words(tmp_path):
    file = tmp_path / "wrong.py"
    file.write_text('out.print(f"[bold]{len(found)} approved[/]")\ntable.add_column("customer")\n')
    assert list(shown_words(file)) == ["approved", "customer"]
