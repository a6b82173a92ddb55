"""What a visitor says beside paying goes where replies go, and it hears what happens next."""

from datetime import date, timedelta

import pytest

from encours.store.models import Hold, JournalEntry, Reply, ReplySettings
from tests import cast
from tests.portal.conftest import NOW, TODAY, visitor
from tests.portal.test_paying import page_of

PAID = {"amount_cents": "1 200,00", "day": "2026-03-03", "reference": "VIR 42"}


def told(visit, response) -> str:
    """The page a form leads to."""
    assert response.status_code == 303, page_of(response)
    return page_of(visit.client.get(response["Location"]))


def test_a_question_waits_for_a_person_in_the_queue_of_replies(visit, books):
    page = told(visit, visit.post("demandes/question/", {"text": "Où est le bon de livraison ?\nMerci"}))
    assert "Une personne lit votre message" in page
    reply = Reply.objects.get()
    assert (reply.intent, reply.state, reply.matched_by) == ("question", "waiting", "portal")
    assert reply.customer_id == visit.customer.pk
    assert reply.text.endswith("Merci")
    assert JournalEntry.objects.get(action="reply.received").actor == f"portal:{visit.link_id}"


def test_what_was_paid_is_said_in_words_and_in_fields(visit, books):
    response = visit.post(
        "demandes/deja-paye/", PAID | {"documents": [books.late.pk], "text": "Par la banque X"}
    )
    page = told(visit, response)
    assert "Nous cherchons votre paiement" in page
    assert "Vous n’êtes pas relancé" in page
    reply = Reply.objects.get()
    assert (reply.intent, reply.amount_cents, reply.day) == ("already_paid", 120_000, date(2026, 3, 3))
    assert reply.document_ids == [books.late.pk]
    assert "VIR 42" in reply.text
    assert "Par la banque X" in reply.text


def test_a_form_sent_twice_is_one_message(visit, books):
    for _ in range(2):
        visit.post("demandes/deja-paye/", PAID)
    assert Reply.objects.count() == 1


def test_money_that_is_on_the_account_is_found(company, lefevre, visit, books):
    cast.receipt(company, lefevre, amount_cents=120_000, received_date=TODAY - timedelta(days=6))
    assert "Nous avons trouvé votre paiement" in told(visit, visit.post("demandes/deja-paye/", PAID))


def test_less_money_than_claimed_is_not_it(company, lefevre, visit, books):
    cast.receipt(company, lefevre, amount_cents=5_000, received_date=TODAY - timedelta(days=6))
    assert "Nous cherchons votre paiement" in told(visit, visit.post("demandes/deja-paye/", PAID))


def test_what_others_paid_is_never_told(company, visit, books):
    cast.bank_line(company, 120_000, "VIR AUTRE SA", booked_date=TODAY - timedelta(days=6))
    page = told(visit, visit.post("demandes/deja-paye/", PAID))
    assert "Nous cherchons votre paiement" in page
    assert "AUTRE" not in page


def test_it_is_followed_by_itself_where_the_company_lets_it(company, visit, books):
    ReplySettings.objects.create(company=company, thresholds={"already_paid": 90}, payment_wait_days=4)
    visit.post("demandes/deja-paye/", PAID | {"documents": [books.late.pk]})
    assert Reply.objects.get().state == "acted"
    hold = Hold.objects.get(document=books.late)
    assert hold.until_date == TODAY + timedelta(days=4)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"amount_cents": ""}, "Ce champ est obligatoire"),
        ({"amount_cents": "beaucoup"}, "« beaucoup » n’est pas un montant"),
        ({"amount_cents": "-3"}, "Le montant payé est supérieur à zéro"),
        ({"amount_cents": "0"}, "Le montant payé est supérieur à zéro"),
        ({"amount_cents": "1" * 30}, "n’est pas un montant"),
        ({"day": "hier"}, "Saisissez une date valide"),
        ({"day": "2026-03-11"}, "n’est pas encore passé"),
        ({"day": "2016-03-11"}, "vérifiez l’année"),
        ({"reference": "x\0y"}, "Le caractère nul n’est pas autorisé"),
        ({"documents": ["999999999"]}, "999999999"),
        ({"text": "x" * 4001}, "4000"),
    ],
)
def test_what_cannot_be_is_said_beside_its_field(visit, books, wrong, said):
    response = visit.post("demandes/deja-paye/", PAID | wrong)
    assert response.status_code == 422
    assert said in page_of(response).replace("'", "’")
    assert not Reply.objects.exists()


@pytest.mark.parametrize("text", ["", "   ", "\n"])
def test_a_question_has_words(visit, books, text):
    assert visit.post("demandes/question/", {"text": text}).status_code == 422


def test_one_link_does_not_fill_the_queue(visit, books, clock):
    for number in range(12):
        clock[0] += timedelta(minutes=1)
        response = visit.post("demandes/question/", {"text": f"Question {number}"})
    assert response.status_code == 422
    assert "Appelez-nous" in page_of(response)
    assert Reply.objects.count() == 10


def test_another_customers_message_and_invoices_are_not_there(company, visit, books):
    stranger = visitor(company, cast.good_payer(company), now=NOW)
    visit.post("demandes/question/", {"text": "Secret de Lefèvre"})
    reply = Reply.objects.get()
    assert visit.get(f"demandes/messages/{reply.pk}/").status_code == 200
    assert stranger.get(f"demandes/messages/{reply.pk}/").status_code == 404
    assert "Secret" not in stranger.get("demandes/").content.decode()
    assert stranger.post("demandes/deja-paye/", PAID | {"documents": [books.late.pk]}).status_code == 422


def test_what_was_written_is_listed(visit, books):
    visit.post("demandes/question/", {"text": "<b>Bonjour</b>"})
    page = visit.get("demandes/").content.decode()
    assert "&lt;b&gt;Bonjour" in page
