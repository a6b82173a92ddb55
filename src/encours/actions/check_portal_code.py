"""Checks a code a visitor typed."""

import hmac
import secrets
from datetime import datetime

from django.conf import settings
from django.db import transaction

from encours.actions.journal import record
from encours.core.portal_codes import MAX_WRONG, OVER, WRONG, code_digest, masked, session_digest
from encours.core.wording import Sentence
from encours.store.models import Company, PortalCode


class UnableToCheckPortalCode(Exception):
    """The visitor may change nothing; `sentence` says why."""

    def __init__(self, sentence: Sentence) -> None:
        super().__init__(sentence.code)
        self.sentence = sentence


def check_portal_code(*, company: Company, link_id: int, typed: str, now: datetime, actor: str) -> str:
    """What the browser keeps as a proof, good with this link alone and for `core.portal_codes.SESSION`.

    The last code sent is the one asked for; it is used once, and over after `MAX_WRONG` wrong tries, which are counted one
    after another. Raises `UnableToCheckPortalCode`.
    """
    digits = "".join(letter for letter in typed if letter.isdigit())
    session, refusal = _checked(company, link_id, digits, now, actor)
    if refusal is not None:
        raise UnableToCheckPortalCode(refusal)
    return session


@transaction.atomic
def _checked(
    company: Company, link_id: int, digits: str, now: datetime, actor: str
) -> tuple[str, Sentence | None]:
    """Nothing is raised here: a wrong try is counted for good."""
    code = (
        PortalCode.objects.select_for_update(of=["self"])
        .select_related("link")
        .filter(company=company, link_id=link_id)
        .order_by("-pk")
        .first()
    )
    if code is None or code.used_at is not None or code.expires_at <= now or code.wrong_count >= MAX_WRONG:
        return "", OVER()
    digest = code_digest(digits, key=settings.SECRET_KEY.encode(), link_id=link_id, sent_at=code.sent_at)
    if not hmac.compare_digest(code.digest, digest):
        code.wrong_count += 1
        code.save(update_fields=["wrong_count"])
        return "", WRONG() if code.wrong_count < MAX_WRONG else OVER()
    session = secrets.token_urlsafe(32)
    code.used_at, code.session_digest = now, session_digest(session, link_id=link_id)
    code.save(update_fields=["used_at", "session_digest"])
    record(
        company=company, actor=actor, action="portal.code_right", subject_type="customer", subject_id=code.link.customer_id,
        customer_id=code.link.customer_id, data={"link": link_id, "to": masked(code.email)},
    )  # fmt: skip
    return session, None
