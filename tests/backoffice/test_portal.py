"""The portal from the company's side: its settings and look, and who has a link to a customer's."""

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from encours.core.colours import ENOUGH, contrast, legible, text_on
from encours.queries.portal_settings import portal_settings
from encours.store.models import JournalEntry, Message, PortalLink
from tests import cast
from tests.backoffice.conftest import SignIn

PNG = b"\x89PNG\r\n\x1a\n" + bytes(64)
PAGE, LOGO = "/reglages/portail/", "/reglages/portail/logo/"


@pytest.fixture
def admin(company, sign_in: SignIn) -> Client:
    return sign_in(company, "admin")


def filled(client: Client, **changed: str) -> dict[str, str]:
    """The form as the page shows it, with some of it changed."""
    form = client.get(PAGE).context["form"]
    shown = {bound.name: bound.value() for bound in form}
    given = {
        name: "on" if value is True else value for name, value in shown.items() if value not in (False, None)
    }
    return given | changed


def test_settings_are_saved_as_they_are_shown_and_journalled_when_changed(company, admin):
    assert admin.post(PAGE, filled(admin)).status_code == 302
    assert not JournalEntry.objects.filter(action="portal_settings.updated").exists()
    admin.post(PAGE, filled(admin, min_part_cents="25,50", plan_max_instalments="6", colour="#ffd400"))
    settings = portal_settings(company=company)
    assert (settings.min_part_cents, settings.plan_max_instalments, settings.colour) == (2_550, 6, "#ffd400")
    changes = JournalEntry.objects.get(action="portal_settings.updated").data["changes"]
    assert changes["min_part_cents"] == [1_000, 2_550]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("link_days", "0"),
        ("max_promise_days", "0"),
        ("plan_max_instalments", "1"),
        ("plan_min_first_percent", "91"),
        ("charge_notice_days", "0"),
        ("min_part_cents", "-1"),
        ("colour", "red"),
        ("colour", "#1f5fbf; background: url(x)"),
    ],
)
def test_what_lies_beyond_its_bounds_is_refused(company, admin, field, value):
    response = admin.post(PAGE, filled(admin, **{field: value}))
    assert response.status_code == 200
    assert response.context["form"].errors[field]
    assert JournalEntry.objects.filter(action="portal_settings.updated").count() == 0


def test_a_cap_below_the_least_amount_is_refused(admin):
    response = admin.post(PAGE, filled(admin, charge_min_cents="100", charge_max_cents="50"))
    assert response.context["form"].errors["charge_max_cents"]


@pytest.mark.parametrize("role", ["accountant", "collector", "viewer"])
def test_only_an_administrator_changes_it(company, sign_in: SignIn, role):
    client = sign_in(company, role)
    assert client.post(PAGE, {"is_open": ""}).status_code == 403
    assert client.post(LOGO, {"remove": "1"}).status_code == 403


def upload(client: Client, content: bytes, name: str = "logo.png"):
    return client.post(LOGO, {"logo": SimpleUploadedFile(name, content)}, follow=True)


def test_a_logo_is_shown_under_the_name_of_its_content(company, admin):
    upload(admin, PNG)
    logo = portal_settings(company=company).logo
    assert logo is not None
    url = f"/p/{company.pk}/logo/{logo.sha256}/"
    response = Client().get(url)
    assert (response["Content-Type"], b"".join(response.streaming_content)) == ("image/png", PNG)
    assert "immutable" in response["Cache-Control"]
    assert Client().get(f"/p/{company.pk}/logo/{'0' * 64}/").status_code == 404
    admin.post(LOGO, {"remove": "1"})
    assert Client().get(url).status_code == 404


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("logo.svg", b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"),
        ("logo.png", b"<svg/>"),
        ("logo.png", b"%PDF-1.7"),
        ("logo.png", b"\x89PNG\r\n\x1a\n" + bytes(600 << 10)),
    ],
)
def test_what_is_no_small_picture_is_no_logo(company, admin, name, content):
    upload(admin, content, name)
    assert portal_settings(company=company).logo is None


@pytest.mark.parametrize("colour", ["#1f5fbf", "#ffd400", "#ffffff", "#000000", "#777777", "#e30613"])
def test_text_is_legible_whatever_the_colour(colour):
    sheet = Client().get(f"/p/couleurs/{colour[1:]}.css").content.decode()
    assert contrast(text_on(colour), colour) >= ENOUGH
    for paper in ("#ffffff", "#12181a"):
        shade = legible(colour, on=paper)
        assert shade in sheet
        assert contrast(shade, paper) >= ENOUGH
        assert contrast(text_on(shade), shade) >= ENOUGH


@pytest.mark.parametrize("colour", ["1f5fb", "1f5fbf;}", "GGGGGG", "1F5FBF"])
def test_a_style_sheet_is_of_a_colour_and_nothing_else(db, colour):
    assert Client().get(f"/p/couleurs/{colour}.css").status_code == 404


class TestLinksOfACustomer:
    @pytest.fixture
    def lefevre(self, company):
        return cast.late_payer(company)

    def test_a_link_is_made_shown_once_used_and_revoked(self, company, lefevre, sign_in: SignIn):
        collector = sign_in(company, "collector")
        page = collector.post(f"/clients/{lefevre.pk}/portail/inviter/")
        assert page["Cache-Control"] == "no-store"
        (path,) = re.findall(r'value="http://testserver(/p/[^"]+)"', page.content.decode())
        assert path not in collector.get(f"/clients/{lefevre.pk}/portail/").content.decode()
        assert Client().get(path, headers={"User-Agent": "Firefox 140"}).status_code == 200
        shown = collector.get(f"/clients/{lefevre.pk}/portail/").content.decode()
        assert "Firefox 140" in shown
        assert "ce qu’il doit" in shown
        link = PortalLink.objects.get()
        collector.post(f"/clients/{lefevre.pk}/portail/revoquer/", {"link": link.pk})
        assert Client().get(path).status_code == 410
        assert JournalEntry.objects.filter(action="portal.revoked", customer_id=lefevre.pk).exists()

    def test_a_link_is_sent_by_mail_and_seen_by_nobody_here(
        self, company, lefevre, settings, sign_in: SignIn
    ):
        settings.PORTAL_URL = "https://portail.example"
        collector = sign_in(company, "collector")
        page = collector.post(f"/clients/{lefevre.pk}/portail/envoyer/", follow=True).content.decode()
        assert "Le lien part par e-mail" in page
        assert "/p/" not in page
        message = Message.objects.get(template="invitation")
        assert (message.customer_id, message.state) == (lefevre.pk, "approved")
        settings.PORTAL_URL = ""
        page = collector.post(f"/clients/{lefevre.pk}/portail/envoyer/", follow=True).content.decode()
        assert "aucun lien ne peut partir" in page

    def test_a_reader_makes_no_link(self, company, lefevre, sign_in: SignIn):
        reader = sign_in(company, "viewer")
        assert reader.post(f"/clients/{lefevre.pk}/portail/inviter/").status_code == 403
        assert not PortalLink.objects.exists()

    def test_a_link_of_another_customer_is_not_revoked(self, company, lefevre, sign_in: SignIn):
        collector = sign_in(company, "collector")
        collector.post(f"/clients/{cast.good_payer(company).pk}/portail/inviter/")
        collector.post(f"/clients/{lefevre.pk}/portail/revoquer/", {"link": PortalLink.objects.get().pk})
        assert PortalLink.objects.get().revoked_at is None
