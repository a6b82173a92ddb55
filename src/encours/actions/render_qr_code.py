"""QR codes as SVG: an address to open, a transfer to fill in."""

import io
from decimal import Decimal
from functools import lru_cache

import segno
import segno.helpers

# EPC069-12, version 2: euros only, the name of the beneficiary in 70 characters, the text in 140
MAX_NAME, MAX_TEXT = 70, 140
MAX_CENTS = 99_999_999_999


def qr_code_svg(*, text: str) -> str:
    """An inline `<svg>` without size or style: whoever shows it says how large it is, and what it is in words."""
    return _svg(segno.make_qr(text, error="m"))


@lru_cache(maxsize=256)
def transfer_qr_svg(*, holder: str, iban: str, bic: str, amount_cents: int, reference: str, text: str) -> str:
    """What banking apps fill a SEPA transfer in from (EPC069-12): with a creditor `reference` (ISO 11649) or a `text`, not
    both. "" for what the standard cannot say: no IBAN, no amount, too much. Drawing one takes milliseconds, and who pays looks
    at it several times."""
    if not iban or not holder or not 0 < amount_cents <= MAX_CENTS or not (reference or text):
        return ""
    made = segno.helpers.make_epc_qr(
        name=holder[:MAX_NAME],
        iban=iban,
        amount=Decimal(amount_cents).scaleb(-2),
        bic=bic or None,
        reference=reference or None,
        text=None if reference else text[:MAX_TEXT],
        encoding="utf-8",
    )
    return _svg(made)


def _svg(code: segno.QRCode) -> str:
    written = io.BytesIO()
    code.save(
        written,
        kind="svg",
        xmldecl=False,
        svgns=True,
        omitsize=True,
        border=4,
        dark="#000",
        light="#fff",
        nl=False,
    )
    return written.getvalue().decode()
