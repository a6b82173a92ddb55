"""Wrong usage is said in the reader's language, or in JSON; a closed output is no error."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from encours.cli.main import main


@pytest.fixture
def call(monkeypatch, capsys):
    """(exit code, what stdout and stderr were told) of a command line."""

    def called(line: str, language: str = "fr") -> tuple[int, str]:
        monkeypatch.setenv("ENCOURS_LANGUAGE", language)
        monkeypatch.setattr(sys, "argv", ["encours", *line.split()])
        with pytest.raises(SystemExit) as ended:
            main()
        told = capsys.readouterr()
        return int(ended.value.code or 0), " ".join((told.out + told.err).split())

    return called


@pytest.mark.parametrize(
    ("line", "french", "english"),
    [
        ("import --foo x", "L'option --foo n'existe pas.", "There is no option --foo."),
        ("import --knd x", "(peut-être --kind)", "(maybe --kind)"),
        ("import --kind", "L'option --kind demande une valeur.", "Option --kind needs a value."),
        ("import --json=3 x", "L'option --json ne prend pas", "Option --json takes no value."),
        ("import", "Il manque l'argument FICHIER…", "Argument FILE… is missing."),
        ("company create", "Il manque l'option --name.", "Option --name is missing."),
        ("bogus", "La commande « bogus » n'existe pas.", 'There is no command "bogus".'),
        ("dunning bogus", "La commande « bogus » n'existe pas.", 'There is no command "bogus".'),
        ("metrics extra", "De trop : extra.", "Not expected: extra."),
        ("demo --scale abc", "--scale : « abc » n'est pas un nombre.", '--scale: "abc" is not a number.'),
        (
            "demo --scale 0.001",
            "0.001 est trop petit, au moins 0.025.",
            "0.001 is too small, at least 0.025.",
        ),
        ("dunning approve x", "ID… : « x » n'est pas un nombre entier.", 'ID…: "x" is not a whole number.'),
        ("import --kind zip x", "Type de fichier « zip » inconnu.", 'Unknown kind "zip".'),
        ("import --map total x", "--map : écrivez « En-tête=champ »", '--map: write "Header=field"'),
        ("dunning approve", "Donnez les numéros des messages", "Name messages by id"),
    ],
)
def test_wrong_usage_is_said_in_the_reader_s_language(call, line, french, english):
    for language, expected in (("fr", french), ("en", english)):
        code, told = call(line, language)
        assert code == 2
        assert expected in told


def test_wrong_usage_is_json_for_scripts(call):
    code, told = call("metrics extra --json")
    assert code == 2
    answer = json.loads(told)
    assert not answer["ok"]
    assert [problem["code"] for problem in answer["problems"]] == ["usage.too_many_arguments"]


def test_a_group_alone_shows_its_help(call):
    code, told = call("dunning")
    assert code == 2
    assert "Utilisation : encours dunning" in told


@pytest.fixture
def refused(tmp_path):
    """A file with more problems than a pipe holds."""
    file = tmp_path / "refused.csv"
    rows = "".join(f"F{n};2026-31-10;C1;X;{n}\n" for n in range(2000))
    file.write_text("N° facture;Date facture;Code client;Client;TTC\n" + rows)
    return file


@pytest.mark.parametrize(
    "redirected",
    [">&-", "2>&-", "<&- >&- 2>&-", "| head -c 1", "2>&1 >/dev/null | head -c 1"],
)
@pytest.mark.parametrize("option", ["", "--json"])
def test_nobody_need_listen(refused, redirected, option):
    """Closed, or read by somebody who leaves early."""
    code = refused.with_name("code")
    command = f'"{sys.executable}" -m encours import --dry-run {option} "{refused}"; echo $? > "{code}"'
    done = subprocess.run(
        ["sh", "-c", f"{{ {command}; }} {redirected}"],
        env=os.environ | {"ENCOURS_LANGUAGE": "fr"}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    said = done.stdout + done.stderr
    assert "Traceback" not in said
    assert "Error" not in said
    assert code.read_text() == "1\n"


@pytest.mark.parametrize(
    ("database", "code"),
    [
        ("nonsense", "bad_settings"),
        ("postgresql://nobody:x@127.0.0.1:1/nothing", "no_database"),
        ("", "server_not_started"),
    ],
)
def test_a_database_that_cannot_be_reached_is_said(database, code):
    # below /tmp: the embedded server runs as another user when root runs the tests
    home = Path(tempfile.mkdtemp(prefix="encours-usage-"))
    (home / "postgres").mkdir()
    (home / "postgres" / "no_database").write_text("somebody's")
    environment = os.environ | {
        "ENCOURS_HOME": str(home), "DATABASE_URL": database, "DJANGO_SETTINGS_MODULE": "encours.config.settings",
    }  # fmt: skip
    try:
        done = subprocess.run(
            [sys.executable, "-m", "encours", "company", "list", "--json"],
            env=environment, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 2
        assert [problem["code"] for problem in json.loads(done.stdout)["problems"]] == [code]
        assert "Traceback" not in done.stderr
        assert (home / "postgres" / "no_database").exists()
    finally:
        shutil.rmtree(home)
