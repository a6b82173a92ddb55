"""What a person does at each service, once, so that it posts what comes in. In order; the address to give stands on the page."""

from encours.core.wording import Wording

_REPLY_DOMAIN = Wording(
    "mail_steps.reply_domain",
    fr="Choisissez un sous-domaine qui ne sert qu'aux réponses, par exemple reponses.votre-domaine.fr : un domaine qui reçoit déjà du"
    " courrier le perdrait.",
    en="Choose a subdomain for replies alone, such as replies.your-domain.com: a domain that receives mail already would lose it.",
)
_FORWARD = Wording(
    "mail_steps.forward",
    fr="Dans la boîte à laquelle vos clients répondent, transférez une copie de ce qui arrive à une adresse de ce sous-domaine : rien"
    " ne change pour vos clients.",
    en="In the mailbox your customers answer to, forward a copy of what comes in to an address of this subdomain: nothing changes for"
    " your customers.",
)
_TRY = Wording(
    "mail_steps.try",
    fr="Écrivez à cette adresse depuis une autre boîte : le message apparaît sous Réponses en moins d'une minute.",
    en="Write to this address from another mailbox: the mail appears under Replies within a minute.",
)

BREVO = (
    _REPLY_DOMAIN,
    Wording(
        "mail_steps.brevo_mx",
        fr="Ajoutez dans sa zone DNS les deux enregistrements MX que Brevo indique pour la réception (inbound1.sendinblue.com priorité 10,"
        " inbound2.sendinblue.com priorité 20).",
        en="Add to its DNS zone the two MX records Brevo names for inbound mail (inbound1.sendinblue.com priority 10,"
        " inbound2.sendinblue.com priority 20).",
    ),
    Wording(
        "mail_steps.brevo_webhook",
        fr="Créez par l'API de Brevo (POST /v3/webhooks) un webhook de type « inbound » : events inboundEmailProcessed, domain votre"
        " sous-domaine, url l'adresse ci-dessus.",
        en="Create a webhook of type “inbound” by Brevo's API (POST /v3/webhooks): events inboundEmailProcessed, domain your subdomain,"
        " url the address above.",
    ),
    _FORWARD,
    _TRY,
)
MAILJET = (
    _REPLY_DOMAIN,
    Wording(
        "mail_steps.mailjet_mx",
        fr="Ajoutez dans sa zone DNS l'enregistrement MX parse.mailjet.com, priorité 10.",
        en="Add the MX record parse.mailjet.com, priority 10, to its DNS zone.",
    ),
    Wording(
        "mail_steps.mailjet_route",
        fr="Créez par l'API de Mailjet (POST /v3/REST/parseroute) une route : Email une adresse de ce sous-domaine, Url l'adresse"
        " ci-dessus.",
        en="Create a route by Mailjet's API (POST /v3/REST/parseroute): Email an address of this subdomain, Url the address above.",
    ),
    _FORWARD,
    _TRY,
)
MAILGUN = (
    _REPLY_DOMAIN,
    Wording(
        "mail_steps.mailgun_mx",
        fr="Ajoutez-le chez Mailgun avec les enregistrements MX qu'il indique (mxa et mxb.eu.mailgun.org pour la région Europe).",
        en="Add it at Mailgun with the MX records it names (mxa and mxb.eu.mailgun.org for the European region).",
    ),
    Wording(
        "mail_steps.mailgun_route",
        fr="Sous Receiving, créez une route : match recipient, puis forward vers l'adresse ci-dessus, avec sa fin « mime ». Ne prenez pas"
        " « store ».",
        en="Under Receiving, create a route: match recipient, then forward to the address above, with “mime” at its end. Do not take"
        " “store”.",
    ),
    _FORWARD,
    _TRY,
)
POSTMARK = (
    Wording(
        "mail_steps.postmark_webhook",
        fr="Dans le flux « Inbound » de votre serveur Postmark, sous Settings, donnez l'adresse ci-dessus comme webhook.",
        en="In the Inbound stream of your Postmark server, under Settings, give the address above as webhook.",
    ),
    Wording(
        "mail_steps.postmark_raw",
        fr="Cochez « Include raw email content in JSON payload » : le message est alors gardé tel qu'il est arrivé.",
        en="Tick “Include raw email content in JSON payload”: the mail is then kept as it came.",
    ),
    Wording(
        "mail_steps.postmark_forward",
        fr="Dans la boîte à laquelle vos clients répondent, transférez une copie de ce qui arrive à l'adresse en @inbound.postmarkapp.com"
        " que Postmark y montre.",
        en="In the mailbox your customers answer to, forward a copy of what comes in to the @inbound.postmarkapp.com address that Postmark"
        " shows there.",
    ),
    _TRY,
)
