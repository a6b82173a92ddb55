"""Domains anybody may have an address of: they say nothing of the company somebody writes for."""

_DOMAINS = """
aliceadsl.fr aol.com aol.fr bbox.fr club-internet.fr dartybox.com free.fr freesbee.fr gmail.com gmx.com gmx.fr gmx.net
googlemail.com hotmail.be hotmail.com hotmail.co.uk hotmail.fr icloud.com ik.me infonie.fr laposte.net libertysurf.fr live.be
live.com live.fr mac.com mail.com me.com msn.com neuf.fr noos.fr numericable.fr orange.fr outlook.be outlook.com outlook.fr
pm.me posteo.net proton.me protonmail.com protonmail.ch sfr.fr skynet.be tele2.fr telenet.be tutanota.com voila.fr
wanadoo.fr web.de ymail.com yahoo.com yahoo.co.uk yahoo.fr zoho.com
"""
FREE_MAIL = frozenset(_DOMAINS.split())


def company_domain(address: str) -> str:
    """The domain of an address when it can be a company's, else empty.

        >>> company_domain("Anne@Dubois.example"), company_domain("anne@gmail.com")
    ('dubois.example', '')
    """
    domain = address.rpartition("@")[2].lower()
    return "" if domain in FREE_MAIL else domain
