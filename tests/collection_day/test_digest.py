"""The forewarning: the working day before, each person learns what will leave to their customers. Once.

Menuiserie Lefèvre owes FA-1, 1 200,00 €, due Monday 2 March 2026: the first reminder leaves on Tuesday 3 March.
"""

from datetime import date, timedelta

import pytest
from django.core import mail

from encours.actions.assign_portfolio import assign_by_hand
from encours.actions.run_dunning import run_dunning
from encours.actions.send_digest import UnableToSendDigests, send_digests
from encours.actions.switch_test_mode import enter_test_mode
from encours.store.models import Digest, Membership, Message, User
from tests import cast
from tests.dunning.conftest import approve_all, at

MONDAY = date(2026, 3, 2)
TUESDAY = MONDAY + timedelta(1)


@pytest.fixture
def lefevre(company):
    customer = cast.late_payer(company)
    cast.invoice(
        company, customer, "FA-1", payable_cents=120_000, issue_date=date(2026, 1, 31), due_date=MONDAY
    )
    return customer


def reader(company, name="Claire", language="fr", **choice) -> User:
    user = User.objects.create_user(f"{name.lower()}@lumen.example", "x", name=name, language=language)
    Membership.objects.create(company=company, user=user, **choice)
    return user


def sent(company, on=MONDAY) -> int:
    return send_digests(company=company, on=on, now=at(on, 16), actor="worker")


def test_a_forewarning_digest_says_what_will_go_out(company, lefevre):
    """OCA overdue reminder, Chaser: what no plan has written yet is announced too."""
    reader(company, digest="company")
    assert sent(company) == 1
    (told,) = mail.outbox
    assert "03/03/2026" in told.subject
    for body in (told.body, told.alternatives[0].content):
        assert "Menuiserie Lefèvre" in body
        assert "1 200,00" in body.replace("\u202f", " ")
        assert "R+1" in body
        assert "/relances/" in body
    assert not Message.objects.exists()  # announcing plans nothing


def test_nobody_gets_two_whoever_runs_again(company, lefevre):
    reader(company, digest="company")
    assert [sent(company) for _ in range(3)] == [1, 0, 0]
    assert len(mail.outbox) == 1


def test_nothing_is_sent_when_there_is_nothing_to_say(company, lefevre):
    reader(company, "Claire", digest="portfolio")  # looks after nobody
    reader(company, "Hugo", digest="none")
    assert sent(company) == 0
    assert not Digest.objects.exists()


def test_each_is_told_of_their_own_customers(company, lefevre):
    dubois = cast.good_payer(company)
    cast.invoice(company, dubois, "FA-2", payable_cents=5_000, issue_date=date(2026, 1, 31), due_date=MONDAY)
    type(dubois).objects.filter(pk=dubois.pk).update(salesperson="Hugo Blanc")
    claire = reader(company, "Claire")
    reader(company, "Hugo", digest="sales", salesperson_name="hugo blanc")
    assign_by_hand(company=company, codes=[lefevre.code], user_id=claire.pk, actor="t")
    assert sent(company) == 2
    told = {message.to[0]: message.body for message in mail.outbox}
    assert ("Lefèvre" in told["claire@lumen.example"], "Dubois" in told["claire@lumen.example"]) == (
        True,
        False,
    )
    assert ("Lefèvre" in told["hugo@lumen.example"], "Dubois" in told["hugo@lumen.example"]) == (False, True)


def test_friday_announces_monday_and_weekends_nothing(company, lefevre):
    reader(company, digest="company")
    assert sent(company, MONDAY - timedelta(1)) == 0
    assert sent(company, MONDAY + timedelta(4)) == 1
    assert Digest.objects.get().business_day == MONDAY + timedelta(7)


def test_what_waits_for_approval_is_said_as_such_in_the_reader_s_language(company, lefevre):
    reader(company, digest="company", language="en")
    run_dunning(company=company, on=TUESDAY, actor="t")
    Message.objects.update(state="waiting")
    sent(company)
    assert "to approve" in mail.outbox[0].body
    assert "1 messages to approve" in mail.outbox[0].body
    approve_all(company)
    sent(company, TUESDAY)
    assert "to approve" not in mail.outbox[1].body


def test_in_test_mode_it_says_that_nothing_will_leave(company, lefevre):
    enter_test_mode(company=company, actor="t")
    reader(company, digest="company")
    sent(company)
    assert "mode test" in mail.outbox[0].body


def test_a_refusal_is_tried_again_and_an_interrupted_hand_over_is_not(company, lefevre, settings):
    reader(company, digest="company")
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9  # nobody listens
    with pytest.raises(UnableToSendDigests):
        sent(company)
    assert Digest.objects.get().handed_over_at is None
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    Digest.objects.update(handed_over_at=at(MONDAY, 16))  # as a worker that died just then leaves it
    assert sent(company) == 0
    Digest.objects.update(handed_over_at=None)
    assert sent(company) == 1


def test_a_name_is_never_markup(company, lefevre):
    type(lefevre).objects.filter(pk=lefevre.pk).update(name="<script>Lefèvre")
    reader(company, digest="company")
    sent(company)
    assert "<script>" not in mail.outbox[0].alternatives[0].content
