"""The demo never touches an installation that is not its own."""

import json

import pytest
from typer.testing import CliRunner

from encours.cli.demo import _wipe, app


def test_a_folder_with_anything_else_is_refused(tmp_path):
    (tmp_path / "secret_key").write_text("of a real installation")
    answer = CliRunner().invoke(app, ["--no-serve", "--reset"], env={"ENCOURS_HOME": str(tmp_path)})
    assert answer.exit_code == 2
    assert [path.name for path in tmp_path.iterdir()] == ["secret_key"]


def test_building_again_removes_only_what_a_demo_leaves(tmp_path):
    for name in ("postgres", "files", "mail", "demo-files"):
        (tmp_path / name).mkdir()
    (tmp_path / "demo.json").write_text(json.dumps({"state": "ready"}))
    (tmp_path / "secret_key").write_text("kept")
    (tmp_path / "notes.txt").write_text("somebody's")
    _wipe(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["notes.txt", "secret_key"]


def test_a_running_demo_is_not_pulled_away(tmp_path):
    (tmp_path / "postgres").mkdir()
    (tmp_path / "postgres" / "postmaster.pid").write_text("1\n/somewhere\n")
    with pytest.raises(SystemExit):
        _wipe(tmp_path)
    assert (tmp_path / "postgres").is_dir()
