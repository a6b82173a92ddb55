"""What a bank line is before anybody asks which invoice it pays: a customer's money, or something else.

A debit is never a receipt, so its nature only says what it is for. A credit is taken for something else only when
the bank's code says so, when it comes from an account of the company's own, or when its words can mean nothing
else and no customer is named in it: money of a customer must never be lost among the noise.
"""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import polars as pl
from ahocorasick_rs import AhoCorasick

from encours.core.matching.payment_providers import PROVIDER_NAMES, SHORT_PROVIDER_NAMES
from encours.core.parties import bank_name, bank_names
from encours.core.statements import RETURN_CODES
from encours.core.wording import Sentence, Wording

NATURES = (
    "receipt",
    "return",  # money given back: a receipt returned, or an order of ours that came back
    "fee",
    "own_transfer",
    "salary",
    "tax",
    "card_settlement",
    "psp_payout",  # what a payment provider pays out, many buyers at once
    "interest",
    "loan",
    "refund",  # insurers and social security
    "other_debit",
)

_WORDINGS = {
    "return": Wording(
        "nature.return",
        fr="Retour ou rejet d'un paiement ({recognised}).",
        en="A payment returned or rejected ({recognised}).",
    ),
    "fee": Wording("nature.fee", fr="Frais de banque ({recognised}).", en="Bank fees ({recognised})."),
    "own_transfer": Wording(
        "nature.own_transfer",
        fr="Virement entre comptes de la société ({recognised}).",
        en="A transfer between the company's own accounts ({recognised}).",
    ),
    "salary": Wording("nature.salary", fr="Salaires ({recognised}).", en="Salaries ({recognised})."),
    "tax": Wording(
        "nature.tax",
        fr="Impôts ou cotisations sociales ({recognised}).",
        en="Taxes or social contributions ({recognised}).",
    ),
    "card_settlement": Wording(
        "nature.card_settlement",
        fr="Remise de cartes bancaires ({recognised}) : plusieurs acheteurs en une ligne.",
        en="A settlement of card payments ({recognised}): several buyers in one line.",
    ),
    "psp_payout": Wording(
        "nature.psp_payout",
        fr="Versement d'un prestataire de paiement ({recognised}) : plusieurs acheteurs en une ligne.",
        en="A payout of a payment provider ({recognised}): several buyers in one line.",
    ),
    "interest": Wording(
        "nature.interest",
        fr="Intérêts de la banque ({recognised}).",
        en="Interest of the bank ({recognised}).",
    ),
    "loan": Wording(
        "nature.loan",
        fr="Prêt : déblocage ou échéance ({recognised}).",
        en="A loan: its release or an instalment ({recognised}).",
    ),
    "refund": Wording(
        "nature.refund",
        fr="Remboursement d'une assurance ou d'un organisme social ({recognised}).",
        en="A refund of an insurance or a social security body ({recognised}).",
    ),
    "other_debit": Wording(
        "nature.other_debit", fr="Débit : ce n'est pas un encaissement.", en="A debit: no customer receipt."
    ),
}


@dataclass(frozen=True)
class _Rule:
    """A nature and what tells it: codes of the bank, or words of the text (a pattern over upper case ASCII)."""

    nature: str
    codes: frozenset[str] = frozenset()
    words: str = ""


# CFONB operation codes, domains, families and sub-families of ISO 20022 (BkTxCd), transaction types of MT940 and OFX.
_BY_CODE: Sequence[_Rule] = (
    _Rule("fee", frozenset({"62", "63", "64", "65", "66", "CHRG", "FEES", "COMM", "COME", "COMI", "COMT"}
                           | {"NCHG", "NCOM", "SRVCHG", "FEE"})),
    _Rule("interest", frozenset({"INTR", "NINT", "INT"})),
    _Rule("tax", frozenset({"TAXE"})),
    _Rule("salary", frozenset({"SALA", "NSAL"})),
    # treasury: cash management (domain CAMT), transfers of treasury (CFONB), cash management items (MT940)
    _Rule("own_transfer", frozenset({"13", "18", "CAMT", "ACCB", "CAPL", "SWEP", "ZABA", "TOPG", "FTDP", "NTDP"}
                                    | {"NCMI", "NCMN", "NCMS", "NCMT", "NCMZ"})),
    _Rule("loan", frozenset({"LDAS", "FTLN", "MGLN", "SYDN", "CSLN", "NTLN", "NLDP"})),
    _Rule("card_settlement", frozenset({"30", "MCRD"})),
)  # fmt: skip

_PREFIX = (
    r"^(?:(?:VIR(?:EMENT)?S?|SEPA|RECU|RECUS|INST|INSTANTANE|CREDIT|TRANSFER|FAVEUR|DE|FROM|PAYOUT|ACHAT)\s)*"
)

# Words of debits: whatever they say, no customer pays with a debit. What came back and its fees are told first: banks
# name us beside them.
_UNPAID_WORDS: Sequence[_Rule] = (
    _Rule("fee", words=r"^(?:F )?(FRAIS|COMMISSIONS?|COM|AGIOS?|COTISATION|FACTURATION (?:SERVICES|PROGELIANCE)"
                       r"|ABONNEMENT (?:BANQUE|CYBER|ESPACE)|TENUE DE COMPTE|BANK (?:FEES?|CHARGES?))\b"),
    _Rule("return", words=r"\b(IMPAYES?|REJET DE PRELEVEMENT|REJET PRLV|REJET PRELEVEMENT|REJET (?:DE )?VIR(?:EMENT)?"
                          r"|RETOUR (?:DE )?VIR(?:EMENT)?|VIR(?:EMENT)? RETOURNE|CHEQUE (?:REJETE|RETOURNE)"
                          r"|PRLV RETOURNE|RETURNED (?:DIRECT DEBIT|CHEQUE|TRANSFER|PAYMENT)"
                          r"|UNPAID (?:DIRECT DEBIT|CHEQUE|BILL))\b"),
)  # fmt: skip
_DEBIT_WORDS: Sequence[_Rule] = (
    _Rule("fee", words=r"\b(FRAIS (?:DE |SUR |BANC|VIR|PRLV|TENUE|REJET|DOSSIER)\w*|COMMISSION (?:DE|D|SUR|INTERVENTION"
                       r"|MOUVEMENT)\b|COM CARTE|COMMISSIONS? (?:CB|CARTES?|TPE)|SERVICE CHARGES?|MONTHLY FEE"
                       r"|COTISATION (?:CARTE|COMPTE|CB|BANC)\w*|LOCATION TPE)"),
    _Rule("interest", words=r"\b(INTERETS? (?:DEBITEURS?|ET FRAIS)|AGIOS|ARRETE DE COMPTE|DEBIT INTEREST|OVERDRAFT INTEREST)\b"),
    _Rule("loan", words=r"\b(ECH(?:EANCE)? (?:DE )?PRET|REMB(?:OURSEMENT)? (?:DE )?PRET|PRET \d+|LOAN (?:REPAYMENT|INSTALMENT)"
                        r"|ECH(?:EANCE)? PGE|CREDIT BAIL)\b"),
    _Rule("salary", words=r"\b(SALAIRES?|PAIES?|PAYROLL|SALARY|SALARIES|WAGES|REMUNERATION|SOLDE DE TOUT COMPTE)\b"),
    _Rule("tax", words=r"\b(DGFIP|URSSAF|IMPOTS?|TRESOR PUBLIC|TVA (?:CA3|\d{4,6})|CFE|CVAE|ACOMPTE IS|TAXE(?:S)?"
                       r"|AGIRC|ARRCO|MSA|CPAM|PREVOYANCE|DIRECTION GENERALE DES FINANCES PUBLIQUES|HMRC|VAT PAYMENT)\b"),
    _Rule("own_transfer", words=r"\b(VIR(?:EMENT)? INTERNE|(?:VIR(?:EMENT)? )?(?:DE )?(?:CPTE|COMPTE) A (?:CPTE|COMPTE)"
                                r"|VIR(?:EMENT)? (?:DE )?TRESORERIE|NIVELLEMENT|CASH POOLING|OWN ACCOUNT|INTERNAL TRANSFER"
                                r"|PLACEMENT DAT|SOUSCRIPTION DAT)\b"),
    _Rule("card_settlement", words=r"\b(REM(?:ISE)? ?(?:CB|CARTES?)\b|IMPAYE CB|CHARGEBACK)"),
)  # fmt: skip

# Words of credits that no customer writes when paying. "Frais", "intérêts", "TVA" alone are not among them: payers
# write them of the invoice they pay.
_CREDIT_WORDS: Sequence[_Rule] = (
    _Rule("own_transfer", words=r"\b(VIR(?:EMENT)? INTERNE|(?:CPTE|COMPTE) A (?:CPTE|COMPTE)"
                                r"|NIVELLEMENT|CASH POOLING|OWN ACCOUNT TRANSFER|INTERNAL TRANSFER"
                                r"|REMB(?:OURSEMENT)? (?:DAT|DEPOT A TERME|PLACEMENT)|ECHEANCE DAT)\b"),
    _Rule("card_settlement", words=r"(^REM(?:ISE)? ?(?:DE )?(?:CB|CARTES?|TPE)\b|\bREMCB\b|\bREMISE (?:CB|CARTES? BANCAIRES?)\b"
                                   r"|^(?:CB|CARTES?) (?:TPE|REMISE)\b|\bENCAISSEMENTS? CB\b|^TPE \d+|\bTELECOLLECTE\b"
                                   r"|\bCARD (?:SETTLEMENT|TAKINGS)\b)"),
    _Rule("fee", words=r"(^(?:REMB(?:OURSEMENT)?|RBT|EXTOURNE|ANNULATION|RETROCESSION|REGUL(?:ARISATION)?) (?:DE |DES )?"
                       r"(?:FRAIS|COMMISSIONS?|AGIOS|COTISATION)\b|\bFEES? REFUND\b|\bREFUND OF (?:FEES|CHARGES)\b)"),
    _Rule("interest", words=r"(\bINTERETS? CREDITEURS?\b|^INTERETS? (?:LIVRET|DAT|COMPTE|CPTE|DEPOT)\b"
                            r"|\bCREDIT INTEREST\b|\bINTEREST (?:EARNED|PAID BY BANK)\b)"),
    _Rule("loan", words=r"(\b(?:DEBLOCAGE|REALISATION|MISE EN PLACE|MISE A DISPO(?:SITION)?) (?:DE |DU |DE LA |D )*(?:PRET|CREDIT|FONDS PRET|PGE)\b"
                        r"|\bVERSEMENT PRET\b|\bLOAN (?:DISBURSEMENT|DRAWDOWN|RELEASE)\b|\bAPPORT (?:EN )?(?:COMPTE COURANT|CAPITAL)\b"
                        r"|\bAPPORT C(?:OMP)?TE COURANT\b)"),
    _Rule("tax", words=r"(\b(?:REMB(?:OURSEMENT)?|RBT|RESTITUTION|DEGREVEMENT|REMBT) (?:DE |DU |D |SUR )*(?:CREDIT (?:DE |D )?)?"
                       r"(?:TVA|IMPOTS?|IS|CIR|CII|CICE|CFE|CVAE|URSSAF|COTISATIONS SOCIALES)\b|\bVAT REFUND\b|\bTAX REFUND\b)"),
    _Rule("refund", words=r"(\b(?:INDEMNITES?|INDEMNISATION|REGLEMENT|REMB(?:OURSEMENT)?) (?:DE |DU |DES )*SINISTRES?\b"
                          r"|\bIJSS\b|\bINDEMNITES? JOURNALIERES?\b|\bINSURANCE CLAIM\b)"),
)  # fmt: skip


class CustomerNames:
    """Names of customers (`bank_name` forms), to be looked for in any number of texts."""

    def __init__(self, names: Collection[str]) -> None:
        self._found = AhoCorasick([f" {name} " for name in sorted(set(names)) if len(name) >= 4])

    def are_in(self, text: str) -> bool:
        return bool(self._found.find_matches_as_indexes(text))


def natures(
    *,
    lines: pl.DataFrame,
    own_ibans: Collection[str],
    own_names: Collection[str],
    customers: CustomerNames | None = None,
) -> pl.DataFrame:
    """`line_id`, `nature` (one of `NATURES`) and `recognised`, the code, account or words that told it.

    One row per line (schema `LINES`), in their order. `own_ibans` are the company's accounts, `own_names` what banks
    call it; the names of its `customers` guard their money.
    """
    read = _read(lines, own_ibans, own_names)
    told = read.with_columns(
        pl.coalesce(_returned(), _own_account(), *map(_by_code, _BY_CODE)).alias("certain"),
        pl.when(pl.col("amount_cents") <= 0)
        .then(
            pl.coalesce(
                *map(_by_words, _UNPAID_WORDS),
                _own_name(),
                *map(_by_words, _DEBIT_WORDS),
                pl.lit("other_debit|"),
            )
        )
        .otherwise(pl.coalesce(_own_name(), *map(_by_words, _CREDIT_WORDS), _provider()))
        .alias("likely"),
    )
    if customers:
        told = _without_customers_money(told, customers)
    answer = pl.coalesce("certain", "likely", pl.lit("receipt|")).str.split_exact("|", 1)
    return told.select("line_id", answer.struct.rename_fields(["nature", "recognised"]).alias("told")).unnest(
        "told"
    )


def why(*, nature: str, recognised: str) -> Sentence:
    """The reason kept with a line that is no receipt."""
    return _WORDINGS[nature](recognised=recognised) if nature != "other_debit" else _WORDINGS[nature]()


def _read(lines: pl.DataFrame, own_ibans: Collection[str], own_names: Collection[str]) -> pl.DataFrame:
    ibans = [iban.replace(" ", "").upper() for iban in own_ibans if iban]
    names = sorted({bank_name(name) for name in own_names if name} - {""})
    # `|` divides nature and what was recognised
    text = (
        pl.col("remittance")
        .fill_null("")
        .str.normalize("NFKD")
        .str.replace_all(r"\p{M}", "")
        .str.to_uppercase()
    )
    iban = pl.col("counterparty_iban").fill_null("").str.replace_all(" ", "").str.to_uppercase()
    return lines.with_columns(
        text.str.replace_all(r"[^A-Z0-9]+", " ").str.strip_chars().alias("text"),
        bank_names(pl.col("counterparty_name").fill_null("")).alias("payer"),
        pl.col("operation_code")
        .fill_null("")
        .str.to_uppercase()
        .str.split("/")
        .list.join("-")
        .str.split("-")
        .alias("codes"),
        pl.when(iban.is_in(ibans)).then(iban).alias("own_iban"),
    ).with_columns(pl.when(pl.col("payer").is_in(names)).then("payer").alias("own_name"))


def _returned() -> pl.Expr:
    """A reason, the bank's word for it, or the code of an operation that gives money back."""
    code = _code_among(RETURN_CODES)
    # some banks fill the zone of the reason with zeros on every line
    reason = pl.col("return_reason").fill_null("").str.replace(r"^0+$", "")
    is_return = (reason != "") | code.is_not_null() | pl.col("is_reversal").fill_null(False)
    recognised = pl.coalesce(pl.when(reason != "").then(reason), code, pl.lit("reversal"))
    return pl.when(is_return).then(pl.lit("return|") + recognised.str.replace_all(r"\|", " "))


def _own_account() -> pl.Expr:
    return pl.lit("own_transfer|") + pl.col("own_iban")


def _own_name() -> pl.Expr:
    return pl.lit("own_transfer|") + pl.col("own_name")


def _by_code(rule: _Rule) -> pl.Expr:
    return pl.lit(f"{rule.nature}|") + _code_among(rule.codes)


def _code_among(codes: Collection[str]) -> pl.Expr:
    return pl.col("codes").list.set_intersection(pl.lit(sorted(codes), pl.List(pl.String))).list.first()


def _by_words(rule: _Rule) -> pl.Expr:
    return pl.lit(f"{rule.nature}|") + pl.col("text").str.extract(rule.words, 1)


def _provider() -> pl.Expr:
    """The payer is a payment provider. Without a payer's name, the text begins with one."""
    names = "|".join(re.escape(name) for name in PROVIDER_NAMES)
    short = "|".join(re.escape(name) for name in SHORT_PROVIDER_NAMES)
    of_payer = pl.coalesce(
        pl.col("payer").str.extract(rf"^({names})\b", 1), pl.col("payer").str.extract(rf"^({short})$", 1)
    )
    of_text = pl.when(pl.col("payer") == "").then(pl.col("text").str.extract(rf"{_PREFIX}({names})\b", 1))
    return pl.lit("psp_payout|") + pl.coalesce(of_payer, of_text)


def _without_customers_money(told: pl.DataFrame, customers: CustomerNames) -> pl.DataFrame:
    """Credits stay receipts when they name a customer as their payer or in their text."""
    guarded = told.filter(pl.col("likely").is_not_null() & (pl.col("amount_cents") > 0))
    theirs = [
        line_id
        for line_id, payer, text in guarded.select("line_id", "payer", "text").iter_rows()
        if customers.are_in(f" {payer} | {text} ")
    ]
    return told.with_columns(
        pl.when(pl.col("line_id").is_in(theirs)).then(None).otherwise("likely").alias("likely")
    )
