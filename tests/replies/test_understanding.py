"""Replies to a reminder of Monday 16 November 2026, and what follows from each."""

from datetime import date
from time import process_time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.bench_replies import answers
from encours.core.replies import Reply, understand
from encours.core.replies.mail import read_reply_file
from tests.replies.test_written import HISTORIES

ON = date(2026, 11, 16)


def intent(text: str) -> str:
    return understand(Reply(text), on=ON).intent


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("Je n'ai pas encore payé.", "other"),
        ("Je n'ai pas encore payé, je le fais mercredi.", "promise"),
        ("Si vous avez des questions, appelez-moi.", "other"),
        ("Nous ne paierons pas.", "dispute"),
        ("We will not pay until you send us the credit note.", "dispute"),
        ("We cannot pay before 30 November.", "promise"),
        ("Nous ne pourrons payer que fin novembre.", "promise"),
        ("Nous paierons dès que vous aurez corrigé la facture.", "dispute"),
        ("The amount is correct and no longer disputed; we will pay on Friday.", "promise"),
        ("Merci de votre compréhension, bien à vous.", "other"),
        ("Je vous rappelle vendredi.", "other"),
        ("Quand pourrons-nous vous payer ?", "question"),
        ("Est-ce que vous avez reçu notre virement ?", "question"),
        ("Nous avons toujours payé à l'heure. Cette livraison est incomplète.", "dispute"),
        ("Pouvez-vous nous renvoyer la facture ? Nous la paierons vendredi.", "promise"),
        ("I have already paid, please stop sending reminders.", "already_paid"),
        ("Je suis en congés jusqu'au 20, je paierai le 25 à mon retour.", "promise"),
        ("Règlement rejeté par la banque, je relance le virement demain.", "promise"),
        ("Le prélèvement a été rejeté par notre banque, nous refaisons le virement vendredi.", "promise"),
        ("Payment was rejected by our bank, we will resend the transfer tomorrow.", "promise"),
        ("Nous rejetons la facture.", "dispute"),
        ("Le paiement est refusé tant que la facture n'est pas corrigée.", "dispute"),
        ("Notre service compta est fermé jusqu'au 2 janvier.", "out_of_office"),
        ("Our accounts department is closed until 4 January.", "out_of_office"),
    ],
)
def test_turns_that_look_like_another(text: str, meant: str):
    assert intent(text) == meant


def test_a_promise_has_its_day_its_amount_and_its_words():
    text = "Bonjour,\nJe vous verserai 1 200 € vendredi pour la facture F2026-0118.\nCordialement"
    understood = understand(Reply(text), on=ON)
    assert (understood.day, understood.day_certainty) == (date(2026, 11, 20), "exact")
    assert understood.amount_cents == 120000
    assert understood.references == ("F2026-0118",)
    assert "vendredi" in understood.because
    assert all(words in text for words in understood.because)


def test_what_was_paid_is_not_what_is_promised():
    understood = understand(Reply("J'ai payé 500 € hier, je verserai 1 000 € vendredi."), on=ON)
    assert (understood.intent, understood.amount_cents) == ("promise", 100000)
    assert understood.also == ("already_paid",)


def test_a_dispute_comes_before_a_promise_which_is_told_too():
    understood = understand(Reply("Nous contestons la facture F-12. Nous réglerons les autres le 30."), on=ON)
    assert understood.intent == "dispute"
    assert "promise" in understood.also


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("La machine est en panne depuis la livraison.", "quality"),
        ("Le prix ne correspond pas au devis.", "price"),
        ("Les quantités sont fausses.", "quantity"),
        ("Le colis n'est jamais arrivé.", "delivery"),
        ("We never ordered this.", "not_ordered"),
        ("Vous nous avez facturé deux fois.", "duplicate"),
        ("Nous attendons toujours votre avoir.", "already_credited"),
        ("La TVA est fausse.", "invoice_error"),
        ("Le contrat a été résilié en juin.", "not_due"),
    ],
)
def test_a_dispute_has_its_reason(text: str, reason: str):
    understood = understand(Reply(text), on=ON)
    assert (understood.intent, understood.reason) == ("dispute", reason)


@pytest.mark.parametrize(
    ("text", "back"),
    [
        ("Absent jusqu'au 22 novembre inclus.", date(2026, 11, 23)),
        ("I am out of the office, returning on 1 December. Call 01 44 00 00 12.", date(2026, 12, 1)),
        ("En congés du 16 au 27 novembre, de retour le lundi 30.", date(2026, 11, 30)),
        ("Fermé du 16 au 20 novembre.", date(2026, 11, 23)),
    ],
)
def test_an_absence_ends_on_a_day_of_work(text: str, back: date):
    understood = understand(Reply(text), on=ON)
    assert (understood.intent, understood.day) == ("out_of_office", back)


def test_a_customer_answers_in_two_languages():
    understood = understand(Reply("Thank you for the reminder. Nous réglons la facture vendredi."), on=ON)
    assert (understood.intent, set(understood.languages)) == ("promise", {"fr", "en"})


ANSWERS = st.sampled_from(
    [
        "ok vendredi",
        "Nous contestons.",
        "déjà payé le 12",
        "Who is this?",
        "Bien reçu",
        "Je suis absent.",
        "stop",
    ]
)


@given(
    answer=ANSWERS, history=st.sampled_from(sorted(HISTORIES)), gap=st.sampled_from(["\n", "\n\n", "\n\n\n"])
)
def test_quoted_history_never_decides(answer: str, history: str, gap: str):
    alone = understand(Reply(answer), on=ON)
    assert understand(Reply(answer + gap + HISTORIES[history]), on=ON) == alone


@pytest.mark.parametrize("history", HISTORIES.values(), ids=HISTORIES)
def test_history_alone_says_nothing(history: str):
    understood = understand(Reply(history), on=ON)
    assert (understood.intent, understood.because) == ("other", ())


WORDS = [
    "ne",
    "pas",
    "je",
    "nous",
    "payer",
    "paierons",
    "payé",
    "facture",
    "litige",
    "vendredi",
    "le",
    "15",
    "si",
    "quand",
    "1",
    "200",
    "€",
    ",",
    ".",
    "?",
    "\n",
    ">",
    "avant",
    "absent",
    "we",
    "will",
    "not",
    "pay",
    "until",
    "friday",
]


@settings(max_examples=150)
@given(text=st.one_of(st.text(max_size=400), st.lists(st.sampled_from(WORDS), max_size=60).map(" ".join)))
def test_any_text_is_understood_the_same_twice(text: str):
    understood = understand(Reply(text), on=ON)
    assert understood == understand(Reply(text), on=ON)
    assert 0.3 <= understood.confidence <= 0.97
    assert (understood.day is None) == (understood.day_certainty is None)


@pytest.mark.parametrize(
    "piece",
    ["ne pas payer le virement ", "Le 1\n", "vendredi ", "1 ", "<div>", "<!--", "<a b='", ">", "a@", "?", "mille deux cents ", "Ce message "],
)  # fmt: skip
@pytest.mark.parametrize("name", ["a.txt", "a.html"])
def test_a_megabyte_of_anything_takes_no_time(piece: str, name: str):
    started = process_time()
    understand(read_reply_file((piece * (1_000_000 // len(piece))).encode(), name=name), on=ON)
    assert process_time() - started < 5


@pytest.mark.parametrize(("half", "least"), [("develop", 0.97), ("held_out", 0.92)])
def test_labelled_replies_are_understood(half: str, least: float):
    found = answers(half)
    assert len(found) > 150
    assert sum(each.right_intent for each in found) / len(found) >= least
    # a promise or payment that nobody wrote would move the case wrongly
    wrongly = [each for each in found if not each.right_intent and each.understood.intent == "already_paid"]
    assert len(wrongly) <= len(found) // 100


def test_what_is_told_as_sure_is_right():
    sure = [
        each
        for half in ("develop", "held_out")
        for each in answers(half)
        if each.understood.confidence >= 0.93
    ]
    assert sum(each.right_intent for each in sure) / len(sure) >= 0.97
