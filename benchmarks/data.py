"""Large data to measure on, made once and kept: a list of a million invoices, databases that hold them."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import platformdirs

from benchmarks.invoices import CUSTOMERS, MILLION, write_invoices_csv

_INVOICES = Path(__file__).with_name("invoices.py")
_MARK = "made-from"


def cache_folder() -> Path:
    folder = Path(platformdirs.user_cache_dir("encours")) / "benchmarks"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def million_csv() -> Path:
    """The list of a million invoices, written once."""
    path = cache_folder() / f"invoices-{_digest(_INVOICES)}.csv"
    if not path.exists():
        for old in cache_folder().glob("invoices-*.csv"):
            old.unlink()
        part = path.with_suffix(".part")
        write_invoices_csv(part)
        part.replace(path)
    return path


@contextmanager
def million_database() -> Iterator[Path]:
    """The data folder of a company "bench" with a million open invoices of 50,000 customers.

    Made once by an import (in a process of its own) and kept; brought up to date when migrations are added, made
    again when the data or a migration it was made with change.
    Settings read `ENCOURS_HOME` once: enter this before Django starts, or run the measured part in a process of
    its own (`in_own_process`). What a benchmark changes in it stays: leave it as it was.
    """
    with _as_home(_kept("million", lambda folder: make_million(home=folder))) as folder:
        yield folder


@contextmanager
def lived_database() -> Iterator[Path]:
    """The same million still open, and what years of work leave beside it: 200,000 settled invoices, 120,000 bank
    lines, two days of reminders (one sent, one to approve), the journal of it all. Kept like `million_database`.
    """
    with _as_home(_kept("lived", _make_lived, "make_life.py")) as folder:
        yield folder


@dataclass(frozen=True)
class Waiting:
    """A company with open invoices and bank lines to reconcile, `history_lines` of which were before."""

    name: str
    invoices: int
    customers: int
    lines: int
    history_lines: int


WAITING = (
    Waiting("small", 100_000, 5_000, 10_000, 3_000),
    Waiting("large", MILLION, CUSTOMERS, 100_000, 20_000),
)


@contextmanager
def waiting_database(waiting: Waiting) -> Iterator[Path]:
    """The data folder of a company "bench" whose bank lines wait; a copy, since reconciling changes it."""
    kept = _kept(
        f"waiting-{waiting.name}",
        lambda folder: _make_waiting(waiting, folder),
        "make_waiting.py",
        "bank_lines.py",
    )
    # below the system's folder for temporary files: the embedded server runs as another user under root
    with tempfile.TemporaryDirectory(prefix="encours-bench-", ignore_cleanup_errors=True) as name:
        home = Path(name, "home")
        subprocess.run(["cp", "-a", "--reflink=auto", str(kept), str(home)], check=True)
        Path(name).chmod(0o755)
        with _as_home(home):
            yield home


def _make_waiting(waiting: Waiting, folder: Path) -> None:
    if waiting.invoices == MILLION:
        _copy_million(folder)
        invoices = million_csv()
    else:
        invoices = folder / "invoices.csv"
        write_invoices_csv(invoices, invoices=waiting.invoices, customers=waiting.customers)
        in_own_process("encours", "migrate", home=folder)
        in_own_process("benchmarks.make_million", str(invoices), home=folder)
    in_own_process(
        "benchmarks.make_waiting", str(invoices), str(waiting.lines), str(waiting.history_lines), home=folder
    )


def _copy_million(folder: Path) -> None:
    million = _kept("million", lambda other: make_million(home=other))
    # with owners and rights, which the server insists on; its files are at rest, since nobody has it running
    subprocess.run(["cp", "-a", f"{million}/.", str(folder)], check=True)
    (folder / _MARK).unlink()


def _make_lived(folder: Path) -> None:
    _copy_million(folder)
    in_own_process("benchmarks.make_life", home=folder)


def _kept(name: str, make: Callable[[Path], object], *makers: str) -> Path:
    """The folder of that name, made unless it is there and of today: its mark tells what it was made from."""
    folder = cache_folder() / name
    wanted = [_digest(Path(__file__).with_name(maker)) for maker in (_INVOICES.name, *makers)]
    migrations = [f"{path.stem}:{_digest(path)}" for path in _migrations()]
    made = (folder / _MARK).read_text().split() if (folder / _MARK).exists() else []
    if made == [*wanted, *migrations]:
        return folder
    if made and [*wanted, *migrations][: len(made)] == made:
        in_own_process("encours", "migrate", home=folder)
    else:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        make(folder)
    (folder / _MARK).write_text("\n".join([*wanted, *migrations]))
    return folder


def _migrations() -> list[Path]:
    folder = Path(__file__).parents[1] / "src" / "encours" / "store" / "migrations"
    return sorted(folder.glob("0*.py"))


@contextmanager
def _as_home(folder: Path) -> Iterator[Path]:
    before = os.environ.get("ENCOURS_HOME")
    os.environ["ENCOURS_HOME"] = str(folder)
    try:
        yield folder
    finally:
        if before is None:
            os.environ.pop("ENCOURS_HOME", None)
        else:
            os.environ["ENCOURS_HOME"] = before


def make_million(*options: str, home: Path) -> str:
    """What importing the million took (JSON of benchmarks.make_million), in a new data folder."""
    # the first start after initdb runs with PostgreSQL's defaults, the second with the product's settings
    in_own_process("encours", "migrate", home=home)
    return in_own_process("benchmarks.make_million", str(million_csv()), *options, home=home)


def in_own_process(module: str, *arguments: str, home: Path) -> str:
    """Standard output of `python -m module arguments` with that data folder."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("ENCOURS_")}
    environment.pop("DATABASE_URL", None)
    environment["ENCOURS_HOME"] = str(home)
    command = [sys.executable, "-m", module, *arguments]
    done = subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE, text=True)
    return done.stdout


def _digest(path: Path) -> str:
    return sha256(path.read_bytes()).hexdigest()[:16]
