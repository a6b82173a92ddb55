"""The main job with a real browser, a real worker and a real mail server, from two files to a paid invoice.

invoice        customer             amount    due        what becomes of it
FA-2026-0041   Menuiserie Lefèvre   1,200.00  2 March    reminded on 10 March, paid on 16 March
FA-2026-0042   Scierie du Val         840.00  2 March    paid on 9 March, its number in the transfer
FA-2026-0043   Fonderie Roc           360.00  20 March   announced on 17 March (J-7, three days late)
"""

import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import expect
from procrastinate.contrib.django import app

import encours.jobs  # noqa: F401 (so that its periodic jobs are known before they are taken away)
from encours.store.models import Company, Document, Message
from tests.backoffice.conftest import PASSWORD, person
from tests.browser.conftest import OpenPage
from tests.dunning.post_office import PostOffice
from tests.jobs.test_worker import work_until_idle
from tests.providers.banks.written import cfonb_record

pytestmark = pytest.mark.browser
expect.set_options(timeout=20_000)  # of a machine that does much else

TUESDAY, NEXT_TUESDAY = date(2026, 3, 10), date(2026, 3, 17)

CUSTOMERS = """\
Code client;Nom;E-mail
C1;Menuiserie Lefèvre;compta@lefevre.example
C2;Scierie du Val;facturation@scierie.example
C3;Fonderie Roc;compta@roc.example
"""
INVOICES = """\
N° facture;Date facture;Date échéance;Code client;Client;Montant HT;Montant TVA;Montant TTC
FA-2026-0041;15/01/2026;02/03/2026;C1;Menuiserie Lefèvre;1 000,00;200,00;1 200,00
FA-2026-0042;15/01/2026;02/03/2026;C2;Scierie du Val;700,00;140,00;840,00
FA-2026-0043;18/02/2026;20/03/2026;C3;Fonderie Roc;300,00;60,00;360,00
"""


def statement(
    opened: date, closed: date, *, opening_cents: int, received: dict[str, tuple[str, int]]
) -> bytes:
    """CFONB 120; `received` is {text of the transfer: (payer, cents)}."""
    records = [cfonb_record("01", opened, cents=opening_cents)]
    for number, (text, (payer, cents)) in enumerate(received.items()):
        records += [
            cfonb_record("04", closed, cents=cents, label=text, operation="05", reference=f"{closed:%d%m}{number:04}"),
            cfonb_record("05", closed, qualifier="NPY", information=payer),
            cfonb_record("05", closed, qualifier="LCC", information=text),
        ]  # fmt: skip
    total_cents = sum(cents for _, cents in received.values())
    records.append(cfonb_record("07", closed, cents=opening_cents + total_cents))
    return "".join(record + "\r\n" for record in records).encode("latin-1")


FIRST_STATEMENT = statement(
    date(2026, 3, 6), date(2026, 3, 9), opening_cents=500_000,
    received={"VIR SCIERIE DU VAL FA-2026-0042": ("SCIERIE DU VAL", 84_000)},
)  # fmt: skip
SECOND_STATEMENT = statement(
    date(2026, 3, 9), date(2026, 3, 16), opening_cents=584_000,
    received={"REGLEMENT FA-2026-0041": ("MENUISERIE LEFEVRE", 120_000)},
)  # fmt: skip


@pytest.fixture
def it_is(monkeypatch: pytest.MonkeyPatch) -> Callable[[date], None]:
    """`it_is(day)`: ten in the morning in Paris of that day, for the pages and the jobs of this process."""

    def set_clock(day: date) -> None:
        moment = datetime(day.year, day.month, day.day, 9, tzinfo=UTC)
        monkeypatch.setattr(timezone, "now", lambda: moment)

    set_clock(TUESDAY)
    # what is due by the machine's clock is not due in the story
    monkeypatch.setattr(app.periodic_registry, "periodic_tasks", {})
    return set_clock


@pytest.fixture
def post_office(settings: Any, tmp_path: Path) -> Iterator[PostOffice]:
    settings.FILES_FOLDER = tmp_path / "files"
    with PostOffice() as office:
        settings.SMTP_URL = office.url
        settings.CHANNELS = {"email": {"smtp_url": office.url}}
        yield office


@pytest.fixture
def sender(lumen: Company) -> Company:
    """Atelier Lumen, which has an address to write from."""
    lumen.email = "compta@lumen.example"
    lumen.save(update_fields=["email"])
    return lumen


def the_worker_works() -> None:
    """Until nothing waits; in a thread, because the browser's event loop runs in this one."""
    with ThreadPoolExecutor(1) as threads:
        threads.submit(work_until_idle).result(timeout=120)


def sign_in(page: Any, company: Company, role: str, *, language: str = "fr") -> None:
    """By the form, with e-mail and password, as it is written in that language."""
    member = person(company, role, language=language, password=PASSWORD)
    words = {
        "fr": ("Adresse e-mail", "Mot de passe", "Se connecter"),
        "en": ("E-mail address", "Password", "Sign in"),
    }
    login, password, button = words[language]
    page.goto("/")
    page.get_by_label(login).fill(member.email)
    page.get_by_label(password, exact=True).fill(PASSWORD)
    page.get_by_role("button", name=button).click()
    page.wait_for_url(lambda url: "login" not in url)


def choose_files(page: Any, files: dict[str, bytes]) -> None:
    page.get_by_role("link", name="Imports", exact=True).first.click()
    send_files(page, files)
    expect(page.get_by_text(re.compile(r"fichiers? reçus?\."))).to_be_visible()


def send_files(page: Any, files: dict[str, bytes]) -> None:
    page.get_by_label("Choisissez des fichiers, ou déposez-les ici").set_input_files(
        [{"name": name, "mimeType": "text/plain", "buffer": content} for name, content in files.items()]
    )
    page.get_by_role("button", name="Importer", exact=True).click()


def drop_file(page: Any, name: str, content: bytes) -> None:
    """Lets a file go over the page, as from the desktop."""
    page.get_by_role("link", name="Imports", exact=True).first.click()
    page.wait_for_load_state("load")
    page.evaluate(
        """([name, bytes]) => {
          const carried = new DataTransfer();
          carried.items.add(new File([new Uint8Array(bytes)], name));
          for (const type of ["dragenter", "dragover", "drop"])
            document.body.dispatchEvent(new DragEvent(type, { dataTransfer: carried, bubbles: true, cancelable: true }));
        }""",
        [name, list(content)],
    )
    page.wait_for_url("**/imports/*/")


def test_from_files_to_a_paid_invoice(
    sender: Company, it_is: Callable[[date], None], post_office: PostOffice, open_page: OpenPage
):
    opened = open_page(role="")
    page = opened.page
    sign_in(page, sender, "admin")
    expect(page.get_by_role("heading", level=1)).to_have_text("Pilotage")

    # invoices and customers by the file chooser, the statement let go over the page
    choose_files(page, {"clients.csv": CUSTOMERS.encode(), "factures.csv": INVOICES.encode("cp1252")})
    the_worker_works()
    for name in ("clients.csv", "factures.csv"):
        row = page.get_by_role("row").filter(has=page.get_by_role("link", name=name))
        expect(row.get_by_text("Importé", exact=True)).to_be_visible()  # the list looks by itself
    drop_file(page, "releve-mars.txt", FIRST_STATEMENT)
    the_worker_works()
    expect(page.get_by_text("FR76 1558 9000 0098 7654 3210 088")).to_be_visible()

    # the match
    page.get_by_role("link", name="Encaissements", exact=True).first.click()
    page.get_by_role("link", name="Rapprochées").click()
    line = page.get_by_role("listitem").filter(has_text="VIR SCIERIE DU VAL")
    expect(line.get_by_role("link", name="FA-2026-0042")).to_be_visible()
    expect(line.get_by_text("rapprochée", exact=True)).to_be_visible()

    # what is left unpaid is planned, read and approved
    page.get_by_role("link", name="Agenda de relance").first.click()
    page.get_by_role("button", name="Préparer la journée").click()
    expect(page.get_by_text("en cours de préparation")).to_be_visible()
    the_worker_works()
    page.reload()
    expect(page.locator("#results .queue-line")).to_have_count(1)
    expect(page.locator("#results .queue-line")).to_contain_text("R+8")
    page.get_by_role("link", name="Menuiserie Lefèvre", exact=True).click()
    letter = page.frame_locator("iframe.letter")
    expect(letter.get_by_text("FA-2026-0041").first).to_be_visible()
    assert post_office.taken == []
    page.get_by_role("button", name="Approuver").click()
    expect(page.get_by_text("1 relance est approuvée")).to_be_visible()
    the_worker_works()

    # delivered: on the page, and in the letter box
    page.get_by_role("link", name="Envois").first.click()
    sent = page.get_by_role("row").filter(has_text="compta@lefevre.example")
    expect(sent.get_by_text("Envoyée", exact=True)).to_be_visible()
    sent.get_by_role("link", name="Menuiserie Lefèvre").click()
    expect(page.get_by_text("Accepté par le serveur d’envoi")).to_be_visible()
    [mail] = post_office.taken
    assert mail["To"].addresses[0].addr_spec == "compta@lefevre.example"
    assert mail["From"].addresses[0].addr_spec == "compta@lumen.example"
    assert mail["Subject"] == page.get_by_role("heading", level=1).inner_text()
    text = mail.get_body(("plain",)).get_content()
    assert "FA-2026-0041" in text
    assert "FA-2026-0042" not in text
    assert "1 200,00 €" in text.replace("\N{NARROW NO-BREAK SPACE}", " ").replace("\N{NO-BREAK SPACE}", " ")
    [attached] = mail.iter_attachments()
    assert attached.get_content_type() == "application/pdf"
    assert attached.get_content().startswith(b"%PDF-")

    # a week later (one signs in every day) the money is there
    it_is(NEXT_TUESDAY)
    sign_in(page, sender, "admin")
    choose_files(page, {"releve-suite.txt": SECOND_STATEMENT})
    the_worker_works()
    expect(page.get_by_text("Lignes bancaires créées")).to_be_visible()
    page.get_by_role("link", name="Factures", exact=True).first.click()
    page.get_by_role("link", name="FA-2026-0041").click()
    expect(page.get_by_text("Soldée", exact=True)).to_be_visible()
    page.get_by_role("link", name="Agenda de relance").first.click()
    page.get_by_role("button", name="Préparer la journée").click()
    expect(page.get_by_text("en cours de préparation")).to_be_visible()
    the_worker_works()
    page.reload()
    expect(page.locator("#results .queue-line")).to_have_count(1)
    expect(page.locator("#results .queue-line")).to_contain_text("Fonderie Roc")
    assert len(post_office.taken) == 1
    assert opened.complaints == []


def test_the_job_is_done_without_javascript(
    sender: Company, it_is: Callable[[date], None], post_office: PostOffice, open_page: OpenPage
):
    page = open_page(role="", javascript=False).page
    sign_in(page, sender, "accountant")
    choose_files(
        page,
        {
            "clients.csv": CUSTOMERS.encode(),
            "factures.csv": INVOICES.encode(),
            "releve-mars.txt": FIRST_STATEMENT,
        },
    )
    the_worker_works()
    page.reload()
    assert page.locator("#results").get_by_text("Importé", exact=True).count() == 3
    page.get_by_role("link", name="Agenda de relance").first.click()
    page.get_by_role("button", name="Préparer la journée").click()
    expect(page.get_by_text("en cours de préparation")).to_be_visible()
    the_worker_works()
    page.reload()
    page.get_by_role("checkbox", name="Menuiserie Lefèvre").check()
    page.get_by_role("button", name="Approuver la sélection").click()
    assert page.get_by_text("1 relance est approuvée").is_visible()
    the_worker_works()
    assert [mail["To"].addresses[0].addr_spec for mail in post_office.taken] == ["compta@lefevre.example"]
    assert Message.objects.get(company=sender).state == Message.State.SENT


def test_sign_in_and_dashboard_in_english(sender: Company, open_page: OpenPage):
    opened = open_page(role="", language="en")
    sign_in(opened.page, sender, "viewer", language="en")
    expect(opened.page.get_by_role("heading", level=1)).to_have_text("Dashboard")
    expect(opened.page.locator("html")).to_have_attribute("lang", "en")
    assert opened.complaints == []


def test_a_wrong_password_is_told_and_opens_nothing(sender: Company, open_page: OpenPage):
    member = person(sender, "viewer", password=PASSWORD)
    page = open_page(role="").page
    page.goto("/clients/")
    page.get_by_label("Adresse e-mail").fill(member.email)
    page.get_by_label("Mot de passe", exact=True).fill("not-" + PASSWORD)
    page.get_by_role("button", name="Se connecter").click()
    expect(page.get_by_role("alert")).to_be_visible()
    page.goto("/clients/")
    assert "/compte/login/" in page.url


def test_a_collector_may_look_at_imports_but_bring_none_in(sender: Company, open_page: OpenPage):
    """Who was an accountant when the page was opened is told so by a page in words."""
    page = open_page(role="accountant", javascript=False).page
    page.goto("/imports/")
    person(sender, "accountant").memberships.update(role="collector")
    send_files(page, {"factures.csv": INVOICES.encode()})
    assert page.get_by_role("heading", level=1).inner_text() == "Vous n’y êtes pas autorisé"
    assert "Votre rôle dans cette société" in page.locator("main").inner_text()
    page.goto("/imports/")
    assert page.get_by_label("Choisissez des fichiers").count() == 0
    assert not Document.objects.exists()


def test_a_reader_sees_no_buttons(sender: Company, open_page: OpenPage):
    page = open_page(role="viewer").page
    for address in ("/relances/", "/imports/", "/encaissements/"):
        page.goto(address)
        buttons = page.locator("main form[method=post] button")
        assert buttons.count() == 0, address
