"""Mailboxes at Microsoft 365 and Google, read on a person's behalf: OAuth 2.0 with PKCE (RFC 6749, RFC 7636), by Authlib.

The company registers an application of its own there; nobody's password is known here. The access token signs in by SASL XOAUTH2, or
OAUTHBEARER (RFC 7628) where only that is offered.
"""

import imaplib
import re
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, ClassVar
from urllib.parse import quote, urlsplit

import requests
from authlib.integrations.requests_client import OAuth2Session, OAuthError

from encours.core.wording import Wording
from encours.ports.connections import NOT_REACHED, NOT_UNDERSTOOD, UnableToAsk
from encours.ports.mailboxes import Grant
from encours.providers.mailboxes.imap import Imap, steps
from encours.providers.mailboxes.imap.settings import GoogleConfig, MicrosoftConfig

_TIMEOUT_SECONDS = (5, 20)
# told when a token's life is not: RFC 6749 leaves that to the service, and both say an hour
_USUAL_SECONDS = 3600

NO_CONSENT = Wording(
    "mailbox_consent.none",
    fr="Personne n'a encore autorisé la lecture de cette boîte : cliquez sur « Autoriser » et connectez-vous chez {service}.",
    en="Nobody has allowed this mailbox to be read yet: click “Authorise” and sign in at {service}.",
)
CONSENT_OVER = Wording(
    "mailbox_consent.over",
    fr="L'accord donné chez {service} ne vaut plus ({reason}) : il a expiré, a été retiré, ou le mot de passe a changé. Cliquez sur"
    " « Autoriser » pour le donner de nouveau ; ce qui est arrivé entre-temps sera relevé.",
    en="The consent given at {service} no longer holds ({reason}): it expired, was withdrawn, or the password changed. Click"
    " “Authorise” to give it again; what came meanwhile will be read.",
)
APP_REFUSED = Wording(
    "mailbox_consent.app_refused",
    fr="{service} ne reconnaît pas l'application ({reason}) : son secret a peut-être expiré. Créez-en un nouveau chez {service} et"
    " remplacez-le ici.",
    en="{service} does not know the application ({reason}): its secret may have expired. Create a new one at {service} and replace it"
    " here.",
)
NO_RENEWAL = Wording(
    "mailbox_consent.no_renewal",
    fr="{service} a donné un accès d'une heure sans renouvellement : retirez l'accès de cette application dans le compte, puis"
    " autorisez de nouveau.",
    en="{service} gave access for an hour that cannot be renewed: remove this application's access in the account, then authorise"
    " again.",
)
MAILBOX_REFUSED = Wording(
    "mailbox_consent.mailbox_refused",
    fr="{service} refuse l'accès à {mailbox}. Vérifiez que l'IMAP est permis pour cette boîte, et que la personne qui a donné l'accord"
    " peut la lire ; puis autorisez de nouveau.",
    en="{service} refuses access to {mailbox}. Check that IMAP is allowed for this mailbox, and that whoever gave the consent may read"
    " it; then authorise again.",
)
NO_BEARER = Wording(
    "mailbox_consent.no_bearer",
    fr="{host} n'accepte pas de se connecter par autorisation (XOAUTH2).",
    en="{host} does not let anybody sign in by authorisation (XOAUTH2).",
)

# what only a new consent mends (RFC 6749, 5.2; OpenID Connect Core, 3.1.2.6)
_CONSENT_ERRORS = {
    "invalid_grant", "interaction_required", "consent_required", "login_required", "access_denied"
}  # fmt: skip
_APP_ERRORS = {"invalid_client", "unauthorized_client", "invalid_scope", "invalid_request"}
_MICROSOFT_CODE = re.compile(r"\bAADSTS\d{4,7}\b")


class _Consenting(Imap):
    """IMAP with an access token in place of a password."""

    scope: ClassVar[str]
    asks_with: ClassVar[Mapping[str, str]] = {}
    """What the question must say besides, so that the answer can be renewed without a person."""

    _config: Any

    def consent_url(self, *, redirect_url: str, state: str, verifier: str) -> str:
        with self._session(redirect_url) as session:
            url, _ = session.create_authorization_url(
                self._authorize_url(),
                state=state,
                code_verifier=verifier,
                login_hint=self._config.username,
                **self.asks_with,
            )
        return url

    def granted(self, *, code: str, verifier: str, redirect_url: str, now: datetime) -> Grant:
        with self._session(redirect_url) as session:
            told = self._told(
                lambda: session.fetch_token(
                    self._token_url(),
                    code=code,
                    code_verifier=verifier,
                    grant_type="authorization_code",
                    redirect_uri=redirect_url,
                    allow_redirects=False,
                )
            )
        if not told.get("refresh_token"):
            raise UnableToAsk(NO_RENEWAL(service=self.title()), needs_person=True)
        return self._grant(told, now)

    def renewed(self, *, refresh_token: str, now: datetime) -> Grant:
        if not refresh_token:
            raise UnableToAsk(NO_CONSENT(service=self.title()), needs_person=True)
        with self._session("") as session:
            session.token = {"refresh_token": refresh_token, "token_type": "Bearer"}
            told = self._told(
                lambda: session.refresh_token(
                    self._token_url(), refresh_token=refresh_token, allow_redirects=False
                )
            )
        # a service that does not change it says none
        return self._grant({"refresh_token": refresh_token, **told}, now)

    # -- the mailbox

    def _sign_in(self, server: imaplib.IMAP4) -> None:
        config = self._config
        if not config.access_token:
            raise UnableToAsk(NO_CONSENT(service=self.title()), needs_person=True)
        if "AUTH=XOAUTH2" in server.capabilities:
            first = f"user={config.username}\1auth=Bearer {config.access_token}\1\1"
            # after the reason it wants an empty line before it says no
            server.authenticate("XOAUTH2", lambda said: b"" if said else first.encode())
        elif "AUTH=OAUTHBEARER" in server.capabilities:
            name = config.username.replace("=", "=3D").replace(",", "=2C")
            first = (
                f"n,a={name},\1host={config.host}\1port={config.port}\1auth=Bearer {config.access_token}\1\1"
            )
            server.authenticate("OAUTHBEARER", lambda said: b"\1" if said else first.encode())
        else:
            raise UnableToAsk(NO_BEARER(host=config.host), needs_person=True)

    def _not_let_in(self) -> UnableToAsk:
        sentence = MAILBOX_REFUSED(service=self.title(), mailbox=self._config.username)
        return UnableToAsk(sentence, needs_person=True)

    # -- the service that people say yes to

    def _authorize_url(self) -> str:
        return self._config.authorize_url

    def _token_url(self) -> str:
        return self._config.token_url

    def _session(self, redirect_url: str) -> Any:
        """A session of requests, to be closed."""
        return OAuth2Session(
            self._config.client_id,
            self._config.client_secret,
            scope=self.scope,
            redirect_uri=redirect_url or None,
            code_challenge_method="S256",
            token_endpoint_auth_method="client_secret_post",  # noqa: S106  # the name of a way to prove oneself
            default_timeout=_TIMEOUT_SECONDS,
        )

    def _told(self, ask: Callable[[], Any]) -> Mapping[str, Any]:
        host = urlsplit(self._token_url()).hostname or "?"
        try:
            told = ask()
        except OAuthError as error:
            raise self._refused(error, host) from None  # its text may quote what was sent
        except requests.exceptions.RequestException as error:
            status = getattr(error.response, "status_code", None)
            reason = f"HTTP {status}" if status else type(error).__name__
            raise UnableToAsk(NOT_REACHED(host=host, reason=reason)) from None
        except ValueError:
            raise UnableToAsk(NOT_UNDERSTOOD(host=host, reason="JSON")) from None
        if not told.get("access_token"):
            raise UnableToAsk(NOT_UNDERSTOOD(host=host, reason="access_token"))
        return told

    def _refused(self, error: OAuthError, host: str) -> UnableToAsk:
        found = _MICROSOFT_CODE.search(str(error.description or ""))
        reason = found[0] if found else str(error.error)[:60]
        if error.error in _CONSENT_ERRORS:
            return UnableToAsk(CONSENT_OVER(service=self.title(), reason=reason), needs_person=True)
        if error.error in _APP_ERRORS:
            return UnableToAsk(APP_REFUSED(service=self.title(), reason=reason), needs_person=True)
        return UnableToAsk(NOT_REACHED(host=host, reason=reason))

    @staticmethod
    def _grant(told: Mapping[str, Any], now: datetime) -> Grant:
        try:
            seconds = int(told.get("expires_in") or _USUAL_SECONDS)
        except (TypeError, ValueError):
            seconds = _USUAL_SECONDS
        expires_at = now + timedelta(seconds=max(0, min(seconds, 24 * 3600)))
        return Grant(str(told["access_token"]), str(told["refresh_token"]), expires_at)


class Microsoft(_Consenting):
    name: ClassVar[str] = "microsoft"
    title: ClassVar[Wording] = Wording("microsoft.title", fr="Microsoft 365", en="Microsoft 365")
    Config: ClassVar[type] = MicrosoftConfig
    steps: ClassVar[tuple[Wording, ...]] = steps.MICROSOFT
    scope: ClassVar[str] = "https://outlook.office.com/IMAP.AccessAsUser.All offline_access"

    def _authorize_url(self) -> str:
        return self._config.authorize_url.format(tenant=quote(self._config.tenant, safe=""))

    def _token_url(self) -> str:
        return self._config.token_url.format(tenant=quote(self._config.tenant, safe=""))


class Google(_Consenting):
    name: ClassVar[str] = "google"
    title: ClassVar[Wording] = Wording("google.title", fr="Google", en="Google")
    Config: ClassVar[type] = GoogleConfig
    steps: ClassVar[tuple[Wording, ...]] = steps.GOOGLE
    scope: ClassVar[str] = "https://mail.google.com/"
    asks_with: ClassVar[Mapping[str, str]] = {"access_type": "offline", "prompt": "consent"}
