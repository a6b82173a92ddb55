"""TXT records of a domain, asked of the DNS within a fixed time: all questions at once."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import dns.exception
import dns.resolver

from encours.core.mail_domains import Records

SECONDS = 3.0


def records_of(
    *,
    domain: str,
    selectors: Sequence[str],
    nameserver: tuple[str, int] | None = None,
    seconds: float = SECONDS,
) -> Records:
    """What the zone says for SPF, DMARC and DKIM under these selectors. `nameserver` is asked instead of the system's."""
    resolver = dns.resolver.Resolver(configure=nameserver is None)
    if nameserver is not None:
        resolver.nameservers, resolver.port = [nameserver[0]], nameserver[1]
    names = [domain, f"_dmarc.{domain}", *(f"{selector}._domainkey.{domain}" for selector in selectors)]
    with ThreadPoolExecutor(max_workers=len(names)) as pool:
        found = list(pool.map(lambda name: _texts(resolver, name, seconds), names))
    return Records(domain=found[0], dmarc=found[1], keys=list(zip(selectors, found[2:], strict=True)))


def _texts(resolver: dns.resolver.Resolver, name: str, seconds: float) -> list[str] | None:
    try:
        answer = resolver.resolve(name, "TXT", lifetime=seconds, raise_on_no_answer=False)
    except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
        return []
    except (dns.exception.DNSException, UnicodeError, OSError):
        return None
    if answer.rrset is None:
        return []
    # a record in pieces is one text (RFC 7208, 3.3)
    return [b"".join(each.strings).decode("ascii", "replace") for each in answer.rrset]
