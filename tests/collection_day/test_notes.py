"""Colleagues write notes about a customer, and call each other to them."""

from datetime import date
from typing import Any

import pytest
from django.core import mail

from encours.actions.mail_mentions import mail_mentions
from encours.actions.write_note import UnableToWriteNote, read_mentions, write_note
from encours.core.mentions import mentioned
from encours.queries.notes import notes_of, unread_mentions
from encours.store.models import Membership, Mention, Note, User
from encours.store.tenancy import company_scope
from tests import cast
from tests.dunning.conftest import at

NOW = at(date(2026, 5, 4))


def member(company, name) -> User:
    user = User.objects.create_user(f"{name.split()[0].lower()}@{company.slug}.example", "x", name=name)
    Membership.objects.create(company=company, user=user)
    return user


@pytest.fixture
def claire(company) -> User:
    return member(company, "Claire Petit")


@pytest.fixture
def hugo(company) -> User:
    return member(company, "Hugo Blanc")


@pytest.mark.parametrize(
    ("text", "called"),
    [
        ("@Claire Petit peux-tu voir ?", {1}),
        ("vu avec @élodie", {3}),
        ("@hugo", set()),  # there are two
        ("@Hugo Noir, @Hugo Blanc", {2, 4}),
        ("écrire à compta@claire.example", set()),
        ("@Clairette", set()),
        ("(@Claire)", {1}),
    ],
)
def test_a_name_after_the_sign_calls_its_person(text, called):
    names = {1: "Claire Petit", 2: "Hugo Blanc", 3: "Élodie Roux", 4: "Hugo Noir", 5: ""}
    assert mentioned(text=text, names=names) == called


def test_who_is_called_finds_the_note_and_gets_one_mail(company, claire, hugo):
    customer = cast.late_payer(company)
    write_note(
        company=company,
        customer_id=customer.pk,
        text="@Hugo ils paient le 15",
        author_id=claire.pk,
        actor="t",
    )
    (mention,) = unread_mentions(company=company, user_id=hugo.pk)
    assert mention.note.text == "@Hugo ils paient le 15"
    assert [mail_mentions(company=company, now=NOW) for _ in range(2)] == [1, 0]
    (told,) = mail.outbox
    assert told.to == ["hugo@lumen.example"]
    assert told.subject == "Claire Petit vous appelle : Menuiserie Lefèvre SAS"
    assert f"/ma-journee/{customer.pk}/" in told.body
    assert read_mentions(company=company, user_id=hugo.pk, customer_id=customer.pk, now=NOW) == 1
    assert unread_mentions(company=company, user_id=hugo.pk) == []


def test_the_list_calls_like_the_text_and_nobody_calls_oneself_or_a_stranger(
    company, other_company, claire, hugo
):
    zoe = member(other_company, "Zoé")
    customer = cast.late_payer(company)
    note = write_note(
        company=company, customer_id=customer.pk, text="@Claire @Zoé", user_ids=[hugo.pk, zoe.pk, claire.pk],
        author_id=claire.pk, actor="t",
    )  # fmt: skip
    assert list(Mention.objects.values_list("user_id", flat=True)) == [hugo.pk]
    assert [each.pk for each in notes_of(company=company, customer_id=customer.pk)] == [note.pk]
    with company_scope(other_company.pk):
        assert notes_of(company=company, customer_id=customer.pk) == []


def test_who_opted_out_or_has_read_it_gets_no_mail(company, claire, hugo):
    customer = cast.late_payer(company)
    Membership.objects.filter(user=hugo).update(mails_mentions=False)
    write_note(company=company, customer_id=customer.pk, text="@Hugo", author_id=claire.pk, actor="t")
    assert mail_mentions(company=company, now=NOW) == 0
    Membership.objects.filter(user=hugo).update(mails_mentions=True)
    read_mentions(company=company, user_id=hugo.pk, customer_id=customer.pk, now=NOW)
    assert mail_mentions(company=company, now=NOW) == 0


def test_a_note_is_about_this_customer_s_documents_and_says_something(company, claire):
    customer, other = cast.late_payer(company), cast.good_payer(company)
    foreign = cast.invoice(company, other, "FA-9", payable_cents=1_000, issue_date=date(2026, 1, 5))
    refused: list[dict[str, Any]] = [{"text": "vu", "document_id": foreign.pk}, {"text": "  "}]
    for details in refused:
        with pytest.raises(UnableToWriteNote):
            write_note(company=company, customer_id=customer.pk, author_id=claire.pk, actor="t", **details)
    assert not Note.objects.exists()


def test_a_note_is_written_and_read_on_the_page(house, sign_in):
    client = sign_in(house.company, "collector")
    client.post(f"/ma-journee/{house.customer.pk}/note/", {"text": "<b>à voir</b>"})
    page = client.get(f"/ma-journee/{house.customer.pk}/").content.decode()
    assert "&lt;b&gt;à voir" in page
