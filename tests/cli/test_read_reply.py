"""`encours read-reply`: one file, several files, and files that are no replies."""

import json
import sys
from pathlib import Path

import pytest

from encours.cli.main import main


@pytest.fixture
def call(monkeypatch, capsys):
    """(exit code, stdout, stderr) of `encours read-reply` with arguments, without any database."""

    def called(*arguments: str, language: str = "fr") -> tuple[int, str, str]:
        monkeypatch.setenv("ENCOURS_LANGUAGE", language)
        monkeypatch.setattr(sys, "argv", ["encours", "read-reply", *arguments, "--on", "2026-11-16"])
        with pytest.raises(SystemExit) as ended:
            main()
        told = capsys.readouterr()
        return int(ended.value.code or 0), told.out, told.err

    return called


@pytest.fixture
def promise(tmp_path: Path) -> str:
    path = tmp_path / "promesse.txt"
    path.write_text("Bonjour, le virement de 1 200 € partira vendredi.", "utf-8")
    return str(path)


@pytest.fixture
def empty(tmp_path: Path) -> str:
    path = tmp_path / "vide.eml"
    path.write_bytes(b"\n")
    return str(path)


def test_one_file_is_one_answer(call, promise):
    code, out, _ = call(promise, "--json")
    answer = json.loads(out)
    assert code == 0
    assert (answer["intent"], answer["date"], answer["amount_cents"]) == ("promise", "2026-11-20", 120000)
    assert 0 < answer["confidence"] < 1
    assert answer["because"][-1] == "vendredi"


def test_several_files_are_a_list_and_what_is_refused_is_told(call, promise, empty, tmp_path):
    code, out, _ = call(promise, empty, str(tmp_path), str(tmp_path / "absent.txt"), "--json")
    answer = json.loads(out)
    assert code == 1
    assert [entry["file"] for entry in answer["files"]] == ["promesse.txt"]
    assert [(problem["file"], problem["code"]) for problem in answer["problems"]] == [
        ("vide.eml", "reply.empty"),
        (tmp_path.name, "is_a_directory"),
        ("absent.txt", "no_such_file"),
    ]


def test_people_are_told_in_their_language(call, promise):
    _, french, _ = call(promise)
    assert "promesse de paiement" in french
    assert "20/11/2026 · 1\u202f200,00\u00a0€" in french
    assert "« vendredi »" in french
    _, english, _ = call(promise, language="en")
    assert "promise to pay" in english
    assert "20 Nov 2026 · €1,200.00" in english
