"""Where a request comes from, as far as it is kept: a network, not a person's address."""

from ipaddress import ip_address, ip_network
from typing import Any

from django.conf import settings


def network_of(request: Any) -> str:
    """The address cut to /24 or /48; "" when it cannot be read.

    Behind proxies of one's own (`ENCOURS_PROXIES` of them) the address is the one that the outermost of them saw: what
    stands further left in `X-Forwarded-For` anybody may have written.
    """
    address = request.META.get("REMOTE_ADDR", "")
    if settings.PROXIES:
        told = [part.strip() for part in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")]
        address = told[-settings.PROXIES] if len(told) >= settings.PROXIES else address
    try:
        ip = ip_address(address)
    except ValueError:
        return ""
    mapped = getattr(ip, "ipv4_mapped", None)
    ip = mapped or ip
    return str(ip_network(f"{ip}/{24 if ip.version == 4 else 48}", strict=False).network_address)
