"""Whether a domain lets reminders arrive: a fake DNS on 127.0.0.1 says what the zone holds."""

import socketserver
import threading

import dns.message
import dns.rcode
import dns.rrset
import pytest

from encours.actions.check_mail_domain import check_mail_domain
from encours.core.mail_domains import Records, judge
from encours.ports.domain_records import records_of

GOOD = {
    "lumen.example.": ["v=spf1 include:spf.brevo.example -all", "google-site-verification=x"],
    "brevo1._domainkey.lumen.example.": ["k=rsa; p=MIGf" + "A" * 300],
    "_dmarc.lumen.example.": ["v=DMARC1; p=quarantine; rua=mailto:dmarc@lumen.example"],
}


class FakeDns:
    """UDP answers for TXT questions; names in `silent` get none."""

    def __init__(self, zone: dict[str, list[str]]) -> None:
        self.zone, self.silent = zone, set()

    def __enter__(self) -> "FakeDns":
        fake = self

        class Handler(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                content, sock = self.request
                asked = dns.message.from_wire(content)
                name = asked.question[0].name.to_text().lower()
                if name in fake.silent:
                    return
                answer = dns.message.make_response(asked)
                texts = fake.zone.get(name)
                if texts is None:
                    answer.set_rcode(dns.rcode.NXDOMAIN)
                else:
                    pieces = [
                        " ".join(f'"{text[i : i + 200]}"' for i in range(0, len(text), 200)) for text in texts
                    ]
                    answer.answer.append(dns.rrset.from_text(name, 60, "IN", "TXT", *pieces))
                sock.sendto(answer.to_wire(), self.client_address)

        self._server = socketserver.ThreadingUDPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def address(self) -> tuple[str, int]:
        return self._server.server_address


@pytest.mark.django_db
def test_a_domain_in_order(company, settings):
    company.email = "compta@lumen.example"
    with FakeDns(GOOD) as fake:
        settings.NAMESERVER = fake.address
        found = check_mail_domain(company=company)
        assert found.is_good
        assert [finding.name for finding in found.findings] == ["spf", "dkim", "dmarc"]
        assert len(found.findings[1].record) > 255, "a key in pieces is one text"
        assert check_mail_domain(company=company, selector="other").findings[1].verdict == "missing"
        assert check_mail_domain(company=company, selector="a..b").is_good, "what is no name is left out"


@pytest.mark.django_db
def test_without_a_sender_there_is_nothing_to_check(company):
    assert check_mail_domain(company=company) is None


def test_a_dns_that_does_not_answer_is_no_missing_record():
    with FakeDns(GOOD) as fake:
        fake.silent = set(GOOD)
        records = records_of(
            domain="lumen.example", selectors=["brevo1"], nameserver=fake.address, seconds=0.3
        )
    assert [finding.verdict for finding in judge(domain="lumen.example", records=records)] == ["unknown"] * 3


@pytest.mark.parametrize(
    ("spf", "verdict", "code"),
    [
        ([], "missing", "mail_domain.spf_missing"),
        (["v=spf1 mx -all", "v=spf1 a -all"], "weak", "mail_domain.spf_several"),
        (["v=spf1 mx +all"], "weak", "mail_domain.spf_open"),
        (["v=spf1 " + "include:a.example " * 11 + "-all"], "weak", "mail_domain.spf_lookups"),
        (["v=spf1 include:a.example ~all"], "good", "mail_domain.spf_good"),
        (["v=spf10 -all"], "missing", "mail_domain.spf_missing"),
    ],
)
def test_spf(spf, verdict, code):
    found = judge(domain="l.example", records=Records(spf, [], []))[0]
    assert (found.verdict, found.told.code) == (verdict, code)


@pytest.mark.parametrize(
    ("key", "code"),
    [(["v=DKIM1; p=ABC"], "mail_domain.dkim_good"), (["v=DKIM1; p="], "mail_domain.dkim_revoked"), ([], "mail_domain.dkim_missing")],
)  # fmt: skip
def test_dkim(key, code):
    assert judge(domain="l.example", records=Records([], [], [("s1", key)]))[1].told.code == code


@pytest.mark.parametrize(
    ("dmarc", "verdict"),
    [([], "missing"), (["v=DMARC1; p=none"], "weak"), (["v=DMARC1; p=reject"], "good"), (["v=DMARC1; p=none", "v=DMARC1; p=reject"], "missing")],
)  # fmt: skip
def test_dmarc(dmarc, verdict):
    assert judge(domain="l.example", records=Records([], dmarc, []))[2].verdict == verdict
