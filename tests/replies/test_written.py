"""What a customer wrote is kept, what mail programs add is not."""

import pytest

from encours.core.replies.markup import text_of_html
from encours.core.replies.written import what_was_written

REMINDER = "Sauf erreur, la facture F-12 de 900 € est impayée.\nMerci de payer avant vendredi.\nEn cas de litige, répondez."
QUOTED = "\n".join(f"> {line}" for line in REMINDER.split("\n"))

HISTORIES = {
    "Gmail": f"Le lun. 16 nov. 2026 à 09:12, Delorme <c@delorme.example> a écrit :\n\n{QUOTED}",
    "Gmail, broken line": f"Le lun. 16 nov. 2026 à 09:12, Delorme <c@delorme.example> a\nécrit :\n{QUOTED}",
    "Gmail, English": f"On Mon, Nov 16, 2026 at 9:12 AM Delorme <c@delorme.example> wrote:\n{QUOTED}",
    "Apple, not marked": f"Le 16 nov. 2026 à 09:12, Delorme a écrit :\n{REMINDER}",
    "Outlook": f"De : Delorme <c@delorme.example>\nEnvoyé : lundi 16 novembre 2026\nÀ : Compta\nObjet : Relance\n\n{REMINDER}",
    "Outlook, English": f"From: Delorme\nSent: Monday\nTo: Accounts\nSubject: Reminder\n\n{REMINDER}",
    "Outlook, line": f"________________________________\nDe: Delorme\nEnvoyé: lundi\nÀ: x\nObjet: y\n\n{REMINDER}",
    "Outlook, old": f"-----Message d'origine-----\nDe : Delorme\n{REMINDER}",
    "forwarded": f"---------- Forwarded message ---------\nFrom: Delorme\n{REMINDER}",
    "marked only": QUOTED,
}


@pytest.mark.parametrize("history", HISTORIES.values(), ids=HISTORIES)
def test_quoted_history_is_dropped(history: str):
    assert what_was_written(f"Bonjour,\nnous contestons.\n\n{history}") == "Bonjour,\nnous contestons."
    assert what_was_written(history) == ""


def test_an_answer_below_the_quote_is_kept():
    assert what_was_written(f"Le 16 nov. 2026, Delorme a écrit :\n{QUOTED}\n\nvendredi") == "vendredi"


@pytest.mark.parametrize(
    "below",
    [
        "Cordialement,\nJeanne Roy\nService litiges et recouvrement",
        "-- \nJeanne Roy\nDispute desk",
        "Envoyé de mon iPhone",
        "Sent from my iPhone",
        "Ce message et ses pièces jointes sont confidentiels. Si vous n'êtes pas le destinataire, supprimez-le.",
    ],
)
def test_signature_and_legal_footer_are_dropped(below: str):
    assert what_was_written(f"Nous payons vendredi.\n\n{below}") == "Nous payons vendredi."


def test_a_postscript_is_part_of_the_letter():
    assert "lundi" in what_was_written("Bonjour, bien reçu.\nCordialement\nJeanne\nPS : je paie lundi")


def test_html_is_read_as_it_is_seen():
    page = (
        "<html><head><style>p{}</style><title>x</title></head><body><p>Pay&eacute; <b>vendredi</b></p><div style='display:none'>litige</div>"
        '<div class="gmail_quote">Le lundi X a écrit :<blockquote>Merci de payer</blockquote></div></body></html>'
    )
    assert what_was_written(text_of_html(page)) == "Payé vendredi"


def test_what_outlook_answers_to_is_quoted():
    page = '<p>ok lundi</p><div id="divRplyFwdMsg"><b>De :</b> Delorme</div><p>Merci de payer</p>'
    assert what_was_written(text_of_html(page)) == "ok lundi"
