"""Dunning from a policy to a broken promise, with a real browser, worker, mail server and mailbox.

Menuiserie Lefèvre owes FA-2026-0041, 1,200.00, due on Monday 2 March 2026.

10 March  the second reminder is to leave on the sixth day instead of the eighth; one looks who is affected, puts the new
          version in force, simulates what goes out, approves, and the reminder leaves
11 March  the customer answers: payment by Friday 20 March. The reading is followed
17 March  the formal notice would be due: the promise holds it
31 March  no money came: the promise is broken, and the formal notice is planned
"""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Any

import pytest
from playwright.sync_api import expect

from encours.store.models import Company, Message, Promise
from tests.browser.conftest import OpenPage
from tests.browser.test_journey import (
    CUSTOMERS,
    INVOICES,
    choose_files,
    it_is,
    post_office,
    sender,
    sign_in,
    statement,
    the_worker_works,
)
from tests.dunning.post_office import PostOffice
from tests.replies.imap_server import ImapServer, imap_server

pytestmark = pytest.mark.browser
__all__ = ["it_is", "post_office", "sender"]  # fixtures of the other journey

WEDNESDAY, HELD_DAY, BROKEN_DAY = date(2026, 3, 11), date(2026, 3, 17), date(2026, 3, 31)
SCIERIE_PAID = statement(
    date(2026, 3, 6), date(2026, 3, 9), opening_cents=500_000,
    received={"VIR SCIERIE DU VAL FA-2026-0042": ("SCIERIE DU VAL", 84_000)},
)  # fmt: skip


def nothing_of_theirs(opened: date, closed: date) -> bytes:
    """A statement on which others pay, Lefèvre does not."""
    return statement(
        opened, closed, opening_cents=584_000 + 36_000 * (opened != date(2026, 3, 9)),
        received={f"REGLEMENT {closed:%d%m}": ("QUELQU UN D AUTRE", 36_000)},
    )  # fmt: skip


@pytest.fixture
def mail_account() -> Iterator[ImapServer]:
    with imap_server() as server:
        yield server


def answer(sent: Any, *, text: str, day: date) -> bytes:
    """What the customer writes back, in the thread."""
    mail = EmailMessage()
    mail["From"] = "Comptabilité Lefèvre <compta@lefevre.example>"
    mail["To"] = "relances@lumen.example"
    mail["Subject"] = f"RE: {sent['Subject']}"
    mail["Date"] = format_datetime(datetime(day.year, day.month, day.day, 8, 30, tzinfo=UTC))
    mail["Message-ID"] = "<reponse-1@lefevre.example>"
    mail["In-Reply-To"] = sent["Message-ID"]
    mail["References"] = sent["Message-ID"]
    mail.set_content(text)
    return mail.as_bytes()


def prepare_the_day(page: Any) -> None:
    page.get_by_role("link", name="Agenda de relance").first.click()
    page.get_by_role("button", name="Préparer la journée").click()
    expect(page.get_by_text("en cours de préparation")).to_be_visible()
    the_worker_works()
    page.reload()


def test_from_a_policy_to_a_broken_promise(
    sender: Company,
    it_is: Callable[[date], None],
    post_office: PostOffice,
    mail_account: ImapServer,
    open_page: OpenPage,
):
    opened = open_page(role="")
    page = opened.page
    sign_in(page, sender, "admin")
    choose_files(
        page,
        {"clients.csv": CUSTOMERS.encode(), "factures.csv": INVOICES.encode(), "releve.txt": SCIERIE_PAID},
    )
    the_worker_works()

    # the policy: R+8 becomes R+6
    page.get_by_role("link", name="Scénarios").first.click()
    page.get_by_role("link", name="Modifier Relance standard").click()
    page.locator("#steps-2-days").fill("6")
    page.locator("#live .across").get_by_text("R+6").wait_for()
    page.get_by_role("button", name="Voir qui est concerné").click()
    the_worker_works()
    row = page.get_by_role("row", name="Menuiserie Lefèvre")
    expect(row).to_contain_text("R+8")
    expect(row).to_contain_text("R+6")
    page.get_by_role("button", name="Mettre en vigueur").click()
    expect(page.get_by_text("La version 2 est en vigueur")).to_be_visible()

    # what would go out
    page.get_by_role("link", name="Scénarios").first.click()
    page.get_by_role("link", name="Simulation").click()
    page.get_by_role("button", name="Simuler").click()
    the_worker_works()
    page.reload()
    expect(page.get_by_text("R+6").first).to_be_visible()

    # approved and sent
    prepare_the_day(page)
    line = page.locator("#results tbody tr").filter(has_text="Menuiserie Lefèvre")
    expect(line).to_contain_text("R+6")
    line.get_by_role("button", name="Approuver").click()
    expect(page.get_by_role("status").filter(has_text="Approuvé")).to_be_visible()
    the_worker_works()
    [mail] = post_office.taken
    assert mail["To"].addresses[0].addr_spec == "compta@lefevre.example"

    # the mailbox is connected, and an answer is there
    it_is(WEDNESDAY)
    sign_in(page, sender, "admin")
    text = "Bonjour,\n\nNous réglerons la facture FA-2026-0041 le vendredi 20 mars.\n\nCordialement\n"
    mail_account.put(
        answer(mail, text=text, day=WEDNESDAY), received_at=datetime(2026, 3, 11, 8, 30, tzinfo=UTC)
    )
    page.get_by_role("link", name="Réponses").first.click()
    page.get_by_role("link", name="Brancher une boîte").click()
    page.get_by_role("link", name="Boîte IMAP").click()
    page.get_by_label("Nom de la connexion").fill("Relances")
    page.get_by_label("Serveur IMAP").fill("localhost")
    page.get_by_label("Identifiant").fill(mail_account.username)
    page.get_by_label("Mot de passe").fill(mail_account.password)
    page.get_by_label("Port", exact=True).fill(str(mail_account.port))
    page.get_by_label("Certificat du serveur (PEM)").fill(mail_account.certificate)
    page.get_by_role("button", name="Ajouter la boîte").click()
    the_worker_works()

    # read, followed: a promise
    page.get_by_role("link", name="Réponses").first.click()
    card = page.locator("#results").get_by_role("listitem").filter(has_text="Menuiserie Lefèvre")
    expect(card).to_contain_text("20/03/2026")
    card.get_by_role("button", name="Suivre").click()
    expect(page.locator("#results").get_by_role("button", name="Défaire")).to_be_visible()
    page.get_by_role("link", name="Litiges et promesses").first.click()
    page.get_by_role("link", name=re.compile("^Promesses")).click()
    promised = page.get_by_role("row").filter(has_text="Menuiserie Lefèvre")
    expect(promised).to_contain_text("1 200,00 €")
    expect(promised).to_contain_text("20/03/2026")

    # the formal notice would be due: held, and it says why
    it_is(HELD_DAY)
    sign_in(page, sender, "admin")
    choose_files(page, {"releve-16.txt": nothing_of_theirs(date(2026, 3, 9), date(2026, 3, 16))})
    the_worker_works()
    prepare_the_day(page)
    expect(page.locator("#results")).not_to_contain_text("Menuiserie Lefèvre")
    page.get_by_role("link", name="Factures", exact=True).first.click()
    page.get_by_role("link", name="FA-2026-0041").click()
    expect(page.get_by_role("listitem").filter(has_text="Promesse de paiement")).to_contain_text("20/03/2026")

    # nothing came: broken, and dunning goes on
    it_is(BROKEN_DAY)
    sign_in(page, sender, "admin")
    choose_files(page, {"releve-30.txt": nothing_of_theirs(date(2026, 3, 16), date(2026, 3, 30))})
    the_worker_works()
    prepare_the_day(page)
    line = page.locator("#results tbody tr").filter(has_text="Menuiserie Lefèvre")
    expect(line).to_contain_text("R+15")
    page.get_by_role("link", name="Litiges et promesses").first.click()
    page.get_by_role("link", name=re.compile("^Promesses")).click()
    page.get_by_label("État").select_option("closed")
    page.get_by_role("button", name="Filtrer").click()
    expect(page.get_by_role("row").filter(has_text="Menuiserie Lefèvre")).to_contain_text("Non tenue")
    assert Promise.objects.get(company=sender).state == Promise.State.BROKEN
    assert Message.objects.filter(company=sender, state=Message.State.SENT).count() == 1
    assert opened.complaints == []
