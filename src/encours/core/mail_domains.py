"""Whether a domain lets a mail service send in its name: what its SPF, DKIM and DMARC records say (RFC 7208, 6376, 7489).

Mailboxes of the large providers refuse or hide mail of a domain without all three.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from encours.core.wording import Sentence, Wording

Verdict = Literal["good", "weak", "missing", "unknown"]

SPF_GOOD = Wording("mail_domain.spf_good", fr="Le domaine dit quels serveurs envoient en son nom.", en="The domain says which servers send in its name.")  # fmt: skip
SPF_MISSING = Wording(
    "mail_domain.spf_missing",
    fr="Aucun enregistrement SPF. Ajoutez dans la zone, sur {domain}, un TXT « v=spf1 include:… -all » avec l’include que donne"
    " votre service d’envoi.",
    en='No SPF record. Add to the zone, at {domain}, a TXT "v=spf1 include:… -all" with the include your mail service gives.',
)
SPF_SEVERAL = Wording(
    "mail_domain.spf_several",
    fr="{count} enregistrements SPF : il n’en faut qu’un, sinon tous sont ignorés. Réunissez leurs include en un seul.",
    en="{count} SPF records: there must be one, else all are ignored. Put their includes into a single one.",
)
SPF_OPEN = Wording(
    "mail_domain.spf_open",
    fr="L’enregistrement SPF finit par « {end} » : n’importe qui peut envoyer au nom du domaine. Finissez-le par « -all » ou « ~all ».",
    en='The SPF record ends in "{end}": anybody may send in the domain\'s name. End it in "-all" or "~all".',
)
SPF_LOOKUPS = Wording(
    "mail_domain.spf_lookups",
    fr="L’enregistrement SPF demande {count} recherches, plus que les 10 permises : il échoue. Retirez des include.",
    en="The SPF record asks for {count} look-ups, more than the 10 allowed: it fails. Remove includes.",
)
DKIM_GOOD = Wording("mail_domain.dkim_good", fr="Une clé de signature est publiée ({selector}).", en="A signing key is published ({selector}).")  # fmt: skip
DKIM_REVOKED = Wording(
    "mail_domain.dkim_revoked",
    fr="La clé {selector} est vide, donc révoquée : publiez la clé que donne votre service d’envoi.",
    en="The key {selector} is empty, which revokes it: publish the key your mail service gives.",
)
DKIM_MISSING = Wording(
    "mail_domain.dkim_missing",
    fr="Aucune clé DKIM aux noms habituels. Votre service d’envoi donne un nom (sélecteur) : ajoutez sur"
    " sélecteur._domainkey.{domain} le TXT ou CNAME qu’il indique, puis vérifiez ce sélecteur ici.",
    en="No DKIM key under the usual names. Your mail service gives a name (selector): add at selector._domainkey.{domain} the"
    " TXT or CNAME it states, then check that selector here.",
)
DMARC_GOOD = Wording("mail_domain.dmarc_good", fr="Ce qui n’est pas signé par le domaine est {policy}.", en="What the domain did not sign is {policy}.")  # fmt: skip
QUARANTINED = Wording("mail_domain.quarantined", fr="mis en indésirable", en="put into spam")
REJECTED = Wording("mail_domain.rejected", fr="refusé", en="refused")
DMARC_NONE = Wording(
    "mail_domain.dmarc_none",
    fr="DMARC observe sans agir (p=none) : suffisant pour commencer. Une fois vos envois tous signés, passez à p=quarantine.",
    en="DMARC watches and does nothing (p=none): enough to begin with. Once all you send is signed, go to p=quarantine.",
)
DMARC_MISSING = Wording(
    "mail_domain.dmarc_missing",
    fr="Aucun enregistrement DMARC. Ajoutez sur _dmarc.{domain} un TXT « v=DMARC1; p=none; rua=mailto:… » pour commencer.",
    en='No DMARC record. Add at _dmarc.{domain} a TXT "v=DMARC1; p=none; rua=mailto:…" to begin with.',
)
NOT_ANSWERED = Wording(
    "mail_domain.not_answered",
    fr="Le DNS n’a pas répondu à temps : à vérifier de nouveau.",
    en="The DNS did not answer in time: check again.",
)

# Selectors of services a company in France is likely to use, tried when it names none.
USUAL_SELECTORS = (
    "brevo1",
    "mail",
    "mailjet",
    "pm",
    "google",
    "selector1",
    "selector2",
    "k1",
    "default",
    "dkim",
    "s1",
)
_LOOKUPS = ("include:", "a:", "mx:", "ptr", "exists:", "redirect=")
_MAX_LOOKUPS = 10


@dataclass(frozen=True)
class Finding:
    """What one of `spf`, `dkim`, `dmarc` says; `record` as it stands in the zone."""

    name: str
    verdict: Verdict
    told: Sentence
    record: str = ""


@dataclass(frozen=True)
class Records:
    """TXT records of a name: None where the DNS did not answer, empty where there are none."""

    domain: Sequence[str] | None
    dmarc: Sequence[str] | None
    keys: Sequence[tuple[str, Sequence[str] | None]]  # by selector


def judge(*, domain: str, records: Records) -> tuple[Finding, Finding, Finding]:
    """SPF, DKIM and DMARC of a domain."""
    return _spf(domain, records.domain), _dkim(domain, records.keys), _dmarc(domain, records.dmarc)


def _spf(domain: str, texts: Sequence[str] | None) -> Finding:
    if texts is None:
        return Finding("spf", "unknown", NOT_ANSWERED())
    found = [text for text in texts if text.lower().split(" ")[0] == "v=spf1"]
    if not found:
        return Finding("spf", "missing", SPF_MISSING(domain=domain))
    if len(found) > 1:
        return Finding("spf", "weak", SPF_SEVERAL(count=len(found)), " / ".join(found))
    terms = found[0].lower().split()[1:]
    lookups = sum(
        term.lstrip("+-~?").startswith(_LOOKUPS) or term.lstrip("+-~?") in ("a", "mx") for term in terms
    )
    if lookups > _MAX_LOOKUPS:
        return Finding("spf", "weak", SPF_LOOKUPS(count=lookups), found[0])
    end = terms[-1] if terms else ""
    if end in ("all", "+all", "?all"):
        return Finding("spf", "weak", SPF_OPEN(end=end), found[0])
    return Finding("spf", "good", SPF_GOOD(), found[0])


def _dkim(domain: str, keys: Sequence[tuple[str, Sequence[str] | None]]) -> Finding:
    revoked = ""
    for selector, texts in keys:
        for text in texts or ():
            tags = _tags(text)
            if tags.get("p"):
                return Finding("dkim", "good", DKIM_GOOD(selector=selector), text)
            if "p" in tags:
                revoked = selector
    if revoked:
        return Finding("dkim", "weak", DKIM_REVOKED(selector=revoked))
    if all(texts is None for _, texts in keys):
        return Finding("dkim", "unknown", NOT_ANSWERED())
    return Finding("dkim", "missing", DKIM_MISSING(domain=domain))


def _dmarc(domain: str, texts: Sequence[str] | None) -> Finding:
    if texts is None:
        return Finding("dmarc", "unknown", NOT_ANSWERED())
    found = [text for text in texts if text.lower().startswith("v=dmarc1")]
    if len(found) != 1:  # several count as none (RFC 7489, 6.6.3)
        return Finding("dmarc", "missing", DMARC_MISSING(domain=domain), " / ".join(found))
    policy = _tags(found[0]).get("p", "").lower()
    if policy in ("quarantine", "reject"):
        said = QUARANTINED() if policy == "quarantine" else REJECTED()
        return Finding("dmarc", "good", DMARC_GOOD(policy=said), found[0])
    return Finding("dmarc", "weak", DMARC_NONE(), found[0])


def _tags(text: str) -> dict[str, str]:
    pairs = (part.partition("=") for part in text.split(";"))
    return {name.strip().lower(): value.strip() for name, _, value in pairs if name.strip()}
