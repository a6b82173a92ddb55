"""Whose reply it is: the message it answers, the address it came to, who wrote it, what it cites, from strong to weak."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

By = Literal["thread", "plus", "address", "number", "domain", "portal", "person", ""]

_PLUS = re.compile(r"[^@+]+\+([0-9a-z-]{8,64})@")


@dataclass(frozen=True)
class OurMessage:
    """A message of ours a mail may answer."""

    message_id: int
    customer_id: int
    contact_id: int | None


@dataclass(frozen=True)
class KnownContact:
    contact_id: int
    customer_id: int


@dataclass(frozen=True)
class Known:
    """What the company knows of what a mail names: its messages by Message-ID and by the key in a plus-address, who has the sender's
    address, which customers have the sender's domain (none for free mail), whose documents are cited.
    """

    by_mail_id: Mapping[str, OurMessage] = field(default_factory=dict)
    by_key: Mapping[str, OurMessage] = field(default_factory=dict)
    contacts: Sequence[KnownContact] = ()
    domain_customer_ids: Sequence[int] = ()
    cited_customer_ids: Sequence[int] = ()


@dataclass(frozen=True)
class Whose:
    """Empty when nobody can be named beyond doubt. `by` says what it rests on."""

    customer_id: int | None = None
    contact_id: int | None = None
    message_id: int | None = None
    by: By = ""


def keys_in(recipients: Sequence[str]) -> list[str]:
    """The keys of messages that plus-addresses carry: `recouvrement+<key>@…`.

    >>> keys_in(["compta+0b7b2a8e-1c@lumen.example", "x@y.example"])
    ['0b7b2a8e-1c']
    """
    return [found[1] for each in recipients if (found := _PLUS.match(each))]


def whose(*, answers: Sequence[str], recipients: Sequence[str], known: Known) -> Whose:
    """A Message-ID of ours cannot be guessed: it counts before all else. An address that several customers have, and a domain that
    several have, say nothing unless a document cited decides.
    """
    contact_of = {each.customer_id: each.contact_id for each in reversed(known.contacts)}
    for named, found in ((answers, known.by_mail_id), (keys_in(recipients), known.by_key)):
        ours = next((found[each] for each in named if each in found), None)
        if ours is not None:
            by: By = "thread" if found is known.by_mail_id else "plus"
            return Whose(ours.customer_id, contact_of.get(ours.customer_id), ours.message_id, by)
    cited = set(known.cited_customer_ids)
    groups: tuple[tuple[By, set[int]], ...] = (
        ("address", set(contact_of)),
        ("number", cited),
        ("domain", set(known.domain_customer_ids)),
    )
    for by, customers in groups:
        only = customers if len(customers) == 1 else customers & cited
        if len(only) == 1:
            (customer_id,) = only
            return Whose(customer_id, contact_of.get(customer_id), None, by)
    return Whose()
