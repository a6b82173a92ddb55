"""How every command answers: words and tables for people, one JSON object for scripts, an exit code."""

import json
import os
import sys
from collections.abc import Iterable
from typing import Any, NoReturn

from rich.console import Console
from rich.markup import escape

from encours.core.problems import Problem
from encours.core.wording import Sentence

DONE, WITH_PROBLEMS, WRONG_USAGE = 0, 1, 2

# words go to stderr when stdout carries JSON, so that a pipe stays clean
console = Console(stderr=True, highlight=False)
out = Console(highlight=False, soft_wrap=True)


def language() -> str:
    """Language of what the command line says: ENCOURS_LANGUAGE, else that of the terminal, else French."""
    chosen = os.environ.get("ENCOURS_LANGUAGE") or os.environ.get("LC_ALL") or os.environ.get("LANG") or "fr"
    return "en" if chosen.lower().startswith("en") else "fr"


def finish(answer: dict[str, Any], *, problems: Iterable[Problem] = (), as_json: bool) -> NoReturn:
    """Print `{"ok", "problems", …}` (or only the problems, for people) and exit with the right code.

    Warnings are listed and leave `ok` true.
    """
    listed = list(problems)
    ok = answer.pop("ok", True) and not any(problem.severity == "error" for problem in listed)
    if as_json:
        body = {"ok": ok, "problems": [problem.as_json(language()) for problem in listed], **answer}
        # whole: written piece by piece it is encoded in Python, five times as slowly
        sys.stdout.write(json.dumps(body, ensure_ascii=False, default=str) + "\n")
    else:
        for problem in listed:
            place = ":".join(str(part) for part in (problem.file, problem.line) if part)
            said = escape(problem.sentence.say(language()))
            colour = "red" if problem.severity == "error" else "yellow"
            # the sentence names the field for people; scripts and --map call it otherwise
            code = " ".join(filter(None, (problem.code, problem.field)))
            console.print(f"[{colour}]{escape(place)}[/] {said} [dim]({escape(code)})[/]", soft_wrap=True)
    sys.exit(DONE if ok else WITH_PROBLEMS)


def fail(sentence: Sentence, *, as_json: bool) -> NoReturn:
    """Wrong usage: nothing was done."""
    if as_json:
        body = {"ok": False, "problems": [Problem(sentence).as_json(language())]}
        json.dump(body, sys.stdout, ensure_ascii=False)
        sys.stdout.write("\n")
    else:
        console.print(f"[red]encours:[/] {escape(sentence.say(language()))}", soft_wrap=True)
    sys.exit(WRONG_USAGE)
