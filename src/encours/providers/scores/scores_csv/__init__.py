"""Lists of scores in CSV or XLSX, as agencies and credit insurers deliver them.

A score is out of 100 unless the file says otherwise, by its header (*Score / 20*) or in the cell (`17/20`); it is kept out of
100, the best payers 100. A customer is named by the code of the books or by its SIREN.
"""

from typing import Any, ClassVar

import polars as pl

from encours.core.fields import field_name
from encours.core.problems import Problem
from encours.core.scores import BEST, OWN_SOURCE, SCORES, ScoreBatch
from encours.core.wording import Sentence, Wording
from encours.ports.files import ImportFile, ReadContext
from encours.ports.tables import Table, Vocabulary, is_table, open_table, raw_lines, recognises
from encours.ports.tables.cells import dates, gather
from encours.ports.tables.parties import PARTY_FIELDS

NO_CUSTOMER = Wording(
    "score.no_customer",
    fr="La ligne ne dit pas quel client : il faut son code ou son SIREN (9 chiffres).",
    en="The line does not say which customer: its code or its SIREN (9 digits) is needed.",
)
NO_SCORE = Wording(
    "score.no_score",
    fr="« {value} » n’est pas un score : un nombre de 0 à 100, ou sur une échelle dite (17/20).",
    en='"{value}" is no score: a number from 0 to 100, or out of a scale that is said (17/20).',
)
NO_DATE = Wording(
    "score.no_date",
    fr="« {value} » n’est pas une date ({field}).",
    en='"{value}" is no date ({field}).',
)
ENDS_BEFORE = Wording(
    "score.ends_before",
    fr="Le score du {given} n’aurait été valable que jusqu’au {until}.",
    en="The score of {given} would have been valid until {until} only.",
)
RESERVED = Wording(
    "score.reserved_source",
    fr="« {source} » est le nom des scores que ce programme calcule lui-même.",
    en='"{source}" is the name of the scores this program computes itself.',
)
ALL_LOW = Wording(
    "score.all_low",
    fr="Aucun score ne dépasse {highest} : sont-ils bien sur 100 ? Sinon, nommez la colonne « Score / 20 » ou « Score / 10 ».",
    en='No score is above {highest}: are they out of 100? If not, call the column "Score / 20" or "Score / 10".',
)
# without a column of its own
DEFAULT_SOURCE = "import"
_SCALES = {"score": BEST, "score_20": 20, "score_10": 10}
VOCABULARY = Vocabulary(
    "scores",
    fields={
        "code": PARTY_FIELDS["code"],
        "siren": (*PARTY_FIELDS["siren"], *PARTY_FIELDS["siret"]),
        "score": (
            "Score", "Score / 100", "Score sur 100", "Note / 100", "Note sur 100", "Note", "Note de risque", "Score de risque",
            "Score de solvabilité", "Score client", "Notation", "Risk score", "Credit score", "Rating", "Score value",
        ),
        "score_20": ("Score / 20", "Score sur 20", "Note / 20", "Note sur 20", "Score out of 20"),
        "score_10": ("Score / 10", "Score sur 10", "Note / 10", "Note sur 10", "Score out of 10"),
        "given_date": (
            "Date", "Date du score", "Date de score", "Date score", "Date de notation", "Date de la note", "Score date",
            "Date of score", "Given on", "Rating date",
        ),
        "valid_until": (
            "Valable jusqu'au", "Valide jusqu'au", "Validité", "Date de validité", "Fin de validité", "Date de fin de validité",
            "Date d'expiration", "Expiration", "Valid until", "Expires", "Expiry date", "Valid to",
        ),
        "source": ("Source", "Fournisseur", "Agence", "Organisme", "Origine", "Provider", "Agency", "Origin"),
    },
    needs=[{score, who, "given_date"} for score in _SCALES for who in ("code", "siren")],
    # tables that say a note of documents or of bank lines
    foreign=frozenset(
        {
            "Montant", "Montant TTC", "Total TTC", "Débit", "Crédit", "Debit", "Credit", "N° facture", "Numéro de facture",
            "Invoice number", "Date facture", "Due date", "Échéance", "Date d'échéance", "IBAN", "Libellé", "EcritureDate",
            "N° commande", "Order number",
        }
    ),
)  # fmt: skip


class ScoresSource:
    kinds: ClassVar[tuple[str, ...]] = ("scores",)
    vocabulary: ClassVar = VOCABULARY

    def identify(self, file: ImportFile) -> str | None:
        return "scores" if is_table(file) and recognises(file, VOCABULARY, {}) else None

    def read(self, file: ImportFile, context: ReadContext) -> ScoreBatch:
        table = open_table(file, VOCABULARY, context.mappings)
        # as many as there are customers: the whole list at once
        parts = list(table.batches())
        problems = [*table.repeated_headers(), *(problem for part in parts for problem in part.problems)]
        mapping = (table.fingerprint, table.columns)
        if not parts:
            return ScoreBatch(problems=tuple(problems), mapping=mapping)
        rows = _read(pl.concat([part.fields() for part in parts]))
        refused = rows.filter(pl.col("wrong").is_not_null())
        raw = _raw(pl.concat([part.frame for part in parts]), refused["line"], table)
        problems += [
            Problem(_said(row), line=row["line"], field=_FIELD_OF[row["wrong"]], raw=raw[row["line"]])
            for row in refused.iter_rows(named=True)
        ]
        good = rows.filter(pl.col("wrong").is_null())
        highest = good["value"].max()
        if (
            good.height >= _MANY
            and "score" in table.columns.values()
            and isinstance(highest, int)
            and highest <= 20
        ):
            problems.append(
                Problem(ALL_LOW(highest=highest), line=table.header_line, field="score", severity="warning")
            )
        return ScoreBatch(good.select(list(SCORES)).cast(dict(SCORES)), tuple(problems), mapping)  # type: ignore[arg-type]


# fewer may well be bad payers, all of them
_MANY = 10
_FIELD_OF = {
    "customer": "code", "score": "score", "date": "given_date", "until": "valid_until", "order": "valid_until",
    "reserved": "source",
}  # fmt: skip


def _read(fields: pl.DataFrame) -> pl.DataFrame:
    """SCORES with `*_text` of what was written, and in `wrong` what makes a row no score, null for the others."""
    rows = fields.with_columns(
        pl.lit("").alias(name) for name in VOCABULARY.fields if name not in fields.columns
    ).with_columns(
        given_text="given_date",
        until_text="valid_until",
        score_text=pl.coalesce(pl.when(pl.col(name) != "").then(name) for name in _SCALES).fill_null(""),
        siren=pl.col("siren").str.replace_all(r"[\s.\-_]", "").str.slice(0, 9),
        source=pl.when(pl.col("source") == "")
        .then(pl.lit(DEFAULT_SOURCE))
        .otherwise(pl.col("source").str.slice(0, 40)),
        value=pl.coalesce(_out_of(name, scale) for name, scale in _SCALES.items()),
    )
    rows = rows.with_columns(
        given_date=dates("given_date", gather([rows["given_date"]])),
        valid_until_date=dates("valid_until", gather([rows["valid_until"]])),
    )
    col = pl.col
    checks = {
        "customer": (col("code") == "") & ~col("siren").str.contains(r"^\d{9}$"),
        "score": col("value").is_null() | (col("value") > BEST),
        "date": col("given_date").is_null(),
        "until": (col("until_text") != "") & col("valid_until_date").is_null(),
        "order": col("valid_until_date") < col("given_date"),
        "reserved": col("source").str.to_lowercase() == OWN_SOURCE,
    }
    wrong = pl.coalesce(pl.when(fails.fill_null(False)).then(pl.lit(name)) for name, fails in checks.items())
    return rows.with_columns(wrong=wrong)


def _out_of(name: str, scale: int) -> pl.Expr:
    """A column of scores out of `scale`, or of what the cell itself says, out of 100 and whole: halves are rounded up."""
    text = pl.col(name).str.replace_all(r"\s", "").str.replace(",", ".", literal=True)
    number = text.str.extract(r"^(\d{1,3}(?:\.\d+)?)(?:/(?:5|10|20|100))?%?$").cast(pl.Float64)
    out_of = text.str.extract(r"/(\d+)$").cast(pl.Float64).fill_null(float(scale))
    hundredths = number * BEST / out_of
    return pl.when(number <= out_of).then((hundredths + 0.5).floor().cast(pl.Int64))


def _said(row: dict[str, Any]) -> Sentence:
    match row["wrong"]:
        case "customer":
            return NO_CUSTOMER()
        case "score":
            return NO_SCORE(value=row["score_text"])
        case "date":
            return NO_DATE(value=row["given_text"], field=field_name("given_date"))
        case "until":
            return NO_DATE(value=row["until_text"], field=field_name("valid_until"))
        case "order":
            return ENDS_BEFORE(given=row["given_date"], until=row["valid_until_date"])
        case _:
            return RESERVED(source=row["source"])


def _raw(frame: pl.DataFrame, lines: pl.Series, table: Table) -> dict[int, str]:
    """Lines as they stand in the file, for quarantine."""
    few = frame.filter(pl.col("line").is_in(lines.implode()))
    return dict(zip(few["line"].to_list(), raw_lines(few, table.delimiter), strict=True))
