"""The columns that say who a customer is: the same in lists of invoices and in lists of customers."""

from collections.abc import Callable

import polars as pl

from encours.core.invoices import PARTIES
from encours.core.parties import bank_names, digits_only
from encours.core.references import folded

# canonical field -> headers, best first
PARTY_FIELDS: dict[str, tuple[str, ...]] = {
    "code": (
        "Code client", "N° client", "Numéro client", "Numéro de client", "Client n°", "Réf client", "Référence client",
        "Compte client", "Compte auxiliaire", "Compte tiers", "Code tiers", "N° tiers", "Tiers code", "Compte",
        "CompAuxNum", "Customer code", "Customer ID", "Customer number", "Customer no", "Customer account", "Cust number",
        "Account number", "Account code", "Client code", "Client ID", "Client number", "ID client", "Identifiant client",
        "Customer Ref",
    ),
    "name": (
        "Client", "Nom client", "Nom du client", "Raison sociale", "Raison sociale client", "Intitulé client",
        "Nom / Raison sociale", "Nom ou raison sociale", "Dénomination", "Dénomination sociale", "Société", "Entreprise",
        "Nom société", "Tiers", "Nom tiers", "Nom du tiers", "Intitulé", "Libellé tiers", "Destinataire", "Débiteur",
        "Acheteur", "Customer", "Customer name", "Name customer", "Client name", "Company", "Company name", "Bill to",
        "Bill to name", "Buyer", "Buyer name", "Debtor", "Debtor name", "Account name", "Nom",
        "Name",
    ),
    "siren": (
        "SIREN", "N° SIREN", "Numéro SIREN", "SIREN client", "Siren du client", "RCS", "Customer SIREN", "Buyer SIREN",
        "SIREN acheteur",
    ),
    "siret": (
        "SIRET", "N° SIRET", "Numéro SIRET", "SIRET client", "Siret du client", "Customer SIRET", "Buyer SIRET",
        "SIRET acheteur",
    ),
    "vat_number": (
        "N° TVA", "N° de TVA", "Numéro TVA", "Numéro de TVA", "TVA intracommunautaire", "N° TVA intracommunautaire",
        "N° de TVA intracommunautaire", "Numéro de TVA intracommunautaire", "TVA intra", "N° TVA intra", "N° TVA client",
        "Identifiant TVA", "VAT number", "VAT no", "VAT ID", "VAT Reg No", "Tax ID", "Customer VAT number",
        "Buyer VAT number",
    ),
    "street": (
        "Adresse", "Adresse 1", "Adresse client", "Adresse de facturation", "Adresse facturation", "Rue", "Voie",
        "Ligne adresse 1", "Address", "Address 1", "Address line 1", "Street", "Street address", "Billing address",
    ),
    "postcode": ("CP", "Code postal", "Code postal client", "Postal code", "Postcode", "Post code", "Zip", "Zip code"),
    "city": ("Ville", "Ville client", "Commune", "Localité", "City", "Town"),
    "country": ("Pays", "Code pays", "Pays client", "Country", "Country code"),
    "email": (
        "Email", "E-mail", "Mail", "Courriel", "Adresse email", "Adresse e-mail", "Adresse mail", "Email client",
        "Email de facturation", "Email comptabilité", "Email contact", "Mail contact", "Customer email", "Email address",
        "Billing email", "Contact email",
    ),
    "phone": ("Téléphone", "Tél", "Tel", "N° téléphone", "Téléphone client", "Portable", "Mobile", "Phone",
              "Phone number", "Telephone", "Customer phone"),
    "contact": ("Contact", "Nom contact", "Nom du contact", "Interlocuteur", "Contact name", "Contact person", "Attention"),
    "language": ("Langue", "Code langue", "Language", "Lang"),
    "kind": ("Nature client", "Type de client", "Type client", "Catégorie client", "Customer type", "Customer kind"),
    "segment": ("Segment", "Famille client", "Famille", "Groupe client", "Customer segment", "Customer group"),
    "sector": ("Secteur", "Secteur d'activité", "Activité", "Code NAF", "NAF", "APE", "Code APE", "Sector", "Industry"),
    "preferred_channel": (
        "Canal préféré", "Canal de relance", "Canal de contact", "Mode de contact", "Mode de contact préféré",
        "Moyen de contact préféré", "Mode de communication", "Mode de relance", "Préférence de contact",
        "Préférence de communication", "Preferred channel", "Preferred contact method", "Preferred contact channel",
        "Contact preference", "Communication preference", "Reminder channel",
    ),
    "payment_terms": (
        "Conditions de règlement", "Condition de règlement", "Conditions de paiement", "Condition de paiement",
        "Délai de règlement", "Délai de paiement", "Délai règlement", "Délai paiement", "Modalités de règlement",
        "Modalités de paiement", "Mode et délai de règlement", "Échéance (jours)", "Terms", "Payment terms",
        "Payment term", "Credit terms", "Net terms",
    ),
}  # fmt: skip
_TEXTS = ("code", "name", "street", "city", "contact")
# what makes a row's customer known: one of these must have a value
IDENTITIES = ("code", "siren", "siret", "vat_number", "name")

_COUNTRIES = {
    "FRANCE": "FR", "FRA": "FR", "BELGIQUE": "BE", "BELGIUM": "BE", "BEL": "BE", "SUISSE": "CH", "SWITZERLAND": "CH",
    "CHE": "CH", "LUXEMBOURG": "LU", "LUX": "LU", "ALLEMAGNE": "DE", "GERMANY": "DE", "DEU": "DE", "ESPAGNE": "ES",
    "SPAIN": "ES", "ESP": "ES", "ITALIE": "IT", "ITALY": "IT", "ITA": "IT", "PORTUGAL": "PT", "PRT": "PT",
    "PAYS BAS": "NL", "PAYS-BAS": "NL", "NETHERLANDS": "NL", "NLD": "NL", "ROYAUME UNI": "GB", "ROYAUME-UNI": "GB",
    "UNITED KINGDOM": "GB", "UK": "GB", "GBR": "GB", "ETATS UNIS": "US", "ETATS-UNIS": "US", "UNITED STATES": "US",
    "USA": "US", "MONACO": "MC", "MCO": "MC", "IRLANDE": "IE", "IRELAND": "IE", "IRL": "IE", "AUTRICHE": "AT",
    "AUSTRIA": "AT", "AUT": "AT", "POLOGNE": "PL", "POLAND": "PL", "POL": "PL",
}  # fmt: skip
_LANGUAGES = {"FR": "fr", "FRA": "fr", "FRE": "fr", "FRANCAIS": "fr", "FRENCH": "fr", "FR-FR": "fr", "EN": "en",
              "ENG": "en", "ANGLAIS": "en", "ENGLISH": "en", "EN-GB": "en", "EN-US": "en"}  # fmt: skip
_KINDS = {
    "PUBLIC": "public_buyer", "PUBLIC BUYER": "public_buyer", "ADMINISTRATION": "public_buyer",
    "COLLECTIVITE": "public_buyer", "SECTEUR PUBLIC": "public_buyer", "B2G": "public_buyer", "PARTICULIER": "person",
    "PERSON": "person", "CONSUMER": "person", "B2C": "person", "INDIVIDUAL": "person", "ENTREPRISE": "company",
    "SOCIETE": "company", "COMPANY": "company", "PROFESSIONNEL": "company", "B2B": "company", "BUSINESS": "company",
}  # fmt: skip
# what reaches a customer (core.dunning.policy.CUSTOMER_CHANNELS); registered mail is the electronic one
_CHANNELS = {
    "EMAIL": "email", "E-MAIL": "email", "E MAIL": "email", "MAIL": "email", "COURRIEL": "email", "MEL": "email",
    "SMS": "sms", "TEXTO": "sms", "TEXT": "sms", "TEXT MESSAGE": "sms", "LETTER": "letter", "LETTRE": "letter",
    "COURRIER": "letter", "COURRIER POSTAL": "letter", "POSTE": "letter", "POST": "letter", "POSTAL": "letter",
    "PAPIER": "letter", "PAPER": "letter", "REGISTERED": "registered", "LRE": "registered", "ERE": "registered",
    "RECOMMANDE ELECTRONIQUE": "registered", "ELECTRONIC REGISTERED MAIL": "registered",
}  # fmt: skip


def with_parties(rows: pl.DataFrame) -> pl.DataFrame:
    """The rows with every column of PARTIES (empty when the file has none), cleaned, and their key `party`.

    The key is the customer's code, else SIREN, else VAT number, else the name without legal form; "" when the
    row names nobody.
    """
    missing = [name for name in PARTY_FIELDS if name not in rows.columns]
    rows = rows.with_columns(pl.lit("").alias(name) for name in missing)
    # a cell of several lines, as addresses have, is one text
    broken = [name for name in _TEXTS if name in rows.columns and rows[name].str.contains("[\r\n]").any()]
    rows = rows.with_columns(pl.col(name).str.replace_all(r"\s*[\r\n]+\s*", " ") for name in broken)
    given = [name for name in ("siren", "siret", "vat_number") if name not in missing]
    rows = rows.with_columns(digits_only(pl.col(name)) for name in given)
    if "siret" in given:
        rows = rows.with_columns(
            siren=pl.when((pl.col("siren") == "") & (pl.col("siret").str.len_chars() == 14))
            .then(pl.col("siret").str.slice(0, 9))
            .otherwise(pl.col("siren"))
        )
    # a SIRET in the SIREN column is usual
    rows = rows.with_columns(
        siret=pl.when((pl.col("siren").str.len_chars() == 14) & (pl.col("siret") == ""))
        .then(pl.col("siren"))
        .otherwise(pl.col("siret")),
        siren=pl.when(pl.col("siren").str.len_chars() == 14)
        .then(pl.col("siren").str.slice(0, 9))
        .otherwise(pl.col("siren")),
    )
    rows = rows.with_columns(
        expression
        for name, expression in (
            ("country", _looked_up("country", _COUNTRIES, lambda cell: cell[:2].upper())),
            ("language", _looked_up("language", _LANGUAGES, lambda _: "")),
            ("kind", _looked_up("kind", _KINDS, lambda _: "")),
            ("preferred_channel", _looked_up("preferred_channel", _CHANNELS, lambda _: "")),
            ("email", pl.col("email").str.to_lowercase()),
        )
        if name not in missing
    )
    return rows.with_columns(party=_key(rows))


def _key(rows: pl.DataFrame) -> pl.Expr:
    """The best identity a row has. Names are only worked out when some row has nothing better."""
    key, certain = pl.lit(""), False
    identities = [("code", "code:"), ("siren", "siren:"), ("vat_number", "vat:"), ("name", "name:")]
    used = []
    for name, prefix in identities:
        if not certain and (rows[name] != "").any():
            used.append((name, prefix))
            certain = bool((rows[name] != "").all())
    for name, prefix in reversed(used):
        value = bank_names(pl.col(name)) if name == "name" else pl.col(name)
        key = pl.when(pl.col(name) != "").then(pl.lit(prefix) + value).otherwise(key)
    return key


def parties_of(rows: pl.DataFrame) -> pl.DataFrame:
    """PARTIES of rows with their key: one row per customer, each detail from the first row that has it."""
    details = [name for name in PARTIES if name not in ("party", "line")]
    distinct = rows.select("party", "line", *details).unique(
        subset=["party", *details], keep="first", maintain_order=True
    )
    if distinct["party"].is_unique().all():
        return distinct.select(PARTIES.names())
    return (
        distinct.group_by("party", maintain_order=True)
        .agg(
            pl.col("line").first(),
            *(pl.col(name).filter(pl.col(name) != "").first().fill_null("") for name in details),
        )
        .select(PARTIES.names())
    )


def per_distinct(column: pl.Expr, read: Callable[[str], str]) -> pl.Expr:
    """A String column in other words, each distinct cell worked out once."""

    def named(cells: pl.Series) -> pl.Series:
        distinct = cells.unique()
        return cells.replace_strict(distinct, [read(cell) for cell in distinct], return_dtype=pl.String)

    return column.map_batches(named, return_dtype=pl.String())


def _looked_up(name: str, known: dict[str, str], otherwise: Callable[[str], str]) -> pl.Expr:
    def named(cell: str) -> str:
        return known.get(folded(cell).replace("_", " "), otherwise(cell)) if cell else ""

    return per_distinct(pl.col(name), named)
