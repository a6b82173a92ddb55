"""What a person does at Microsoft and Google, once, before a mailbox there can be read. In order; the return address stands on the page."""

from encours.core.wording import Wording

MICROSOFT = (
    Wording(
        "consent_steps.microsoft_register",
        fr="Dans le centre d'administration Microsoft Entra, sous « Inscriptions d'applications », créez une application pour les seuls"
        " comptes de votre annuaire, avec une URI de redirection de type « Web » : l'adresse de retour ci-dessous.",
        en="In the Microsoft Entra admin center, under “App registrations”, register an application for accounts of your directory only,"
        " with a redirect URI of type “Web”: the return address below.",
    ),
    Wording(
        "consent_steps.microsoft_permissions",
        fr="Sous « API autorisées », ajoutez les autorisations déléguées de Microsoft Graph IMAP.AccessAsUser.All et offline_access, puis"
        " accordez le consentement de l'administrateur.",
        en="Under “API permissions”, add the delegated Microsoft Graph permissions IMAP.AccessAsUser.All and offline_access, then grant"
        " admin consent.",
    ),
    Wording(
        "consent_steps.microsoft_secret",
        fr="Sous « Certificats et secrets », créez un secret client et copiez sa valeur. Notez le jour où il expire.",
        en="Under “Certificates & secrets”, create a client secret and copy its value. Note the day it expires.",
    ),
    Wording(
        "consent_steps.microsoft_imap",
        fr="Dans le centre d'administration Exchange, vérifiez que l'IMAP est permis pour cette boîte.",
        en="In the Exchange admin center, check that IMAP is allowed for this mailbox.",
    ),
)
GOOGLE = (
    Wording(
        "consent_steps.google_project",
        fr="Dans la console Google Cloud, créez un projet et activez-y l'API Gmail.",
        en="In the Google Cloud console, create a project and enable the Gmail API in it.",
    ),
    Wording(
        "consent_steps.google_screen",
        fr="Sous « Écran de consentement OAuth », choisissez « Interne » : « Externe » en mode test redemande l'accord tous les sept jours.",
        en="Under “OAuth consent screen”, choose “Internal”: “External” in testing asks for consent again every seven days.",
    ),
    Wording(
        "consent_steps.google_client",
        fr="Sous « Identifiants », créez un ID client OAuth de type « Application Web », avec pour URI de redirection l'adresse de retour"
        " ci-dessous.",
        en="Under “Credentials”, create an OAuth client ID of type “Web application”, with the return address below as redirect URI.",
    ),
)
