"""The link by which an invited person chooses a password."""

from typing import Any
from urllib.parse import quote

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.contrib.auth import get_user_model
from django.core.mail import send_mail
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _


def send_invitation(*, request: Any, user_id: int) -> str:
    """Mails the link in the person's language and returns it, for where no mail leaves. Valid three days."""
    user = get_user_model().objects.get(pk=user_id)
    key = f"{user_pk_to_url_str(user)}-{default_token_generator.make_token(user)}"
    path = reverse("account_reset_password_from_key", kwargs={"uidb36": "UID", "key": "KEY"})
    link = request.build_absolute_uri(path.replace("UID-KEY", quote(key)))
    with translation.override(user.language):
        send_mail(
            subject=_("%(inviter)s invites you to %(company)s on Encours")
            % {"inviter": request.user, "company": request.company.name},
            message=render_to_string(
                "account/email/invitation.txt",
                {"link": link, "company": request.company, "inviter": request.user, "user": user},
            ),
            from_email=request.company.email or None,
            recipient_list=[user.email],
        )
    return link
