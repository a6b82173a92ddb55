"""What tells a mailing house of one letter: who it is for, which file it is, how it is printed and posted."""

import csv
import io
import json
from hashlib import sha256

from encours.core.mailing import ADDRESS_LINES, Envelope
from encours.core.wording import Wording

FORMATS = {
    "csv": Wording("mailing.csv", fr="CSV (points-virgules, UTF-8)", en="CSV (semicolons, UTF-8)"),
    "json": Wording("mailing.json", fr="JSON", en="JSON"),
}
POSTAGES = {
    "green": Wording("mailing.green", fr="Lettre verte", en="Green letter (3 days)"),
    "services": Wording("mailing.services", fr="Lettre services plus", en="Priority letter (2 days)"),
    "tracked": Wording("mailing.tracked", fr="Lettre verte suivie", en="Tracked green letter"),
    "economic": Wording("mailing.economic", fr="Écopli / courrier industriel", en="Economy mail"),
}
PRINTINGS = {
    "black_duplex": Wording("mailing.black_duplex", fr="Noir, recto verso", en="Black, both sides"),
    "black_simplex": Wording("mailing.black_simplex", fr="Noir, recto", en="Black, one side"),
    "colour_duplex": Wording("mailing.colour_duplex", fr="Couleur, recto verso", en="Colour, both sides"),
    "colour_simplex": Wording("mailing.colour_simplex", fr="Couleur, recto", en="Colour, one side"),
}


def manifest(
    *,
    reference: str,
    pdf: str,
    content: bytes,
    page_count: int,
    to: Envelope,
    country: str,
    sender: str,
    postage: str,
    printing: str,
) -> dict[str, str | int]:
    """One row, in the order of its columns. `sha256` is the PDF's: a house that checks it prints no torn file."""
    colour, _, sides = printing.partition("_")
    lines = (*to.lines, *[""] * (ADDRESS_LINES - len(to.lines)))
    return {
        "reference": reference,
        "file": pdf,
        "sha256": sha256(content).hexdigest(),
        "pages": page_count,
        **{f"address_{rank}": line for rank, line in enumerate(lines, start=1)},
        "postcode": to.postcode,
        "town": to.town,
        "country": country,
        "sender": sender,
        "postage": postage,
        "colour": colour,
        "sides": sides,
    }  # fmt: skip


def written(row: dict[str, str | int], *, form: str) -> bytes:
    """The file of a manifest, CSV or JSON. What a spreadsheet would take for a formula is text in CSV."""
    if form == "json":
        return json.dumps({"version": 1, "letters": [row]}, ensure_ascii=False, indent=1).encode()
    out = io.StringIO()
    table = csv.writer(out, delimiter=";", lineterminator="\r\n")
    table.writerow(row)
    table.writerow([f"'{cell}" if str(cell)[:1] in "=+-@" else cell for cell in row.values()])
    return out.getvalue().encode()
