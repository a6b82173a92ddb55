"""A backup holds everything, and comes back into an empty installation only."""

import io
import json
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

INVOICES = """\
N° facture;Date facture;Date échéance;Code client;Client;Montant HT;Montant TVA;Montant TTC
F-1;02/03/2026;01/04/2026;C1;Scierie du Val;100,00;20,00;120,00
"""


def encours(home: Path, *arguments: str) -> tuple[int, dict]:
    """Exit code and JSON answer of a command in a data folder of its own."""
    environment = os.environ | {
        "ENCOURS_HOME": str(home), "DJANGO_SETTINGS_MODULE": "encours.config.settings",
    }  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-m", "encours", *arguments, "--json"],
        env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    return done.returncode, json.loads(done.stdout)


@pytest.fixture
def homes() -> Iterator[tuple[Path, Path]]:
    """Two data folders. Below /tmp: the embedded server runs as another user when root runs the tests."""
    first, second = (Path(tempfile.mkdtemp(prefix="encours-backup-")) for _ in range(2))
    yield first, second
    for home in (first, second):
        shutil.rmtree(home, ignore_errors=True)


def test_a_backup_comes_back_whole(homes):
    first, second = homes
    file, archive = first / "factures.csv", second / "all.tar"
    file.write_text(INVOICES)
    assert encours(first, "company", "create", "--name", "Atelier Lumen", "--siren", "732829320")[0] == 0
    assert encours(first, "import", str(file))[1]["files"][0]["created"] == 1
    before = encours(first, "metrics", "--on", "2026-03-10")[1]
    assert before["outstanding_cents"] == 12_000

    code, answer = encours(first, "backup", str(archive))
    assert (code, answer["size"]) == (0, archive.stat().st_size)
    assert encours(first, "backup", str(archive))[0] == 2  # never over an older one
    assert encours(second, "restore", str(file))[0] == 2
    assert encours(second, "restore", str(archive))[0] == 0

    assert encours(second, "metrics", "--on", "2026-03-10")[1] == before
    assert encours(second, "doctor")[1]["ok"]  # the journal's chain and the stored files among it
    assert encours(second, "import", str(file))[1]["files"][0]["created"] == 0
    assert encours(second, "restore", str(archive))[1]["problems"][0]["code"] == "restore_not_empty"


@pytest.mark.parametrize(
    ("name", "kind"),
    [("../outside", tarfile.REGTYPE), ("/srv/outside", tarfile.REGTYPE), ("about.json", tarfile.SYMTYPE)],
)
def test_an_archive_that_leads_out_of_its_folder_is_refused(homes, name, kind):
    home, _ = homes
    with tarfile.open(home / "bad.tar", "w") as archive:
        member = tarfile.TarInfo(name)
        member.type, member.linkname = kind, "/etc/passwd"
        archive.addfile(member, io.BytesIO())
    code, answer = encours(home, "restore", str(home / "bad.tar"))
    assert (code, answer["problems"][0]["code"]) == (2, "restore_no_backup")
    assert not (home / "outside").exists()
