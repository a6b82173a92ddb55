"""Looks up whether the sender's domain lets reminders arrive: SPF, DKIM, DMARC. Asks the DNS, writes nothing."""

import re
from dataclasses import dataclass

from django.conf import settings

from encours.core.mail_domains import USUAL_SELECTORS, Finding, judge
from encours.ports.domain_records import records_of
from encours.store.models import Company

_LABEL = re.compile(r"^[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?$", re.IGNORECASE)


@dataclass(frozen=True)
class CheckedDomain:
    domain: str
    findings: tuple[Finding, ...]

    @property
    def is_good(self) -> bool:
        return all(finding.verdict == "good" for finding in self.findings)


def check_mail_domain(*, company: Company, selector: str = "") -> CheckedDomain | None:
    """The domain of the address reminders come from; None when the company has none. An impossible `selector` is left
    out."""
    domain = company.email.rpartition("@")[2].lower()
    if not domain:
        return None
    named = selector.strip().lower()
    is_name = bool(named) and len(named) <= 63 and all(_LABEL.match(part) for part in named.split("."))
    records = records_of(
        domain=domain,
        selectors=(named,) if is_name else USUAL_SELECTORS,
        nameserver=getattr(settings, "NAMESERVER", None),
    )
    return CheckedDomain(domain, judge(domain=domain, records=records))
