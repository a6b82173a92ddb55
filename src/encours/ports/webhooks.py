"""Posts a message to an address somebody else chose, without becoming their way into our network.

The name is resolved once, every address it has must be a public one, and the connection goes to that very address, so that a name
that answers otherwise a moment later changes nothing. Redirects are not followed, no proxy of the environment is used, nothing of
the answer is read but its status, and the whole of it ends after a fixed time.
"""

import asyncio
import socket
import ssl
from collections.abc import Mapping
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from urllib.parse import SplitResult, urlsplit

import httpx

from encours.core.webhooks import Outcome
from encours.core.wording import Sentence, Wording

SECONDS = 15
MAX_URL_LENGTH = 500
_TRIED_ADDRESSES = 2
_IPV4_INSIDE = IPv6Network("64:ff9b::/96")  # NAT64 (RFC 6052): the last 32 bits are an IPv4 address

BAD_URL = Wording(
    "webhook.bad_url",
    fr="L'adresse doit s'écrire https://nom/chemin, sans nom d'utilisateur ni fragment.",
    en="The address must be written https://name/path, without user name or fragment.",
)
NOT_PUBLIC = Wording(
    "webhook.not_public",
    fr="{host} est une adresse du réseau interne : rien n'y est envoyé (ENCOURS_WEBHOOKS_INSIDE=1 l'autorise).",
    en="{host} is an address of the internal network: nothing is sent there (ENCOURS_WEBHOOKS_INSIDE=1 allows it).",
)
NOT_FOUND = Wording("webhook.host_unknown", fr="Le nom {host} est inconnu.", en="The name {host} is unknown.")
TOO_SLOW = Wording(
    "webhook.too_slow",
    fr="{host} n'a pas répondu en {seconds} s.",
    en="{host} did not answer within {seconds} s.",
)
NOT_REACHED = Wording(
    "webhook.not_reached",
    fr="{host} n'est pas joignable ({reason}).",
    en="{host} cannot be reached ({reason}).",
)


def url_problem(url: str, *, may_be_inside: bool) -> Sentence | None:
    """Why an address cannot be written to, as far as its text tells; names are looked up when something is sent."""
    try:
        parts = urlsplit(url)
        port_is_valid = parts.port is None or parts.port > 0
    except ValueError:
        return BAD_URL()
    schemes = ("https", "http") if may_be_inside else ("https",)
    is_plain = url.isascii() and url.isprintable() and " " not in url and len(url) <= MAX_URL_LENGTH
    if not (is_plain and port_is_valid and parts.scheme in schemes and parts.hostname):
        return BAD_URL()
    if parts.username is not None or parts.password is not None or parts.fragment:
        return BAD_URL()
    if not may_be_inside and _is_inside_by_name(parts.hostname):
        return NOT_PUBLIC(host=parts.hostname)
    return None


def post_webhook(
    *, url: str, body: bytes, headers: Mapping[str, str], may_be_inside: bool, seconds: float = SECONDS
) -> Outcome:
    """What came of one attempt. Never raises for what the other side does."""
    problem = url_problem(url, may_be_inside=may_be_inside)
    if problem is not None:
        return Outcome(None, problem)
    return asyncio.run(_within(urlsplit(url), body, headers, may_be_inside, seconds))


async def _within(
    parts: SplitResult, body: bytes, headers: Mapping[str, str], may_be_inside: bool, seconds: float
) -> Outcome:
    host = parts.hostname or ""
    try:
        async with asyncio.timeout(seconds):
            return await _post(parts, host, body, headers, may_be_inside)
    except TimeoutError:
        return Outcome(None, TOO_SLOW(host=host, seconds=int(seconds)))


async def _post(
    parts: SplitResult, host: str, body: bytes, headers: Mapping[str, str], may_be_inside: bool
) -> Outcome:
    port = parts.port or (443 if parts.scheme == "https" else 80)
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return Outcome(None, NOT_FOUND(host=host))
    addresses = list(dict.fromkeys(str(each[4][0]) for each in found))
    if not may_be_inside and not all(is_public(address) for address in addresses):
        return Outcome(None, NOT_PUBLIC(host=host))
    reason = "?"
    for address in addresses[:_TRIED_ADDRESSES]:
        try:
            return await _post_to(address, port, parts, host, body, headers)
        except (httpx.ConnectError, httpx.ConnectTimeout) as error:
            reason = type(error).__name__  # the next address of the same name may do
        except httpx.HTTPError as error:
            return Outcome(None, NOT_REACHED(host=host, reason=type(error).__name__))
    return Outcome(None, NOT_REACHED(host=host, reason=reason))


async def _post_to(
    address: str, port: int, parts: SplitResult, host: str, body: bytes, headers: Mapping[str, str]
) -> Outcome:
    """One connection to the very address that was checked; the certificate is still that of the name."""
    shown = f"[{address}]" if ":" in address else address
    target = parts._replace(netloc=f"{shown}:{port}").geturl()
    sent = {**headers, "host": parts.netloc, "user-agent": "Encours", "accept-encoding": "identity"}
    async with (
        httpx.AsyncClient(
            verify=_trusted(), trust_env=False, follow_redirects=False, timeout=SECONDS
        ) as client,
        client.stream(
            "POST", target, content=body, headers=sent, extensions={"sni_hostname": host}
        ) as answer,
    ):
        return Outcome(answer.status_code)


@lru_cache(maxsize=1)
def _trusted() -> ssl.SSLContext:
    return httpx.create_ssl_context(trust_env=False)


def is_public(address: str) -> bool:
    """Whether an IP address is one of the internet at large, an IPv4 address inside an IPv6 one included."""
    found = ip_address(address.partition("%")[0])
    inner = _ipv4_inside(found) if isinstance(found, IPv6Address) else None
    found = inner or found
    return found.is_global and not found.is_multicast


def _ipv4_inside(address: IPv6Address) -> IPv4Address | None:
    if address in _IPV4_INSIDE:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else None)


def _is_inside_by_name(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return not is_public(host)
    except ValueError:
        return False  # a name: what it stands for is seen when something is sent
