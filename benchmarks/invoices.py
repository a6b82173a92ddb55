"""A seeded list of invoices: the data most benchmarks start from."""

from pathlib import Path

import numpy as np
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
