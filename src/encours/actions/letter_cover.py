"""The cover sheet of a batch of letters: what is in it, and where to write that it was posted."""

import json
from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import TYPE_CHECKING

import typst

from encours.core.money import format_cents
from encours.core.wording import Wording, format_date
from encours.store.models import Company

if TYPE_CHECKING:
    from encours.actions.print_letters import PrintedLetter

SOURCE = Path(__file__).parent / "letters" / "cover.typ"
_LABELS = {
    "title": Wording("cover.title", fr="Courriers à poster", en="Letters to post"),
    "printed": Wording("cover.printed", fr="Imprimés le", en="Printed on"),
    "letters": Wording("cover.letters", fr="Courriers", en="Letters"),
    "pages": Wording("cover.pages", fr="Pages", en="Pages"),
    "rank": Wording("cover.rank", fr="N°", en="No."),
    "recipient": Wording("cover.recipient", fr="Destinataire", en="Recipient"),
    "reference": Wording("cover.reference", fr="Réf.", en="Ref."),
    "amount": Wording("cover.amount", fr="Montant", en="Amount"),
    "posted": Wording("cover.posted", fr="Remis à La Poste le", en="Handed to the post on"),
    "by": Wording("cover.by", fr="par", en="by"),
    "then": Wording(
        "cover.then",
        fr="Chaque courrier commence sur une nouvelle feuille. Une fois le lot remis, dites-le dans Encours (Agenda,"
        " Courriers) : les relances comptent à partir de ce jour.",
        en="Each letter begins on a new sheet. Once the batch is posted, say so in Encours (Agenda, Letters): reminders"
        " count from that day.",
    ),
}


def cover_sheet(*, company: Company, letters: Sequence["PrintedLetter"], page_count: int, on: date) -> bytes:
    """PDF of one page or several."""
    language = company.language if company.language in ("fr", "en") else "en"
    told = {
        "language": language,
        "labels": {name: wording().say(language) for name, wording in _LABELS.items()},
        "company": company.name,
        "on": format_date(on, language),
        "letters": len(letters),
        "pages": page_count,
        "rows": [
            [
                str(each.rank),
                each.message.recipient,
                f"{company.pk}-{each.message.pk}",
                str(each.page_count),
                format_cents(each.message.amount_cents, each.message.currency, language),
            ]
            for each in letters
        ],
    }
    return typst.compile(
        SOURCE,
        sys_inputs={"data": json.dumps(told, ensure_ascii=False)},
        ignore_system_fonts=True,
        timestamp=datetime.combine(on, time(), UTC),
    )
