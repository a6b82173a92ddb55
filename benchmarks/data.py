"""Large data to measure on: a seeded list of invoices, and a database with a million of them kept for repeated runs."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

import numpy as np
import platformdirs
import polars as pl

MILLION, CUSTOMERS, SEED = 1_000_000, 50_000, 7
_FIRST_NAMES = ("Boulangerie", "Menuiserie", "Garage", "Hôtel", "Cabinet", "Transports", "Imprimerie", "Maçonnerie",
                "Pharmacie", "Domaine", "Atelier", "Clinique", "Librairie", "Brasserie", "Scierie", "Conserverie")  # fmt: skip
_LAST_NAMES = ("Dubois", "Lefèvre", "Moreau", "Garnier", "Rousseau", "Chevalier", "Françoise", "Perrin", "Guérin",
               "Boyer", "Noël", "Meunier", "Blanchard", "Fabre", "Renard", "Hervé", "Ménard", "Lacroix")  # fmt: skip
_FORMS = ("SARL", "SAS", "SA", "EURL", "SASU", "SNC")
_CITIES = (("44000", "Nantes"), ("35000", "Rennes"), ("69003", "Lyon"), ("13001", "Marseille"), ("59000", "Lille"),
           ("31000", "Toulouse"), ("67000", "Strasbourg"), ("33000", "Bordeaux"))  # fmt: skip
_TERMS = ("30 jours", "30 jours fin de mois", "45 jours fin de mois", "60 jours net", "à réception")
_BATCH = 100_000


def write_invoices_csv(
    path: Path, invoices: int = MILLION, customers: int = CUSTOMERS, seed: int = SEED, before: int = 0
) -> None:
    """A French accounting package's export: semicolons, decimal commas, dates as 31/12/2025, cp1252 is not used.

    The same arguments give the same bytes. Written in parts: memory does not grow with `invoices`. Numbers follow
    those of `before` invoices.
    """
    random = np.random.default_rng(seed)
    clients = _clients(random, customers)
    # few large customers, many small ones
    weight = 1 / np.arange(1, customers + 1) ** 0.7
    weight /= weight.sum()
    with path.open("wb") as file:
        for start in range(0, invoices, _BATCH):
            count = min(_BATCH, invoices - start)
            part = _invoices(random, clients, weight, before + start, count)
            part.write_csv(file, separator=";", include_header=start == 0)


def _clients(random: np.random.Generator, customers: int) -> pl.DataFrame:
    def pick(values: tuple[str, ...]) -> list[str]:
        return [values[i] for i in random.integers(0, len(values), customers)]

    place = [_CITIES[i] for i in random.integers(0, len(_CITIES), customers)]
    first, last, form = pick(_FIRST_NAMES), pick(_LAST_NAMES), pick(_FORMS)
    numbers = range(1, customers + 1)
    return pl.DataFrame(
        {
            "Code client": [f"C{number:06d}" for number in numbers],
            "Client": [f"{a} {b} {n} {c}" for a, b, n, c in zip(first, last, numbers, form, strict=True)],
            "SIREN": [_siren(number + 300_000_00) for number in numbers],
            "CP": [postcode for postcode, _ in place],
            "Ville": [city for _, city in place],
            "Email": [f"compta{number}@client.example" for number in numbers],
            "Conditions de règlement": pick(_TERMS),
        }
    )


def _siren(number: int) -> str:
    """Nine digits with a right check digit (Luhn)."""
    body = f"{number:08d}"
    total = 0
    for position, digit in enumerate(reversed(body)):
        value = int(digit) * (2 if position % 2 == 0 else 1)
        total += value - 9 if value > 9 else value
    return body + str(-total % 10)


def _invoices(
    random: np.random.Generator, clients: pl.DataFrame, weight: np.ndarray, start: int, count: int
) -> pl.DataFrame:
    whose = clients[random.choice(clients.height, count, p=weight)]
    issued = np.datetime64("2024-01-01") + np.sort(random.integers(0, 730, count))
    net = np.maximum(100, (random.lognormal(10.5, 1.2, count)).astype(np.int64))
    tax = (net * 2000 + 5000) // 10_000
    days = random.choice((30, 30, 45, 60, 0), count)
    numbers = pl.Series([f"FA-{number:08d}" for number in range(start + 1, start + count + 1)])
    return pl.DataFrame(
        {
            "N° facture": numbers,
            "Date facture": pl.Series(issued).cast(pl.Date).dt.strftime("%d/%m/%Y"),
            "Date d'échéance": pl.Series(issued + days).cast(pl.Date).dt.strftime("%d/%m/%Y"),
        }
    ).hstack(whose).hstack(
        pl.DataFrame(
            {
                "Montant HT": _comma(net),
                "TVA": _comma(tax),
                "Montant TTC": _comma(net + tax),
                "Devise": ["EUR"] * count,
                "N° commande": numbers.str.replace("FA", "BC"),
                "Commercial": [f"Équipe {i}" for i in random.integers(1, 12, count)],
            }
        )
    )  # fmt: skip


def _comma(cents: np.ndarray) -> pl.Series:
    frame = pl.DataFrame({"c": cents})
    return frame.select(
        (pl.col("c") // 100).cast(pl.String) + "," + (pl.col("c") % 100).cast(pl.String).str.zfill(2)
    ).to_series()


def cache_folder() -> Path:
    folder = Path(platformdirs.user_cache_dir("encours")) / "benchmarks"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def million_csv() -> Path:
    """The list of a million invoices, written once."""
    path = cache_folder() / f"invoices-{_digest(Path(__file__))}.csv"
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

    Made once by an import (in a process of its own) and kept; made again when the schema or the data change.
    Settings read `ENCOURS_HOME` once: enter this before Django starts, or run the measured part in a process of
    its own (`in_own_process`). What a benchmark changes in it stays: leave it as it was.
    """
    with _kept("million", lambda folder: make_million(home=folder)) as folder:
        yield folder


@contextmanager
def lived_database() -> Iterator[Path]:
    """The same million still open, and what years of work leave beside it: 200,000 settled invoices, 120,000 bank
    lines, two days of reminders (one sent, one to approve), the journal of it all. Kept like `million_database`.
    """
    with _kept("lived", _make_lived) as folder:
        yield folder


def _make_lived(folder: Path) -> None:
    make_million(home=folder)
    in_own_process("benchmarks.make_life", home=folder)


@contextmanager
def _kept(name: str, make: Callable[[Path], object]) -> Iterator[Path]:
    folder = cache_folder() / name
    mark, wanted = folder / "made-from", _schema_digest()
    if not mark.exists() or mark.read_text() != wanted:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        make(folder)
        mark.write_text(wanted)
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


def _schema_digest() -> str:
    migrations = Path(__file__).parents[1] / "src" / "encours" / "store" / "migrations"
    parts = [_digest(path) for path in sorted(migrations.glob("0*.py"))]
    return " ".join([_digest(Path(__file__)), _digest(Path(__file__).with_name("make_life.py")), *parts])


def _digest(path: Path) -> str:
    return sha256(path.read_bytes()).hexdigest()[:16]
