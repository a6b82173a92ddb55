"""The demo is the same each time: seed, day and scale decide every byte."""

import os
import subprocess
import sys
from datetime import date
from hashlib import sha256
from pathlib import Path

from encours.demo.generate import generate
from tests.demo.conftest import ON, SCALE, SEED


def _digests(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_another_process_in_another_place_writes_the_same_bytes(generated, tmp_path):
    program = (
        "from datetime import date; from pathlib import Path; from encours.demo.generate import generate;"
        f"generate(Path({str(tmp_path)!r}), seed={SEED}, on=date.fromisoformat({ON.isoformat()!r}), scale={SCALE})"
    )
    elsewhere = os.environ | {"PYTHONHASHSEED": "4242", "TZ": "Pacific/Auckland", "LC_ALL": "C", "LANG": "C"}
    subprocess.run([sys.executable, "-c", program], env=elsewhere, check=True)
    assert _digests(tmp_path) == _digests(generated.still_open.parent)


def test_another_seed_gives_another_company(generated, tmp_path):
    other = generate(tmp_path, seed=SEED + 1, on=ON, scale=0.03)
    assert (tmp_path / "clients.csv").read_bytes()[200:] != generated.files[0].path.read_bytes()[200:]
    assert other.payable_cents != generated.payable_cents


def test_scale_multiplies_customers_and_documents(generated, tmp_path):
    small = generate(tmp_path, seed=SEED, on=ON, scale=0.05)
    assert (small.customer_count, generated.customer_count) == (20, 40)
    ratio = sum(generated.document_counts.values()) / sum(small.document_counts.values())
    assert 1.4 < ratio < 2.8


def test_a_leap_day_and_a_first_of_january_are_days_like_others(tmp_path):
    for on in (date(2028, 2, 29), date(2027, 1, 1), date(2026, 12, 31)):
        found = generate(tmp_path / on.isoformat(), seed=1, on=on, scale=0.03)
        days = [file.day for file in found.files]
        assert max(days) < on
        assert (on - min(days)).days < 2 * 366
        assert (on - min(days)).days > 690
